"""Whatever is written is an event as MISP takes it: its templates, types, categories and relationships."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator

from adapters.adapter import View
from adapters.misp.format import Misp
from adapters.misp.machine_tags import read_tag
from adapters.misp.templates import TEMPLATES
from adapters.misp.ties import FIELDS, READ, WRITTEN
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY, views
from tests.reference import reference

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_PERSONAL = ("person", "phone-number", "user-account", "bank-account", "coin-address")


@cache
def _template(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reference(f"misp/objects/{name}.json").read_text(encoding="utf-8"))
    return found


@cache
def _relationships() -> frozenset[str]:
    document = json.loads(reference("misp/relationships.json").read_text(encoding="utf-8"))
    return frozenset(value["name"] for value in document["values"])


@cache
def _taxonomy(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reference(f"misp/taxonomies/{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_template_is_the_published_one(name: str) -> None:
    ours, theirs = TEMPLATES[name], _template(name)

    assert (ours.uuid, ours.version) == (theirs["uuid"], str(theirs["version"]))
    assert ours.meta_category == theirs["meta-category"]
    assert ours.needs <= {*theirs.get("requiredOneOf", []), *theirs.get("required", [])}
    for relation, known in ours.relations.items():
        attribute = theirs["attributes"][relation]
        assert known.type == attribute["misp-attribute"]
        assert known.category in attribute.get("categories", [known.category])
        assert not known.several or attribute.get("multiple")


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_template_that_needs_one_attribute_gets_it(name: str) -> None:
    theirs = _template(name)

    required = theirs.get("required", [])
    assert not required or required == [TEMPLATES[name].stand_in]


def test_templates_and_relationships_are_those_of_the_published_schemas() -> None:
    schema = json.loads(reference("misp/schema_objects.json").read_text(encoding="utf-8"))
    categories = schema["defs"]["attribute"]["properties"]["categories"]["items"]["enum"]
    ties = json.loads(reference("misp/schema_relationships.json").read_text(encoding="utf-8"))

    for name in TEMPLATES:
        Draft7Validator(schema).validate(_template(name))
        assert {known.category for known in TEMPLATES[name].relations.values()} <= set(categories)
    Draft7Validator(ties).validate(json.loads(reference("misp/relationships.json").read_text("utf-8")))


def test_every_name_of_a_tie_is_a_published_one() -> None:
    names = {tie.name for tie in WRITTEN.values()} | set(READ) | {name for _, name in FIELDS}

    assert names <= _relationships()
    assert set(WRITTEN) == {value.number for value in pb.RelationKind.DESCRIPTOR.values if value.number}


@given(view=views())
@settings(max_examples=50, deadline=None)
def test_event_conforms(view: View) -> None:
    try:
        data = Misp().render([view], form="json", allowed=EVERY).data
    except Refused:
        return

    event = json.loads(data)["Event"]
    assert event["distribution"] == "0"
    assert event["threat_level_id"] in {"1", "2", "3", "4"}
    assert event["analysis"] in {"0", "1", "2"}
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", event["date"])
    assert event["info"]
    uuids = [event["uuid"]]
    for attribute in event["Attribute"]:
        uuids.append(attribute["uuid"])
        _check_attribute(attribute)
    for one in event["Object"]:
        uuids += [one["uuid"], *(attribute["uuid"] for attribute in one["Attribute"])]
        uuids += [reference_["uuid"] for reference_ in one["ObjectReference"]]
        _check_object(one)
    targets = {one["uuid"] for one in event["Object"]}
    ties = [tie for one in event["Object"] for tie in one["ObjectReference"]]
    assert {tie["referenced_uuid"] for tie in ties} <= targets
    assert {tie["relationship_type"] for tie in ties} <= _relationships()
    assert len(uuids) == len(set(uuids))
    assert all(_UUID.fullmatch(uuid) for uuid in uuids)
    for tag in event["Tag"]:
        _check_tag(tag["name"])


def _check_object(one: dict[str, Any]) -> None:
    template = _template(one["name"])
    assert one["template_uuid"] == template["uuid"]
    assert one["template_version"] == str(template["version"])
    assert one["meta-category"] == template["meta-category"]
    assert one["distribution"] == "0"
    relations = [attribute["object_relation"] for attribute in one["Attribute"]]
    assert set(template.get("required", [])) <= set(relations)
    assert "requiredOneOf" not in template or set(template["requiredOneOf"]) & set(relations)
    for attribute in one["Attribute"]:
        known = template["attributes"][attribute["object_relation"]]
        assert attribute["type"] == known["misp-attribute"]
        assert attribute["value"] in known.get("values_list", [attribute["value"]])
        assert known.get("multiple") or relations.count(attribute["object_relation"]) == 1
        _check_attribute(attribute)
    if one["name"] in _PERSONAL:
        assert not any(attribute["to_ids"] for attribute in one["Attribute"])


def _check_attribute(attribute: dict[str, Any]) -> None:
    assert isinstance(attribute["value"], str)
    assert attribute["value"]
    assert attribute["to_ids"] is False
    assert attribute["distribution"] == "0"
    for tag in attribute.get("Tag", []):
        _check_tag(tag["name"])


def _check_tag(name: str) -> None:
    tag = read_tag(name)
    assert tag is not None
    assert len(name) <= 255
    if tag.namespace == "comity":
        return
    taxonomy = _taxonomy("PAP" if tag.namespace == "pap" else tag.namespace)
    predicates = {one["value"].lower() for one in taxonomy["predicates"]}
    assert tag.predicate in predicates
    for one in taxonomy.get("values", []):
        if one["predicate"] == tag.predicate:
            assert tag.value in {entry["value"] for entry in one["entry"]}
