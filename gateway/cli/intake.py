"""From a file a person names to submitted records: the native forms, or any format an adapter reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from adapters.adapter import Adapter, Draft
from adapters.document import MAX_DOCUMENT_BYTES
from adapters.loss import Loss
from adapters.registry import find, names
from adapters.sheet.format import Sheet
from adapters.sheet.map_file import read_map
from adapters.tighten import tighten
from gateway.cli.files import as_text, read_file, read_text
from gateway.errors import Malformed
from gateway.record.json_form import from_json
from gateway.record.marking import Holders, Level, Marking, PermittedAction, to_message
from gateway.record.vocabulary import Provenance, Purpose
from gateway.v1.record_pb2 import Record, RecordHeader

SHEET = Sheet.name
"""The format whose columns a map explains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One record read from a file, and what its format could not carry over."""

    data: bytes
    losses: tuple[Loss, ...]


def read_records(
    path: Path,
    format_name: str,
    *,
    header: RecordHeader,
    exercise: bool,
    now: datetime,
    columns: Path | None = None,
) -> Sequence[Intake]:
    """Read the records of a file.

    Native forms are chosen by the file's ending. Foreign formats carry no marking of ours: `header` is put
    on every record of theirs, and what a document says of its handling tightens it.

    Raises:
        Malformed: unreadable, or an unknown ending.
    """
    data = read_file(path, most=MAX_DOCUMENT_BYTES)
    if not format_name:
        if path.suffix == ".json":
            return (Intake(data=from_json(as_text(data, path)), losses=()),)
        if path.suffix == ".binpb":
            return (Intake(data=data, losses=()),)
        raise Malformed("ends in neither .json nor .binpb: name its --format", field=str(path), code="usage")
    intakes = []
    adapter = adapter_of(format_name, columns)
    for draft in adapter.parse(data, today=now.date(), exercise=exercise):
        intakes.append(stamped(draft, header))
    return intakes


def stamped(draft: Draft, header: RecordHeader) -> Intake:
    """Return a draft as a record, with the header that its submitter states for it; what the document says of
    its handling tightens it.

    Raises:
        Malformed: code `unknown-label`.
    """
    draft.record.header.MergeFrom(header)
    tighten(draft.record)
    return Intake(data=draft.record.SerializeToString(deterministic=True), losses=draft.losses)


def adapter_of(format_name: str, columns: Path | None) -> Adapter:
    """Return the adapter of a format, of a sheet with its column map.

    Raises:
        Malformed: code `usage`: nobody reads the format, or it knows no column map; or the map does not read.
        NotFound: code `no-file`: the column map cannot be read.
    """
    if format_name not in names():
        raise Malformed(f"is none of: {', '.join(names())}", field="--format", code="usage")
    if columns is None:
        return find(format_name)
    if format_name != SHEET:
        raise Malformed(f"is for --format {SHEET} alone", field="--columns", code="usage")
    try:
        return Sheet(read_map(read_file(columns)))
    except Malformed as exc:
        raise Malformed(exc.message, field=f"{columns}: {exc.field}", code=exc.code) from exc


def read_header(path: Path) -> RecordHeader:
    """Return the record header of a JSON file: the same form as `header` of a record file."""
    text = read_text(path)
    try:
        wrapped = json.dumps({"header": json.loads(text)})
    except ValueError as exc:
        raise Malformed("is not JSON", field=str(path), code="malformed") from exc
    return Record.FromString(from_json(wrapped)).header


def narrowest_header(
    recipients: Iterable[str], purposes: Iterable[Purpose], retain_until: date
) -> RecordHeader:
    """Return the strictest header under which these recipients may have a record for these purposes."""
    marking = Marking(
        level=Level.RESTRICTED,
        rel=frozenset(recipients),
        holders=Holders.ORGANISATION,
        purposes=frozenset(purposes),
        act=PermittedAction.INTERNAL,
        subject_may_be_told=False,
        encrypt=True,
        display_only=False,
        no_automated_use=True,
        provenance=frozenset({Provenance.NGO}),
    )
    return RecordHeader(marking=to_message(marking), retain_until=retain_until.isoformat())
