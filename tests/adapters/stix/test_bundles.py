"""One report is one record; objects of several views do not get into each other."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.loss import Effect
from adapters.measure import renamed_reading
from adapters.stix.format import Stix21
from adapters.stix.objects import objects_of
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.stix.samples import lost, parse, read, thing
from tests.adapters.views import EVERY, TODAY, overdeclared, undeclared, views


@given(shown=st.lists(views(most=5), min_size=2, max_size=4))
def test_several_views_are_several_reports_and_come_back_each_for_itself(shown: list[View]) -> None:
    shown += shown[:1]  # the same view twice is two records
    try:
        rendered = Stix21().render(shown, form="json", allowed=EVERY)
    except Refused:
        return

    drafts = Stix21().parse(rendered.data, today=TODAY, exercise=False)

    assert len(drafts) == len(shown)
    for view, draft, losses, names in zip(shown, drafts, rendered.losses, rendered.names, strict=True):
        again = renamed_reading(view.record, draft.record, names)
        assert undeclared(view, again, losses) == []
        assert overdeclared(view, again, losses) == []


@given(view=views())
def test_objects_of_a_view_are_those_of_its_bundle_and_always_the_same(view: View) -> None:
    try:
        first = objects_of(view)
    except Refused:
        return

    assert first == objects_of(view)
    assert first == json.loads(Stix21().render([view], form="json", allowed=EVERY).data)["objects"]


def test_identifiers_change_with_what_is_shown_and_not_with_anything_else() -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM)
    other = pb.Record()
    other.CopyFrom(record)
    other.header.provenance.append("a caller")

    first, second = ({one["id"] for one in objects_of(View(record=one))} for one in (record, other))

    assert all("-definition--" in one or one.startswith("identity--62fe4532") for one in first & second)


def test_same_address_in_two_views_is_two_observables_with_their_own_markings() -> None:
    shown = []
    for light in ("TLP:GREEN", "TLP:RED"):
        record = pb.Record()
        record.online_contents.add(id="online-content/aaaaaaaaaa").content.url = "https://example.invalid/a"
        record.header.source_handling.traffic_light = light
        shown.append(View(record=record))

    data = Stix21().render(shown, form="json").data

    urls = [one for one in json.loads(data)["objects"] if one["type"] == "url"]
    assert len({one["object_marking_refs"][0] for one in urls}) == 2
    drafts = Stix21().parse(data, today=TODAY, exercise=True)
    lights = [draft.record.header.source_handling.traffic_light for draft in drafts]
    assert lights == ["TLP:GREEN", "TLP:RED"]


def test_two_accounts_of_one_value_stay_two() -> None:
    record = pb.Record()
    for name in ("account/aaaaaaaaaa", "account/bbbbbbbbbb", "account/cccccccccc"):
        identity = record.accounts.add(id=name).identity
        identity.kind, identity.value = pb.ACCOUNT_KIND_PHONE, "+999 1"
    record.accounts[2].identity.display_name = "Somebody"

    objects = objects_of(View(record=record))

    assert len([one for one in objects if one["type"] == "user-account"]) == 2
    assert len(read(*objects).accounts) == 3


def _report(number: int, *refs: str, **properties: object) -> dict[str, object]:
    return thing("report", number, **{"name": f"Report {number}", "object_refs": list(refs), **properties})


def test_reports_that_share_nothing_are_a_record_each_and_the_rest_is_one_more() -> None:
    people = [thing("identity", number, name=f"P{number}") for number in range(3)]
    reports = [_report(10, people[0]["id"]), _report(11, people[1]["id"])]

    drafts = parse(*people, *reports)

    assert [[person.names[0].full for person in draft.record.persons] for draft in drafts] == [
        *(["P0"], ["P1"]),
        ["P2"],
    ]


def test_reports_that_share_an_object_are_one_record() -> None:
    person = thing("identity", name="P")

    (draft,) = parse(person, _report(10, person["id"]), _report(11, person["id"]))

    assert len(draft.record.persons) == 1
    assert [one.title for one in draft.record.narratives] == ["Report 10", "Report 11"]


def test_later_version_of_an_object_counts() -> None:
    first = thing("identity", name="A")
    later = {**first, "name": "B", "modified": "2031-02-05T08:15:00.000Z"}

    for objects in ([first, later], [later, first], [first, later, later]):
        (person,) = read(*objects).persons
        assert person.names[0].full == "B"
    assert lost(first, later)["objects[0]"] is Effect.DROPPED


def test_confidence_of_a_report_is_kept_as_it_was_written() -> None:
    evaluation = read(_report(1, confidence=70)).header.evaluation

    assert (evaluation.scheme, evaluation.original) == (pb.EVALUATION_SCHEME_OTHER, "STIX confidence 70")


@pytest.mark.parametrize(
    ("scheme", "source", "information", "confidence"),
    [
        (pb.EVALUATION_SCHEME_ADMIRALTY, "B", "3", 50),
        (pb.EVALUATION_SCHEME_EUROPOL_4X4, "A", "1", 90),
        (pb.EVALUATION_SCHEME_EUROPOL_4X4, "X", "4", None),
        (pb.EVALUATION_SCHEME_UK_3X5X2, "1", "B", 70),
        (pb.EVALUATION_SCHEME_OTHER, "B", "3", None),
    ],
)
def test_grading_becomes_a_confidence_and_comes_back_exactly(
    scheme: pb.EvaluationScheme.ValueType, source: str, information: str, confidence: int | None
) -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM)
    grading = pb.Evaluation(scheme=scheme, source=source, information=information, original="as it was")
    record.header.evaluation.CopyFrom(grading)

    objects = objects_of(View(record=record))

    content = [one for one in objects if one["type"] in ("report", "identity") and one["name"] != "Comity"]
    assert [one.get("confidence") for one in content] == [confidence, confidence]
    assert read(*objects).header.evaluation == grading


def test_tie_to_an_object_that_is_no_entity_is_dropped_and_declared() -> None:
    identity, malware = thing("identity", name="A"), thing("malware", 2, name="B")
    tie = thing(
        "relationship", 3, relationship_type="uses", source_ref=identity["id"], target_ref=malware["id"]
    )

    assert not read(identity, malware, tie).relationships
    assert lost(identity, malware, tie)["objects[2].source_ref"] is Effect.DROPPED


def test_day_of_a_tie_is_told_without_its_hour() -> None:
    ends = {"source_ref": thing("identity")["id"], "target_ref": thing("location")["id"]}
    tie = thing("relationship", relationship_type="located-at", start_time="2031-02-03T10:15:00Z", **ends)
    objects = [thing("identity", name="A"), thing("location", country="XA"), tie]

    assert read(*objects).relationships[0].link.since == pb.PartialDate(year=2031, month=2, day=3)
    assert lost(*objects)["objects[2].start_time"] is Effect.GENERALISED
