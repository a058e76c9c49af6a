"""Opening: what the own ledger's commitments stand for, for an auditor who may see it.

No opening holds a record, or a part of one.

Source: PROTOCOL section 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.errors import NotFound
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import ANCHOR_SALT, exchange_key, owner_of, read_body
from gateway.flow.question_again import record_of
from gateway.flow.review.held import approval_kind
from gateway.ledger.commitment import SALT_BYTES, CommitmentType, commit, salt
from gateway.ledger.entry import EntryKind, parse
from gateway.ledger.export import Opening
from gateway.store.rows import EntryRow

_SPOKEN: Final = (EntryKind.APPROVED, EntryKind.REJECTED, EntryKind.BREAK_GLASS_REVIEWED)
"""What stands for a word that an officer signed."""


def openings_of(gateway: Gateway, entries: Sequence[EntryRow]) -> Iterator[Opening]:
    """Yield what opens the commitments of the first entries of the ledger whose keys are not destroyed:
    digests of statements and of decisions, and what officers signed.
    """
    read = gateway.read
    after = ("", "", 0)
    while page := read.records("own", after=after):
        for record in page:
            if record.state != "erased" and isinstance(record.submitted_entry, int):
                anchor_salt = read_body(gateway, owner_of(gateway, record), ANCHOR_SALT)
                yield Opening(
                    index=record.submitted_entry,
                    type=CommitmentType.STATEMENT,
                    salt=anchor_salt,
                    content=record.statement_digest,
                )
        after = (page[-1].originator, page[-1].record_id, page[-1].version)
    for row in entries:
        if row.kind == EntryKind.DECIDED and row.exchange is not None:
            yield from _of_decision(gateway, row, row.exchange)
    for officer in gateway.read.officers():
        if isinstance(officer.entry, int) and officer.entry < len(entries):
            yield Opening(
                index=officer.entry,
                type=CommitmentType.JUSTIFICATION,
                salt=officer.signed[:SALT_BYTES],
                content=officer.signed[SALT_BYTES:],
            )
    spoken_of = (row.exchange for row in entries if row.kind in _SPOKEN and row.exchange is not None)
    for exchange_id in dict.fromkeys(spoken_of):
        yield from _of_verdicts(gateway, exchange_id, len(entries))


def _of_decision(gateway: Gateway, row: EntryRow, exchange_id: str) -> Iterator[Opening]:
    exchange = gateway.read.exchange(exchange_id)
    try:
        key = exchange_key(gateway, exchange_id)
    except NotFound:
        return
    if exchange is not None and exchange.decision_digest is not None:
        digest = _digest_of(gateway, row, exchange_id, key, exchange.decision_digest)
        for kind, content in (
            (CommitmentType.DECISION, digest),
            (CommitmentType.PURPOSE, exchange.purpose.encode()),
        ):
            yield Opening(index=row.idx, type=kind, salt=salt(key, kind), content=content)


def _digest_of(gateway: Gateway, row: EntryRow, exchange_id: str, key: bytes, newest: bytes) -> bytes:
    """Return the digest of the decision in an entry: an exchange that was held, or waited for a
    consent, may have had several.

    Where none fits it is the newest, so that whoever audits finds that they differ.
    """
    kind = CommitmentType.DECISION
    committed = dict(parse(row.data).commits or ()).get(kind)
    if commit(salt(key, kind), kind, newest) == committed:
        return newest
    earlier = [hold.decision_digest for hold in gateway.read.hold_rounds(exchange_id)]
    asked = gateway.read.consent_of_exchange(exchange_id)
    if asked is not None and asked.decision_digest is not None:
        earlier.append(asked.decision_digest)
    return next((one for one in earlier if commit(salt(key, kind), kind, one) == committed), newest)


def _of_verdicts(gateway: Gateway, exchange_id: str, size: int) -> Iterator[Opening]:
    """Yield what officers signed of an exchange, in entries before a size."""
    exchange = gateway.read.exchange(exchange_id)
    if exchange is None:
        return
    try:
        key = exchange_key(gateway, exchange_id)
        owner = owner_of(gateway, record_of(gateway, exchange))
    except NotFound:
        return
    for said in gateway.read.approvals(exchange_id):
        if isinstance(said.entry, int) and said.entry < size:
            signed = read_body(gateway, owner, approval_kind(said.seq), exchange_id)
            for kind, content in (
                (CommitmentType.ACTOR, said.key_id.encode()),
                (CommitmentType.JUSTIFICATION, signed),
            ):
                yield Opening(index=said.entry, type=kind, salt=salt(key, kind), content=content)
