"""Questions about consents asked for."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, select

from gateway.store.passing_rows import ConsentRow
from gateway.store.passing_tables import WAITING, consents
from gateway.store.rows import OutboxRow
from gateway.store.source import PAGE, Source, by
from gateway.store.tables import outbox

_ONE: Final = by(consents, "side", "peer", "request_id")
_OF_EXCHANGE: Final = by(consents, "exchange_id").order_by(consents.c.created_at, consents.c.request_id)
_OF_RECORD: Final = by(consents, "originator", "record_id", "version").order_by(
    consents.c.created_at, consents.c.request_id
)
_ENDED: Final = (
    select(consents)
    .where(WAITING, consents.c.side == bindparam("side"), consents.c.expires_at <= bindparam("now"))
    .order_by(consents.c.expires_at, consents.c.request_id)
    .limit(bindparam("limit"))
)


_MESSAGES: Final = by(outbox, "exchange_id").order_by(outbox.c.message_id)


class PassingQueries(Source):
    """What was asked of originators, and of us."""

    def consent(self, side: str, peer: str, request_id: str) -> ConsentRow | None:
        """Return one consent asked for."""
        return self._one(_ONE, ConsentRow._make, side=side, peer=peer, request_id=request_id)

    def consent_of_exchange(self, exchange_id: str) -> ConsentRow | None:
        """Return the newest consent asked for in an exchange; None where none was."""
        rows = self._all(_OF_EXCHANGE, ConsentRow._make, exchange_id=exchange_id)
        return rows[-1] if rows else None

    def outbox_of_exchange(self, exchange_id: str) -> list[OutboxRow]:
        """Return the messages of ours within an exchange, oldest first."""
        return self._all(_MESSAGES, OutboxRow._make, exchange_id=exchange_id)

    def consents_of_record(self, originator: str, record_id: str, version: int) -> list[ConsentRow]:
        """Return the consents asked for in a record version, on either side, oldest first."""
        return self._all(
            _OF_RECORD, ConsentRow._make, originator=originator, record_id=record_id, version=version
        )

    def ended_consents(self, side: str, now_ms: int, *, limit: int = PAGE) -> list[ConsentRow]:
        """Return those still waiting whose end has passed."""
        return self._all(_ENDED, ConsentRow._make, side=side, now=now_ms, limit=limit)
