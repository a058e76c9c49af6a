"""Taking rules and directory into force: whole or not at all, and the ledger says so."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from gateway.errors import Misconfigured
from gateway.flow.gateway import Gateway
from gateway.ledger.entry import Draft, EntryKind
from gateway.store.changes import Change, MetaSet
from gateway.store.rows import ActivationRow, MetaRow, Row
from gateway.store.unit import Unit
from keys.directory import Directory
from policy.bundle import Bundle, bundle_of


def rules_of(directory: Directory, local: str) -> Bundle:
    """Return the rules in force: floor, the federation's signed baseline, the agency's own.

    Raises:
        Misconfigured: code `no-baseline`: the federation signed no baseline.
    """
    if directory.baseline is None:
        raise Misconfigured("the federation has signed no baseline rules", code="no-baseline")
    return bundle_of(baseline=directory.baseline, local={"rules.cedar": local} if local else {})


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
