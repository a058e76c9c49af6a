"""What a hash list says of one artefact: members of a VICS media, cells of an ICSE row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from adapters.contraband import holds_bytes
from adapters.document import clean_text
from adapters.hashes import write_hash
from adapters.spreadsheet import neutralise
from adapters.values import read_moment, write_instant
from adapters.vics.context import BASELINE, DEFAULT, is_20
from adapters.vics.icse import COLUMNS, FLAGS, KINDS
from adapters.vics.media import MOST_NUMBER
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_A: Final = pb.HashAlgorithm
_OWN: Final = {
    _A.HASH_ALGORITHM_MD5: "MD5",
    _A.HASH_ALGORITHM_SHA1: "SHA1",
    _A.HASH_ALGORITHM_PHOTODNA: "PhotoDNA",
}
_NAMES: Final = {
    **_OWN,
    _A.HASH_ALGORITHM_SHA256: "SHA256",
    _A.HASH_ALGORITHM_SHA512: "SHA512",
    _A.HASH_ALGORITHM_SHA3_256: "SHA3-256",
    _A.HASH_ALGORITHM_SHA3_512: "SHA3-512",
    _A.HASH_ALGORITHM_PDQ: "PDQ",
}
_YES_NO: Final = {True: "Yes", False: "No"}


def scheme_of(records: Iterable[pb.Record]) -> str:
    """Return the scheme whose categories a VICS 2.0 document of these records carries: of those that it can
    name the most frequent one, since one document has one.
    """
    counts = Counter(
        one.scheme
        for record in records
        for artefact in record.artefacts
        for one in artefact.classifications
        if one.HasField("number") and is_20(one.scheme)
    )
    return min(counts, key=lambda scheme: (-counts[scheme], scheme), default=DEFAULT)


def members_of(artefact: pb.DigitalArtefact, scheme: str) -> dict[str, Any]:
    """Return the members of a media, its number left out; none where VICS can say nothing of it."""
    metadata = artefact.metadata
    members: dict[str, Any] = {}
    category = next((one for one in artefact.classifications if one.scheme == scheme), None)
    if category is not None and category.HasField("number"):
        members["Category"] = category.number
    members |= _hashes(artefact)
    if 0 < metadata.size_bytes <= MOST_NUMBER:
        members["MediaSize"] = metadata.size_bytes
    members |= dict(_texts({"MimeType": metadata.media_type, "Series": metadata.series}))
    flags = {"VictimIdentified": "victim_identified", "OffenderIdentified": "offender_identified"}
    for member, name in (flags | {"IsDistributed": "distributed"}).items():
        if metadata.HasField(name):  # type: ignore[arg-type]
            members[member] = getattr(metadata, name)
    if file := _file(metadata):
        members["MediaFiles"] = [file]
    if exifs := [exif for text in metadata.exif if (exif := _exif(text))]:
        members["Exifs"] = exifs
    return members


def cells_of(artefact: pb.DigitalArtefact) -> dict[str, str]:
    """Return the cells of a row, its number left out; none where ICSE can say nothing of it."""
    metadata = artefact.metadata
    own = {name: value for name, value in _hashes(artefact).items() if name in COLUMNS}
    cells = dict(own)
    for column, name in FLAGS.items():
        if metadata.HasField(name):  # type: ignore[arg-type]
            cells[column] = _YES_NO[getattr(metadata, name)]
    cells |= {column: neutralise(text) for column, text in _texts({"Series name": metadata.series})}
    if metadata.kind in KINDS.spellings:
        cells["Media Type"] = KINDS.spellings[metadata.kind]
    baseline = next((one for one in artefact.classifications if one.scheme == BASELINE), None)
    if baseline is not None and baseline.HasField("number") and baseline.number in (0, 1):
        cells["Baseline"] = _YES_NO[bool(baseline.number)]
    return cells


def remark(member: str, text: str) -> str:
    """Return words about a media as the member may hold them; nothing where it may not."""
    return dict(_texts({member: text})).get(member, "")


def _hashes(artefact: pb.DigitalArtefact) -> dict[str, Any]:
    """Return the hashes, each algorithm's first in its own member, in the order of the record."""
    members: dict[str, Any] = {}
    for digest in artefact.hashes:
        text = write_hash(digest)
        if not text:
            continue
        own = _OWN.get(digest.algorithm)
        if own is not None and own not in members:
            members[own] = text
        else:
            other = {"HashName": _NAMES[digest.algorithm], "HashValue": text}
            members.setdefault("AlternativeHashes", []).append(other)
    return members


def _file(metadata: pb.ArtefactMetadata) -> dict[str, str]:
    file = dict(_texts({"FileName": metadata.file_name, "FilePath": metadata.path}))
    created = write_instant(metadata.created)
    # A time of the day alone is what the member can hold: no date without one, and none of another zone.
    if created and read_moment(created, "Created") == metadata.created:
        file["Created"] = created
    return file


def _exif(text: str) -> dict[str, str]:
    if not remark("PropertyValue", text):
        return {}
    name, _, value = text.partition("=")
    if name and value and name == name.strip() and value == value.strip():
        return {"PropertyName": name, "PropertyValue": value}
    return {"PropertyValue": text}


def _texts(texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    for member, text in texts.items():
        try:
            cleaned, _ = clean_text(text, member)
        except Malformed:
            continue
        # A text that looks like a picture goes into no list: nobody could tell it from one.
        if cleaned and not holds_bytes(member, cleaned):
            yield member, text
