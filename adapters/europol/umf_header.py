"""The header of an UMF-like message.

Source: `reference/formats.md` sections 1.2 and 1.7.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lxml import etree

from adapters.europol.grading import read_evaluation, write_evaluation
from adapters.europol.handling import read_handling, write_handling
from adapters.europol.header import (
    MESSAGE_TYPE,
    NOT_STATED,
    REPLY_TO,
    URGENT,
    placeholder_reference,
    provenance_value,
    read_envelope,
    read_legal_bases,
    read_sent_at,
    write_legal_bases,
    write_sent_at,
)
from adapters.europol.nodes import Node
from adapters.europol.reading import Reading
from adapters.europol.schema import UMF
from adapters.europol.writing import Writing, add, umf
from adapters.xml import Element, xml_text
from gateway.v1 import record_pb2 as pb

_TYPES: Final[Mapping[int, str]] = MappingProxyType(
    {pb.RECORD_TYPE_CASE: "CONTRIBUTION", pb.RECORD_TYPE_NOTICE: "NOTICE"}
)
_PLAIN: Final = "SPONTANEOUS"
_ASKED: Final = ("REQUEST", "REPLY")
_TEXT: Final = "message.text"


def write_header(writing: Writing, header: Element) -> None:
    """Fill the header of a message; `header` is its empty element."""
    record = writing.record
    stated = record.header
    header.set("reference", placeholder_reference(record))
    header.set("type", message_type(stated))
    if URGENT in stated.provenance:
        header.set("urgent", "true")
    header.set("sentAt", write_sent_at(stated))
    etree.SubElement(header, umf("Sender"), authority=NOT_STATED)
    for receiver in [one for one in stated.audience if one.strip()] or [NOT_STATED]:
        etree.SubElement(header, umf("Receiver"), authority=xml_text(receiver))
    basis, purposes = write_legal_bases(stated)
    add(header, "LegalBasis", basis)
    for purpose in purposes:
        add(header, "Purpose", purpose)
    for area in stated.crime_areas:
        add(header, "CrimeArea", area)
    add(header, "CaseReference", next((one.number for one in stated.case_references), ""))
    add(header, "InReplyTo", provenance_value(stated, REPLY_TO))
    write_handling(header, UMF, stated.source_handling)
    write_evaluation(header, umf("Evaluation"), stated.evaluation)
    remarks = {one.id for one in writing.remarks.values()}
    narrative = next((one for one in record.narratives if one.id not in remarks and _speaks(one)), None)
    if narrative is not None:
        writing.names[_TEXT] = narrative.id
        add(header, "Subject", narrative.title)
        add(header, "Text", narrative.text)


def message_type(header: pb.RecordHeader) -> str:
    """Return the type of a message: what it was when it came, or what the record is."""
    word = provenance_value(header, MESSAGE_TYPE)
    if header.type in (pb.RECORD_TYPE_UNSPECIFIED, pb.RECORD_TYPE_REPORT) and word in _ASKED:
        return word
    return _TYPES.get(header.type, _PLAIN)


def read_header(reading: Reading, node: Node) -> None:
    """Read the header of a message into a record."""
    header = reading.record.header
    read_envelope(node, header)
    read_type(node, header)
    if node.attribute("urgent") in ("true", "1"):
        header.provenance.append(URGENT)
    read_sent_at(node, header)
    read_legal_bases(node.texts("LegalBasis"), header)
    header.purposes_in_words.extend(node.texts("Purpose"))
    header.crime_areas.extend(node.texts("CrimeArea"))
    for number in node.texts("CaseReference"):
        header.case_references.add(number=number)
    if reply_to := node.text("InReplyTo"):
        header.provenance.append(f"{REPLY_TO}: {reply_to}")
    for handling in node.nodes("Handling"):
        read_handling(handling, header.source_handling)
    if review := node.attribute("reviewBy"):
        held = header.source_handling
        held.text = "\n".join(part for part in (held.text, f"To be reviewed by {review}.") if part)
    for evaluation in node.nodes("Evaluation"):
        header.evaluation.CopyFrom(read_evaluation(evaluation))
    subject, text = node.text("Subject"), node.text("Text")
    if subject or text:
        narrative = reading.record.narratives.add(id=reading.fresh(_TEXT, "text"))
        for name, value in (("title", subject), ("text", text)):
            if value:
                setattr(narrative, name, value)
    node.finish("the record has no field for it")


def read_type(node: Node, header: pb.RecordHeader) -> None:
    """Read the type of a message as the type of a record; what a record cannot be is kept in words."""
    word = node.attribute("type")
    found = next((number for number, code in _TYPES.items() if code == word), pb.RECORD_TYPE_REPORT)
    header.type = pb.RecordType.ValueType(found)
    if word in _ASKED:
        header.provenance.append(f"{MESSAGE_TYPE}: {word}")


def _speaks(narrative: pb.Narrative) -> bool:
    return bool(narrative.title.strip() or narrative.text.strip())
