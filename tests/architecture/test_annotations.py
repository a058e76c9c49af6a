"""Every content field says how private it is, in the words of the one registry."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from google.protobuf.descriptor import Descriptor

from gateway.record.categories import CATEGORIES
from gateway.record.schema import KINDS, content_fields, privacy_of
from gateway.v1 import record_pb2
from tests.reference import reference
from tests.vectors import make_content_fields

_VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def _entities() -> list[Descriptor]:
    return [field.message_type for field in record_pb2.Record.DESCRIPTOR.fields if field.message_type]


def _reachable(descriptor: Descriptor, found: dict[str, Descriptor]) -> None:
    if descriptor.full_name not in found:
        found[descriptor.full_name] = descriptor
        for field in descriptor.fields:
            if field.message_type is not None:
                _reachable(field.message_type, found)


def test_every_content_field_is_annotated() -> None:
    bare = [
        field.full_name
        for entity in _entities()
        for field in content_fields(entity)
        if not privacy_of(field)[0]
    ]

    assert bare == []


def test_structural_fields_bear_no_annotation() -> None:
    for entity in _entities():
        content = {field.number for field in content_fields(entity)}
        structural = [field for field in entity.fields if field.number not in content]

        assert [field.full_name for field in structural if privacy_of(field)[0]] == []
        if entity.name != "RecordHeader":
            assert [(field.number, field.name) for field in structural] == [(1, "id"), (2, "marking")]


def test_every_category_is_in_the_registry_and_every_ladder_is_the_registrys() -> None:
    for kind in KINDS.values():
        for field in kind.fields.values():
            assert field.category in CATEGORIES, field.name
            assert field.ladder == CATEGORIES[field.category].ladder, field.name


def test_every_category_is_used_but_that_of_aggregates() -> None:
    used = {field.category for kind in KINDS.values() for field in kind.fields.values()}

    assert set(CATEGORIES) - used == {"aggregate.cell"}


def test_the_registry_is_the_reference_catalogue() -> None:
    with reference("policy/categories.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert [row["category"] for row in rows] == list(CATEGORIES)
    for row in rows:
        entry = CATEGORIES[row["category"]]
        ladder = tuple(name.strip() for name in row["ladder (generalised; coarse)"].split(";"))
        assert (*ladder, "", "")[:2] == entry.ladder, row["category"]
        assert row["class otherwise"] == entry.otherwise
        if entry.when_protected:
            assert row["class when the subject is protected"] == entry.when_protected
        else:
            # Only the content can tell: which end of a link is stricter, whom a text names.
            assert row["category"] in {"relation.link", "narrative.text"}


def test_the_golden_list_of_content_fields_is_kept() -> None:
    stored = json.loads((_VECTORS / "content_fields.json").read_text(encoding="utf-8"))

    assert stored == make_content_fields.content_fields()


def test_content_has_no_oneof_map_float_or_group_and_all_presence_is_explicit() -> None:
    found: dict[str, Descriptor] = {}
    _reachable(record_pb2.Record.DESCRIPTOR, found)

    for descriptor in found.values():
        assert [one.name for one in descriptor.oneofs if not one.name.startswith("_")] == []
        assert not descriptor.GetOptions().map_entry
        for field in descriptor.fields:
            assert field.is_repeated or field.has_presence, field.full_name
            assert field.type not in {field.TYPE_FLOAT, field.TYPE_DOUBLE, field.TYPE_GROUP}, field.full_name


def test_only_text_ids_and_links_of_the_link_category_refer_to_entities() -> None:
    for kind in KINDS.values():
        for field in kind.fields.values():
            if field.category == "relation.link":
                assert field.is_reference or field.message is record_pb2.Link.DESCRIPTOR, field.name
            else:
                assert not field.is_reference
