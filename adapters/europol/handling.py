"""Handling in a message: H codes, releasability and classification, and as text whatever has no code.

A code without one of its own is never dropped: it stands as a line of the text, under an H3. Where nothing
is stated at all, the strictest stands that can be said: H3, and to ask the source.

Source: `reference/formats.md` section 1.3; `handling-codes.json`.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from adapters.document import MAX_TEXT_BYTES
from adapters.europol.nodes import Node
from adapters.europol.schema import UMF
from adapters.loss import Effect, Loss
from adapters.mark import TLP_ORDER, stricter_light
from adapters.xml import Element, xml_text
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

CODES: Final = ("H0", "H1", "H2", "H3")
ASK: Final = "Ask the source before any use."
"""The text of an H3 that came without one, or that stands where no handling is stated."""

_RELEASABLE: Final = "REL TO "
_CODE: Final = "Handling code: "
_LIGHT: Final = "Traffic light: "
_WIDENED: Final = "is the handling of one entity; it is held for the record as a whole"


def write_handling(parent: Element, namespace: str, handling: pb.SourceHandling) -> None:
    """Add the handling of a message, the strictest where none is stated."""
    codes = [code for code in dict.fromkeys(handling.codes) if code in CODES]
    others = [code for code in dict.fromkeys(handling.codes) if code not in CODES]
    releasable = _releasable(others)
    lines = [_CODE + _line(code) for code in others if code != releasable]
    lines += [_LIGHT + _line(handling.traffic_light)] if handling.traffic_light else []
    text = "\n".join([*lines, *([handling.text] if handling.text else [])])
    if not codes or (text and "H3" not in codes):
        codes.append("H3")
    if len(codes) > 1:
        codes = [code for code in codes if code != "H0"]  # it stands alone
    if "H3" in codes and not text.strip():
        text = ASK
    element = etree.SubElement(parent, f"{{{namespace}}}Handling")
    if handling.classification:
        element.set("classification", xml_text(handling.classification))
    for code in codes:
        etree.SubElement(element, _tag("Code")).text = code
    if text:
        etree.SubElement(element, _tag("Text")).text = xml_text(text)
    for party in releasable.removeprefix(_RELEASABLE).split(", ") if releasable else []:
        etree.SubElement(element, _tag("Releasable")).text = xml_text(party)


def read_handling(node: Node, handling: pb.SourceHandling) -> None:
    """Put the handling of a message into that of a record, beside what stands there already."""
    codes = [*handling.codes, *node.texts("Code")]
    releasable = node.texts("Releasable")
    codes += [_RELEASABLE + ", ".join(releasable)] if releasable else []
    lines = node.raw("Text").split("\n")
    while lines and lines[0].startswith((_CODE, _LIGHT)):
        label, word = lines.pop(0).split(": ", 1)
        word = node.clean("Text", word)
        codes += [word] if _CODE.startswith(label) else _read_light(word, handling)
    handling.codes[:] = list(dict.fromkeys(code for code in codes if code))
    _say(handling, node.clean("Text", "\n".join(lines)))
    level = node.attribute("classification")
    if level and not handling.classification:
        handling.classification = level
    elif level and level != handling.classification:
        _say(handling, f"Classified as {level}.")
    node.finish("handling has no such member")


def read_entity_handling(node: Node, handling: pb.SourceHandling, entity: str) -> None:
    """Hold the handling of one entity for the record as a whole, which is never looser."""
    own = pb.SourceHandling()
    read_handling(node, own)
    node.losses.append(Loss(path=node.path, effect=Effect.GENERALISED, why=_WIDENED))
    codes = [*handling.codes, *own.codes]
    handling.codes[:] = list(dict.fromkeys(code for code in codes if code != "H0" or len(set(codes)) == 1))
    if own.text:
        _say(handling, f"{entity}: {own.text}")
    if own.classification and own.classification != handling.classification:
        _say(handling, f"{entity}: Classified as {own.classification}.")
    if own.traffic_light:
        handling.traffic_light = stricter_light(handling.traffic_light, own.traffic_light)


def _say(handling: pb.SourceHandling, text: str) -> None:
    if text and text not in handling.text.split("\n"):
        handling.text = "\n".join(part for part in (handling.text, text) if part)
    if len(handling.text.encode()) > MAX_TEXT_BYTES:
        raise Malformed("is longer than 64 KiB, all entities together", field="Handling", code="too-long")


def _read_light(light: str, handling: pb.SourceHandling) -> list[str]:
    """Set a label of the traffic light protocol; an unknown one counts as red, and stays as a code."""
    handling.traffic_light = stricter_light(handling.traffic_light, light)
    return [] if light in TLP_ORDER else [light]


def _releasable(codes: list[str]) -> str:
    """Return the one list that is written as a list; two of them bind together and would not as one."""
    lists = [code for code in codes if code.startswith(_RELEASABLE)]
    if len(lists) != 1 or not _is_list(lists[0]):
        return ""
    return lists[0]


def _is_list(code: str) -> bool:
    parties = code.removeprefix(_RELEASABLE).split(", ")
    return all(
        party and party == party.strip() and "," not in party and "\n" not in party for party in parties
    )


def _line(text: str) -> str:
    return " ".join(text.split("\n"))


def _tag(name: str) -> str:
    return f"{{{UMF}}}{name}"
