"""Who stands in a bundle under which name, and nobody as a suspect who is none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from adapters.adapter import View
from adapters.stix.format import Stix21
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.stix.samples import of_type, parse, read, thing, uuid_of, written
from tests.adapters.views import EVERY, reading, views

_ACCUSED = (pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY, pb.ROLE_VICTIM_AND_SUSPECT)
_PROTECTED = [one for one in pb.Role.values() if one not in (pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY)]


def _person(**fields: Any) -> pb.Record:
    record = pb.Record()
    person = record.persons.add(id="person/abcdefghij", **fields)
    person.names.add(full="Ilinca Exemplu")
    return record


@pytest.mark.parametrize("role", _PROTECTED)
def test_protected_person_stands_under_a_pseudonym_or_the_name_that_travels(role: int) -> None:
    for pseudonym, shown in (("XA-V-1", "XA-V-1"), ("", "person/abcdefghij")):
        record = _person(role=role)
        if pseudonym:
            record.persons[0].foreign_pseudonym = pseudonym

        (identity,) = of_type(written(record), "identity")

        assert identity["name"] == shown
        assert not of_type(written(record), "threat-actor")


@pytest.mark.parametrize("minor", [{"age_status": pb.AGE_STATUS_MINOR}, {"age_band": pb.AGE_BAND_15_17}])
def test_minor_suspect_is_no_threat_actor_and_bears_no_name(minor: dict[str, Any]) -> None:
    objects = written(_person(role=pb.ROLE_SUSPECT, **minor))

    (identity,) = of_type(objects, "identity")
    assert (identity["name"], identity["roles"]) == ("person/abcdefghij", ["suspect"])
    assert not of_type(objects, "threat-actor")


def test_suspect_is_a_threat_actor_attributed_to_an_identity() -> None:
    record = _person(role=pb.ROLE_SUSPECT)
    record.persons[0].aliases.add(full="The Courier")

    objects = written(record)

    (actor,), (identity,) = of_type(objects, "threat-actor"), of_type(objects, "identity")
    (tie,) = of_type(objects, "relationship")
    assert (actor["name"], actor["aliases"], identity["name"]) == (
        *("Ilinca Exemplu", ["The Courier"]),
        "Ilinca Exemplu",
    )
    assert (tie["source_ref"], tie["target_ref"]) == (actor["id"], identity["id"])


@given(view=views())
def test_nobody_becomes_a_suspect_by_being_written(view: View) -> None:
    try:
        rendered = Stix21().render([view], form="json", allowed=EVERY)
    except Refused:
        return

    accused = {person.id: person.role for person in view.record.persons if person.role in _ACCUSED}
    read_again = reading(Stix21(), view, rendered)
    assert {one.id: one.role for one in read_again.persons if one.role in _ACCUSED} == accused


def test_victim_whom_a_threat_actor_is_attributed_to_stays_a_victim() -> None:
    actor, identity = thing("threat-actor", name="A"), thing("identity", 2, name="B", roles=["victim"])
    tie = thing(
        "relationship",
        3,
        relationship_type="attributed-to",
        source_ref=actor["id"],
        target_ref=identity["id"],
    )

    record = read(actor, identity, tie)

    assert [one.role for one in record.persons] == [pb.ROLE_SUSPECT, pb.ROLE_VICTIM]
    assert record.relationships[0].link.description == "attributed-to"


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (["suspect", "victim"], pb.ROLE_VICTIM_AND_SUSPECT),
        (["third-party", "witness"], pb.ROLE_WITNESS),
        (["unknown", "suspect"], pb.ROLE_UNKNOWN),
        (["Presumed_Victim"], pb.ROLE_PRESUMED_VICTIM),
        (["CEO"], pb.ROLE_UNSPECIFIED),
        ([], pb.ROLE_UNSPECIFIED),
    ],
)
def test_of_several_roles_the_most_protected_counts(roles: list[str], role: int) -> None:
    assert read(thing("identity", name="A", identity_class="individual", roles=roles)).persons[0].role == role


def test_role_without_equal_is_kept_as_it_was_written() -> None:
    (draft,) = parse(thing("threat-actor", name="A", roles=["director", "recruiter"]))

    assert list(draft.record.persons[0].functions) == [pb.PERSON_FUNCTION_RECRUITER]
    (narrative,) = draft.record.narratives
    assert (narrative.title, narrative.text) == ("Role as written", "director")
    assert list(narrative.subjects) == [f"threat-actor--{uuid_of(1)}"]


def test_identity_that_does_not_say_what_it_is_is_a_person() -> None:
    record = read(thing("identity", name="A"), thing("identity", 2, name="B", sectors=["mining"]))

    assert (len(record.persons), len(record.organisations)) == (1, 1)


def test_syndicate_is_an_organisation() -> None:
    record = read(thing("threat-actor", name="A", aliases=["B"], threat_actor_types=["crime-syndicate"]))

    (organisation,) = record.organisations
    assert organisation.kind == pb.ORGANISATION_KIND_CRIMINAL_GROUP
    assert list(organisation.identity.names) == ["A", "B"]


def test_promised_anonymity_marks_the_name_and_is_read_without_our_extension() -> None:
    record = _person(role=pb.ROLE_WITNESS)
    record.persons[0].safety.anonymity_guaranteed = True
    objects = written(record)
    for one in objects:
        one.pop("extensions", None)
    objects = [one for one in objects if one["type"] != "extension-definition"]

    (identity,) = of_type(objects, "identity")

    assert identity["granular_markings"][0]["selectors"] == ["name"]
    read_again = read(*objects)
    assert read_again.persons[0].safety.anonymity_guaranteed
    assert not read_again.header.HasField("source_handling")
