"""One document of several views, the bounds of a row, and what is refused."""

from __future__ import annotations

import pytest

from adapters.adapter import View
from adapters.caveats import Caveat
from adapters.htcds.format import Htcds
from adapters.loss import Effect
from gateway.errors import Malformed, NotFound, Refused
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.adapters.htcds.samples import parse
from tests.adapters.htcds.written import ANA, EVA, lost, row, suspect, victim
from tests.adapters.views import reading


def test_row_holds_one_victim_and_the_functions_of_one_perpetrator() -> None:
    record = pb.Record()
    victim(record)
    victim(record, EVA, "Eva")
    suspect(record, pb.PERSON_FUNCTION_TRANSPORTER)

    rendered = Htcds().render([View(record=record)], form="csv")

    assert row(rendered) == {
        "prs_FirstName": "Ana",
        "vic_TraffickingStatus": "ActualVictimOfTrafficking",
        "per_RoleInProcess": "Transporter",
    }
    assert lost(record, "csv") == {"persons[1]": Effect.DROPPED, "persons[2].names": Effect.DROPPED}


def test_row_of_somebody_who_is_no_victim_holds_no_perpetrator() -> None:
    record = pb.Record()
    person = record.persons.add(id=ANA, role=pb.ROLE_WITNESS)
    person.names.add(given="Ana", kind=pb.NAME_KIND_PRIMARY)
    suspect(record, pb.PERSON_FUNCTION_TRANSPORTER)

    rendered = Htcds().render([View(record=record)], form="csv")

    assert row(rendered) == {"prs_FirstName": "Ana"}
    assert lost(record, "csv")["persons[1]"] == Effect.DROPPED


def test_row_of_a_suspect_alone_holds_the_name_too() -> None:
    record = pb.Record()
    suspect(record, pb.PERSON_FUNCTION_TRANSPORTER)

    rendered = Htcds().render([View(record=record)], form="csv")

    assert row(rendered) == {"prs_FirstName": "Radu", "per_RoleInProcess": "Transporter"}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_one_document_holds_a_case_for_every_view_in_their_order(form: str) -> None:
    records = [pb.Record(), pb.Record(), pb.Record()]
    victim(records[0]).gender = pb.GENDER_FEMININE
    suspect(records[1], pb.PERSON_FUNCTION_ABUSER)
    victim(records[2], EVA, "Eva").age_band = pb.AGE_BAND_18_20
    all_views = [View(record=record) for record in records]

    rendered = Htcds().render(all_views, form=form)

    drafts = parse(rendered.data)
    assert [draft.record.persons[0].names[0].given for draft in drafts] == ["Ana", "Radu", "Eva"]
    assert len(rendered.losses) == 3
    assert [any(one.path == "persons[0].age_band" for one in each) for each in rendered.losses] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_same_views_give_the_same_bytes(form: str) -> None:
    record = pb.Record()
    victim(record)

    first, second = (Htcds().render([View(record=record)], form=form) for _ in range(2))

    assert first == second


def test_view_of_which_nothing_can_be_said_is_refused_by_its_place() -> None:
    vehicle, status, person = pb.Record(), pb.Record(), pb.Record()
    vehicle.vehicles.add(id="vehicle/aaaaaaaaaa").identity.plate = "XX-00-XX"
    status.header.case_status = pb.CASE_STATUS_ACTIVE
    victim(person)

    for record in (vehicle, status):
        for form in ("json", "csv"):
            with pytest.raises(Refused) as refusal:
                Htcds().render([View(record=person), View(record=record)], form=form)
            assert (refusal.value.code, refusal.value.field) == ("nothing-to-render", "views[1]")
    with pytest.raises(Refused):
        Htcds().render([], form="json")


def _with_caveats() -> pb.Record:
    record = pb.Record()
    victim(record).safety.anonymity_guaranteed = True
    record.header.source_handling.codes.append("H2")
    record.header.evaluation.original = "5x5x5:B2"
    return record


@pytest.mark.parametrize(
    ("caveat", "path"),
    [
        (Caveat.HANDLING, "header.source_handling"),
        (Caveat.EVALUATION, "header.evaluation.original"),
        (Caveat.ANONYMITY, "persons[0].safety.anonymity_guaranteed"),
    ],
)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_caveat_goes_lost_only_where_the_caller_allows_it(form: str, caveat: Caveat, path: str) -> None:
    view = View(record=_with_caveats())

    with pytest.raises(Refused) as refusal:
        Htcds().render([view], form=form, allowed=frozenset(Caveat) - {caveat})

    assert (refusal.value.code, refusal.value.field) == ("caveat-lost", f"views[0].{path}")
    assert Htcds().render([view], form=form, allowed=frozenset(Caveat)).data


def test_caveat_about_somebody_who_is_not_in_the_document_stops_nothing() -> None:
    record = pb.Record()
    victim(record)
    record.persons.add(id=EVA, role=pb.ROLE_WITNESS).safety.anonymity_guaranteed = True

    assert lost(record)["persons[1]"] == Effect.DROPPED


def test_unknown_form_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="csv, json") as refusal:
        Htcds().render([], form="xml")

    assert refusal.value.code == "unknown-form"


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (pb.Record(header=pb.RecordHeader(own_reference="case 7")), "header.own_reference"),
        (pb.Record(header=pb.RecordHeader(marking=marking_pb2.Marking(policy_id="a/1"))), "header.marking"),
        (pb.Record(header=pb.RecordHeader(exercise=True)), "header.exercise"),
        (pb.Record(persons=[pb.Person(id="ana-7")]), "persons.id"),
        (pb.Record(persons=[pb.Person(id=ANA, marking=marking_pb2.Marking())]), "persons.marking"),
    ],
)
def test_record_as_it_is_kept_at_home_is_no_view(record: pb.Record, field: str) -> None:
    with pytest.raises(Malformed) as refusal:
        View(record=record)

    assert (refusal.value.code, refusal.value.field) == ("not-a-view", field)


@pytest.mark.parametrize("form", ["json", "csv"])
def test_values_that_no_record_may_hold_are_lost_and_stop_nothing(form: str) -> None:
    record = pb.Record()
    person = victim(record)
    person.birth.CopyFrom(pb.BirthDate(year=2001, month=2, day=30))
    person.age_at_exploitation = 4_000_000
    person.household.number_of_children = 4_000_000
    person.addresses.add(place=pb.Place(latitude_e6=2**40, longitude_e6=1, street="a\u2028b"))
    person.names.add(kind=pb.NAME_KIND_PRIMARY, given="\u202eanA")
    incident = record.incidents.add(id="incident/aaaaaaaaaa", months=3)
    incident.occurred.start.date.CopyFrom(pb.PartialDate(year=70_000))
    incident.platforms.extend(["x" * 70_000, "y" * 40_000, "z" * 40_000])
    view = View(record=record)

    rendered = Htcds().render([view], form=form)

    assert reading(Htcds(), view, rendered).persons[0].names[0].given == "Ana"
    assert {"persons[0].birth", "persons[0].age_at_exploitation", "persons[0].household"} <= set(
        lost(record, form)
    )
