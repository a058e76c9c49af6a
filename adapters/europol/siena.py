"""Reads and writes messages that resemble those between national units and Europol, as XML.

The entities are those of the UMF-like format, around them stands what a message says of itself: request,
reply, contribution or notice, handling, purposes, categories of data subjects. The network's own schema is
not public; ours is beside this module.

Source: `reference/formats.md` section 1; Regulation (EU) 2016/794; Directive (EU) 2023/977.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date
from typing import Any, Final

from lxml import etree

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat, require_caveats
from adapters.europol.codes import ROLES
from adapters.europol.losses import losses_of
from adapters.europol.narratives import read_narratives, write_narratives
from adapters.europol.nodes import Node
from adapters.europol.reading import Reading
from adapters.europol.request import read_request, request_of, write_request
from adapters.europol.rules import (
    categories_of,
    check_category,
    check_handling,
    check_read_purposes,
    check_written_purposes,
)
from adapters.europol.schema import SIENA, UMF, read_message
from adapters.europol.siena_header import read_header, write_header
from adapters.europol.umf import XML, check_record, children, nothing_to_say, only_view, read_body, write_body
from adapters.europol.writing import Writing
from adapters.loss import Loss
from adapters.xml import Element, write_xml
from gateway.errors import Malformed
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb

_NAMESPACES: Final[Any] = {None: SIENA, "umf": UMF}
_INNER: Final[Any] = {None: UMF}


class EuropolSiena:
    """The `europol-siena` adapter: one message is one case."""

    name = "europol-siena"
    binding = True  # whoever reads such a message is bound by its handling codes
    forms = (XML,)

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return the draft of one message.

        Raises:
            Malformed: the message does not read, does not follow the schema, or breaks a rule of such
                messages; `field` names the element.
        """
        return [_read(data, today=today, exercise=exercise)]

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return the message of one view: a request where it says what is sought.

        Raises:
            NotFound: code `unknown-form`.
            Refused: code `nothing-to-render`, `several-views` or `caveat-lost`; code `incomplete`: a request
                lacks what must be said with it, or an analysis its project; code `purpose-not-allowed`.
            Malformed: code `too-large`: the message is over 8 MiB.
        """
        view = only_view(views, form)
        check_written_purposes(view.record, named=True)
        parts = request_of(view.record)
        root = etree.Element(_tag("Message"), nsmap=_NAMESPACES)
        header = etree.SubElement(root, _tag("Header"))
        body = etree.Element(_tag("Message"), nsmap=_INNER)
        writing = write_body(view.record, body)
        write_header(writing, header, request=bool(parts))
        told = write_request(writing, root, parts) if parts else set()
        _write_subjects(writing, root)
        write_narratives(writing, root, told)
        root.extend(list(body))
        if not writing.names:
            raise nothing_to_say("views[0]")
        data = write_xml(root)
        draft = _read(data, today=None, exercise=False)
        losses = losses_of(writing, draft.record)
        require_caveats(view.record, losses, where="views[0]", allowed=allowed)
        return Rendered(data=data, losses=(losses,), names=(writing.names,))


def _write_subjects(writing: Writing, root: Element) -> None:
    """Add the category of every person who has one: what is not known is put into none."""
    found = [
        (writing.ids[person.id], category)
        for person in writing.record.persons
        for category in categories_of(ROLES.get(person.role, ()))
    ]
    if found:
        holder = etree.SubElement(root, _tag("DataSubjects"))
        for person, category in found:
            etree.SubElement(holder, _tag("DataSubject"), person=person, category=category)


def _read(data: bytes, *, today: date | None, exercise: bool) -> Draft:
    root = read_message(data, SIENA)
    losses: list[Loss] = []
    reading = Reading(record=pb.Record(), losses=losses, today=today)
    reading.record.header.exercise = exercise
    reading.record.header.source = marking_pb2.PROVENANCE_OFFICIAL
    message = Node(element=root, path="Message", losses=losses)
    entities, connections = children(root, "Entities", losses), children(root, "Connections", losses)
    reading.find_parts(entities, connections)
    for node in (*entities, *connections):
        for handling in node.nodes("Handling"):
            check_handling(handling)
    (header,) = message.nodes("Header")
    asks = read_header(reading, header)
    read_body(reading, entities, connections)
    request = message.node("Request")
    if asks != (request is not None):
        raise Malformed("and its type do not agree", field="Message.Request", code="incomplete")
    if request is not None:
        read_request(reading, request, urgent=header.attribute("urgent") in ("true", "1"))
    _read_subjects(message, entities)
    for narratives in message.nodes("Narratives"):
        read_narratives(reading, narratives)
    persons = [node for node in entities if node.name == "Person"]
    check_read_purposes(reading.record.header.purposes_in_words, persons, reading)
    check_record(reading.record)
    return Draft(record=reading.record, losses=tuple(losses))


def _read_subjects(message: Node, entities: Sequence[Node]) -> None:
    persons = {node.id: node for node in entities if node.name == "Person"}
    for subjects in message.nodes("DataSubjects"):
        for one in subjects.nodes("DataSubject"):
            person = persons.get(one.attribute("person"))
            if person is None:
                raise Malformed(
                    "names no person of the message", field=one.where("person"), code="dangling-reference"
                )
            check_category(one.attribute("category"), person, one.where("category"))


def _tag(name: str) -> str:
    return f"{{{SIENA}}}{name}"
