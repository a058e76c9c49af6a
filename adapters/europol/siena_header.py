"""The header of a SIENA-like message.

Source: `reference/formats.md` sections 1.2 to 1.6.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lxml import etree

from adapters.europol.grading import read_evaluation, write_evaluation
from adapters.europol.handling import read_handling, write_handling
from adapters.europol.header import (
    LEGAL_BASIS,
    MESSAGE_TYPE,
    NOT_STATED,
    REPLY_TO,
    URGENT,
    placeholder_reference,
    provenance_value,
    read_envelope,
    read_legal_bases,
    read_sent_at,
    token_of_basis,
    write_sent_at,
)
from adapters.europol.leaves import Form, Leaf
from adapters.europol.leaves_in import read_leaf
from adapters.europol.nodes import Node
from adapters.europol.reading import Reading
from adapters.europol.request import is_restriction, times_in
from adapters.europol.rules import OPERATIONAL, PURPOSE, check_handling
from adapters.europol.schema import SIENA
from adapters.europol.writing import Writing
from adapters.values import token, write_date
from adapters.xml import Element, xml_text
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_TYPES: Final = {pb.RECORD_TYPE_CASE: "CONTRIBUTION", pb.RECORD_TYPE_NOTICE: "NOTICE"}
_REPLY: Final = f"{MESSAGE_TYPE}: REPLY"
_NO_FIELD: Final = "the record has no field for it"


def write_header(writing: Writing, header: Element, *, request: bool) -> None:
    """Fill the header of a message; `header` is its empty element."""
    stated = writing.record.header
    reply = not request and _REPLY in stated.provenance
    kind = "REQUEST" if request else "REPLY" if reply else _TYPES.get(stated.type, "SPONTANEOUS")
    header.set("reference", placeholder_reference(writing.record))
    header.set("type", kind)
    if URGENT in stated.provenance:
        header.set("urgent", "true")
    header.set("sentAt", write_sent_at(stated))
    for name, text in (("createdOn", write_date(stated.created_on)), ("recordType", token(stated, "type"))):
        if text:
            header.set(name, text)
    _write_parties(header, stated)
    _write_purposes(header, stated, request=request)
    _add(header, "CrimeArea", stated.crime_areas)
    for reference in stated.case_references:
        _write_case(header, reference)
    reply_to = provenance_value(stated, REPLY_TO)
    _add(header, "InReplyTo", [reply_to])
    write_handling(header, SIENA, stated.source_handling)
    write_evaluation(header, _tag("Evaluation"), stated.evaluation)
    _add(header, "CaseStatus", [token(stated, "case_status")])
    _add(header, "ClosureReason", [stated.closure_reason])
    _add(header, "Method", stated.methods)
    lines = list(stated.provenance)
    told = [URGENT, f"{REPLY_TO}: {reply_to}", *([_REPLY] if reply else [])]
    told += times_in(stated) if request else []
    for line in told:
        if line in lines:
            lines.remove(line)
    _add(header, "Provenance", lines)


def _write_parties(header: Element, stated: pb.RecordHeader) -> None:
    etree.SubElement(header, _tag("Sender"), authority=NOT_STATED)
    for receiver in [one for one in stated.audience if one.strip()] or [NOT_STATED]:
        etree.SubElement(header, _tag("Receiver"), authority=xml_text(receiver))


def _write_purposes(header: Element, stated: pb.RecordHeader, *, request: bool) -> None:
    _add(header, "LegalBasis", [token_of_basis(one) for one in stated.legal_bases])
    words = [one for one in stated.purposes_in_words if not (request and is_restriction(one))]
    bases = [one for one in words if one.startswith(LEGAL_BASIS)]
    _add(header, "LegalBasis", [one.removeprefix(LEGAL_BASIS) for one in bases])
    for text in words:
        if text in bases or not text.strip():
            continue
        element = etree.SubElement(header, _tag("Purpose"))
        match = PURPOSE.fullmatch(text)
        if match is None:
            element.text = xml_text(text)
            continue
        element.set("code", match[1])
        if match[2] and match[1] == OPERATIONAL:
            element.set("analysisProject", xml_text(match[2]))
        elif match[2]:
            element.text = xml_text(match[2])


def _write_case(header: Element, reference: pb.CaseReference) -> None:
    element = etree.SubElement(header, _tag("CaseReference"))
    element.text = xml_text(reference.number)
    if reference.authority:
        element.set("authority", xml_text(reference.authority))
    if len(reference.country) == 2 and reference.country.isascii() and reference.country.isupper():
        element.set("country", reference.country)


def read_header(reading: Reading, node: Node) -> bool:
    """Read the header of a message into a record, and tell whether it is a request.

    Raises:
        Malformed: code `incomplete` for an analysis without its project, or an H3 without a text; code
            `contradiction` for an H0 beside another code.
    """
    header = reading.record.header
    read_envelope(node, header)
    kind = node.attribute("type")
    if kind == "REPLY":
        header.provenance.append(_REPLY)
    if node.attribute("urgent") in ("true", "1"):
        header.provenance.append(URGENT)
    _read_dates(node, header)
    read_leaf(node, header, Leaf("recordType", "type", Form.CODE), [node.attribute("recordType")])
    if not header.type and kind == "NOTICE":
        header.type = pb.RECORD_TYPE_NOTICE
    read_legal_bases(node.texts("LegalBasis"), header)
    for one in node.nodes("Purpose"):
        _read_purpose(one, header)
    header.crime_areas.extend(node.texts("CrimeArea"))
    for one in node.nodes("CaseReference"):
        _read_case(one, header)
    if reply_to := node.text("InReplyTo"):
        header.provenance.append(f"{REPLY_TO}: {reply_to}")
    for one in node.nodes("Handling"):
        check_handling(one)
        read_handling(one, header.source_handling)
    for one in node.nodes("Evaluation"):
        header.evaluation.CopyFrom(read_evaluation(one))
    read_leaf(node, header, Leaf("CaseStatus", "case_status", Form.CODE), node.texts("CaseStatus"))
    read_leaf(node, header, Leaf("ClosureReason", "closure_reason"), node.texts("ClosureReason"))
    header.methods.extend(node.texts("Method"))
    header.provenance.extend(node.texts("Provenance"))
    header.provenance.extend(f"{name} as written: {word}" for name, word in node.words)
    node.finish(_NO_FIELD)
    return kind == "REQUEST"


def _read_dates(node: Node, header: pb.RecordHeader) -> None:
    created = node.attribute("createdOn")
    if created:
        node.seen.add("@sentAt")
        read_leaf(node, header, Leaf("createdOn", "created_on", Form.DATE), [created])
    else:
        read_sent_at(node, header)
    if review := node.attribute("reviewBy"):
        held = header.source_handling
        held.text = "\n".join(part for part in (held.text, f"To be reviewed by {review}.") if part)


def _read_purpose(node: Node, header: pb.RecordHeader) -> None:
    code, project, text = node.attribute("code"), node.attribute("analysisProject"), node.own_text()
    if code == OPERATIONAL and not project:
        raise Malformed("does not name the analysis project", field=node.path, code="incomplete")
    said = [project, text] if project else [text]
    first = ": ".join(part for part in (code, said[0]) if part)
    header.purposes_in_words.extend(part for part in (first, *said[1:]) if part)
    node.finish(_NO_FIELD)


def _read_case(node: Node, header: pb.RecordHeader) -> None:
    reference = pb.CaseReference()
    read_leaf(node, reference, Leaf("CaseReference", "number"), [node.own_text()])
    read_leaf(node, reference, Leaf("authority", "authority"), [node.attribute("authority")])
    read_leaf(node, reference, Leaf("country", "country", Form.COUNTRY), [node.attribute("country")])
    if reference.ByteSize():
        header.case_references.append(reference)
    node.finish(_NO_FIELD)


def _add(header: Element, tag: str, texts: Iterable[str]) -> None:
    for text in texts:
        if text.strip():
            etree.SubElement(header, _tag(tag)).text = xml_text(text)


def _tag(name: str) -> str:
    return f"{{{SIENA}}}{name}"
