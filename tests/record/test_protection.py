"""Who is protected, what is tied to them, and what that makes of each field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.record.categories import CATEGORIES
from gateway.record.portion import Cut, cut, entity_names
from gateway.record.protection import (
    classes_of,
    effective_category,
    possible_categories,
    subjects,
)
from gateway.record.schema import KINDS
from gateway.record.subject import NOBODY, SOMEBODY, strictest, subject_of
from gateway.record.vocabulary import AgeClass, RoleClass, Rung
from gateway.v1 import record_pb2 as pb
from tests.record.samples import TODAY, counted_random, link, marked
from tests.record.strategies import records

ROLES = st.sampled_from(pb.Role.values())


def cuts_of(record: pb.Record) -> list[Cut]:
    names = entity_names(record, counted_random("names"))
    return cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)


def with_persons() -> pb.Record:
    record = marked(pb.Record())
    record.persons.add(id="victim", role=pb.ROLE_VICTIM, age_status=pb.AGE_STATUS_MINOR)
    record.persons.add(id="suspect", role=pb.ROLE_SUSPECT, age_status=pb.AGE_STATUS_ADULT)
    return record


@pytest.mark.parametrize(
    ("role", "protected"),
    [
        (pb.ROLE_UNSPECIFIED, True),
        (pb.ROLE_VICTIM, True),
        (pb.ROLE_PRESUMED_VICTIM, True),
        (pb.ROLE_WITNESS, True),
        (pb.ROLE_FAMILY_OF_VICTIM, True),
        (pb.ROLE_VICTIM_AND_SUSPECT, True),
        (pb.ROLE_UNKNOWN, True),
        (pb.ROLE_SUSPECT, False),
        (pb.ROLE_THIRD_PARTY, False),
    ],
)
def test_every_role_but_suspect_and_third_party_is_protected(
    role: pb.Role.ValueType, protected: bool
) -> None:
    person = pb.Person(id="p")
    if role:
        person.role = role

    assert subject_of(person).protected is protected


def test_what_is_not_stated_is_unknown() -> None:
    subject = subject_of(pb.Person(id="p"))

    assert (subject.role, subject.age) == (RoleClass.UNKNOWN, AgeClass.UNKNOWN)


@pytest.mark.parametrize(
    ("person", "age"),
    [
        (pb.Person(age_status=pb.AGE_STATUS_ADULT), AgeClass.ADULT),
        (pb.Person(age_status=pb.AGE_STATUS_MINOR), AgeClass.MINOR),
        (pb.Person(age_status=pb.AGE_STATUS_UNKNOWN), AgeClass.UNKNOWN),
        (pb.Person(birth=pb.BirthDate(year=1980)), AgeClass.UNKNOWN),
        (pb.Person(birth=pb.BirthDate(year=2015)), AgeClass.MINOR),
        (pb.Person(age_status=pb.AGE_STATUS_ADULT, birth=pb.BirthDate(year=2015)), AgeClass.MINOR),
        (pb.Person(age_status=pb.AGE_STATUS_ADULT, birth=pb.BirthDate(year=2008)), AgeClass.ADULT),
        (pb.Person(age_status=pb.AGE_STATUS_ADULT, age_band=pb.AGE_BAND_15_17), AgeClass.MINOR),
        (pb.Person(age_band=pb.AGE_BAND_9_17), AgeClass.MINOR),
        (pb.Person(age_band=pb.AGE_BAND_18_PLUS), AgeClass.UNKNOWN),
        (pb.Person(birth=pb.BirthDate(age_band=pb.AGE_BAND_0_8)), AgeClass.MINOR),
    ],
)
def test_adult_is_only_who_is_stated_to_be_and_not_contradicted(person: pb.Person, age: AgeClass) -> None:
    assert subject_of(person, on=TODAY).age is age


def test_what_is_tied_to_a_protected_person_is_protected() -> None:
    record = with_persons()
    record.accounts.add(id="hers", holder="victim")
    record.accounts.add(id="his", holder="suspect")
    record.accounts.add(id="both", holder="suspect")
    record.accounts.add(id="nobodys")
    link(record, "uses", "victim", "both", pb.RELATION_KIND_USES)

    found = subjects(record)

    assert (found["hers"].role, found["hers"].age) == (RoleClass.VICTIM, AgeClass.MINOR)
    assert found["his"].role is RoleClass.SUSPECT
    assert not found["his"].protected
    assert found["both"].role is RoleClass.VICTIM
    assert found["nobodys"] == NOBODY


def test_ties_run_through_journeys_and_transactions() -> None:
    record = with_persons()
    record.vehicles.add(id="car")
    record.locations.add(id="station")
    record.accounts.add(id="mule")
    record.journeys.add(id="trip", travellers=["victim"], vehicle="car")
    record.transactions.add(id="paid", payer="victim", payee="mule")
    link(record, "from", "trip", "station", pb.RELATION_KIND_LOCATED_AT)

    found = subjects(record)

    assert all(found[name].role is RoleClass.VICTIM for name in ("trip", "car", "station", "paid", "mule"))


def test_ties_do_not_run_through_incidents_or_persons() -> None:
    record = with_persons()
    record.vehicles.add(id="car")
    record.vehicles.add(id="van")
    record.locations.add(id="venue", kind=pb.LOCATION_KIND_VENUE)
    record.incidents.add(id="incident", location="venue")
    link(record, "in", "victim", "incident", pb.RELATION_KIND_VICTIM_IN)
    link(record, "used", "suspect", "car", pb.RELATION_KIND_USES)
    link(record, "there", "van", "incident", pb.RELATION_KIND_OTHER)
    link(record, "of", "victim", "suspect", pb.RELATION_KIND_VICTIM_OF)

    found = subjects(record)

    assert found["incident"].role is RoleClass.VICTIM
    assert found["venue"] == NOBODY
    assert found["van"] == NOBODY
    assert found["car"].role is RoleClass.SUSPECT
    assert not found["suspect"].protected


def test_devices_journeys_and_transactions_tied_to_nobody_count_as_protected() -> None:
    record = with_persons()
    record.artefacts.add(id="phone").device.kind = pb.DEVICE_KIND_PHONE
    record.artefacts.add(id="file").metadata.file_name = "a.txt"
    record.journeys.add(id="trip")
    record.transactions.add(id="paid")
    record.artefacts.add(id="seized", holder="suspect").device.kind = pb.DEVICE_KIND_PHONE

    found = subjects(record)

    assert found["phone"] == found["trip"] == found["paid"] == SOMEBODY
    assert SOMEBODY.protected
    assert found["file"] == NOBODY
    assert not found["seized"].protected


def test_what_tells_of_others_takes_the_stricter_of_its_ends() -> None:
    record = with_persons()
    record.accounts.add(id="hers", holder="victim")
    record.vehicles.add(id="car")
    link(record, "stricter", "hers", "car", pb.RELATION_KIND_OTHER)
    link(record, "harmless", "suspect", "car", pb.RELATION_KIND_OWNS)
    record.narratives.add(id="about", subjects=["hers"])
    record.assessments.add(id="score", subject="about")
    record.narratives.add(id="free")

    found = subjects(record)

    assert found["stricter"].role is RoleClass.VICTIM
    assert found["harmless"].role is RoleClass.SUSPECT
    assert found["about"].role is found["score"].role is RoleClass.VICTIM
    assert found["free"] == NOBODY


def test_the_strictest_role_and_age_win_apart() -> None:
    record = marked(pb.Record())
    record.persons.add(id="adult", role=pb.ROLE_VICTIM, age_status=pb.AGE_STATUS_ADULT)
    record.persons.add(id="minor", role=pb.ROLE_SUSPECT, age_status=pb.AGE_STATUS_MINOR)
    record.journeys.add(id="trip", travellers=["adult", "minor"])

    subject = subjects(record)["trip"]

    assert (subject.role, subject.age) == (RoleClass.VICTIM, AgeClass.MINOR)


@given(st.lists(ROLES, max_size=5))
def test_the_strictest_does_not_depend_on_the_order(roles: list[int]) -> None:
    people = [subject_of(pb.Person(id="p", role=role)) for role in roles]  # type: ignore[arg-type]

    assert strictest(people).role is strictest(reversed(people)).role
    assert strictest(people).protected == any(person.protected for person in people)


@given(records(), ROLES)
def test_making_a_person_a_victim_never_unprotects_anything(record: pb.Record, role: int) -> None:
    before = subjects(record)
    for person in record.persons:
        person.role = pb.ROLE_VICTIM

    after = subjects(record)

    assert role is not None
    assert all(after[name].protected for name, subject in before.items() if subject.protected)


def _category(kind: str, field: str, record: pb.Record, entity: Any) -> str:
    info = next(info for info in KINDS[kind].fields.values() if info.name == field)
    return effective_category(KINDS[kind], info, subjects(record)[entity.id], entity)


def test_a_place_tied_to_a_protected_person_is_that_persons_location() -> None:
    record = with_persons()
    hers = record.locations.add(id="hers")
    his = record.locations.add(id="his")
    link(record, "a", "victim", "hers", pb.RELATION_KIND_LOCATED_AT)
    link(record, "b", "suspect", "his", pb.RELATION_KIND_LOCATED_AT)

    assert _category("location", "site", record, hers) == "person.location"
    assert _category("location", "site", record, his) == "location.site"


def test_an_account_tied_to_a_protected_person_is_that_persons_contact() -> None:
    record = with_persons()
    hers = record.accounts.add(id="hers", holder="victim")
    his = record.accounts.add(id="his", holder="suspect")

    assert _category("account", "identity", record, hers) == "person.contact"
    assert _category("account", "identity", record, his) == "account.identity"


@pytest.mark.parametrize("kind", [pb.LOCATION_KIND_SHELTER, pb.LOCATION_KIND_SAFE_HOUSE])
def test_every_field_of_a_refuge_is_a_shelter(kind: pb.LocationKind.ValueType) -> None:
    record = with_persons()
    refuge = record.locations.add(id="refuge", kind=kind)

    for field in ("kind", "site", "description"):
        assert _category("location", field, record, refuge) == "person.shelter"


@pytest.mark.parametrize(
    ("site", "is_shelter"),
    [
        (pb.Place(street="LINDELAAN 44", town="zwolle"), True),
        (pb.Place(name="Huis-Noord"), True),
        (pb.Place(latitude_e6=52_512_800, longitude_e6=6_093_600), True),
        (pb.Place(street="Lindelaan 44", town="Assen"), False),
        (pb.Place(town="Zwolle"), False),
        (pb.Place(latitude_e6=52_600_000, longitude_e6=6_093_600), False),
        (pb.Place(), False),
    ],
)
def test_a_location_where_somebodys_shelter_is_is_a_refuge(site: pb.Place, is_shelter: bool) -> None:
    record = with_persons()
    shelter = pb.Place(name="Huis Noord", street="Lindelaan 44", town="Zwolle", country="NL")
    shelter.latitude_e6, shelter.longitude_e6 = 52_512_000, 6_094_000
    record.persons[0].shelter.place.CopyFrom(shelter)
    location = record.locations.add(id="place", kind=pb.LOCATION_KIND_ADDRESS, site=site)

    assert (_category("location", "site", record, location) == "person.shelter") is is_shelter


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        (pb.ORGANISATION_KIND_NGO, "provider.identity"),
        (pb.ORGANISATION_KIND_SHELTER, "provider.identity"),
        (pb.ORGANISATION_KIND_HOTLINE, "provider.identity"),
        (pb.ORGANISATION_KIND_BUSINESS, "organisation.identity"),
        (pb.ORGANISATION_KIND_CRIMINAL_GROUP, "organisation.identity"),
    ],
)
def test_an_organisation_that_supports_victims_is_a_provider(
    kind: pb.OrganisationKind.ValueType, category: str
) -> None:
    record = with_persons()
    organisation = record.organisations.add(id="o", kind=kind)

    assert _category("organisation", "identity", record, organisation) == category


def test_staff_and_sources_are_told_of_as_such() -> None:
    record = marked(pb.Record())
    staff = record.persons.add(id="staff", role=pb.ROLE_THIRD_PARTY)
    staff.names.add(given="Sanne")
    staff.provider.kind = pb.ORGANISATION_KIND_HOTLINE
    source = record.persons.add(id="source", role=pb.ROLE_SUSPECT)
    source.names.add(given="Otto")
    source.source.code_name = "Heron"

    classes = {(piece.local, piece.field): piece.classes for piece in cuts_of(record)}

    assert classes["staff", 3] == {"provider"}
    assert classes["source", 3] == {"source-identifying"}


def test_a_protected_person_who_is_staff_too_keeps_both_protections() -> None:
    record = marked(pb.Record())
    caller = record.persons.add(id="caller", role=pb.ROLE_VICTIM)
    caller.names.add(given="Sanne")
    caller.provider.kind = pb.ORGANISATION_KIND_HOTLINE

    classes = {piece.field: piece.classes for piece in cuts_of(record)}

    assert classes[3] == {"victim-identifying", "provider"}


def test_a_link_with_a_protected_end_is_as_protected_as_that_end() -> None:
    record = with_persons()
    record.vehicles.add(id="car")
    link(record, "hers", "victim", "suspect", pb.RELATION_KIND_VICTIM_OF)
    link(record, "his", "suspect", "car", pb.RELATION_KIND_OWNS)

    classes = {piece.local: piece.classes for piece in cuts_of(record) if piece.category == "relation.link"}

    assert classes == {"hers": {"victim-locating"}, "his": {"network"}}


def test_every_category_has_a_class_either_way() -> None:
    known = {entry.otherwise for entry in CATEGORIES.values()}
    known |= {entry.when_protected for entry in CATEGORIES.values()} - {""}

    for category in CATEGORIES:
        for protected in (True, False):
            classes = classes_of(category, protected)
            assert len(classes) == 1
            assert classes <= known


@given(records())
def test_every_cut_has_a_category_its_field_can_have(record: pb.Record) -> None:
    for piece in cuts_of(record):
        field = KINDS[piece.entity.partition("/")[0]].fields[piece.field]
        assert piece.category in possible_categories(field)


def test_duties_towards_any_of_them_hold() -> None:
    record = with_persons()
    record.persons[0].safety.do_not_reinterview = True
    record.persons[0].safety.unsafe_countries.append("RO")
    record.journeys.add(id="trip", travellers=["suspect", "victim"])

    subject = subjects(record)["trip"]

    assert subject.do_not_reinterview
    assert not subject.is_safe_in("RO")
    assert subject.is_safe_in("NL")


def test_the_header_tells_of_nobody() -> None:
    record = with_persons()
    record.header.case_references.add(number="1")

    (piece,) = [piece for piece in cuts_of(record) if not piece.local]

    assert (piece.entity, piece.role, piece.rung) == ("record/header", RoleClass.NONE, Rung.EXACT)
