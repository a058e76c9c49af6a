"""Files, messages and devices: what they are, their hashes, and what is tagged on them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.case_uco.canvas import Canvas, Members, fits, instant, put
from adapters.case_uco.case import Case
from adapters.case_uco.classes import ARTEFACT_CLASSES, OWN_VIDEO
from adapters.case_uco.devices import device_class, read_device, write_device
from adapters.case_uco.hashes import read_hashes, write_hashes
from adapters.case_uco.node import Node
from adapters.document import Json
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb

_FILE: Final = "uco-observable:FileFacet"
_CONTENT: Final = "uco-observable:ContentDataFacet"
_MESSAGE: Final = "uco-observable:MessageFacet"
_SIZE: Final = "uco-observable:sizeInBytes"
_MOST_BYTES: Final = (1 << 64) - 1
_CATEGORY: Final = "category:"
_SERIES: Final = "series:"
_CLASSES: Final[Mapping[int, str]] = MappingProxyType(
    {
        pb.ARTEFACT_KIND_IMAGE: "uco-observable:Image",
        pb.ARTEFACT_KIND_VIDEO: OWN_VIDEO,
        pb.ARTEFACT_KIND_AUDIO: "uco-observable:Audio",
        pb.ARTEFACT_KIND_ARCHIVE: "uco-observable:ArchiveFile",
        pb.ARTEFACT_KIND_MESSAGE: "uco-observable:Message",
    }
)


def read_artefact(case: Case, node: Node, artefact: pb.DigitalArtefact) -> None:
    """Read a file, a message or a device.

    Raises:
        Malformed: code `bad-hash`, `bad-number` or `bad-date`.
    """
    metadata = pb.ArtefactMetadata()
    kind = next((one for name, one in ARTEFACT_CLASSES.items() if one and name in node.types), 0)
    if kind:
        metadata.kind = pb.ArtefactKind.ValueType(kind)
    for facet in case.facets(node, _FILE):
        _read_file(facet, metadata)
    for facet in case.facets(node, _CONTENT):
        _read_size(facet, metadata)
        if media := facet.text("uco-observable:mimeType"):
            metadata.media_type = media
        artefact.hashes.extend(read_hashes(case, facet))
    for facet in case.facets(node, _MESSAGE):
        if text := facet.text("uco-observable:messageText"):
            artefact.content = text
        sent = facet.moment("uco-observable:sentTime")
        if sent is not None:
            metadata.created.CopyFrom(sent)
    _read_tags(node, metadata, artefact)
    if metadata.ByteSize():
        artefact.metadata.CopyFrom(metadata)
    read_device(case, node, artefact)


def _read_file(facet: Node, metadata: pb.ArtefactMetadata) -> None:
    if name := facet.text("uco-observable:fileName"):
        metadata.file_name = name
    if path := facet.text("uco-observable:filePath"):
        metadata.path = path
    _read_size(facet, metadata)
    created = facet.moment("uco-observable:observableCreatedTime")
    if created is not None:
        metadata.created.CopyFrom(created)


def _read_size(facet: Node, metadata: pb.ArtefactMetadata) -> None:
    size = facet.count(_SIZE, most=_MOST_BYTES)
    if size is None:
        return
    if not metadata.HasField("size_bytes"):
        metadata.size_bytes = size
    elif metadata.size_bytes != size:
        facet.lose(_SIZE, Effect.DROPPED, "another facet states another size")


def _read_tags(node: Node, metadata: pb.ArtefactMetadata, artefact: pb.DigitalArtefact) -> None:
    for tag in node.texts("uco-core:tag"):
        scheme, colon, number = tag.removeprefix(_CATEGORY).rpartition(":")
        if tag.startswith(_SERIES) and len(tag) > len(_SERIES) and not metadata.series:
            metadata.series = tag.removeprefix(_SERIES)
        elif tag.startswith(_CATEGORY) and colon and scheme and _is_number(number):
            artefact.classifications.add(scheme=scheme, number=int(number))
        else:
            node.lose("uco-core:tag", Effect.DROPPED, "is a tag of no meaning to a record")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def write_artefact(canvas: Canvas, artefact: pb.DigitalArtefact) -> None:
    """Write a file, a message or a device; it may be both where a record says so."""
    metadata = artefact.metadata
    device = device_class(artefact)
    kind = _CLASSES.get(metadata.kind)
    is_file = bool(metadata.ByteSize() or artefact.hashes or not device)
    types = [kind] if kind == _CLASSES[pb.ARTEFACT_KIND_MESSAGE] else ["uco-observable:File"] * is_file
    types += [kind] if kind and kind not in types else []
    node = canvas.draw(artefact, *types, *([device] if device else []))
    message = metadata.kind == pb.ARTEFACT_KIND_MESSAGE
    if message:
        said: dict[str, Json] = {
            "uco-observable:messageText": artefact.content,
            "uco-observable:sentTime": instant(metadata.created),
        }
        canvas.facet(node, _MESSAGE, said)
    _write_file(canvas, node, metadata, created=None if message else instant(metadata.created))
    content: dict[str, Json] = {
        "uco-observable:mimeType": metadata.media_type,
        "uco-observable:hash": write_hashes(canvas, node, artefact.hashes, "hash"),
    }
    canvas.facet(node, _CONTENT, content)
    tags = [
        f"{_CATEGORY}{one.scheme}:{one.number}"
        for one in artefact.classifications
        if one.scheme and one.HasField("number")
    ]
    tags += [f"{_SERIES}{metadata.series}"] if metadata.series else []
    put(node, "uco-core:tag", [tag for tag in tags if fits(tag)])
    write_device(canvas, node, artefact.device)


def _write_file(canvas: Canvas, node: Members, metadata: pb.ArtefactMetadata, *, created: Json) -> None:
    values: dict[str, Json] = {
        "uco-observable:fileName": metadata.file_name,
        "uco-observable:filePath": metadata.path,
        "uco-observable:observableCreatedTime": created,
    }
    if metadata.HasField("size_bytes"):
        values[_SIZE] = metadata.size_bytes
    canvas.facet(node, _FILE, values)
