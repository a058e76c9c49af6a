"""What names or finds a protected person stays out of formats whose reader may ignore a marking."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given

from adapters.adapter import View
from adapters.difference import difference
from adapters.loss import Effect
from adapters.strip import SPARED, strip
from gateway.record.schema import ENTITY_KINDS
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import TODAY, views

ANA = "person/aaaaaaaaaa"
DAN = "person/bbbbbbbbbb"
PLACE = "location/aaaaaaaaaa"
PHONE = "account/aaaaaaaaaa"


def _case(role: Any = pb.ROLE_VICTIM) -> pb.Record:
    record = pb.Record()
    ana = record.persons.add(id=ANA, role=role, age_status=pb.AGE_STATUS_ADULT, sex=pb.SEX_FEMALE)
    ana.names.add(given="Ana", family="Inventata")
    ana.birth.year, ana.birth.month, ana.birth.day = 1999, 12, 24
    ana.contacts.add(kind=pb.CONTACT_KIND_PHONE, value="+99955500101", country="RO")
    ana.addresses.add().place.CopyFrom(pb.Place(street="Strada Teiului 7", town="Orhei", country="MD"))
    ana.statements.add(text="They took my papers.", extract="Papers taken.")
    dan = record.persons.add(id=DAN, role=pb.ROLE_SUSPECT)
    dan.names.add(given="Dan", family="Banuit")
    location = record.locations.add(id=PLACE, kind=pb.LOCATION_KIND_ADDRESS)
    location.site.CopyFrom(pb.Place(street="Kade 1", town="Dorp", country="NL"))
    record.accounts.add(id=PHONE, holder=DAN).identity.CopyFrom(
        pb.AccountIdentity(kind=pb.ACCOUNT_KIND_PHONE, value="+99955500202")
    )
    return record


def _strip(record: pb.Record, **pseudonyms: str) -> pb.Record:
    named = {ANA: pseudonyms["ana"]} if "ana" in pseudonyms else {}
    return strip(record, pseudonyms=named, today=TODAY)[0]


def test_victim_is_a_pseudonym_and_an_age_band() -> None:
    ana = _strip(_case(), ana="k7q2").persons[0]

    assert ana.foreign_pseudonym == "k7q2"
    assert ana.birth == pb.BirthDate(age_band=pb.AGE_BAND_24_26)
    assert not ana.names and not ana.statements
    assert [whereabouts.place for whereabouts in ana.addresses] == [pb.Place(country="MD")]
    assert [contact.value for contact in ana.contacts] == [""]
    assert (ana.role, ana.sex) == (pb.ROLE_VICTIM, pb.SEX_FEMALE)


def test_suspect_and_what_is_his_stay_as_policy_let_them_out() -> None:
    record = _case()

    stripped = _strip(record)

    assert stripped.persons[1] == record.persons[1]
    assert stripped.accounts == record.accounts


def test_place_tied_to_nobody_counts_as_the_victims_where_there_is_one() -> None:
    assert _strip(_case()).locations[0].site == pb.Place(country="NL")
    assert _strip(_case(pb.ROLE_SUSPECT)).locations[0].site.street == "Kade 1"


def test_account_of_the_victim_keeps_its_kind_alone() -> None:
    record = _case()
    record.accounts[0].holder = ANA

    assert _strip(record).accounts[0].identity == pb.AccountIdentity(kind=pb.ACCOUNT_KIND_PHONE)


@pytest.mark.parametrize(
    "text",
    [
        "Dan drove Ana Inventata over the border.",
        "dan drove a.n.a i-n-v-e-n-t-a-t-a over the border",
        "Inventata was seen with him.",
        "Call +999 555 00101 and ask for him.",
    ],
)
def test_text_about_a_suspect_that_names_the_victim_is_taken_out(text: str) -> None:
    record = _case()
    record.narratives.add(id="narrative/aaaaaaaaaa", title="Seen", text=text, subjects=[DAN])
    record.header.provenance.append(f"A neighbour: {text}")

    stripped, losses = strip(record, pseudonyms={}, today=TODAY)

    assert (stripped.narratives[0].title, stripped.narratives[0].text) == ("Seen", "")
    assert not stripped.header.provenance
    assert {"narratives[0].text", "header.provenance"} <= {loss.path for loss in losses}


def test_tie_that_names_the_victim_stays_without_its_words() -> None:
    record = _case()
    link = record.relationships.add(id="relationship/aaaaaaaaaa").link
    link.kind, link.to, link.description = pb.RELATION_KIND_CONTROLS, ANA, "He calls her Ana Inventata."
    setattr(link, "from", DAN)

    found = _strip(record).relationships[0].link

    assert (found.to, found.kind, found.description) == (ANA, pb.RELATION_KIND_CONTROLS, "")


def test_text_about_a_suspect_that_names_nobody_else_stays() -> None:
    record = _case()
    record.narratives.add(id="narrative/aaaaaaaaaa", text="Dan stood at the corner.", subjects=[DAN])

    assert _strip(record).narratives == record.narratives


def test_what_belongs_to_somebody_who_is_not_shown_counts_as_protected() -> None:
    record = _case(pb.ROLE_SUSPECT)
    record.accounts[0].holder = "person/zzzzzzzzzz"

    assert _strip(record).accounts[0].identity == pb.AccountIdentity(kind=pb.ACCOUNT_KIND_PHONE)


def test_role_that_is_not_known_is_protected() -> None:
    assert not _strip(_case(pb.ROLE_UNKNOWN)).persons[0].names
    assert not _strip(_case(pb.ROLE_UNSPECIFIED)).persons[0].names


def test_shelter_is_told_to_nobody() -> None:
    record = _case(pb.ROLE_SUSPECT)
    record.locations[0].kind = pb.LOCATION_KIND_SAFE_HOUSE

    assert not _strip(record).locations[0].HasField("site")


@given(view=views())
def test_every_difference_is_declared_and_nothing_is_added_but_pseudonyms(view: View) -> None:
    pseudonyms = {person.id: "k7q2" for person in view.record.persons}

    stripped, losses = strip(view.record, pseudonyms=pseudonyms, today=TODAY)

    told = {(loss.path, loss.effect) for loss in losses}
    paths = {path for path, _ in told}
    for kind in ENTITY_KINDS:
        for number, entity in enumerate(getattr(view.record, kind.record_field)):
            after = getattr(stripped, kind.record_field)[number]
            changed = {field.name for field in _fields(entity, after)}
            place = f"{kind.record_field}[{number}]"
            assert {f"{place}.{name}" for name in changed} <= paths
            found = difference(entity, [after], lambda _descriptor, _before, _after: True)
            assert found.invented <= {"foreign_pseudonym", "birth.age_band"} | {
                one for one in found.invented if one.partition(".")[0].partition("[")[0] in changed
            }
    assert {effect for _, effect in told} <= {Effect.DROPPED, Effect.GENERALISED, Effect.INVENTED}
    assert _fields(view.record.header, stripped.header) == [
        field for field in pb.RecordHeader.DESCRIPTOR.fields if f"header.{field.name}" in paths
    ]


@given(view=views())
def test_stripping_twice_changes_nothing_more_and_names_nobody_protected(view: View) -> None:
    once, _ = strip(view.record, pseudonyms={}, today=TODAY)
    twice, losses = strip(once, pseudonyms={}, today=TODAY)

    assert twice == once
    assert losses == ()
    for person in once.persons:
        if person.role not in (pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY):
            assert not person.names and not person.aliases
            assert not any(contact.value for contact in person.contacts)
            assert not any(one.place.street or one.place.town for one in person.addresses)


def test_what_is_spared_are_categories_that_exist() -> None:
    known = {field.category for kind in ENTITY_KINDS for field in kind.fields.values()}

    assert known >= SPARED


def _fields(before: Message, after: Message) -> list[Any]:
    return [
        field
        for field in before.DESCRIPTOR.fields
        if getattr(before, field.name) != getattr(after, field.name)
    ]
