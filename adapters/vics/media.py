"""One media of a VICS list, read into an artefact: hashes, file, category and flags, and never its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from adapters.contraband import refuse_bytes
from adapters.document import Json, clean_text
from adapters.hashes import algorithm_of, read_hash
from adapters.loss import Effect, Loss
from adapters.row import Row
from adapters.values import read_moment
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

MOST_NUMBER: Final = 2**63 - 1
MOST_CATEGORY: Final = 2**32 - 1

REMARKS: Final[Mapping[str, str]] = MappingProxyType({"Tags": "tags", "Comments": "comments"})
"""Members with words about a media, and what their narrative's id ends in; its title is the member's name."""

_HASHES: Final = ("MD5", "SHA1", "PhotoDNA")
_ALTERNATIVES: Final = "AlternativeHashes"
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,48}")
_NO_FIELD: Final = "is the upkeep of the list, or the record has no field for it"
_NO_TEXT: Final = "a text that the record could hold under this name is no id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An artefact and the words about it."""

    artefact: pb.DigitalArtefact
    narratives: tuple[pb.Narrative, ...]


def read_media(values: Mapping[str, Json], path: str, *, scheme: str, place: int) -> tuple[Found, list[Loss]]:
    """Return the artefact of one media, the `place`th of its document, and what was lost of it.

    Raises:
        Malformed: `field` names the member; code `media-bytes` where the media itself stands in the list.
    """
    refuse_bytes(values, path)
    losses: list[Loss] = []
    row = Row(values=values, path=path, losses=losses)
    artefact = pb.DigitalArtefact(id=media_id(row, "MediaID", place))
    artefact.hashes.extend(_hashes(row))
    _draw_metadata(row, artefact.metadata)
    category = row.count("Category", most=MOST_CATEGORY, zero=True)
    if category is not None:
        artefact.classifications.add(scheme=scheme, number=category)
    if not artefact.metadata.ListFields():
        artefact.ClearField("metadata")
    narratives = tuple(_narratives(row, artefact.id))
    row.finish(_NO_FIELD)
    require_something(artefact, narratives, path)
    return Found(artefact=artefact, narratives=narratives), losses


def media_id(row: Row, name: str, place: int) -> str:
    """Return an entity id: `media-` and the list's own number, or the place where it has none."""
    own = verbatim(row, name)
    if _ID.fullmatch(own):
        return f"media-{own}"
    if own:
        row.lose(name, Effect.DROPPED, _NO_TEXT)
    return f"item-{place}"


def verbatim(row: Row, name: str) -> str:
    """Return a text as it is written, also where it looks like "not recorded"; nothing where it is absent.

    Raises:
        Malformed: code `bad-type`, `bad-encoding` or `too-long`.
    """
    row.seen.add(name)
    value = row.values.get(name)
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        raise Malformed("is not text", field=row.where(name), code="bad-type")
    text, changed = clean_text(str(value), row.where(name))
    if changed:
        row.lose(name, Effect.GENERALISED, "unseen characters are left out")
    return text


def require_something(artefact: pb.DigitalArtefact, narratives: tuple[Any, ...], path: str) -> None:
    """Refuse an entry that says nothing of any file.

    Raises:
        Malformed: code `empty-document`.
    """
    if not narratives and [field.name for field, _ in artefact.ListFields()] == ["id"]:
        raise Malformed("says nothing of a file", field=path, code="empty-document")


def _hashes(row: Row) -> Iterator[pb.Hash]:
    """Yield the hashes in the order of the document, which is that of the record it was written from."""
    for name in (*row.values, *_HASHES, _ALTERNATIVES):
        if name in row.seen:
            continue
        if name == _ALTERNATIVES:
            for other in row.rows(name):
                yield from _alternative(other)
        elif name in _HASHES:
            text = verbatim(row, name)
            algorithm = algorithm_of(name)
            assert algorithm is not None
            if text:
                yield read_hash(algorithm, text, row.where(name))


def _alternative(row: Row) -> Iterator[pb.Hash]:
    name, value = verbatim(row, "HashName"), verbatim(row, "HashValue")
    algorithm = algorithm_of(name)
    if algorithm is not None and value:
        yield read_hash(algorithm, value, row.where("HashValue"))
    elif value:
        row.lose("HashValue", Effect.DROPPED, "the record has no such algorithm")
    row.finish(_NO_FIELD)


def _draw_metadata(row: Row, metadata: pb.ArtefactMetadata) -> None:
    if (size := row.count("MediaSize", most=MOST_NUMBER, zero=False)) is not None:
        metadata.size_bytes = size
    for member, name in (("MimeType", "media_type"), ("Series", "series")):
        if text := verbatim(row, member):
            setattr(metadata, name, text)
    flags = {"VictimIdentified": "victim_identified", "OffenderIdentified": "offender_identified"}
    for member, name in (flags | {"IsDistributed": "distributed"}).items():
        if (flag := row.flag(member)) is not None:
            setattr(metadata, name, flag)
    _draw_file(row, metadata)
    for exif in row.rows("Exifs"):
        name, value = verbatim(exif, "PropertyName"), verbatim(exif, "PropertyValue")
        if name or value:
            metadata.exif.append(f"{name}={value}" if name and value else name or value)
        exif.finish(_NO_FIELD)


def _draw_file(row: Row, metadata: pb.ArtefactMetadata) -> None:
    """Take name, path and time of the first file that the media was found in."""
    files = row.rows("MediaFiles")
    for other in files[1:]:
        other.finish("the record has one file of a media")
    names = [(row, "Name"), *((file, "FileName") for file in files[:1])]
    paths = [*((file, "FilePath") for file in files[:1]), (row, "RelativeFilePath")]
    for name, places in (("file_name", names), ("path", paths)):
        for holder, member in places:
            text = verbatim(holder, member)
            if text and not getattr(metadata, name):
                setattr(metadata, name, text)
            elif text and text != getattr(metadata, name):
                holder.lose(member, Effect.DROPPED, "the record has one name and one path of a file")
    for file in files[:1]:
        created = verbatim(file, "Created")
        moment = read_moment(created, file.where("Created")) if created else None
        if moment is not None:
            metadata.created.CopyFrom(moment)
        file.finish(_NO_FIELD)


def _narratives(row: Row, artefact: str) -> Iterator[pb.Narrative]:
    for title, ending in REMARKS.items():
        if text := verbatim(row, title):
            yield pb.Narrative(id=f"{artefact}-{ending}", title=title, text=text, subjects=[artefact])
