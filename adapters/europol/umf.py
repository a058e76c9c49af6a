"""Reads and writes messages that resemble the EU's Universal Message Format, as XML.

The schema of that format is not public; ours is beside this module. A message is one case.

Source: `reference/formats.md` section 1; Commission Implementing Decisions (EU) 2023/220 and 2023/221.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date
from typing import Any, Final

from lxml import etree

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat, require_caveats
from adapters.document import MAX_TEXT_BYTES
from adapters.europol.connections import write_connections
from adapters.europol.connections_in import read_connections
from adapters.europol.entities_in import read_entities
from adapters.europol.entities_out import write_entities
from adapters.europol.losses import losses_of
from adapters.europol.nodes import Node
from adapters.europol.parts_in import read_parts
from adapters.europol.reading import Reading
from adapters.europol.rules import check_read_purposes, check_written_purposes
from adapters.europol.schema import UMF, read_message
from adapters.europol.umf_header import read_header, write_header
from adapters.europol.writing import Writing, begin_writing, umf
from adapters.loss import Loss
from adapters.xml import Element, write_xml
from gateway.errors import Malformed, NotFound, Refused
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb

XML = "xml"
_NAMESPACES: Final[Any] = {None: UMF}


class EuropolUmf:
    """The `europol-umf` adapter: one message is one case."""

    name = "europol-umf"
    binding = True  # whoever reads such a message is bound by its handling codes
    forms = (XML,)

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return the draft of one message.

        Raises:
            Malformed: the message does not read or does not follow the schema; `field` names the element.
        """
        return [_read(data, today=today, exercise=exercise)]

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return the message of one view.

        Raises:
            NotFound: code `unknown-form`.
            Refused: code `nothing-to-render`, `several-views`, `caveat-lost` or `purpose-not-allowed`.
            Malformed: code `too-large`: the message is over 8 MiB.
        """
        view = only_view(views, form)
        check_written_purposes(view.record, named=False)
        root = etree.Element(umf("Message"), nsmap=_NAMESPACES)
        header = etree.SubElement(root, umf("Header"))
        writing = write_body(view.record, root)
        write_header(writing, header)
        if not writing.names:
            raise nothing_to_say("views[0]")
        data = write_xml(root)
        draft = _read(data, today=None, exercise=False)
        losses = losses_of(writing, draft.record)
        require_caveats(view.record, losses, where="views[0]", allowed=allowed)
        return Rendered(data=data, losses=(losses,), names=(writing.names,))


def only_view(views: Sequence[View], form: str) -> View:
    """Return the one view that a message is about."""
    if form != XML:
        raise NotFound(f"is none of: {XML}", field="form", code="unknown-form")
    if not views:
        raise nothing_to_say("views")
    if len(views) > 1:
        raise Refused("are several; a message is about one case", field="views", code="several-views")
    return views[0]


def nothing_to_say(field: str) -> Refused:
    """Return the refusal of a view without anything that a message has an element for."""
    return Refused("shows nothing that a message could say", field=field, code="nothing-to-render")


def write_body(record: pb.Record, root: Element) -> Writing:
    """Add entities and connections to a message."""
    writing = begin_writing(record, etree.SubElement(root, umf("Entities")))
    write_entities(writing)
    write_connections(writing)
    if writing.connections:
        etree.SubElement(root, umf("Connections")).extend(writing.connections)
    return writing


def read_body(reading: Reading, entities: Sequence[Node], connections: Sequence[Node]) -> None:
    """Read entities and connections of a message into a record."""
    read_entities(reading, entities)
    read_parts(reading, entities)
    read_connections(reading, connections)


def children(root: Element, tag: str, losses: list[Loss]) -> list[Node]:
    """Return the elements within one of the two lists of a message, each with its path."""
    holder = root.find(umf(tag))
    nodes = []
    counts: dict[str, int] = {}
    for element in [] if holder is None else holder:
        name = str(element.tag).rpartition("}")[2]
        counts[name] = counts.get(name, 0) + 1
        nodes.append(Node(element=element, path=f"{tag}.{name}[{counts[name]}]", losses=losses))
    return nodes


def check_record(record: pb.Record) -> None:
    """Refuse a message that has a header alone, or words that with their label became too long."""
    if all(field.name == "header" for field, _ in record.ListFields()):
        raise Malformed("speaks of nobody and nothing", field="Entities", code="empty-document")
    header = record.header
    for words in (*header.provenance, *header.purposes_in_words, *header.audience):
        if len(words.encode()) > MAX_TEXT_BYTES:
            raise Malformed("is longer than 64 KiB", field="Header", code="too-long")


def _read(data: bytes, *, today: date | None, exercise: bool) -> Draft:
    root = read_message(data, UMF)
    reading = Reading(record=pb.Record(), losses=[], today=today)
    reading.record.header.exercise = exercise
    reading.record.header.source = marking_pb2.PROVENANCE_OFFICIAL
    header = root.find(umf("Header"))
    assert header is not None
    entities = children(root, "Entities", reading.losses)
    connections = children(root, "Connections", reading.losses)
    reading.find_parts(entities, connections)
    read_header(reading, Node(element=header, path="Header", losses=reading.losses))
    read_body(reading, entities, connections)
    persons = [node for node in entities if node.name == "Person"]
    check_read_purposes(reading.record.header.purposes_in_words, persons, reading)
    check_record(reading.record)
    return Draft(record=reading.record, losses=tuple(reading.losses))
