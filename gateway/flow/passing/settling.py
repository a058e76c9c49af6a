"""Settling an onward exchange: a first decision that waits for consent, and what follows once it is there.

Source: PROTOCOL sections 4 and 8; THREATS A22.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from gateway.flow.gateway import Gateway
from gateway.flow.keeping import (
    DECISION,
    NARROWED,
    PAYLOAD_SALT,
    RELEASE,
    exchange_key,
    replaced_rows,
)
from gateway.flow.passing.onward import Onward
from gateway.flow.passing.weighing import Weighed
from gateway.flow.seal import sealed
from gateway.flow.settle import HOLD_LIFE, LEDGERED, STATES, ExchangeAnswer, Settled
from gateway.ledger.commitment import CommitmentType, commit_each
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.moment import to_ms
from gateway.release.narrowing import Narrowing
from gateway.release.release import release_digest
from gateway.store.changes import Change, DecidedAnew
from gateway.store.place import EntryAt
from gateway.store.review_rows import HoldRow
from gateway.store.rows import Row
from gateway.store.unit import About
from policy.decision import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A decision on an onward exchange as it is ledgered: its key K, the decision as stored, who acts."""

    exchange_id: str
    key: bytes
    stored: bytes
    weighed: Weighed
    outcome: Outcome
    acting: str

    @property
    def duties(self) -> tuple[str, ...]:
        """What it rests on; a denial on nothing."""
        return () if self.outcome is Outcome.DENIED else self.weighed.duties

    def decided(self, directory: bytes) -> Draft:
        """Return the entry of the decision."""
        question, decision = self.weighed.question, self.weighed.decision
        purpose = question.purpose.token if question.purpose is not None else ""
        contents = {
            CommitmentType.ACTOR: self.acting.encode(),
            CommitmentType.DECISION: sha256(self.stored).digest(),
            CommitmentType.PURPOSE: purpose.encode(),
        }
        return Draft(
            kind=EntryKind.DECIDED,
            exchange=self.exchange_id,
            peer=question.recipient.id,
            policy=decision.policy_digest,
            outcome=LEDGERED[self.outcome],
            rules=tuple(sorted({reason.rule for reason in decision.reasons})),
            duties=self.duties,
            commits=commit_each(self.key, contents),
            directory=directory,
        )

    def held(self) -> Draft:
        """Return the entry that says whom it waits for."""
        return Draft(
            kind=EntryKind.HELD,
            exchange=self.exchange_id,
            peer=self.weighed.question.recipient.id,
            duties=self.duties,
            about=0,
        )


def settle_onward(
    gateway: Gateway,
    case: Onward,
    *,
    base: int,
    acting: str,
    former: HoldRow | None = None,
    narrowing: Narrowing = Narrowing(),  # noqa: B008  frozen
) -> Settled:
    """Return what is written once the originator agreed: released, held for own officers, or denied.

    `base` drafts of the unit stand before these; `former` is the round of its hold that closes.

    Raises:
        Refused, Stale: nothing can be sealed to the recipient now.
        VerificationFailed: code `consent-invalid`: the consent does not cover it today.
    """
    chosen = case.plan(narrowing)
    ruled = Ruled(
        exchange_id=case.exchange.exchange_id,
        key=exchange_key(gateway, case.exchange.exchange_id),
        stored=case.decision.encode() + gateway.random(32),
        weighed=case.weighed,
        outcome=case.decision.outcome if chosen.chosen else Outcome.DENIED,
        acting=acting,
    )
    directory = gateway.directory.version_for(gateway.me, case.exchange.peer)
    drafts: list[Draft | About] = [ruled.decided(directory)]
    bodies, rows = {DECISION: ruled.stored}, list[Row | Change]()
    if narrowing:
        bodies[NARROWED] = narrowing.encode()
    message_id = None
    if ruled.outcome is not Outcome.DENIED:
        bodies[RELEASE] = body = case.release(chosen).encode()
        bodies[PAYLOAD_SALT] = salt = gateway.random(32)
        if ruled.outcome is Outcome.RELEASE:
            made = sealed(gateway, case.letter(body, salt), EntryAt(base + 1), case.now)
            message_id = made.message_id
            drafts.append(made.draft)
            rows.append(made.row)
        else:
            drafts.append(About(ruled.held(), EntryAt(base)))
            rows.append(_hold(case, ruled, body, directory, former=former, entry=EntryAt(base + 1)))
    rows.append(_state(ruled, directory, message_id, EntryAt(base + len(drafts) - 1)))
    rows += replaced_rows(gateway, case.owner, bodies, part=ruled.exchange_id)
    return Settled(drafts=tuple(drafts), rows=tuple(rows), answer=answer_of(ruled))


def answer_of(ruled: Ruled) -> ExchangeAnswer:
    """Return what whoever asked is told."""
    decision, waits = ruled.weighed.decision, ruled.outcome is Outcome.HELD
    return ExchangeAnswer(
        exchange_id=ruled.exchange_id,
        recipient=ruled.weighed.question.recipient.id,
        outcome=ruled.outcome,
        approvals=tuple(sorted(decision.approvals)) if waits else (),
        reasons=tuple((reason.rule, reason.text) for reason in decision.reasons),
    )


def _hold(
    case: Onward, ruled: Ruled, body: bytes, directory: bytes, *, former: HoldRow | None, entry: EntryAt
) -> HoldRow:
    exchange = case.exchange
    return HoldRow(
        exchange.exchange_id,
        1 if former is None else former.round + 1,
        "release",
        "held",
        exchange.peer,
        exchange.purpose,
        exchange.lane,
        exchange.originator,
        exchange.record_id,
        exchange.version,
        ",".join(ruled.duties),
        release_digest(body),
        sha256(ruled.stored).digest(),
        case.decision.policy_digest,
        directory,
        to_ms(case.now),
        to_ms(case.now + HOLD_LIFE) if former is None else former.expires_at,
        "",
        "",
        0,
        entry,
        None,
    )


def _state(ruled: Ruled, directory: bytes, message_id: str | None, entry: EntryAt) -> DecidedAnew:
    return DecidedAnew(
        ruled.exchange_id,
        "held",
        STATES[ruled.outcome],
        sha256(ruled.stored).digest(),
        ruled.weighed.decision.policy_digest,
        directory,
        ",".join(ruled.duties),
        ruled.outcome.value,
        entry,
        message_id,
    )
