"""By what a person is known again, however differently two records write it."""

from __future__ import annotations

import pytest

from gateway.record.person_marks import marks_of_person
from gateway.v1 import record_pb2 as pb


def _record(own_reference: str = "") -> tuple[pb.Record, pb.Person]:
    record = pb.Record()
    record.header.own_reference = own_reference
    return record, record.persons.add(id="p", role=pb.ROLE_VICTIM)


def _born(**name: str) -> frozenset[tuple[str, str]]:
    record, person = _record()
    person.names.add(**name)
    person.birth.year, person.birth.month, person.birth.day = 2001, 2, 3
    return marks_of_person(record, person)


@pytest.mark.parametrize(
    "name",
    [
        {"given": "Zelda", "family": "Verzonnen-Ova"},
        {"full": "VERZONNEN-OVA, Zelda"},
        {"full": "Zélda Verzonnen-ova"},
    ],
)
def test_name_and_birth_date_are_known_again_however_written(name: dict[str, str]) -> None:
    expected = _born(given="zelda", family="verzonnen-ova")

    assert _born(**name) == expected != frozenset()


def test_name_without_a_whole_birth_date_is_no_mark() -> None:
    record, person = _record()
    person.names.add(full="Zelda Verzonnenova")
    person.birth.year = 2001

    assert not marks_of_person(record, person)


def test_two_names_with_one_birth_date_are_two_persons() -> None:
    assert _born(full="Zelda Een") != _born(full="Zelda Twee")


@pytest.mark.parametrize("written", ["+999 555-004417", "00999555004417", "999555004417"])
def test_phone_is_known_again_as_contact_and_as_account(written: str) -> None:
    record, person = _record()
    person.contacts.add(kind=pb.CONTACT_KIND_PHONE, value=written)
    other, holder = _record()
    account = other.accounts.add(id="a", holder="p").identity
    account.kind, account.value = pb.ACCOUNT_KIND_PHONE, "+999555004417"

    assert marks_of_person(record, person) == marks_of_person(other, holder) != frozenset()


def test_document_counts_for_its_holder_alone() -> None:
    record, person = _record()
    other = record.persons.add(id="q", role=pb.ROLE_VICTIM)
    record.documents.add(id="d", holder="p").details.number = "X 123-456"

    assert marks_of_person(record, person) == {("document", "x123456")}
    assert not marks_of_person(record, other)


@pytest.mark.parametrize("number", ["", "12", "x-1"])
def test_what_is_too_short_to_be_one_persons_is_no_mark(number: str) -> None:
    record, person = _record()
    record.documents.add(id="d", holder="p").details.number = number

    assert not marks_of_person(record, person)


def test_address_that_many_share_is_no_mark() -> None:
    record, person = _record()
    person.contacts.add(kind=pb.CONTACT_KIND_IP, value="192.0.2.117")

    assert not marks_of_person(record, person)


def test_same_person_of_a_record_submitted_again_is_known_by_the_own_reference() -> None:
    assert marks_of_person(*_record(own_reference="X-1")) == marks_of_person(*_record(own_reference="X-1"))
    assert marks_of_person(*_record(own_reference="X-1")) != marks_of_person(*_record(own_reference="X-2"))
    assert not marks_of_person(*_record())
