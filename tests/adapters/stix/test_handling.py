"""Handling is never read looser than it was marked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.loss import Effect
from adapters.mark import TLP_ORDER
from adapters.stix.format import Stix21
from adapters.stix.handling import TLP_IDS
from gateway.v1 import record_pb2 as pb
from tests.adapters.stix.samples import lost, of_type, read, thing, uuid_of, written
from tests.adapters.views import TODAY
from tests.reference import reference

_OF = {light: one for one, light in TLP_IDS.items()}
_WHITE = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"


def _marked(*refs: str, **properties: Any) -> dict[str, Any]:
    return thing("identity", name="A", object_marking_refs=list(refs), **properties)


def _definition(number: int = 9, **properties: Any) -> dict[str, Any]:
    made = thing("marking-definition", number, **properties)
    del made["modified"]
    return made


def _handling(record: pb.Record) -> tuple[list[str], str, str]:
    handling = record.header.source_handling
    return list(handling.codes), handling.text, handling.traffic_light


def test_published_identifiers_are_those_of_the_reference() -> None:
    text = reference("stix21/tlp-2.0-markings.json").read_text(encoding="utf-8")

    assert all(one in text for one in TLP_IDS)
    assert len(TLP_IDS) == len(TLP_ORDER) == text.count("marking-definition--")


@pytest.mark.parametrize("light", TLP_ORDER)
def test_traffic_light_is_read_by_its_published_identifier(light: str) -> None:
    assert _handling(read(_marked(_OF[light]))) == ([], "", light)


def test_first_version_of_the_protocol_is_read() -> None:
    ids = {
        "TLP:CLEAR": _WHITE,
        "TLP:GREEN": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
        "TLP:AMBER": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
        "TLP:RED": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
    }

    assert {light: _handling(read(_marked(one)))[2] for light, one in ids.items()} == {
        light: light for light in ids
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b03e",
        "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2b0",
        f"marking-definition--{uuid_of(5)}",
    ],
)
def test_identifier_that_is_not_the_published_one_counts_as_red(wrong: str) -> None:
    record = read(_marked(_OF["TLP:CLEAR"], wrong))

    assert _handling(record)[2] == "TLP:RED"
    assert Effect.GENERALISED in lost(_marked(wrong)).values()


def test_copy_of_a_traffic_light_under_another_identifier_is_red_and_keeps_its_name() -> None:
    extension = {_TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": "green"}}
    copy = _definition(name="TLP:GREEN", extensions=extension)

    assert _handling(read(copy, _marked(copy["id"]))) == ([], "TLP:GREEN", "TLP:RED")


def test_published_identifier_whose_object_says_otherwise_is_red() -> None:
    extension = {_TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": "red"}}
    forged = {**_definition(extensions=extension), "id": _OF["TLP:CLEAR"]}

    assert _handling(read(forged, _marked(forged["id"])))[2] == "TLP:RED"


def test_strictest_of_all_markings_counts_and_granular_ones_count_for_the_whole() -> None:
    part = [{"marking_ref": _OF["TLP:AMBER"], "selectors": ["name"]}]
    first = _marked(_OF["TLP:GREEN"], granular_markings=part)
    second = {**_marked(_OF["TLP:CLEAR"]), "id": f"identity--{uuid_of(2)}"}

    assert _handling(read(first, second))[2] == "TLP:AMBER"
    assert lost(first, second)["objects[0].granular_markings"] is Effect.GENERALISED


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        ("HANDLING H1,H3; RELEASABLE XB", ["H1", "H3"]),
        ("Handling: H0, H2", ["H2"]),
        ("Copyright 2031, hall H1", []),
    ],
)
def test_statement_is_kept_word_by_word_and_its_codes_count(statement: str, codes: list[str]) -> None:
    definition = _definition(definition_type="statement", definition={"statement": statement})

    assert _handling(read(definition, _marked(definition["id"]))) == (codes, statement, "")


def test_marking_that_marks_nothing_is_declared() -> None:
    definition = _definition(definition_type="statement", definition={"statement": "x"})

    assert lost(definition, thing("identity", name="A"))["objects[0]"] is Effect.DROPPED


_CODES = st.lists(st.sampled_from(["H0", "H1", "H2", "H3", "REL TO police.nl", "ORCON", "X9"]), max_size=4)
_LIGHTS = st.sampled_from(["", *TLP_ORDER, "TLP:WHITE", "amber"])


@given(codes=_CODES, text=st.sampled_from(["", "Ask first.", "Handling: H1"]), light=_LIGHTS)
def test_what_is_marked_is_read_as_it_was_written(codes: list[str], text: str, light: str) -> None:
    record = pb.Record()
    record.persons.add(id="person/abcdefghij", role=pb.ROLE_VICTIM)
    record.header.source_handling.SetInParent()
    record.header.source_handling.codes.extend(codes)
    if text:
        record.header.source_handling.text = text
    if light:
        record.header.source_handling.traffic_light = light

    rendered = Stix21().render([View(record=record)], form="json")

    (draft,) = Stix21().parse(rendered.data, today=TODAY, exercise=True)
    assert _handling(draft.record) == (codes, text, light)


def test_extension_cannot_loosen_the_marking_it_stands_in() -> None:
    record = pb.Record()
    record.persons.add(id="person/abcdefghij", role=pb.ROLE_VICTIM)
    record.header.source_handling.traffic_light = "TLP:PURPLE"
    objects = written(record)
    for one in of_type(objects, "marking-definition"):
        for held in one.get("extensions", {}).values():
            if "traffic_light" in held:
                held["traffic_light"] = "TLP:CLEAR"

    assert _handling(read(*objects))[2] == "TLP:RED"


def test_every_object_of_the_content_bears_every_marking() -> None:
    record = pb.Record()
    record.accounts.add(id="account/abcdefghij").identity.value = "+999 1"
    handling = record.header.source_handling
    handling.traffic_light, handling.text = "TLP:AMBER", "Ask first."

    objects = written(record)

    marks = [one["id"] for one in of_type(objects, "marking-definition")]
    content = [one for one in objects if "definition" not in one["type"] and one.get("name") != "Comity"]
    assert marks and len(content) == 3
    assert all(one["object_marking_refs"] == marks for one in content)
