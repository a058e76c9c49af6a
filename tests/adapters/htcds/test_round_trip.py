"""What is written reads as the view did, minus exactly the declared losses."""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given

from adapters.adapter import View
from adapters.htcds.format import Htcds
from adapters.htcds.render import FORMS
from adapters.htcds.tables import FIELDS
from gateway.errors import Malformed, Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.htcds.samples import parse
from tests.adapters.htcds.test_validity import DOCUMENTS
from tests.adapters.htcds.views import views
from tests.adapters.views import EVERY, check_round_trip, reading, view_of
from tests.reference import reference

_EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
_VECTORS = Path(__file__).resolve().parent / "vectors"
SEVERAL = {
    *("prs_Citizenship", "vic_RecruitmentWebsitesAndApps", "vic_MethodOfRecruitment", "vic_MethodsOfControl"),
    *("vic_TypeOfExploitation", "vic_TypeOfSexExploitation", "vic_ExploitationWebsitesAndApps"),
    *("vic_Vulnerabilities", "per_RoleInProcess"),
}
_TYPES = {"Checkbox": (bool,), "Number": (int, float), "Geolocation": (int, float)}
_ACCUSED = (pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY)


@cache
def _sheet() -> dict[str, dict[str, str]]:
    with reference("htcds/htcds-2.0-fields.csv").open(encoding="utf-8") as lines:
        return {row["field"]: row for row in csv.DictReader(lines)}


@pytest.mark.parametrize("form", FORMS)
@given(view=views())
def test_reading_is_the_view_minus_exactly_the_declared_losses(form: str, view: View) -> None:
    check_round_trip(Htcds(), view, form, derived=["age_status"])


@pytest.mark.parametrize("form", FORMS)
@given(document=DOCUMENTS)
def test_what_was_read_is_written_with_the_declared_losses(form: str, document: object) -> None:
    try:
        view = view_of(parse(document)[0].record)
    except Malformed:
        return

    check_round_trip(Htcds(), view, form, derived=["age_status"])


@pytest.mark.parametrize("form", FORMS)
@given(view=views())
def test_nobody_becomes_a_perpetrator_by_being_written(form: str, view: View) -> None:
    try:
        rendered = Htcds().render([view], form=form, allowed=EVERY)
    except Refused:
        return

    accused = {person.id for person in view.record.persons if person.role in _ACCUSED}
    read = reading(Htcds(), view, rendered)
    assert {person.id for person in read.persons if person.role in _ACCUSED} <= accused


@given(view=views())
def test_losses_hold_no_text_of_the_record(view: View) -> None:
    try:
        rendered = Htcds().render([view], form="json", allowed=EVERY)
    except Refused:
        return

    words = {"Ilinca", "Ana Petrova", "Strada Teiului 7", "+40 722 555 123", "ŁÓDŹ", "Hypnosis", "Atlantis"}
    told = " ".join(loss.path + loss.why for losses in rendered.losses for loss in losses)
    assert not [word for word in words if word in told]


@given(view=views())
def test_document_follows_the_field_sheet(view: View) -> None:
    try:
        data = Htcds().render([view], form="json", allowed=EVERY).data
    except Refused:
        return

    cells = [cell for rows in json.loads(data).values() for values in rows for cell in values.items()]
    assert {name for name, _ in cells} <= set(FIELDS.values())
    assert {name for name, value in cells if isinstance(value, list)} <= SEVERAL
    assert all(type(value) in _TYPES.get(_sheet()[name]["type"], (str, list)) for name, value in cells)


def test_fields_of_several_values_are_those_of_the_field_sheet() -> None:
    assert {name for name, row in _sheet().items() if row["multi"] == "1"} == SEVERAL


@pytest.mark.parametrize("form", FORMS)
def test_case_of_one_victim_loses_nothing_but_ids_and_age_status(form: str) -> None:
    for draft in parse((_EXAMPLES / "htcds_case.csv").read_bytes()):
        (losses,) = Htcds().render([view_of(draft.record)], form=form).losses

        lost = {re.sub(r"\[\d*\]", "", loss.path) for loss in losses}
        ids = {"persons.id", "incidents.id", "relationships.id"}
        assert lost == ids | {"persons.age_status"}


def test_json_keeps_a_case_of_two_victims_but_for_what_no_table_holds() -> None:
    (draft,) = parse((_EXAMPLES / "htcds_case.json").read_bytes())

    (losses,) = Htcds().render([view_of(draft.record)], form="json").losses

    lost = {re.sub(r"\[\d+\]", "", loss.path) for loss in losses if not loss.path.endswith("[].id")}
    assert lost == {"persons.age_status", "locations", "relationships"}


@pytest.mark.parametrize("form", FORMS)
def test_our_own_example_is_written_to_the_byte_as_it_was_before(form: str) -> None:
    drafts = parse((_EXAMPLES / "htcds_case.csv").read_bytes())

    rendered = Htcds().render([view_of(draft.record) for draft in drafts], form=form)

    assert rendered.data == (_VECTORS / f"cases.{form}").read_bytes()
