"""Taking rules and directory into force: whole or not at all, and the ledger says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from gateway.errors import Malformed, Misconfigured
from gateway.flow.gateway import Gateway
from gateway.flow.rules import OWN_RULES, Alarms, kept
from gateway.ledger.entry import Draft, EntryKind
from gateway.store.changes import Change, MetaSet
from gateway.store.rows import ActivationRow, MetaRow, Row
from gateway.store.unit import Unit
from keys.agreement import Agreement
from keys.directory import Directory
from policy.agreement_rules import AgreementTerms, agreement_rules
from policy.authoring.lint import lint
from policy.bundle import Bundle, bundle_of
from policy.engine import Engine
from policy.rule import Layer
from policy.statement import RuleFile

OWN_CHARS_MAX: Final = 512 * 1024
"""Longest text of an agency's own rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activated:
    """What an activation changed: the digests of the rules before and after, equal where nothing changed.

    `own` is how many rules are the agency's own now.
    """

    old: bytes
    new: bytes
    own: int


def rules_of(directory: Directory, me: str, local: str) -> Bundle:
    """Return the rules in force: floor, the federation's signed baseline, the agreements of which this agency
    is a party, the agency's own.

    Whether an agreement holds on a day is asked at every decision, so the rules do not change as days pass.

    Raises:
        Misconfigured: code `no-baseline`: the federation signed no baseline.
    """
    if directory.baseline is None:
        raise Misconfigured("the federation has signed no baseline rules", code="no-baseline")
    return bundle_of(
        baseline=directory.baseline,
        agreements={
            f"agreements/{name}.cedar": agreement_rules(_terms(agreement))
            for name, agreement in directory.agreements.items()
            if me in agreement.parties
        },
        local={OWN_RULES: local} if local else {},
    )


def _terms(agreement: Agreement) -> AgreementTerms:
    return AgreementTerms(
        id=agreement.id,
        title=agreement.title,
        articles=agreement.articles,
        purposes=agreement.purposes,
        legal_bases=agreement.legal_bases,
        categories=agreement.categories,
        classes=agreement.classes,
        rungs=agreement.rungs,
    )


def check_size(own: str) -> None:
    """Refuse rules of the agency's own that are too long to be worth loading; code `too-large`."""
    if len(own) > OWN_CHARS_MAX:
        raise Malformed(f"is longer than {OWN_CHARS_MAX} characters", field=OWN_RULES, code="too-large")


def own_rules(own: str, engine: Engine) -> int:
    """Return how many of the rules loaded are the agency's own.

    Raises:
        Malformed: code `no-rule`: there is text and no rule in it, as if by mistake; `bad-rule`: something is
            wrong with a rule that loads all the same, such as a permit without a condition.
    """
    count = sum(rule.layer is Layer.LOCAL for rule in engine.rules.values())
    if own and not count:
        raise Malformed(
            "holds no rule; an agency goes without its own by --none", field=OWN_RULES, code="no-rule"
        )
    wrong = lint([(Layer.LOCAL, RuleFile(name=OWN_RULES, text=own))]) if own else []
    if wrong:
        told = f"{wrong[0].message}; expected: {wrong[0].expected}"
        more = f" (and {len(wrong) - 1} more: `comity policy lint` tells them all)" if len(wrong) > 1 else ""
        raise Malformed(told + more, field=wrong[0].place, code="bad-rule")
    return count


def loaded(gateway: Gateway, bundle: Bundle, now: datetime) -> Gateway:
    """Return the gateway deciding by these rules, proved; nothing is written, nothing else changed.

    Raises:
        Malformed, Misconfigured: they do not load.
    """
    if bundle.digest == gateway.policy_digest:
        return gateway
    alarms = Alarms()
    engine = Engine(bundle, alarm=alarms)
    alarms.carry_on(gateway.rules.alarms)
    standing = replace(gateway.rules, since=now, alarms=alarms)
    return replace(gateway, engine=engine, policy_digest=bundle.digest, rules=standing)


def activate_own(gateway: Gateway, own: str, now: datetime) -> tuple[Gateway, Activated]:
    """Return the gateway with these rules of the agency's own in force, and what that changed.

    They are loaded whole and proved first, then written and ledgered. A crash in between is made good at the
    next start, which finds the new file and notes the change. Empty text is to go without own rules.

    Raises:
        Malformed, Misconfigured: the rules do not load; nothing has changed.
    """
    check_size(own)
    bundle = rules_of(gateway.directory, gateway.me, own)
    fresh = loaded(gateway, bundle, now)
    count = own_rules(own, fresh.engine)
    fresh = replace(fresh, rules=replace(fresh.rules, own=own))
    with kept(gateway.rules.file, own):
        activate(fresh, now)
    return fresh, Activated(old=gateway.policy_digest, new=fresh.policy_digest, own=count)


def directory_digest(directory: Directory) -> bytes:
    """Return SHA-256 over one line per target, path and content hash: which directory this is."""
    lines = (f"{path} {digest}\n" for path, digest in sorted(directory.versions.items()))
    return sha256("".join(lines).encode()).digest()


def activate(gateway: Gateway, now: datetime) -> None:
    """Note in the ledger what came into force since the last time; nothing where nothing changed."""
    last = gateway.read.latest_activation()
    digest = directory_digest(gateway.directory)
    if last is not None and (last.policy_digest, last.directory_digest) == (gateway.policy_digest, digest):
        return
    drafts: list[Draft] = []
    if last is None or last.policy_digest != gateway.policy_digest:
        old = None if last is None else last.policy_digest
        drafts.append(Draft(kind=EntryKind.POLICY_CHANGED, policy=gateway.policy_digest, old=old))
    rows: list[Row | Change] = [
        ActivationRow(
            1 if last is None else last.seq + 1, gateway.policy_digest, digest, int(now.timestamp())
        )
    ]
    for peer in sorted(gateway.directory.active - {gateway.me}):
        version = gateway.directory.version_for(gateway.me, peer)
        name, known = f"peer/{peer}", gateway.read.meta(f"peer/{peer}")
        if known == version.hex():
            continue
        drafts.append(Draft(kind=EntryKind.PEER_ADMITTED, peer=peer, directory=version))
        rows.append(MetaRow(name, version.hex()) if known is None else MetaSet(name, known, version.hex()))
    gateway.store.writer.commit_one(Unit(drafts=tuple(drafts), rows=tuple(rows)))
