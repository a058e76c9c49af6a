"""Nobody becomes a suspect by being written, and nothing more is told of anybody than the view shows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from adapters.adapter import View
from adapters.loss import Effect
from adapters.misp.format import Misp
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.misp.samples import ANA, RADU, lost, tags, values, written
from tests.adapters.views import EVERY, reading, views

_ACCUSED = (pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY)
_ACCUSING = {"Suspect", "Accomplice", "Accused", "Culprit", "Defendent"}


@given(view=views())
@settings(max_examples=50, deadline=None)
def test_nobody_becomes_a_suspect_by_being_written(view: View) -> None:
    try:
        rendered = Misp().render([view], form="json", allowed=EVERY)
    except Refused:
        return

    accused = {person.id for person in view.record.persons if person.role in _ACCUSED}
    read = reading(Misp(), view, rendered)
    assert {person.id for person in read.persons if person.role in _ACCUSED} <= accused
    assert all(person.role for person in read.persons)


@given(view=views())
@settings(max_examples=50, deadline=None)
def test_losses_hold_no_text_of_the_record(view: View) -> None:
    try:
        rendered = Misp().render([view], form="json", allowed=EVERY)
    except Refused:
        return

    words = {"Ilinca", "Ana Petrova", "Strada Teiului 7", "+40 722 555 123", "ŁÓDŹ", "Hypnosis", "Atlantis"}
    told = " ".join(loss.path + loss.why for losses in rendered.losses for loss in losses)
    assert not [word for word in words if word in told]


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (pb.ROLE_VICTIM, {"Victim"}),
        (pb.ROLE_PRESUMED_VICTIM, {"Victim"}),
        (pb.ROLE_WITNESS, {"Witness"}),
        (pb.ROLE_SUSPECT, {"Suspect", "Accomplice"}),
        (pb.ROLE_VICTIM_AND_SUSPECT, {"Victim", "Suspect"}),
        (pb.ROLE_THIRD_PARTY, {"Accomplice"}),
        (pb.ROLE_FAMILY_OF_VICTIM, set()),
        (pb.ROLE_UNKNOWN, set()),
        (pb.ROLE_UNSPECIFIED, set()),
    ],
)
def test_only_who_is_suspected_or_no_party_to_it_is_called_an_accomplice(
    role: pb.Role.ValueType, words: set[str]
) -> None:
    record = pb.Record()
    person = record.persons.add(id=ANA, functions=[pb.PERSON_FUNCTION_FACILITATOR, pb.PERSON_FUNCTION_BUYER])
    if role:
        person.role = role

    (told,) = written(record)["Object"]

    assert {value for relation, value in values(told) if relation == "role"} == words
    told_lost = lost(record)
    assert told_lost["persons[0].functions"] is Effect.KEPT_AS_EXTENSION
    assert told_lost.get("persons[0].role") is {
        pb.ROLE_PRESUMED_VICTIM: Effect.KEPT_AS_EXTENSION,
        pb.ROLE_THIRD_PARTY: Effect.KEPT_AS_EXTENSION,
        pb.ROLE_FAMILY_OF_VICTIM: Effect.KEPT_AS_EXTENSION,
        pb.ROLE_UNSPECIFIED: Effect.INVENTED,
    }.get(role)


def test_person_of_whom_nothing_is_shown_is_an_object_that_says_so() -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_VICTIM, age_band=pb.AGE_BAND_15_17)

    (told,) = written(record)["Object"]

    assert values(told) == [
        ("role", "Victim"),
        ("text", "Age band: 15-17"),
        ("alias", "person: not stated"),
    ]
    assert lost(record) == {"persons[0].age_band": Effect.KEPT_AS_EXTENSION}


def test_pseudonym_is_an_alias_and_read_back_as_one() -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_VICTIM, foreign_pseudonym="XA-V-2031-004")

    assert ("alias", "XA-V-2031-004") in values(written(record)["Object"][0])
    assert lost(record) == {}


def test_false_name_does_not_pass_for_the_one_somebody_goes_by() -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_VICTIM).names.add(
        given="Zoe Mae", family="False", kind=pb.NAME_KIND_FALSE
    )

    (told,) = written(record)["Object"]

    assert ("alias", "Zoe Mae False") in values(told)
    assert not {"first-name", "last-name", "full-name"} & {relation for relation, _ in values(told)}
    assert lost(record) == {"persons[0].names[0]": Effect.KEPT_AS_EXTENSION}


@pytest.mark.parametrize(
    ("birth", "attribute", "effect"),
    [
        (pb.BirthDate(year=1988, month=5, day=6), "1988-05-06", None),
        (pb.BirthDate(year=1988, month=5), None, Effect.KEPT_AS_EXTENSION),
        (pb.BirthDate(year=1988), None, Effect.KEPT_AS_EXTENSION),
    ],
)
def test_partial_birth_is_never_made_a_date(
    birth: pb.BirthDate, attribute: str | None, effect: Effect | None
) -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_VICTIM).birth.CopyFrom(birth)

    told = dict(values(written(record)["Object"][0]))

    assert told.get("date-of-birth") == attribute
    assert lost(record).get("persons[0].birth") is effect


def test_one_passport_and_one_card_are_written_and_no_second_one() -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_VICTIM)
    for number, kind in enumerate(
        (
            pb.DOCUMENT_KIND_PASSPORT,
            pb.DOCUMENT_KIND_PASSPORT,
            pb.DOCUMENT_KIND_IDENTITY_CARD,
            pb.DOCUMENT_KIND_VISA,
        )
    ):
        document = record.documents.add(id=f"document/{'abcd'[number] * 10}", holder=ANA)
        document.details.kind, document.details.number = kind, f"X{number}"

    told = values(written(record)["Object"][0])

    assert [one for one in told if one[0].endswith("number")] == [
        ("passport-number", "X0"),
        ("identity-card-number", "X2"),
    ]
    assert lost(record) == {"documents[1]": Effect.DROPPED, "documents[3]": Effect.DROPPED}


def test_expiry_of_a_passport_is_written_only_when_it_is_known_to_the_day() -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_VICTIM)
    details = record.documents.add(id="document/aaaaaaaaaa", holder=ANA).details
    details.kind, details.number = pb.DOCUMENT_KIND_PASSPORT, "X1"
    details.expires.CopyFrom(pb.PartialDate(year=2031, month=2))

    assert "passport-expiration" not in dict(values(written(record)["Object"][0]))
    assert lost(record) == {"documents[0].details.expires": Effect.KEPT_AS_EXTENSION}


def test_act_means_and_purpose_stand_in_tags_of_a_note() -> None:
    record = pb.Record()
    record.persons.add(id=RADU, role=pb.ROLE_SUSPECT)
    incident = record.incidents.add(id="incident/aaaaaaaaaa", description="Debts are worked off.")
    incident.acts.append(pb.ACT_RECRUITMENT)
    incident.means.append(pb.MEANS_DEBT_BONDAGE)
    incident.purposes.append(pb.EXPLOITATION_PURPOSE_FORCED_LABOUR)
    incident.sectors.append(pb.SECTOR_AGRICULTURE)
    link = record.relationships.add(id="relationship/aaaaaaaaaa").link
    setattr(link, "from", RADU)
    link.to, link.kind, link.confidence = incident.id, pb.RELATION_KIND_SUSPECT_IN, 70

    person, note = written(record)["Object"]

    assert note["name"] == "annotation"
    assert tags(note["Attribute"][0]) == {
        'comity:acts="recruitment"',
        'comity:means="debt-bondage"',
        'comity:purposes="forced-labour"',
        'comity:sectors="agriculture"',
        'comity:entity="incident"',
    }
    (tie,) = person["ObjectReference"]
    assert (tie["relationship_type"], tie["referenced_uuid"]) == ("involved-in", note["uuid"])
    assert tie["comment"] == 'comity:relation="suspect-in" comity:confidence="70"'
    assert set(lost(record).values()) == {Effect.KEPT_AS_EXTENSION}


def test_times_of_an_incident_are_when_it_was_first_and_last_seen() -> None:
    record = pb.Record()
    occurred = record.incidents.add(id="incident/aaaaaaaaaa", description="Seen twice.").occurred
    # The date is local to the source: the second instant is of the day before in UTC.
    occurred.start.CopyFrom(pb.Moment(date=pb.PartialDate(year=1970, month=1, day=2), at=86_400_000))
    occurred.end.CopyFrom(pb.Moment(date=pb.PartialDate(year=1970, month=1, day=4), at=259_199_000))

    (note,) = written(record)["Object"]

    assert (note["first_seen"], note["last_seen"]) == ("1970-01-02T00:00:00.000Z", "1970-01-03T23:59:59.000Z")
    assert 'comity:occurred-end="1970-01-04"' in tags(note["Attribute"][0])
    assert set(lost(record)) == {"incidents[0].description", "incidents[0].occurred.end.date"}


def test_date_without_a_time_is_not_written_where_misp_would_put_one_to_it() -> None:
    record = pb.Record()
    detail = record.transactions.add(id="transaction/aaaaaaaaaa").detail
    detail.amount, detail.currency = "12.50", "EUR"
    detail.on.date.CopyFrom(pb.PartialDate(year=2031, month=2, day=4))

    (told,) = written(record)["Object"]

    assert values(told) == [("amount", "12.50 EUR")]
    assert tags(told["Attribute"][0]) == {'comity:detail-on="2031-02-04"'}
    assert lost(record) == {"transactions[0].detail.on": Effect.KEPT_AS_EXTENSION}


def test_everything_in_a_written_event_is_for_the_importing_organisation_alone() -> None:
    record = pb.Record()
    person = record.persons.add(id=ANA, role=pb.ROLE_VICTIM)
    person.contacts.add(kind=pb.CONTACT_KIND_PHONE, value="+99900000001")
    record.accounts.add(id="account/aaaaaaaaaa", holder=ANA).identity.value = "ana"

    document: dict[str, Any] = written(record)

    held = [document, *document["Object"]]
    held += [attribute for one in document["Object"] for attribute in one["Attribute"]]
    assert {one["distribution"] for one in held} == {"0"}
    assert not any(one.get("to_ids") for one in held)
