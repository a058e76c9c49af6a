"""The read side: every question a stage may ask of the store, answered with the row types of `rows`."""

from __future__ import annotations

from gateway.store.access_queries import AccessQueries
from gateway.store.history_queries import HistoryQueries
from gateway.store.ledger_queries import LedgerQueries
from gateway.store.message_queries import MessageQueries
from gateway.store.passing_queries import PassingQueries
from gateway.store.record_queries import RecordQueries
from gateway.store.review_queries import ReviewQueries
from gateway.store.waiting_queries import WaitingQueries


class Reader(
    LedgerQueries,
    RecordQueries,
    MessageQueries,
    AccessQueries,
    HistoryQueries,
    ReviewQueries,
    PassingQueries,
    WaitingQueries,
):
    """Answers from connections that cannot write; usable from any thread.

    Each answer comes from a transaction of its own; `snapshot()` gives a reader whose answers agree. A row
    that is not there is None, never an error, unless a method says so.

    Raises:
        Unreachable: code `store`: any question, when the database fails or no connection comes free.
    """
