"""The inbox of own systems: what came for a purpose, in order, each reader at its own place."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gateway.errors import Malformed
from gateway.flow import inbox
from gateway.flow.consult import show_arrival
from gateway.flow.inbox import place_of, take_over
from gateway.record.vocabulary import LegalBasis, Purpose
from gateway.v1.record_pb2 import Record
from tests.flow import oracle, records
from tests.flow.arrivals import READER, received, taken
from tests.flow.federation import NL, RO, TO_RO, Homes

FOR_VICTIMS = replace(TO_RO, purpose=Purpose.VICTIM_PROTECTION, legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK)


def test_what_arrived_is_handed_out_in_order_with_what_binds_its_reader(homes: Homes) -> None:
    exchanges = received(homes, 1, 2, 3)

    handed = taken(homes)

    assert [one.exchange_id for one in handed] == exchanges
    assert [one.position for one in handed] == sorted({one.position for one in handed})
    assert {(one.sender, one.originator, one.version, one.absent) for one in handed} == {(NL, NL, 1, "")}
    for number, one in enumerate(handed, start=1):
        assert one.record is not None
        assert Record.FromString(one.record).vehicles[0].identity.plate == f"XX-{number}-Y"
        assert "no-reidentification" in one.obligations
        assert one.use_until > homes.now.date().isoformat()
        assert one.rungs


def test_reader_sees_the_very_record_that_a_person_is_shown(homes: Homes) -> None:
    (exchange,) = received(homes, 1)

    (handed,) = taken(homes)
    shown = show_arrival(homes[RO], exchange, purpose="investigation", actor=READER, now=homes.now)

    assert handed.record is not None
    assert records.SECRET_NAME not in str(Record.FromString(handed.record))
    assert {f"{entity}:{field}": rung.token for entity, field, rung in handed.rungs} == shown.rungs
    assert (handed.pseudonyms, list(handed.obligations)) == (shown.pseudonyms, shown.obligations)
    assert (handed.record_id, handed.use_until) == (shown.record_id, shown.use_until)


def test_each_handing_out_is_ledgered_before_it_happens_and_nothing_of_it_is_readable(homes: Homes) -> None:
    exchanges = received(homes, 1, 2)
    size = oracle.size(homes.home(RO))

    taken(homes)
    taken(homes)

    entries = oracle.entries(homes.home(RO), size)
    assert oracle.kinds(homes.home(RO), size) == ["read"] * 4
    assert [entry["exchange"] for entry in entries] == exchanges * 2
    assert all({one["type"] for one in entry["commits"]} == {"actor", "purpose"} for entry in entries)
    assert oracle.places([READER, "investigation"], {"ledger": json.dumps(entries).encode()}) == []


def test_nothing_to_hand_out_leaves_no_reading(homes: Homes) -> None:
    received(homes, 1)
    last = taken(homes)[-1].position
    size = oracle.size(homes.home(RO))

    assert taken(homes, last) == taken(homes, limit=0) == []
    assert oracle.size(homes.home(RO)) == size


def test_what_came_for_another_purpose_is_not_handed_out(homes: Homes) -> None:
    received(homes, 1)
    (other,) = homes.push(records.small(2), FOR_VICTIMS).exchanges
    homes.carry(RO)
    received(homes, 3)

    for_victims = taken(homes, purpose=Purpose.VICTIM_PROTECTION)

    assert [one.exchange_id for one in for_victims] == [other.exchange_id]
    assert other.exchange_id not in [one.exchange_id for one in taken(homes)]
    assert len(taken(homes)) == 2
    assert taken(homes, purpose=Purpose.PROSECUTION) == []


@pytest.mark.parametrize("page", [1, 2, 256])
def test_reader_takes_some_at_a_time_and_misses_nothing(
    homes: Homes, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many rows of other purposes the store is asked for in between."""
    monkeypatch.setattr(inbox, "_PAGE", page)
    exchanges = received(homes, 1, 2)
    homes.push(records.small(3), FOR_VICTIMS)
    homes.carry(RO)
    exchanges += received(homes, 4, 5, 6)

    found, after = [], -1
    while some := taken(homes, after, limit=2):
        assert len(some) <= 2
        found += [one.exchange_id for one in some]
        after = some[-1].position

    assert found == exchanges


def test_each_reader_has_a_place_of_its_own_for_each_purpose(homes: Homes) -> None:
    received(homes, 1, 2)
    first, second = (one.position for one in taken(homes))
    gateway = homes[RO]

    take_over(gateway, READER, Purpose.INVESTIGATION, first)
    take_over(gateway, "system/other", Purpose.INVESTIGATION, second)
    homes.close()

    gateway = homes[RO]
    assert place_of(gateway, READER, Purpose.INVESTIGATION) == first
    assert place_of(gateway, "system/other", Purpose.INVESTIGATION) == second
    assert place_of(gateway, READER, Purpose.PROSECUTION) == -1
    assert [one.position for one in taken(homes, first)] == [second]


def test_place_moves_forward_and_never_back(homes: Homes) -> None:
    received(homes, 1, 2)
    first, second = (one.position for one in taken(homes))

    moves = [take_over(homes[RO], READER, Purpose.INVESTIGATION, to) for to in (first, second, first, second)]

    assert moves == [first, second, second, second]
    assert place_of(homes[RO], READER, Purpose.INVESTIGATION) == second


@pytest.mark.parametrize("beyond", [0, 1, 10**9])
def test_place_where_nothing_stands_yet_is_refused(homes: Homes, beyond: int) -> None:
    received(homes, 1)
    size = oracle.size(homes.home(RO))

    for position in (size + beyond, -1):
        with pytest.raises(Malformed) as refused:
            take_over(homes[RO], READER, Purpose.INVESTIGATION, position)
        assert refused.value.code == "bad-position"

    assert place_of(homes[RO], READER, Purpose.INVESTIGATION) == -1
    assert take_over(homes[RO], READER, Purpose.INVESTIGATION, size - 1) == size - 1
