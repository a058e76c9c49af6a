"""Acknowledging: a peer's receipts come back, are verified, and close what waited for them.

Source: PROTOCOL section 7; THREATS A26.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import GatewayError, Refused, VerificationFailed
from gateway.flow.deliver import shown_units
from gateway.flow.evidence import fork_unit
from gateway.flow.gateway import Gateway
from gateway.flow.heads import head_units, newest_linked, own_roots, roots_seen
from gateway.flow.passing.ending import unanswered
from gateway.flow.peers import peer_ledger
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.entry import Draft, EntryKind, parse, receipt_digest
from gateway.ledger.kinds import InBandCode
from gateway.sealing.batch import ReceiptBatch, parse_receipt, parse_receipt_batch
from gateway.sealing.envelope import EnvelopeKind
from gateway.sealing.receipt import ExpectedReceipt, VerifiedReceipt, verify_receipt
from gateway.sealing.standing import Link, PeerLedger, RootAt, link_head, open_head
from gateway.store.changes import Change, DropSealed, ExchangeState, OutboxState
from gateway.store.place import EntryAt
from gateway.store.rows import OutboxRow, ReceiptRow, Row
from gateway.store.unit import Unit

# What was stopped may have left before: its receipt still says what became of it.
_OPEN = {"queued": "released", "undeliverable": "undeliverable"}
"""State of the exchange by the state of its message, for messages that a receipt may still close."""

_STATES = {
    EntryKind.RECEIVED: "delivered",
    EntryKind.REFUSED: "refused",
    EntryKind.QUARANTINED: "quarantined",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """What one answer did: `outcome` is delivered, refused, quarantined, repeated or not-accepted.

    `code` is the peer's closed reason, or why the answer itself was not accepted.
    """

    exchange_id: str
    outcome: str
    code: str = ""


def acknowledge(gateway: Gateway, data: bytes, carrier: str, now: datetime) -> list[Acknowledged]:
    """Verify each receipt of a batch and close its exchange; an answer that proves nothing changes nothing.

    Raises:
        Malformed: the batch cannot be read.
        Refused: code `unknown-peer`: the carrier takes no part in the exchange now.
        Stale: code `stale-directory`.
        VerificationFailed: its checkpoint is not a head of the carrier's ledger, or is a fork.
    """
    batch = parse_receipt_batch(data)
    gateway.directory.check_fresh(now)
    ledger = peer_ledger(gateway, carrier, now)
    if ledger is None:
        raise Refused(f"{carrier} takes no part in the exchange now", code="unknown-peer")
    done = [
        Acknowledged(
            exchange_id=_exchange_of(gateway, error.message_id, carrier),
            outcome="not-accepted",
            code=error.code,
        )
        for error in batch.errors
    ]
    if not batch.receipts:
        return done
    head = open_head(batch.checkpoint, ledger)
    link = _link(gateway, head, batch, carrier)
    with gateway.at_one_moment() as same:
        own = own_roots(same)
        judged = [_judged(same, receipt, batch, ledger, own) for receipt in batch.receipts]
    # A receipt may stand twice in one batch: once is enough.
    closing = {one.answer.exchange_id: one for one in judged if one.unit is not None}
    done += [one.answer for one in judged if one.unit is None]
    units = [one.unit for one in closing.values() if one.unit is not None]
    units += shown_units(gateway, carrier, max((one.shown for one in judged), default=0))
    units += head_units(gateway, head, link, note=batch.checkpoint, consistency=batch.consistency, now=now)
    return done + _settle([one.answer for one in closing.values()], gateway.store.writer.commit(units))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One receipt: what it answers, the unit that closes its exchange, the own head the peer had seen."""

    answer: Acknowledged
    unit: Unit | None = None
    shown: int = 0


def _judged(
    gateway: Gateway, receipt: bytes, batch: ReceiptBatch, ledger: PeerLedger, own: RootAt
) -> _Judged:
    try:
        row, verified = _verified(gateway, receipt, batch, ledger, own)
    except GatewayError as exc:
        return _Judged(answer=Acknowledged(exchange_id="", outcome="not-accepted", code=exc.code))
    shown = verified.seen.size if verified.seen is not None else 0
    if row.state not in _OPEN:
        return _Judged(answer=Acknowledged(exchange_id=row.exchange_id, outcome="repeated"), shown=shown)
    state = _STATES[verified.kind]
    answer = Acknowledged(exchange_id=row.exchange_id, outcome=state, code=verified.code or "")
    return _Judged(answer=answer, unit=_unit(gateway, row, verified, ledger.agency), shown=shown)


def _settle(answers: Sequence[Acknowledged], outcomes: Sequence[object]) -> list[Acknowledged]:
    settled = []
    for answer, outcome in zip(answers, outcomes, strict=False):
        if isinstance(outcome, GatewayError):
            settled.append(
                Acknowledged(exchange_id=answer.exchange_id, outcome="not-accepted", code=outcome.code)
            )
        else:
            settled.append(answer)
    return settled


def _link(gateway: Gateway, head: Checkpoint, batch: ReceiptBatch, carrier: str) -> Link:
    newest = newest_linked(gateway.read, head.origin)
    try:
        return link_head(head, batch.consistency, newest=newest, root_at=roots_seen(gateway.read))
    except VerificationFailed as exc:
        if exc.code == InBandCode.FORKED:
            gateway.store.writer.commit([fork_unit(batch.checkpoint, carrier)])
        raise


def _verified(
    gateway: Gateway, data: bytes, batch: ReceiptBatch, ledger: PeerLedger, own: RootAt
) -> tuple[OutboxRow, VerifiedReceipt]:
    receipt = parse_receipt(data)
    claimed = parse(receipt.entry)
    row = gateway.read.outbox(claimed.message or "")
    if row is None or row.peer != ledger.agency:
        raise VerificationFailed("answers nothing that was sent to this peer", code="no-such-message")
    expected = ExpectedReceipt(
        exchange=row.exchange_id,
        message=row.message_id,
        envelope=row.envelope_digest,
        me=gateway.me,
        peer=ledger.agency,
    )
    return row, verify_receipt(
        receipt.entry, receipt.proof, batch.checkpoint, expected=expected, ledger=ledger, own_root=own
    )


def _unit(gateway: Gateway, row: OutboxRow, verified: VerifiedReceipt, carrier: str) -> Unit:
    state = _STATES[verified.kind]
    draft = Draft(
        kind=EntryKind.DELIVERED,
        exchange=row.exchange_id,
        message=row.message_id,
        peer=carrier,
        about=row.entry if isinstance(row.entry, int) else None,
        peer_receipt=receipt_digest(verified.entry),
        peer_head=verified.checkpoint,
    )
    rows: tuple[Row | Change, ...] = (
        ReceiptRow(row.message_id, row.envelope_digest, verified.entry, verified.proof),
        OutboxState(row.message_id, row.state, "delivered" if state == "delivered" else "refused"),
        DropSealed(row.message_id),
    )
    if row.kind == EnvelopeKind.RELEASE.token:
        closed = ExchangeState(row.exchange_id, _OPEN[row.state], state, closing_entry=EntryAt(0))
        return Unit(drafts=(draft,), rows=(*rows, closed))
    # A question that its recipient refuses at the door gets no other answer.
    refused = state != "delivered"
    ended = unanswered(gateway, row, refused=True, at=EntryAt(1)) if refused else None
    return (
        Unit(drafts=(draft,), rows=rows)
        if ended is None
        else Unit(drafts=(draft, ended.draft), rows=(*rows, *ended.rows))
    )


def _exchange_of(gateway: Gateway, message_id: str | None, carrier: str) -> str:
    row = gateway.read.outbox(message_id) if message_id else None
    return row.exchange_id if row is not None and row.peer == carrier else ""
