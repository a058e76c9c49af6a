"""Stopping: a release that may not leave any more is closed for good, so that it cannot leave later either.

Its `released` entry stands; the `undeliverable` entry names the envelope it promised. Void means void: rules
that change back do not revive it, or whoever followed the advice to push again would have released twice.

Source: PROTOCOL section 4.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.errors import GatewayError
from gateway.flow.deliver import Stopped
from gateway.flow.gateway import Gateway
from gateway.flow.passing.ending import unanswered
from gateway.ledger.entry import Draft, EntryKind
from gateway.sealing.envelope import EnvelopeKind
from gateway.store.changes import Change, DropSealed, ExchangeState, OutboxState
from gateway.store.place import EntryAt
from gateway.store.rows import OutboxRow
from gateway.store.unit import Unit

UNDELIVERABLE = "undeliverable"


def close_stopped(gateway: Gateway, stopped: Iterable[Stopped]) -> None:
    """Close what is stopped for good; what may pass by itself waits on.

    Raises:
        GatewayError: the store refused; nothing of that release changed.
    """
    for outcome in gateway.store.writer.commit([_unit(gateway, one) for one in stopped if one.code]):
        if isinstance(outcome, GatewayError):
            raise outcome


def give_up(gateway: Gateway, message_id: str, code: str) -> None:
    """Close a message that its recipient refuses in band, again and again, for what it is.

    One that was closed meanwhile is left as it is.

    Raises:
        GatewayError: the store refused; nothing changed.
    """
    row = gateway.read.outbox(message_id)
    if row is not None and row.state == "queued":
        close_stopped(gateway, [Stopped(row=row, why="the recipient keeps refusing it", code=code)])


def stopping(row: OutboxRow, code: str, at: EntryAt) -> tuple[Draft, tuple[Change, ...]]:
    """Return the entry that closes a waiting message, and what changes with it; `at` is the entry's place."""
    draft = Draft(
        kind=EntryKind.UNDELIVERABLE,
        exchange=row.exchange_id,
        message=row.message_id,
        peer=row.peer,
        envelope=row.envelope_digest,
        about=row.entry if isinstance(row.entry, int) else None,
        code=code,
    )
    changes: tuple[Change, ...] = (
        OutboxState(row.message_id, "queued", UNDELIVERABLE),
        DropSealed(row.message_id),
    )
    if row.kind != EnvelopeKind.RELEASE.token:
        return draft, changes  # What is asked or answered within an exchange does not release it.
    closed = ExchangeState(row.exchange_id, "released", UNDELIVERABLE, closing_entry=at)
    return draft, (*changes, closed)


def _unit(gateway: Gateway, stopped: Stopped) -> Unit:
    draft, changes = stopping(stopped.row, stopped.code, EntryAt(0))
    ended = unanswered(gateway, stopped.row, refused=False, at=EntryAt(1))
    if ended is None:
        return Unit(drafts=(draft,), rows=changes)
    return Unit(drafts=(draft, ended.draft), rows=(*changes, *ended.rows))
