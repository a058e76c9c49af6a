"""Short ways to read invented HTCDS documents."""

from __future__ import annotations

import json
from datetime import date

from adapters.adapter import Draft
from adapters.htcds.format import Htcds
from adapters.loss import Effect
from gateway.v1 import record_pb2

TODAY = date(2026, 6, 1)


def parse(document: object) -> list[Draft]:
    """Read a document: bytes and text as they are, anything else as JSON."""
    text = document if isinstance(document, str | bytes) else json.dumps(document, ensure_ascii=False)
    data = text if isinstance(text, bytes) else text.encode()
    return Htcds().parse(data, today=TODAY, exercise=True)


def read(document: object) -> record_pb2.Record:
    """Read a document of one case and return its record."""
    (draft,) = parse(document)
    return draft.record


def losses(document: object) -> dict[str, Effect]:
    """Read a document of one case and return what it lost, by path."""
    (draft,) = parse(document)
    return {loss.path: loss.effect for loss in draft.losses}


def linked(record: record_pb2.Record) -> set[tuple[str, str, str]]:
    """Return the relationships as (from, kind, to)."""
    kinds = record_pb2.RelationKind.Name
    return {
        (getattr(one.link, "from"), kinds(one.link.kind).removeprefix("RELATION_KIND_"), one.link.to)
        for one in record.relationships
    }
