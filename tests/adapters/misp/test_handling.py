"""Handling, gradings and what an event must have: written where a reader of MISP looks, and read there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from adapters.adapter import View
from adapters.export import Disclosed, export
from adapters.loss import Effect
from adapters.mark import labels_in
from adapters.misp.format import Misp
from gateway.errors import NotFound, Refused
from gateway.record.marking import TOP, Holders, Level, PermittedAction
from gateway.record.vocabulary import Purpose
from gateway.v1 import record_pb2 as pb
from tests.adapters.misp.samples import ANA, event, losses, lost, parse, read, tags, thing, written
from tests.adapters.views import view_of
from tests.record.samples import case

_CAR = "vehicle/aaaaaaaaaa"


def _record() -> pb.Record:
    record = pb.Record()
    record.vehicles.add(id=_CAR).identity.make = "Kestrel"
    return record


def _reread(record: pb.Record) -> pb.RecordHeader:
    (draft,) = parse(Misp().render([View(record=record)], form="json").data)
    return draft.record.header


@pytest.mark.parametrize(
    ("light", "tag"),
    [
        ("TLP:CLEAR", "tlp:clear"),
        ("TLP:GREEN", "tlp:green"),
        ("TLP:AMBER", "tlp:amber"),
        ("TLP:AMBER+STRICT", "tlp:amber+strict"),
        ("TLP:RED", "tlp:red"),
    ],
)
def test_traffic_light_is_a_tag_of_the_taxonomy(light: str, tag: str) -> None:
    record = _record()
    record.header.source_handling.traffic_light = light

    assert tags(written(record)) == {tag}
    assert _reread(record).source_handling.traffic_light == light
    assert lost(record) == {}


@pytest.mark.parametrize("name", ["tlp:white", "tlp:ex:chr", "tlp:unclear", "TLP:PURPLE"])
def test_light_that_is_not_known_counts_as_red_and_keeps_its_text(name: str) -> None:
    handling = read(event(thing("vehicle", make="K"), Tag=[{"name": name}])).header.source_handling

    assert handling.traffic_light == "TLP:RED"
    assert list(handling.codes) == [name]


def test_of_several_lights_the_strictest_counts() -> None:
    stated = [{"name": name} for name in ("tlp:green", "TLP:Amber+Strict", "tlp:amber")]

    handling = read(event(thing("vehicle", make="K"), Tag=stated)).header.source_handling

    assert handling.traffic_light == "TLP:AMBER+STRICT"


def test_handling_in_codes_and_words_is_written_and_read_back() -> None:
    record = _record()
    handling = record.header.source_handling
    handling.codes.extend(["H1", "H3", "REL TO police.xa, police.xb", "ORCON", "PAP:RED", 'odd "code"\nx'])
    handling.text = "Ask first.\nNever for: police.xb."
    handling.classification = "RESTREINT UE/EU RESTRICTED"
    handling.traffic_light = "TLP:AMBER"

    document = written(record)

    assert 'comity:handling="H1"' in tags(document)
    assert 'comity:handling="REL TO police.xa, police.xb"' in tags(document)
    assert "PAP:RED" in tags(document)
    assert {one["value"] for one in document["Attribute"]} == {'odd "code"\nx', handling.text}
    assert sorted(_reread(record).source_handling.codes) == sorted(handling.codes)
    assert _reread(record).source_handling.text == handling.text
    assert _reread(record).source_handling.classification == handling.classification
    assert set(lost(record).values()) == {Effect.KEPT_AS_EXTENSION}


@pytest.mark.parametrize(
    "code", ['H1" tlp:clear="', "H1\ntlp:clear", 'tlp:clear"', "x" * 101, "=1+1", " H1", "H\u202e1", "Илона"]
)
def test_code_of_a_record_cannot_pass_for_a_tag_of_its_own(code: str) -> None:
    record = _record()
    record.header.source_handling.codes.append(code)

    document = written(record)

    assert tags(document) == set()
    assert [one["type"] for one in document["Attribute"]] == ["comment"]
    assert len(_reread(record).source_handling.codes) == 1


def test_words_of_the_record_stand_in_no_tag_since_a_whole_instance_sees_those() -> None:
    record = case()
    record.header.source_handling.text = "Ilinca must not be named"
    record.header.purposes_in_words.append("Find Ilinca")

    data = Misp().render([view_of(record)], form="json").data.decode()

    names = re.findall(r'"name":"((?:comity|tlp|admiralty-scale):[^}]*)"}', data)
    words = ("Ilinca", "Văcărescu", "Teiului", "+40", "@")
    assert len(names) > 10
    assert not [name for name in names for word in words if word in name]


@pytest.mark.parametrize("name", ["PAP:AMBER", 'retention:expired="x"', "PAP:UNHEARD-OF"])
def test_handling_of_other_taxonomies_is_kept_as_written(name: str) -> None:
    document = event(thing("vehicle", make="K"), Tag=[{"name": name}])

    assert list(read(document).header.source_handling.codes) == [name]
    kept = losses(document).get("Event.Tag[0]")
    assert kept is (None if name == "PAP:AMBER" else Effect.KEPT_AS_EXTENSION)


@pytest.mark.parametrize(
    ("scheme", "source", "information", "expected"),
    [
        (
            pb.EVALUATION_SCHEME_ADMIRALTY,
            "B",
            "2",
            {"source-reliability": "b", "information-credibility": "2"},
        ),
        (
            pb.EVALUATION_SCHEME_UK_5X5X5,
            "B",
            "2",
            {"source-reliability": "c", "information-credibility": "2"},
        ),
        (
            pb.EVALUATION_SCHEME_EUROPOL_4X4,
            "X",
            "4",
            {"source-reliability": "f", "information-credibility": "6"},
        ),
        (
            pb.EVALUATION_SCHEME_UK_3X5X2,
            "1",
            "A",
            {"source-reliability": "a", "information-credibility": "2"},
        ),
    ],
)
def test_grading_is_told_in_the_taxonomy_and_in_its_own_scheme(
    scheme: pb.EvaluationScheme.ValueType, source: str, information: str, expected: dict[str, str]
) -> None:
    record = _record()
    record.header.evaluation.CopyFrom(pb.Evaluation(scheme=scheme, source=source, information=information))

    told = tags(written(record))

    assert {f'admiralty-scale:{name}="{code}"' for name, code in expected.items()} <= told
    own = {name for name in told if name.startswith("comity:evaluation=")}
    assert len(own) == (0 if scheme == pb.EVALUATION_SCHEME_ADMIRALTY else 1)
    assert _reread(record).evaluation == record.header.evaluation


def test_grading_as_it_was_written_comes_along() -> None:
    record = _record()
    record.header.evaluation.CopyFrom(
        pb.Evaluation(scheme=pb.EVALUATION_SCHEME_OTHER, source="high", original="high (3)")
    )

    assert _reread(record).evaluation == record.header.evaluation
    assert Effect.DROPPED not in lost(record).values()


@pytest.mark.parametrize(
    "names",
    [
        ['admiralty-scale:source-reliability="b"'],
        ['admiralty-scale:source-reliability="z"', 'admiralty-scale:information-credibility="2"'],
    ],
)
def test_half_a_grading_is_not_completed(names: list[str]) -> None:
    document = event(thing("vehicle", make="K"), Tag=[{"name": name} for name in names])

    evaluation = read(document).header.evaluation

    assert not evaluation.scheme
    assert all(name in evaluation.original for name in names)
    assert losses(document)["Event.Tag"] is Effect.KEPT_AS_EXTENSION


def test_promise_of_anonymity_is_told_and_read_back() -> None:
    record = pb.Record()
    record.persons.add(id=ANA, role=pb.ROLE_WITNESS).safety.anonymity_guaranteed = True

    (draft,) = parse(Misp().render([View(record=record)], form="json").data)

    assert draft.record.persons[0].safety.anonymity_guaranteed


def test_what_an_event_must_have_is_always_the_same_and_not_read_back() -> None:
    document = written(_record())

    assert (document["threat_level_id"], document["analysis"], document["date"]) == ("4", "0", "1970-01-01")
    assert (document["distribution"], document["published"]) == ("0", False)
    (draft,) = parse({"Event": document})
    assert not draft.record.header.HasField("created_on")
    assert not draft.record.header.provenance
    assert not draft.record.narratives
    assert draft.losses == ()


def test_day_of_creation_is_the_date_of_the_event_when_it_is_known_to_the_day() -> None:
    record = _record()
    record.header.created_on.CopyFrom(pb.PartialDate(year=2031, month=2, day=4))
    assert written(record)["date"] == "2031-02-04"
    assert lost(record) == {}

    record.header.created_on.ClearField("day")
    assert written(record)["date"] == "1970-01-01"
    assert _reread(record).created_on == record.header.created_on


def test_same_view_gives_the_same_bytes_and_twice_in_one_document_two_events() -> None:
    view = View(record=_record())

    one = Misp().render([view], form="json").data
    two = json.loads(Misp().render([view, view], form="json").data)["response"]

    assert one == Misp().render([view], form="json").data
    assert two[0]["Event"] == json.loads(one)["Event"]
    assert two[0]["Event"]["uuid"] != two[1]["Event"]["uuid"]
    assert two[0]["Event"]["Object"][0]["uuid"] != two[1]["Event"]["Object"][0]["uuid"]


def test_form_that_is_not_known_and_a_document_of_nothing_are_refused() -> None:
    with pytest.raises(NotFound) as unknown:
        Misp().render([View(record=_record())], form="xml")
    with pytest.raises(Refused) as nothing:
        Misp().render([], form="json")
    with pytest.raises(Refused) as empty:
        Misp().render([View(record=_record()), View(record=pb.Record())], form="json")

    assert unknown.value.code == "unknown-form"
    assert (nothing.value.code, nothing.value.field) == ("nothing-to-render", "views")
    assert (empty.value.code, empty.value.field) == ("nothing-to-render", "views[1]")


def test_marking_of_a_disclosure_reaches_the_reader_of_an_export() -> None:
    marking = replace(
        TOP,
        level=Level.RESTRICTED,
        rel=frozenset({"police.xb"}),
        holders=Holders.ORGANISATION,
        purposes=frozenset({Purpose.INVESTIGATION}),
        act=PermittedAction.INTERNAL,
        display_only=False,
        nobody=False,
    )

    exported = export(
        [Disclosed(record=_record(), marking=marking, discloser="police.xa")],
        Misp(),
        form="json",
        today=date(2031, 6, 1),
        exercise=True,
    )

    (draft,) = parse(exported.data)
    assert draft.record.header.source_handling == exported.views[0].record.header.source_handling
    assert labels_in(draft.record.header.source_handling)
    assert "EXERCISE" in draft.record.header.source_handling.text
