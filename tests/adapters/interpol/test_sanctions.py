"""Notices of the Security Council are read, of persons and of entities, and nobody is accused by one."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb
from tests.adapters.interpol.notices import losses, read

_PERSON: dict[str, Any] = {
    "entity_id": "2031/30001",
    "name": "SPECIMEN",
    "forename": "OLA",
    "name_in_original_script": "שרה",
    "name_at_birth": "EXAMPLE",
    "date_of_birth": "1970",
    "un_reference": "QDi.999",
    "un_reference_date": "2031/01/05",
    "un_resolution": 1267,
    "aliases": ["The Heron", {"alias": "x"}],
    "formerly_known_as": "O. Sample",
    "adresses": ["Quay 4, Port Sample"],
    "profession": "Trader",
    "purposes": ["Assets freeze", "Travel ban"],
    "identity_documents": ["Passport 000"],
    "summary": "An invented person.",
    "father_name": None,
    "_links": {"self": {"href": "https://notices.example.invalid/notices/v1/un/persons/2031-30001"}},
}
_ENTITY: dict[str, Any] = {
    "entity_id": "2031/30002",
    "name": "SAMPLE TRADING",
    "un_reference": "QDe.999",
    "legal_form": "Company",
    "registration_number": "R-417",
    "main_activity": "Shipping",
    "aliases": ["S.T."],
    "adresses": ["Quay 5"],
    "administrators": ["O. Specimen"],
    "_embedded": {"links": []},
}


def test_person_of_a_sanctions_notice_is_read_and_not_suspected() -> None:
    record = read(_PERSON)

    (person,) = record.persons
    assert person.role == pb.ROLE_UNKNOWN
    assert [(name.family, name.given, name.kind) for name in person.names] == [
        ("SPECIMEN", "OLA", pb.NAME_KIND_PRIMARY),
        ("EXAMPLE", "", pb.NAME_KIND_BIRTH),
        ("שרה", "", pb.NAME_KIND_PRIMARY),
    ]
    assert [alias.full for alias in person.aliases] == ["The Heron", "O. Sample"]
    assert person.workplaces[0].occupation == "Trader"
    assert person.addresses[0].place.original == "Quay 4, Port Sample"
    assert [one.number for one in record.header.case_references] == ["2031/30001", "QDi.999"]
    assert list(record.header.purposes_in_words)[1:] == ["Assets freeze", "Travel ban"]
    assert {one.title: one.text for one in record.narratives} == {
        "summary, as written": "An invented person.",
        "un_resolution, as written": "1267",
        "un_reference_date, as written": "2031/01/05",
        "identity_documents, as written": "Passport 000",
    }


def test_object_whose_members_are_not_published_is_declared_dropped() -> None:
    told = losses(_PERSON)

    assert told.pop("aliases") == Effect.DROPPED
    assert set(told.values()) == {Effect.KEPT_AS_EXTENSION}


@pytest.mark.parametrize("by_address", [True, False])
def test_entity_of_a_sanctions_notice_is_an_organisation(by_address: bool) -> None:
    links = {"self": {"href": "/notices/v1/un/entities/2031-30002"}}

    record = read({**_ENTITY, "_links": links} if by_address else _ENTITY)

    (organisation,) = record.organisations
    assert not record.persons
    assert list(organisation.identity.names) == ["SAMPLE TRADING", "S.T."]
    assert organisation.identity.registration_number == "R-417"
    assert organisation.activity == "Shipping"
    assert organisation.identity.addresses[0].original == "Quay 5"
    assert {one.text for one in record.narratives} == {"Company", "O. Specimen"}
