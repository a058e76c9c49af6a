"""What a provider says of one file: its hashes, its name and how it was classified. The file is not there."""

from __future__ import annotations

import re
from typing import Final

from adapters.cybertip.drawing import CLEARING_HOUSE, Drawing
from adapters.cybertip.node import Node, words_of
from adapters.cybertip.persons import draw_somebody
from adapters.hashes import algorithm_of, read_hash
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb

INDUSTRY: Final = "industry/{}"
"""Scheme of the industry's classification by its letter, that of the age; the number is that of the act."""

_CLASS: Final = re.compile(r"([AB])([12])")


def draw_file(node: Node, drawing: Drawing) -> None:
    """Draw the file of a `fileDetails` document."""
    for number in node.texts("reportId"):
        drawing.record.header.case_references.add(number=number, authority=CLEARING_HOUSE)
    artefact: pb.DigitalArtefact = drawing.add("file", "artefacts")
    artefact.exhibits.extend(node.texts("fileId"))
    if name := node.text("originalFileName"):
        artefact.metadata.file_name = name
    if path := node.text("locationOfFile"):
        artefact.metadata.path = path
    for one in node.nodes("originalFileHash"):
        _draw_hash(artefact, one.attribute("hashType"), one)
    for details in node.nodes("details"):
        for pair in details.nodes("nameValuePair"):
            _draw_pair(artefact, pair)
    _classify(artefact, node.node("industryClassification"))
    annotations = [child.name for child in node.node("fileAnnotations").children if child.text() != "false"]
    drawing.tell("Annotations", ", ".join(name for name in annotations if name.isalnum()), artefact.id)
    for member, title in (("fileRelevance", "Relevance"), ("additionalInfo", "Additional information")):
        for text in node.texts(member):
            drawing.tell(title, text, artefact.id)
    for capture in node.nodes("ipCaptureEvent"):
        draw_somebody(pb.CONTACT_KIND_IP, capture.node("ipAddress"), drawing, artefact.id)
        drawing.tell("Captured", "\n".join(words_of(capture)), artefact.id)


def _draw_hash(artefact: pb.DigitalArtefact, name: str, node: Node) -> None:
    algorithm, value = algorithm_of(name), node.text()
    if value and algorithm is None:
        node.lose(Effect.DROPPED, "the record has no such algorithm")
    elif value and algorithm is not None:
        artefact.hashes.append(read_hash(algorithm, value, node.path))


def _draw_pair(artefact: pb.DigitalArtefact, pair: Node) -> None:
    name, value, kind = pair.text("name"), pair.node("value"), pair.attribute("type").upper()
    if kind == "HASH" and algorithm_of(name) is not None:
        _draw_hash(artefact, name, value)
    elif name or value.text():
        artefact.metadata.exif.append("=".join(part for part in (name, value.text()) if part))
        if kind != "EXIF":
            pair.lose(
                Effect.KEPT_AS_EXTENSION, "is of no kind that has a place; it is kept beside the EXIF data"
            )


def _classify(artefact: pb.DigitalArtefact, node: Node) -> None:
    text = node.text()
    match = _CLASS.fullmatch(text)
    if match:
        artefact.classifications.add(scheme=INDUSTRY.format(match[1]), number=int(match[2]))
    elif text:
        node.lose(Effect.DROPPED, "is no class of the industry's classification")
