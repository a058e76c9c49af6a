"""Handling stands where a reader of the format looks for it, and no marking is read as less than it says."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.adapter import View
from adapters.case_uco.format import CaseUco
from adapters.caveats import Caveat
from adapters.loss import Effect
from gateway.errors import NotFound, Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.case_uco.samples import ANA, losses, person, read, written
from tests.adapters.views import TODAY

_MARKING = "kb:marking-77777777-7777-4777-8777-777777777777"


def _marked(*models: dict[str, Any], on: bool = True) -> list[dict[str, Any]]:
    definition = {
        "@id": _MARKING,
        "@type": "uco-marking:MarkingDefinition",
        "uco-marking:definition": list(models),
    }
    return [person(**({"core__objectMarking": {"@id": _MARKING}} if on else {})), definition]


def _model(name: str, **members: Any) -> dict[str, Any]:
    return {"@type": f"uco-marking:{name}"} | {f"uco-marking:{key}": value for key, value in members.items()}


def _handling(*nodes: Any) -> pb.SourceHandling:
    return read(*nodes).header.source_handling


def test_release_statement_and_terms_are_read() -> None:
    found = _handling(
        *_marked(
            _model("ReleaseToMarking", authorizedIdentities=["police.xa", "police.xb"]),
            _model("StatementMarking", statement="H1"),
            _model("StatementMarking", statement="Classification: XA RESTRICTED"),
            _model("StatementMarking", statement="TLP:AMBER"),
            _model("TermsOfUseMarking", termsOfUse="Ask first."),
            _model("LicenseMarking", license="CC0"),
        )
    )

    assert list(found.codes) == ["REL TO police.xa, police.xb", "H1", "CC0"]
    assert found.text == "Ask first."
    assert (found.classification, found.traffic_light) == ("XA RESTRICTED", "TLP:AMBER")


@pytest.mark.parametrize("light", ["TLP:WHITE", "tlp:purple", "TLP:"])
def test_unknown_traffic_light_counts_as_red_and_keeps_its_words(light: str) -> None:
    nodes = _marked(
        _model("StatementMarking", statement=light), _model("StatementMarking", statement="TLP:GREEN")
    )
    found = _handling(*nodes)

    assert (found.traffic_light, list(found.codes)) == ("TLP:RED", [light])
    assert Effect.GENERALISED in losses(*nodes).values()


def test_marking_that_is_named_and_not_told_is_kept_by_its_name() -> None:
    found = _handling(person(core__objectMarking={"@id": "urn:marking-definition--x"}))

    assert list(found.codes) == ["urn:marking-definition--x"]


def test_marking_of_a_part_marks_the_whole_and_that_is_noted() -> None:
    nodes = _marked(_model("StatementMarking", statement="H2"), on=False)

    assert list(_handling(*nodes).codes) == ["H2"]
    assert losses(*nodes) == {"@graph[1].uco-marking:definition": Effect.GENERALISED}


def test_definition_that_states_its_text_in_itself_is_read() -> None:
    nodes = _marked()
    nodes[1]["uco-marking:definition"] = ["H3"]
    nodes[1]["uco-marking:statement"] = "H1"

    assert sorted(_handling(*nodes).codes) == ["H1", "H3"]


def _record() -> pb.Record:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM)
    return record


def test_every_node_bears_the_markings() -> None:
    record = _record()
    record.header.source_handling.codes.extend(["REL TO police.xa, police.xb", "H1"])
    nodes = written(record)

    definitions = [one for one in nodes if one["@type"] == "uco-marking:MarkingDefinition"]
    models = [one["uco-marking:definition"][0] for one in definitions]
    assert models[0]["uco-marking:authorizedIdentities"] == ["police.xa", "police.xb"]
    assert models[1]["uco-marking:statement"] == "H1"
    ids = [{"@id": one["@id"]} for one in definitions]
    assert all(one["uco-core:objectMarking"] == ids for one in nodes if one not in definitions)


def test_light_that_is_none_is_written_as_red() -> None:
    record = _record()
    record.header.source_handling.traffic_light = "pale green"

    said = [one["uco-marking:definition"][0] for one in written(record) if "uco-marking:definition" in one]

    assert [one["uco-marking:statement"] for one in said] == ["TLP:RED"]


def test_grading_and_promise_of_anonymity_are_kept_in_our_own_facet_and_so_not_lost() -> None:
    record = _record()
    record.header.evaluation.original = "B2"
    record.persons[0].safety.anonymity_guaranteed = True

    rendered = CaseUco().render([View(record=record)], form="json")

    assert {loss.effect for loss in rendered.losses[0]} == {Effect.KEPT_AS_EXTENSION}
    (draft,) = CaseUco().parse(rendered.data, today=TODAY, exercise=False)
    assert draft.record.header.evaluation.original == "B2"
    assert draft.record.persons[0].safety.anonymity_guaranteed


def test_caveat_that_no_reader_could_take_is_refused_unless_allowed() -> None:
    record = _record()
    record.header.source_handling.text = "a" * 65_537

    with pytest.raises(Refused) as refusal:
        CaseUco().render([View(record=record)], form="json")
    assert refusal.value.code == "caveat-lost"
    assert CaseUco().render([View(record=record)], form="json", allowed={Caveat.HANDLING}).data


def test_nothing_and_unknown_forms_are_refused() -> None:
    with pytest.raises(Refused) as nothing:
        CaseUco().render([], form="json")
    with pytest.raises(Refused) as silent:
        CaseUco().render([View(record=pb.Record())], form="json")
    with pytest.raises(NotFound) as unknown:
        CaseUco().render([View(record=_record())], form="turtle")

    assert (nothing.value.code, silent.value.code) == ("nothing-to-render", "nothing-to-render")
    assert unknown.value.code == "unknown-form"


def test_person_of_no_stated_role_is_not_named_by_the_marking() -> None:
    assert read(*_marked()).persons[0].id == ANA.partition(":")[2]
