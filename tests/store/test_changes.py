"""Changes name what they expect, references become indices, and a unit is born whole or not at all."""

from __future__ import annotations

import pytest

from gateway.errors import Conflict, GatewayError, Malformed
from gateway.ledger.entry import Draft, parse
from gateway.store.changes import ExchangeState, InboxJudgedAnew, MetaSet, OutboxResealed, OutboxState
from gateway.store.place import EntryAt
from gateway.store.rows import EntryRow, Head, MetaRow
from gateway.store.sequence import Committed
from gateway.store.store import Store
from gateway.store.unit import About, Unit
from tests.store.material import (
    PEER,
    commit,
    digest,
    exchange_row,
    held,
    inbox_row,
    outbox_row,
    record_unit,
    release_unit,
    released,
    submitted,
    uuid7,
)


def test_changes_of_one_batch_happen_in_the_order_of_their_units(store: Store) -> None:
    early = Unit(rows=(OutboxState(uuid7(1), "queued", "delivered"),))

    refused, done = store.writer.commit([early, release_unit(1)])

    assert isinstance(refused, Conflict)
    assert isinstance(done, Committed)


def test_change_that_finds_another_state_fails_its_unit(store: Store) -> None:
    commit(store, Unit(drafts=(released(1),), rows=(exchange_row(1), outbox_row(1))))
    wrong = Unit(
        drafts=(submitted(),),
        rows=(OutboxState(uuid7(1), "queued", "delivered"), ExchangeState(uuid7(1), "held", "delivered")),
    )

    refused, done = store.writer.commit([wrong, release_unit(2)])

    assert isinstance(refused, Conflict)
    assert refused.code == "state-changed"
    assert isinstance(done, Committed)
    row = store.read.outbox(uuid7(1))
    assert row is not None and row.state == "queued"
    assert store.read.head().size == 2


def test_second_of_two_equal_changes_fails(store: Store) -> None:
    commit(store, release_unit(1))
    change = Unit(rows=(OutboxState(uuid7(1), "queued", "delivered"),))

    outcomes = store.writer.commit([change, change])

    assert [type(outcome) for outcome in outcomes] == [Committed, Conflict]


def test_exchange_changes_keep_what_they_do_not_name(store: Store) -> None:
    commit(store, Unit(drafts=(submitted(), released(1)), rows=(exchange_row(1)._replace(entry=EntryAt(1)),)))
    closing = ExchangeState(uuid7(1), "released", "closed", closing_entry=EntryAt(0))

    commit(store, Unit(drafts=(submitted(),), rows=(closing,)))
    commit(store, Unit(rows=(ExchangeState(uuid7(1), "closed", "archived", outcome="done"),)))

    row = store.read.exchange(uuid7(1))
    assert row is not None
    assert (row.state, row.entry, row.closing_entry, row.outcome) == ("archived", 1, 2, "done")


def test_message_is_resealed_only_from_the_envelope_it_had(store: Store) -> None:
    commit(store, release_unit(1))
    again = OutboxResealed(
        uuid7(1), digest("envelope 1"), b"header 2", b"sealed 2", digest("s"), digest("e"), EntryAt(0), 9
    )

    commit(store, Unit(drafts=(released(1),), rows=(again,)))
    (refused,) = store.writer.commit([Unit(drafts=(released(1),), rows=(again,))])

    row = store.read.outbox(uuid7(1))
    assert row is not None
    assert (row.header, row.entry, row.state) == (b"header 2", 1, "queued")
    assert isinstance(refused, Conflict)


def test_refused_message_is_judged_anew_once(store: Store) -> None:
    row = inbox_row(1, outcome="refused", code="expired")
    commit(store, Unit(drafts=(submitted(),), rows=(row,)))
    anew = InboxJudgedAnew(
        PEER, uuid7(1), "expired", digest("e"), b"header 2", digest("s"), EntryAt(0), "received", None
    )

    commit(store, Unit(drafts=(submitted(),), rows=(anew,)))
    (refused,) = store.writer.commit([Unit(drafts=(submitted(),), rows=(anew,))])

    found = store.read.inbox(PEER, uuid7(1))
    assert found is not None
    assert (found.outcome, found.code, found.entry) == ("received", None, 1)
    assert isinstance(refused, Conflict)


def test_entry_at_becomes_the_absolute_index(store: Store) -> None:
    commit(store, record_unit(1))
    unit = Unit(
        drafts=(submitted(), About(held(2), EntryAt(0)), released(2)),
        rows=(outbox_row(2)._replace(entry=EntryAt(2)), exchange_row(2)._replace(closing_entry=EntryAt(1))),
    )

    commit(store, unit)

    row, exchange = store.read.outbox(uuid7(2)), store.read.exchange(uuid7(2))
    assert row is not None and exchange is not None
    assert (row.entry, exchange.entry, exchange.closing_entry) == (3, 1, 2)
    assert parse(store.read.entry(2).data).about == 1


def test_entry_at_is_right_after_a_unit_before_it_failed(store: Store) -> None:
    commit(store, release_unit(1))

    store.writer.commit([release_unit(1), release_unit(2)])

    row = store.read.outbox(uuid7(2))
    assert row is not None and row.entry == 1


@pytest.mark.parametrize(
    ("drafts", "rows"),
    [
        ((), (outbox_row(1),)),
        ((submitted(),), (outbox_row(1)._replace(entry=EntryAt(1)),)),
        ((submitted(),), (outbox_row(1)._replace(entry=EntryAt(-1)),)),
        ((About(held(1), EntryAt(0)),), ()),
        ((submitted(), About(held(1), EntryAt(1))), ()),
        ((), (EntryRow(0, 2, None, None, b"{}", bytes(32)),)),
        ((), (Head(1, bytes(32)),)),
        ((), ("no row",)),
    ],
)
def test_unit_that_points_outside_itself_or_writes_the_tree_is_not_born(
    drafts: tuple[Draft, ...], rows: tuple[OutboxState, ...]
) -> None:
    with pytest.raises(Malformed):
        Unit(drafts=drafts, rows=rows)


def test_meta_changes_only_from_what_was_expected(store: Store) -> None:
    commit(store, Unit(rows=(MetaRow("origin", "one"),)))

    (refused,) = store.writer.commit([Unit(rows=(MetaSet("origin", "two", "three"),))])
    commit(store, Unit(rows=(MetaSet("origin", "one", "two"),)))

    assert isinstance(refused, Conflict)
    assert store.read.meta("origin") == "two"


def test_outcomes_are_errors_not_exceptions(store: Store) -> None:
    outcomes = store.writer.commit([Unit(rows=(OutboxState("none", "queued", "delivered"),))])

    assert isinstance(outcomes[0], GatewayError)
