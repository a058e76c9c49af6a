"""Rows of consents asked for, as `rows` explains them, and what changes them."""

from __future__ import annotations

from typing import NamedTuple

from gateway.store.place import EntryAt


class ConsentRow(NamedTuple):
    """A consent asked for: `side` says what we are in it, `peer` whom we asked or who asked.

    `exchange_id` is the onward exchange at its holder and that of the hold at the originator; `came_with` the
    exchange the record came with, empty at the originator; `recipient` who would receive it. `state` is
    waiting, given, refused or ended; `refusal` the originator's closed reason;
    `decision_digest` is that of the decision by which a holder asked.
    """

    side: str
    peer: str
    request_id: str
    exchange_id: str
    came_with: str
    recipient: str
    originator: str
    record_id: str
    version: int
    state: str
    refusal: str
    decision_digest: bytes | None
    created_at: int
    expires_at: int
    entry: int | EntryAt
    closing_entry: int | EntryAt | None


class ConsentMoved(NamedTuple):
    """A consent asked for goes from `expected` to `state`."""

    side: str
    peer: str
    request_id: str
    expected: str
    state: str
    refusal: str
    closing_entry: int | EntryAt | None
