"""Questions about messages: what waits to be sent, what came, and the receipts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, func, select, tuple_

from gateway.store import tables
from gateway.store.rows import InboxRow, OutboxRow, ReceiptRow, SenderProofRow
from gateway.store.source import PAGE, Source, by

LANES: Final = ("threat-to-life", "urgent", "routine")
"""Lanes in the order they are sent: the first never waits behind the others."""


_outbox, _inbox, _receipts = tables.outbox, tables.inbox, tables.receipts
_SENDER_PROOF: Final = by(tables.sender_proofs, "sender", "envelope_digest")
# The word stands in the text, not in a parameter: only so is the partial index of what waits used.
_WAITS: Final = tables.QUEUED

_OUT: Final = by(_outbox, "message_id")
_QUEUED: Final = (
    by(_outbox, "peer", "lane")
    .where(_WAITS, _outbox.c.message_id > bindparam("after"))
    .order_by(_outbox.c.message_id)
    .limit(bindparam("limit"))
)
_QUEUED_IDS: Final = (
    select(_outbox.c.message_id)
    .where(_WAITS, _outbox.c.peer == bindparam("peer"), _outbox.c.lane == bindparam("lane"))
    .order_by(_outbox.c.message_id)
    .limit(bindparam("limit"))
)
_WAITING_PEERS: Final = select(_outbox.c.peer).where(_WAITS).distinct().order_by(_outbox.c.peer)
_WAITING_COUNTS: Final = select(_outbox.c.peer, func.count()).where(_WAITS).group_by(_outbox.c.peer)
_IN: Final = by(_inbox, "sender", "message_id")
_IN_OF_EXCHANGE: Final = by(_inbox, "exchange_id").order_by(_inbox.c.entry)
_KNOWN: Final = by(_inbox, "sender").where(_inbox.c.message_id.in_(bindparam("ids", expanding=True)))
_ARRIVED: Final = (
    select(_inbox)
    .where(_inbox.c.entry > bindparam("after"))
    .order_by(_inbox.c.entry)
    .limit(bindparam("limit"))
)
_ARRIVED_SO: Final = _ARRIVED.where(_inbox.c.outcome == bindparam("outcome"))
_RECEIPT: Final = by(_receipts, "message_id", "envelope_digest")
_RECEIPTS_OF: Final = by(_receipts, "message_id")
_EXPORT: Final = (
    select(_outbox.c.exchange_id, _receipts)
    .join_from(_receipts, _outbox, _outbox.c.message_id == _receipts.c.message_id)
    .where(
        tuple_(_receipts.c.message_id, _receipts.c.envelope_digest)
        > tuple_(bindparam("after_message"), bindparam("after_digest"))
    )
    .order_by(_receipts.c.message_id, _receipts.c.envelope_digest)
    .limit(bindparam("limit"))
)


def _first(row: Iterable[Any]) -> str:
    return str(next(iter(row)))


class KnownReceipt(NamedTuple):
    """A stored receipt with the exchange it answers."""

    exchange_id: str
    message_id: str
    envelope_digest: bytes
    entry: bytes
    proof: str


class MessageQueries(Source):
    """What goes out and what came in."""

    def outbox(self, message_id: str) -> OutboxRow | None:
        """Return one message of ours."""
        return self._one(_OUT, OutboxRow._make, message_id=message_id)

    def queued(self, peer: str, *, limit: int = PAGE) -> list[OutboxRow]:
        """Return what waits for a peer in the order to send it: lane by lane, oldest first."""
        waiting: list[OutboxRow] = []
        with self.snapshot() as same:
            for lane in LANES:
                waiting += same.queued_in_lane(peer, lane, limit=limit - len(waiting))
        return waiting

    def queued_in_lane(self, peer: str, lane: str, *, after: str = "", limit: int = PAGE) -> list[OutboxRow]:
        """Return what waits for a peer in one lane; `after` is the last message id of the page before."""
        return self._all(_QUEUED, OutboxRow._make, peer=peer, lane=lane, after=after, limit=limit)

    def anything_queued(self, peer: str, but: Collection[str] = ()) -> bool:
        """Return whether any message waits for a peer that is none of these; they are few."""
        with self.snapshot() as same:
            return any(
                message not in but
                for lane in LANES
                for message in same._all(_QUEUED_IDS, _first, peer=peer, lane=lane, limit=len(but) + 1)
            )

    def waiting_counts(self) -> dict[str, int]:
        """Return how many messages wait for each peer."""
        return dict(self._all(_WAITING_COUNTS, lambda row: (str((pair := tuple(row))[0]), int(pair[1]))))

    def waiting_peers(self) -> list[str]:
        """Return the peers that something waits for."""
        return self._all(_WAITING_PEERS, _first)

    def inbox(self, sender: str, message_id: str) -> InboxRow | None:
        """Return one message that came and got a final answer."""
        return self._one(_IN, InboxRow._make, sender=sender, message_id=message_id)

    def inbox_known(self, sender: str, message_ids: Sequence[str]) -> dict[str, InboxRow]:
        """Return those of a sender's messages that got a final answer, by message id, in one query."""
        rows = self._all(_KNOWN, InboxRow._make, sender=sender, ids=list(message_ids))
        return {row.message_id: row for row in rows}

    def inbox_of_exchange(self, exchange_id: str) -> list[InboxRow]:
        """Return what came within an exchange, in order of arrival."""
        return self._all(_IN_OF_EXCHANGE, InboxRow._make, exchange_id=exchange_id)

    def arrived(self, *, outcome: str | None = None, after: int = -1, limit: int = PAGE) -> list[InboxRow]:
        """Return what came, in order of arrival; `after` is the last `entry` of the page before."""
        if outcome is None:
            return self._all(_ARRIVED, InboxRow._make, after=after, limit=limit)
        return self._all(_ARRIVED_SO, InboxRow._make, after=after, limit=limit, outcome=outcome)

    def receipt(self, message_id: str, envelope_digest: bytes) -> ReceiptRow | None:
        """Return the receipt of one envelope of a message."""
        return self._one(_RECEIPT, ReceiptRow._make, message_id=message_id, envelope_digest=envelope_digest)

    def sender_proof(self, sender: str, envelope_digest: bytes) -> SenderProofRow | None:
        """Return what proves that a sender released an envelope."""
        return self._one(_SENDER_PROOF, SenderProofRow._make, sender=sender, envelope_digest=envelope_digest)

    def receipts_of(self, message_id: str) -> list[ReceiptRow]:
        """Return the receipts of a message: one for each of its envelopes that got one."""
        return self._all(_RECEIPTS_OF, ReceiptRow._make, message_id=message_id)

    def receipts(self, *, after: tuple[str, bytes] = ("", b""), limit: int = PAGE) -> list[KnownReceipt]:
        """Return receipts with their exchanges, by message id; `after` is the key of the last one before."""
        message_id, digest = after
        return self._all(
            _EXPORT, KnownReceipt._make, after_message=message_id, after_digest=digest, limit=limit
        )
