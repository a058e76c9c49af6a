"""What is written keeps to the schemas of OASIS, and to rules of STIX that no schema can state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.stix.format import Stix21
from adapters.stix.names import observable_id
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.stix.schemas import faults
from tests.adapters.views import EVERY, views
from tests.reference import reference

_LISTED = ("identity", "threat-actor", "relationship", "report")


def _bundle(*shown: View) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(Stix21().render(shown, form="json", allowed=EVERY).data)
    except Refused:
        return {}
    return document


@given(view=views())
def test_every_object_keeps_to_its_schema(view: View) -> None:
    assert [fault for one in _bundle(view).get("objects", []) for fault in faults(one)] == []


def test_bundle_keeps_to_its_schema() -> None:
    record = pb.Record()
    record.persons.add(id="person/abcdefghij", role=pb.ROLE_SUSPECT)
    document = _bundle(View(record=record))
    # The schema of bundles lists the types of its day, and takes no location, incident or extension.
    document["objects"] = [one for one in document["objects"] if one["type"] in _LISTED]

    assert faults(document) == []
    assert len(document["objects"]) == 5


@given(shown=st.lists(views(most=4), min_size=1, max_size=3))
def test_identifiers_are_unique_and_what_is_referred_to_is_there(shown: list[View]) -> None:
    objects = _bundle(*shown).get("objects", [])
    held = [one["id"] for one in objects]

    assert len(held) == len(set(held))
    assert {name for one in objects for name in _referred(one)} <= set(held)


@given(view=views())
def test_content_is_marked_and_selectors_select_something(view: View) -> None:
    objects = _bundle(view).get("objects", [])
    marked = view.record.header.HasField("source_handling")

    for one in objects:
        if marked and one["type"] not in ("marking-definition", "extension-definition"):
            assert one.get("name") == "Comity" or one["object_marking_refs"]
        for granular in one.get("granular_markings", []):
            assert all(_select(one, selector) for selector in granular["selectors"])


@given(view=views())
def test_nothing_is_null_and_no_list_is_empty(view: View) -> None:
    assert [place for place, value in _leaves(_bundle(view), "") if value in (None, [], {})] == []


@pytest.mark.parametrize(
    ("observable", "expected"),
    [
        # Made by hand: UUIDv5 of {"value":"..."} in the standard's namespace.
        ({"type": "url", "value": "https://ads.example.invalid/a"}, "url"),
        ({"type": "file", "hashes": {"SHA-256": "00" * 32, "MD5": "11" * 16}}, "file"),
    ],
)
def test_observables_bear_the_identifier_of_their_value(observable: dict[str, Any], expected: str) -> None:
    again = observable | {"size": 7}

    assert observable_id(observable) == observable_id(again)
    assert observable_id(observable).startswith(f"{expected}--")


def test_identifiers_of_observables_are_those_of_the_reference_bundle() -> None:
    document = json.loads(reference("stix21/invented-trafficking-bundle.json").read_text(encoding="utf-8"))
    observables = [one for one in document["objects"] if one["type"] in ("url", "email-addr", "file")]

    assert observables
    assert [observable_id(one) for one in observables] == [one["id"] for one in observables]


def _referred(one: dict[str, Any]) -> Iterator[str]:
    for name, value in one.items():
        if name.endswith("_refs"):
            yield from value
        elif name.endswith("_ref"):
            yield value


def _select(held: Any, selector: str) -> bool:
    for step in selector.split("."):
        place = re.fullmatch(r"\[(\d+)\]", step)
        held = held[int(place.group(1))] if place else held[step]
    return bool(held)


def _leaves(held: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(held, dict) and held:
        for name, value in held.items():
            yield from _leaves(value, f"{place}.{name}")
    elif isinstance(held, list) and held:
        for value in held:
            yield from _leaves(value, f"{place}[]")
    elif place:
        yield place, held
