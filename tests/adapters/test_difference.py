"""What two messages differ in is named by the shortest path, and never twice."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.difference import Difference, difference
from gateway.v1 import record_pb2 as pb
from tests.record.strategies import messages

ANA = pb.Name(given="Ana", family="Nume", kind=pb.NAME_KIND_PRIMARY)
ALIAS = pb.Name(given="Zoe", kind=pb.NAME_KIND_ALIAS)


def _between(original: pb.Person, *readings: pb.Person) -> Difference:
    return difference(original, readings, _is_unknown)


def _is_unknown(descriptor: Any, before: Any, after: Any) -> bool:
    return bool(descriptor.enum_type and after == pb.ROLE_UNKNOWN)


@given(messages(pb.Person))
def test_message_differs_in_nothing_from_itself(person: pb.Person) -> None:
    assert _between(person, person) == Difference()


@given(messages(pb.Person))
def test_of_an_empty_reading_every_field_is_lost_by_its_own_name(person: pb.Person) -> None:
    fields = {descriptor.name for descriptor, _ in person.ListFields()}

    assert _between(person, pb.Person()) == Difference(lost=fields)
    assert _between(pb.Person(), person) == Difference(invented=fields)


def test_element_that_is_gone_is_named_by_its_place() -> None:
    assert _between(pb.Person(names=[ANA, ALIAS]), pb.Person(names=[ALIAS])).lost == {"names[0]"}


def test_element_of_which_a_part_is_gone_is_named_by_that_part() -> None:
    reading = pb.Person(names=[ALIAS, pb.Name(given="Ana", kind=pb.NAME_KIND_PRIMARY)])

    assert _between(pb.Person(names=[ALIAS, ANA]), reading).lost == {"names[1].family"}


def test_list_in_another_order_is_coarsened() -> None:
    found = _between(pb.Person(names=[ANA, ALIAS]), pb.Person(names=[ALIAS, ANA]))

    assert found == Difference(coarsened={"names"})


def test_element_that_stands_once_more_is_invented() -> None:
    assert _between(pb.Person(languages=["ron"]), pb.Person(languages=["ron", "ron"])).invented == {
        "languages"
    }


def test_other_value_is_coarser_or_invented() -> None:
    witness, unknown = pb.Person(role=pb.ROLE_WITNESS), pb.Person(role=pb.ROLE_UNKNOWN)

    assert _between(witness, unknown) == Difference(coarsened={"role"})
    assert _between(unknown, witness) == Difference(invented={"role"})


def test_of_several_readings_one_keeps_a_value_and_any_may_add_one() -> None:
    original = pb.Person(names=[ANA], languages=["ron"])

    found = _between(original, pb.Person(names=[ANA]), pb.Person(languages=["ron"], role=pb.ROLE_VICTIM))

    assert found == Difference(invented={"role"})


@given(st.integers(1, 3))
def test_very_long_lists_are_named_and_not_matched(times: int) -> None:
    original = pb.Person(names=[pb.Name(given=f"a{number}") for number in range(200 * times)])
    reading = pb.Person(names=[pb.Name(family=f"b{number}") for number in range(200)])

    assert _between(original, reading) == Difference(lost={"names"}, invented={"names"})
