"""Texts of a message with their language and whom they are about."""

from __future__ import annotations

from lxml import etree

from adapters.europol.nodes import Node
from adapters.europol.reading import Reading
from adapters.europol.schema import SIENA
from adapters.europol.writing import Writing
from adapters.xml import Element, xml_text
from gateway.errors import Malformed
from gateway.record.ties import TELLING
from gateway.v1 import record_pb2 as pb


def write_narratives(writing: Writing, root: Element, told: set[str]) -> None:
    """Add the narratives that stand nowhere else; `told` are the others."""
    remarks = {one.id for one in writing.remarks.values()}
    left = [one for one in writing.record.narratives if one.id not in told | remarks]
    if not left:
        return
    holder = etree.SubElement(root, f"{{{SIENA}}}Narratives")
    for narrative in left:
        element = etree.SubElement(holder, f"{{{SIENA}}}Narrative")
        _write_about(writing, element, narrative)
        for tag, text in (("Title", narrative.title), ("Text", narrative.text)):
            if text:
                etree.SubElement(element, f"{{{SIENA}}}{tag}").text = xml_text(text)


def write_words(writing: Writing, element: Element, narrative: pb.Narrative, text: str) -> None:
    """Fill an element whose name says the title of a narrative."""
    _write_about(writing, element, narrative)
    element.text = xml_text(text)


def _write_about(writing: Writing, element: Element, narrative: pb.Narrative) -> None:
    element.set("id", writing.name(narrative.id))
    if narrative.language:
        element.set("language", xml_text(narrative.language))
    about = [writing.ids[one] for one in narrative.subjects if one in writing.ids and _is_entity(one)]
    if about:
        element.set("about", " ".join(about))


def _is_entity(name: str) -> bool:
    """Tell whether a name is of something that has an element, rather than of what tells of others."""
    return name.partition("/")[0] not in TELLING


def read_narratives(reading: Reading, node: Node) -> None:
    """Read the narratives of a message."""
    for one in node.nodes("Narrative"):
        title, text = one.text("Title"), one.text("Text")
        read_words(reading, one, title, text)


def read_words(reading: Reading, node: Node, title: str, text: str) -> None:
    """Add a narrative.

    Raises:
        Malformed: code `dangling-reference`: it is about something that is not in the message.
    """
    narrative = reading.record.narratives.add(id=reading.local(node, "narrative"))
    language = node.attribute("language")
    for name, value in (("title", title), ("text", text), ("language", language)):
        if value:
            setattr(narrative, name, value)
    for identifier in node.attribute("about").split():
        entry = reading.entries.get(identifier)
        if entry is None:
            raise Malformed(
                "names no entity of the message", field=node.where("about"), code="dangling-reference"
            )
        narrative.subjects.append(entry.entity.id)
    node.finish("the record has no field for it")
