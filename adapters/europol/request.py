"""The content of a request: what is sought, why, of whom, and until when.

A record has no fields for it. Each part is a narrative under a title of its own; restrictions on use are
purposes in words; receipt, access and deadline are words on where the information came from.

Source: Directive (EU) 2023/977 Articles 4 and 5; `directive-2023-977.json`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from adapters.europol.deadlines import DIRECT, INDIRECT, deadline
from adapters.europol.header import URGENT, provenance_value
from adapters.europol.narratives import read_words, write_words
from adapters.europol.nodes import Node
from adapters.europol.reading import Reading
from adapters.europol.schema import SIENA
from adapters.europol.writing import Writing
from adapters.xml import Element, xml_text
from gateway.errors import Malformed, Refused
from gateway.v1 import record_pb2 as pb

SOUGHT: Final = "Information sought"
PARTS: Final = (
    ("InformationSought", SOUGHT),
    ("Facts", "Facts"),
    ("Offence", "Offence"),
    ("Reasons", "Reasons for addressing"),
    ("Link", "Link to person or entity"),
    ("AuthorisationPending", "Authorisation pending"),
)
"""Elements of a request, and the titles of the narratives that hold them."""
URGENCY: Final = "Reason for urgency"
RESTRICTION: Final = "Restriction on use: "
RECEIVED: Final = "Received at"
ACCESS: Final = "Access"
DEADLINE: Final = "Deadline"

_REQUIRED: Final = ("InformationSought", "Facts", "Offence", "Reasons")
_GROUND: Final = re.compile(
    r"(threat_to_public_security|imminent_threat_to_life|deprivation_of_liberty|loss_of_relevance)"
    r"(?:: (.+))?",
    re.DOTALL,
)
_AFTER_URGENCY: Final = "AuthorisationPending"


def request_of(record: pb.Record) -> dict[str, pb.Narrative]:
    """Return the narratives of a request by their element; none where nothing is sought.

    Raises:
        Refused: code `incomplete`: something is sought, and what must be said with it is missing.
    """
    found: dict[str, pb.Narrative] = {}
    for tag, title in PARTS:
        said = (one for one in record.narratives if one.title == title and one.text.strip())
        narrative = next(said, None)
        if narrative is not None:
            found[tag] = narrative
    if "InformationSought" not in found:
        return {}
    for tag, title in PARTS:
        if tag in _REQUIRED and tag not in found:
            raise Refused(
                f"seeks information without its part: {title}", field="narratives", code="incomplete"
            )
    if URGENT in record.header.provenance and not any(map(is_urgency, record.narratives)):
        raise Refused("is urgent without a reason for it", field="narratives", code="incomplete")
    return found


def is_urgency(narrative: pb.Narrative) -> bool:
    """Tell whether a narrative is a reason for urgency, by one of the grounds of the directive."""
    return narrative.title == URGENCY and _GROUND.fullmatch(narrative.text) is not None


def write_request(writing: Writing, root: Element, parts: dict[str, pb.Narrative]) -> set[str]:
    """Add a request, and return the ids of the narratives that stand in it."""
    header = writing.record.header
    element = etree.SubElement(root, _tag("Request"))
    _write_times(element, header)
    for tag, _ in PARTS:
        if tag == _AFTER_URGENCY:
            _write_urgency(writing, element)
        if tag in parts:
            write_words(writing, etree.SubElement(element, _tag(tag)), parts[tag], parts[tag].text)
    urgencies = {one.id for one in writing.record.narratives if is_urgency(one)}
    return {one.id for one in parts.values()} | urgencies


def _write_urgency(writing: Writing, element: Element) -> None:
    for narrative in writing.record.narratives:
        match = _GROUND.fullmatch(narrative.text) if is_urgency(narrative) else None
        if match:
            one = etree.SubElement(element, _tag("Urgency"), ground=match[1])
            write_words(writing, one, narrative, match[2] or "")
    for text in writing.record.header.purposes_in_words:
        if is_restriction(text):
            etree.SubElement(element, _tag("Restriction")).text = xml_text(text.removeprefix(RESTRICTION))


def is_restriction(text: str) -> bool:
    """Tell whether a purpose in words is a restriction on the use of what a request says."""
    return text.startswith(RESTRICTION) and bool(text.removeprefix(RESTRICTION).strip())


def times_in(header: pb.RecordHeader) -> list[str]:
    """Return the lines of provenance that stand as members of a request."""
    received = _instant(provenance_value(header, RECEIVED))
    stated = _instant(provenance_value(header, DEADLINE))
    access = provenance_value(header, ACCESS)
    lines = [f"{RECEIVED}: {_spell(received)}"] if received else []
    lines += [f"{ACCESS}: {access}"] if access in (DIRECT, INDIRECT) else []
    lines += [f"{DEADLINE}: {_spell(stated)}"] if stated and not received else []
    return [line for line in lines if line in header.provenance]


def _write_times(element: Element, header: pb.RecordHeader) -> None:
    lines = dict(line.split(": ", 1) for line in times_in(header))
    if ACCESS in lines:
        element.set("access", lines[ACCESS])
    if RECEIVED in lines:
        element.set("receivedAt", lines[RECEIVED])
        received = datetime.fromisoformat(lines[RECEIVED])
        urgent = URGENT in header.provenance
        element.set("deadline", _spell(deadline(received, urgent=urgent, access=lines.get(ACCESS, ""))))
    elif DEADLINE in lines:
        element.set("deadline", lines[DEADLINE])


def read_request(reading: Reading, node: Node, *, urgent: bool) -> None:
    """Read a request into narratives, purposes and provenance.

    Raises:
        Malformed: code `incomplete`: it is urgent and gives no reason; code `contradiction`: its deadline is
            not the one that the directive sets; `bad-date`.
    """
    header = reading.record.header
    _read_times(node, header, urgent=urgent)
    for tag, title in PARTS:
        for one in node.nodes(tag):
            read_words(reading, one, title, one.own_text())
    urgencies = node.nodes("Urgency")
    if urgent and not urgencies:
        raise Malformed("is urgent without a reason for it", field=node.path, code="incomplete")
    for one in urgencies:
        ground, words = one.attribute("ground"), one.own_text()
        read_words(reading, one, URGENCY, f"{ground}: {words}" if words else ground)
    header.purposes_in_words.extend(f"{RESTRICTION}{text}" for text in node.texts("Restriction"))
    node.finish("the record has no field for it")


def _read_times(node: Node, header: pb.RecordHeader, *, urgent: bool) -> None:
    access = node.attribute("access")
    if access:
        header.provenance.append(f"{ACCESS}: {access}")
    received = _read_instant(node, "receivedAt")
    stated = _read_instant(node, "deadline")
    if received is None:
        header.provenance.extend([f"{DEADLINE}: {_spell(stated)}"] if stated else [])
        return
    header.provenance.append(f"{RECEIVED}: {_spell(received)}")
    due = deadline(received, urgent=urgent, access=access)
    if stated is None or stated == due:
        return
    if node.node("AuthorisationPending") is None or stated < due:
        raise Malformed(
            "is not the deadline that Directive (EU) 2023/977 sets from receipt",
            field=node.where("deadline"),
            code="contradiction",
        )
    header.provenance.append(f"{DEADLINE}: {_spell(stated)}")


def _read_instant(node: Node, name: str) -> datetime | None:
    text = node.attribute(name)
    if not text:
        return None
    found = _instant(text)
    if found is None:
        raise Malformed("is not a time with an offset from UTC", field=node.where(name), code="bad-date")
    return found


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo and 1 < found.year < 9999 else None
    except (ValueError, OverflowError):
        return None


def _spell(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


def _tag(name: str) -> str:
    return f"{{{SIENA}}}{name}"
