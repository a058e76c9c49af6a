"""The content model, walked once: which entities a record has, and how private each of their fields is.

The annotations in `record.proto` are the single source of truth; these tables are only their index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.record.categories import NO_LADDER
from gateway.v1 import options_pb2, record_pb2

HEADER_KIND = "record"
"""The kind of the record header, whose only entity is `record/header`."""

LINK_CATEGORY = "relation.link"
_FIRST_HEADER_CONTENT_FIELD = 16
_STRUCTURAL_ENTITY_FIELDS = frozenset({1, 2})

# Entity names on the wire say what a thing is, in the singular; the record groups it in the plural.
_KIND_NAMES = {
    "header": HEADER_KIND,
    "persons": "person",
    "organisations": "organisation",
    "locations": "location",
    "vehicles": "vehicle",
    "accounts": "account",
    "online_contents": "online-content",
    "artefacts": "artefact",
    "transactions": "transaction",
    "journeys": "journey",
    "incidents": "incident",
    "documents": "document",
    "narratives": "narrative",
    "relationships": "relationship",
    "assessments": "assessment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """One content field: a portion's worth of an entity of this kind.

    `is_reference` marks fields whose text is the id of another entity of the record; `enum` and `message` are
    set where the field holds one.
    """

    kind: str
    number: int
    name: str
    category: str
    ladder: tuple[str, str]
    repeated: bool
    is_reference: bool
    enum: EnumDescriptor | None
    message: Descriptor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityKind:
    """One kind of entity: its name on the wire, where the record holds it, its content fields by number."""

    name: str
    record_field: str
    message: type[Message]
    descriptor: Descriptor
    fields: Mapping[int, FieldInfo]
    references: tuple[FieldInfo, ...]


def privacy_of(field: FieldDescriptor) -> tuple[str, tuple[str, str]]:
    """Return category and ladder of an annotated field; the category is empty where it has no annotation."""
    options = field.GetOptions()
    if not options.HasExtension(options_pb2.privacy):
        return "", NO_LADDER
    privacy = options.Extensions[options_pb2.privacy]
    first, second = (*privacy.ladder, "", "")[:2]
    return privacy.category, (first, second)


def content_fields(descriptor: Descriptor) -> list[FieldDescriptor]:
    """Return the fields of an entity message that become portions: all but the structural ones."""
    if descriptor.name == "RecordHeader":
        return [field for field in descriptor.fields if field.number >= _FIRST_HEADER_CONTENT_FIELD]
    return [field for field in descriptor.fields if field.number not in _STRUCTURAL_ENTITY_FIELDS]


def _field_info(kind: str, field: FieldDescriptor) -> FieldInfo:
    category, ladder = privacy_of(field)
    return FieldInfo(
        kind=kind,
        number=field.number,
        name=field.name,
        category=category,
        ladder=ladder,
        repeated=field.is_repeated,
        is_reference=category == LINK_CATEGORY and field.type == FieldDescriptor.TYPE_STRING,
        enum=field.enum_type,
        message=field.message_type,
    )


def _walk() -> dict[str, EntityKind]:
    kinds = {}
    for holder in record_pb2.Record.DESCRIPTOR.fields:
        name = _KIND_NAMES[holder.name]
        descriptor = cast(Descriptor, holder.message_type)
        fields = {field.number: _field_info(name, field) for field in content_fields(descriptor)}
        kinds[name] = EntityKind(
            name=name,
            record_field=holder.name,
            message=message_factory.GetMessageClass(descriptor),
            descriptor=descriptor,
            fields=MappingProxyType(fields),
            references=tuple(field for field in fields.values() if field.is_reference),
        )
    return kinds


KINDS: Mapping[str, EntityKind] = MappingProxyType(_walk())
"""Every kind of entity, the header among them, by name."""

ENTITY_KINDS: tuple[EntityKind, ...] = tuple(kind for kind in KINDS.values() if kind.name != HEADER_KIND)
"""Every kind of entity that has an id, in the order of the record message."""
