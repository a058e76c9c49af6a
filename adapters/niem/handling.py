"""Handling and grading of a case, in marking text like that of controlled unclassified information."""

from __future__ import annotations

from typing import Final

from adapters.document import MAX_TEXT_BYTES
from adapters.evaluation import read_original, write_original
from adapters.loss import Effect
from adapters.mark import TLP_ORDER, stricter_light
from adapters.niem.elements import Part, add, add_text, prune
from adapters.xml import Element
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

MARKING: Final = "cui:DocumentMarkingMetadata"

_RELEASE: Final = "REL TO "
_DISTRIBUTION: Final = "nc:DistributionText"
_CAVEAT: Final = "nc:CaveatText"
_SENSITIVITY: Final = "nc:SensitivityText"
_COMMENT: Final = "nc:CommentText"
_RELIABILITY: Final = "nc:ReliabilityText"
_QUALITY: Final = "nc:QualityText"

_KNOWN: Final = (_SENSITIVITY, _COMMENT, _RELIABILITY, _QUALITY)


def read_handling(part: Part, header: pb.RecordHeader) -> None:
    """Read a marking; every element of it that is not known is a code by its text."""
    handling = header.source_handling
    named = [name for name in part.children if name not in _KNOWN]
    for one in part.in_order(*named):
        handling.codes.extend(_texts_below(one))
    for text in part.texts(_SENSITIVITY):
        _read_sensitivity(part, text, handling)
    said = part.texts(_COMMENT)
    if said:
        handling.text = "\n".join([*filter(None, [handling.text]), *said])
        if len(handling.text.encode()) > MAX_TEXT_BYTES:  # of handling nothing is ever left out
            raise Malformed("is longer than 64 KiB", field=f"{part.path}.{_COMMENT}", code="too-long")
    _read_grade(part, header)
    if not handling.ByteSize():
        header.ClearField("source_handling")


def _read_grade(part: Part, header: pb.RecordHeader) -> None:
    grade = part.text(_RELIABILITY)
    found = read_original(grade) if grade else None
    if found is not None:
        header.evaluation.CopyFrom(found)
    elif grade:
        header.evaluation.original = grade
    if original := part.text(_QUALITY):
        header.evaluation.original = original


def _texts_below(part: Part) -> list[str]:
    """Return the texts of an element and of all below it: of handling nothing is passed over."""
    found = [] if part.children else [part.own_text()]
    for name, held in part.children.items():
        part.seen.add(name)
        found += [text for one in held for text in _texts_below(one)]
    return [text for text in found if text]


def _read_sensitivity(part: Part, text: str, handling: pb.SourceHandling) -> None:
    light = text.upper()
    if light.startswith("TLP:"):
        handling.traffic_light = stricter_light(handling.traffic_light, light)
        if light not in TLP_ORDER:
            handling.codes.append(text)
            part.lose(_SENSITIVITY, Effect.GENERALISED, "is no known traffic light and counts as TLP:RED")
    elif not handling.classification:
        handling.classification = text
    else:
        handling.codes.append(text)


def write_handling(parent: Element, header: pb.RecordHeader) -> None:
    """Write the handling and the grading of a case."""
    node = add(parent, MARKING)
    handling = header.source_handling
    for code in handling.codes:
        add_text(node, _DISTRIBUTION if code.startswith(_RELEASE) else _CAVEAT, code)
    add_text(node, _COMMENT, handling.text)
    add_text(node, _SENSITIVITY, handling.classification)
    light = handling.traffic_light
    # What is no traffic light must not be read as something looser by anybody.
    add_text(node, _SENSITIVITY, light if not light or light in TLP_ORDER else TLP_ORDER[-1])
    add_text(node, _RELIABILITY, write_original(header.evaluation))
    add_text(node, _QUALITY, header.evaluation.original)
    prune(node)
