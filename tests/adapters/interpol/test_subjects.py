"""Whom a notice may be about: every refusal stands beside its permission."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.adapter import View
from adapters.interpol.colours import PURPOSES, Colour
from adapters.interpol.format import InterpolNotice
from gateway.errors import NotFound, Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.interpol.notices import (
    GONE,
    IVO,
    MINA,
    disappearance,
    link,
    lost,
    missing,
    suspect,
    written,
)

Change = Callable[[pb.Person], object]
_ACCUSING = ("red", "green", "blue")


def _refused(record: pb.Record, form: str) -> tuple[str, str]:
    with pytest.raises(Refused) as refusal:
        InterpolNotice().render([View(record=record)], form=form)
    return refusal.value.code, refusal.value.field


@pytest.mark.parametrize("form", _ACCUSING)
def test_adult_suspect_is_the_subject_of_what_accuses(form: str) -> None:
    record = pb.Record()
    suspect(record)

    assert written(record, form)["name"] == "EXAMPLE-KESTREL"


@pytest.mark.parametrize("form", _ACCUSING)
@pytest.mark.parametrize(
    "change",
    [
        lambda person: setattr(person, "role", pb.ROLE_VICTIM),
        lambda person: setattr(person, "role", pb.ROLE_PRESUMED_VICTIM),
        lambda person: setattr(person, "role", pb.ROLE_VICTIM_AND_SUSPECT),
        lambda person: setattr(person, "role", pb.ROLE_WITNESS),
        lambda person: setattr(person, "role", pb.ROLE_FAMILY_OF_VICTIM),
        lambda person: setattr(person, "role", pb.ROLE_UNKNOWN),
        lambda person: person.ClearField("role"),
        lambda person: setattr(person, "age_status", pb.AGE_STATUS_MINOR),
        lambda person: setattr(person, "age_status", pb.AGE_STATUS_UNKNOWN),
        lambda person: person.ClearField("age_status"),
        lambda person: setattr(person, "age_band", pb.AGE_BAND_15_17),
        lambda person: setattr(person.provider, "name", "Shelter"),
        lambda person: setattr(person.source, "code_name", "Wren"),
    ],
)
def test_nobody_protected_or_young_or_unknown_is_the_subject_of_what_accuses(
    form: str, change: Change
) -> None:
    record = pb.Record()
    change(suspect(record))

    assert _refused(record, form) == ("protected-subject", "views[0].persons[0]")


def test_third_party_may_be_asked_about_and_neither_wanted_nor_warned_of() -> None:
    record = pb.Record()
    suspect(record).role = pb.ROLE_THIRD_PARTY

    assert written(record, "blue")["name"] == "EXAMPLE-KESTREL"
    assert _refused(record, "red")[0] == _refused(record, "green")[0] == "unfit-subject"


@pytest.mark.parametrize(
    "change",
    [
        lambda person: person.ClearField("names"),
        lambda person: setattr(person.names[0], "kind", pb.NAME_KIND_ALIAS),
        lambda person: person.names[0].ClearField("family"),
        lambda person: setattr(person.names[0], "family", "0"),
        lambda person: person.ClearField("birth"),
        lambda person: person.birth.CopyFrom(pb.BirthDate(age_band=pb.AGE_BAND_30_38)),
        lambda person: person.ClearField("offences"),
        lambda person: person.offences[0].ClearField("country"),
        lambda person: person.offences[0].ClearField("description"),
        lambda person: setattr(person.description, "deceased", True),
    ],
)
def test_red_needs_identity_and_a_warrant(change: Change) -> None:
    record = pb.Record()
    change(suspect(record))

    assert _refused(record, "red") == ("unfit-subject", "views[0].persons[0]")


@pytest.mark.parametrize(
    "change",
    [
        lambda person: person.names[0].ClearField("given"),
        lambda person: person.names[0].CopyFrom(pb.Name(full="Ivo Kestrel")),
        lambda person: setattr(person.offences[0], "warrant_reference", "W-7"),
    ],
)
def test_red_takes_a_whole_name_and_a_warrant_by_its_reference(change: Change) -> None:
    record = pb.Record()
    person = suspect(record)
    change(person)
    if person.offences[0].warrant_reference:
        person.offences[0].ClearField("country")

    assert len(written(record, "red")["arrest_warrants"]) == 1


def test_face_stands_in_for_a_year_of_birth() -> None:
    record = pb.Record()
    person = suspect(record)
    person.ClearField("birth")
    assert _refused(record, "red")[0] == "unfit-subject"

    person.biometrics.add(kind=pb.BIOMETRIC_KIND_FACE, reference="IMG-1")

    assert written(record, "red")["_embedded"]["images"] == [{"picture_id": "IMG-1"}]


def test_green_needs_a_name_and_something_to_warn_about() -> None:
    record = pb.Record()
    person = suspect(record)
    assert written(record, "green")["charges"]

    person.ClearField("offences")
    assert _refused(record, "green")[0] == "unfit-subject"

    record.incidents.add(id=GONE, acts=[pb.ACT_RECRUITMENT], means=[pb.MEANS_DEBT_BONDAGE])
    link(record, IVO, GONE, pb.RELATION_KIND_SUSPECT_IN)
    assert written(record, "green")["charges"] == [{"charge": "act: recruitment; means: debt bondage"}]

    person.ClearField("names")
    assert _refused(record, "green")[0] == "unfit-subject"


def test_offences_of_an_incident_are_charges_of_its_suspects_alone() -> None:
    record = pb.Record()
    suspect(record)
    missing(record)
    record.incidents.add(id=GONE).offences.add(description="Money laundering", warrant_reference="W-9")
    link(record, IVO, GONE, pb.RELATION_KIND_SUSPECT_IN)
    link(record, MINA, GONE, pb.RELATION_KIND_VICTIM_IN)

    told = written(record, "red")

    assert [one["charge"] for one in told["arrest_warrants"]] == [
        "Trafficking in human beings",
        "Money laundering",
    ]
    assert "MINA" not in str(told)
    assert lost(record, "red")["persons[1]"] == "dropped"


@pytest.mark.parametrize("role", [pb.ROLE_VICTIM, pb.ROLE_UNKNOWN, pb.ROLE_SUSPECT])
def test_minor_stands_in_a_yellow_notice_only_as_missing(role: pb.Role.ValueType) -> None:
    record = pb.Record()
    missing(record).role = role
    assert _refused(record, "yellow") == ("protected-subject", "views[0].persons[0]")

    disappearance(record)

    told = written(record, "yellow")
    assert (told["forename"], told["place"], told["date_of_event"]) == ("MINA", "Port Sample", "2031")


def test_adult_who_is_not_missing_stands_in_no_yellow_notice_either() -> None:
    record = pb.Record()
    suspect(record)

    assert _refused(record, "yellow")[0] == "unfit-subject"


@pytest.mark.parametrize("words", ["Missing person", "locate a missing person", PURPOSES[Colour.YELLOW]])
def test_purpose_in_words_says_that_the_only_person_is_missing(words: str) -> None:
    record = pb.Record()
    missing(record)
    record.header.purposes_in_words.append(words)
    assert written(record, "yellow")["name"] == "EXAMPLE-LARK"

    suspect(record)

    assert _refused(record, "yellow")[0] == "protected-subject"


@pytest.mark.parametrize(
    "words", ["not a missing person", "missing persons unit informed", "prosecution", ""]
)
def test_words_that_only_speak_of_missing_persons_are_no_purpose(words: str) -> None:
    record = pb.Record()
    missing(record)
    record.header.purposes_in_words.append(words)

    assert _refused(record, "yellow")[0] == "protected-subject"


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (pb.RELATION_KIND_VICTIM_IN, True),
        (pb.RELATION_KIND_OTHER, True),
        (pb.RELATION_KIND_SUSPECT_IN, False),
        (pb.RELATION_KIND_WITNESS_IN, False),
    ],
)
def test_only_whoever_disappeared_is_missing(kind: pb.RelationKind.ValueType, counts: bool) -> None:
    record = pb.Record()
    missing(record)
    record.incidents.add(id=GONE, kind=pb.INCIDENT_KIND_DISAPPEARANCE)
    link(record, MINA, GONE, kind)

    if counts:
        assert written(record, "yellow")["name"] == "EXAMPLE-LARK"
    else:
        assert _refused(record, "yellow")[0] == "protected-subject"


def test_untied_disappearance_counts_where_one_person_is_shown_alone() -> None:
    record = pb.Record()
    missing(record)
    record.incidents.add(id=GONE, kind=pb.INCIDENT_KIND_DISAPPEARANCE)
    assert written(record, "yellow")["name"] == "EXAMPLE-LARK"

    suspect(record)

    assert _refused(record, "yellow")[0] == "protected-subject"


def test_black_needs_a_person_stated_to_be_dead_and_has_no_name() -> None:
    record = pb.Record()
    person = missing(record)
    assert _refused(record, "black")[0] == "protected-subject"

    person.description.deceased = True
    person.description.clothing = "Red coat"
    person.last_known_position.place.town = "Port Sample"

    told = written(record, "black")
    assert (told["clothing"], told["place"]) == ("Red coat", "Port Sample")
    assert "EXAMPLE-LARK" not in str(told)


@pytest.mark.parametrize("form", ["red", "green", "blue", "yellow"])
def test_the_dead_stand_in_black_notices_alone(form: str) -> None:
    record = pb.Record()
    suspect(record).description.deceased = True
    disappearance(record, IVO)

    assert _refused(record, form)[0] == "unfit-subject"


@pytest.mark.parametrize("form", ["purple", "orange"])
def test_event_needs_no_person_and_names_none(form: str) -> None:
    record = pb.Record()
    missing(record)
    assert _refused(record, form) == ("nothing-to-render", "views[0]")

    incident = disappearance(record)
    incident.means.append(pb.MEANS_DECEPTION_FALSE_PROMISES)
    incident.platforms.append("example.invalid")

    told = written(record, form)
    assert told["incidents"][0]["means"] == ["deception-false-promises"]
    assert ("place" in told["incidents"][0]) == (form == "orange")
    assert "EXAMPLE-LARK" not in str(told)


def test_shelter_is_never_the_place_of_an_event() -> None:
    record = pb.Record()
    location = record.locations.add(id="location/aaaaaaaaaa", kind=pb.LOCATION_KIND_VENUE)
    location.site.town = "Port Sample"
    record.incidents.add(id=GONE, kind=pb.INCIDENT_KIND_OTHER, location=location.id)
    assert written(record, "orange")["incidents"][0]["place"] == "Port Sample"

    location.kind = pb.LOCATION_KIND_SHELTER

    assert "place" not in written(record, "orange")["incidents"][0]


def test_several_subjects_make_a_list_of_one_case_and_others_stay_out_of_it() -> None:
    record = pb.Record()
    suspect(record)
    suspect(record, "person/cccccccccc", "RADU")
    missing(record)

    told = written(record, "red")

    notices = told["_embedded"]["notices"]
    assert [notice["forename"] for notice in notices] == ["IVO", "RADU"]
    assert (told["total"], told["query"]) == (2, {"page": 1, "resultPerPage": 2})
    assert {notice["comity"]["case"] for notice in notices} == {1}
    assert InterpolNotice().render([View(record=record)], form="red").names == (
        {"person-1": IVO, "person-2": "person/cccccccccc"},
    )


def test_view_without_a_person_or_anything_said_of_one_has_no_notice() -> None:
    record = pb.Record()
    assert _refused(record, "yellow") == ("nothing-to-render", "views[0]")

    record.persons.add(id=MINA).description.deceased = True

    assert _refused(record, "black") == ("nothing-to-render", "views[0]")


def test_no_view_at_all_has_no_notice() -> None:
    with pytest.raises(Refused) as refusal:
        InterpolNotice().render([], form="red")

    assert refusal.value.code == "nothing-to-render"


@pytest.mark.parametrize("form", ["silver", "un", "json", ""])
def test_colour_that_is_not_written_is_no_form(form: str) -> None:
    record = pb.Record()
    suspect(record)

    with pytest.raises(NotFound) as refusal:
        InterpolNotice().render([View(record=record)], form=form)

    assert refusal.value.code == "unknown-form"


def test_marks_fill_one_text_of_64_kib_and_the_rest_is_declared() -> None:
    record = pb.Record()
    marks = suspect(record).description.marks
    marks.extend(["é" * 20_000, "Scar on left forearm", "é" * 20_000])

    assert written(record, "red")["distinguishing_marks"] == "é" * 20_000 + "\nScar on left forearm"
    assert lost(record, "red")["persons[0].description.marks[2]"] == "dropped"


def test_notice_number_is_that_of_its_authority_and_of_one_notice_alone() -> None:
    record = pb.Record()
    suspect(record)
    record.header.case_references.add(number="2031/7", authority="Police")
    assert written(record, "red")["entity_id"] == "0000/1"

    record.header.case_references.add(number="2031/10001", authority="INTERPOL")
    told = written(record, "red")
    assert told["entity_id"] == "2031/10001"
    assert told["_links"]["self"]["href"] == "/notices/v1/red/2031-10001"

    suspect(record, "person/cccccccccc", "RADU")
    notices = written(record, "red")["_embedded"]["notices"]
    assert [notice["entity_id"] for notice in notices] == ["0000/1", "0000/2"]
