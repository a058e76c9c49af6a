"""Consents asked for come back as they were written, and move only as expected."""

from __future__ import annotations

import pytest

from gateway.errors import Conflict
from gateway.store.passing_rows import ConsentMoved, ConsentRow
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import OWN, PEER, digest, uuid7


def row(number: int = 1, side: str = "holder", *, ends: int = 100) -> ConsentRow:
    """A consent that waits."""
    return ConsentRow(
        side,
        PEER,
        uuid7(number),
        uuid7(number + 100),
        uuid7(number + 200),
        "border.xx",
        OWN,
        uuid7(7),
        1,
        "waiting",
        "",
        digest("decision") if side == "holder" else None,
        number,
        ends,
        0,
        None,
    )


def test_consents_are_found_by_request_by_exchange_and_by_record(store: Store) -> None:
    rows = [row(1), row(2), row(1, "originator")]
    store.writer.commit_one(Unit(rows=tuple(rows)))

    assert store.read.consent("holder", PEER, uuid7(1)) == rows[0]
    assert store.read.consent("originator", PEER, uuid7(1)) == rows[2]
    assert store.read.consent("holder", OWN, uuid7(1)) is None
    assert store.read.consent_of_exchange(uuid7(102)) == rows[1]
    assert store.read.consent_of_exchange(uuid7(1)) is None
    assert set(store.read.consents_of_record(OWN, uuid7(7), 1)) == set(rows)


def test_consent_moves_once_and_waits_no_more(store: Store) -> None:
    store.writer.commit_one(Unit(rows=(row(1), row(2, ends=101), row(1, "originator"))))
    assert [one.request_id for one in store.read.ended_consents("holder", 100)] == [uuid7(1)]
    move = ConsentMoved("holder", PEER, uuid7(1), "waiting", "refused", "not-lawful", None)

    store.writer.commit_one(Unit(rows=(move,)))

    found = store.read.consent("holder", PEER, uuid7(1))
    assert found is not None and (found.state, found.refusal) == ("refused", "not-lawful")
    assert store.read.ended_consents("holder", 100) == []
    with pytest.raises(Conflict):
        store.writer.commit_one(Unit(rows=(move,)))


def test_one_request_of_one_agency_is_kept_once(store: Store) -> None:
    store.writer.commit_one(Unit(rows=(row(1),)))

    with pytest.raises(Conflict):
        store.writer.commit_one(Unit(rows=(row(1),)))
