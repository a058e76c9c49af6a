"""Records as a disclosure shows them, and short ways to what is written of them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from adapters.adapter import Rendered, View
from adapters.htcds.format import Htcds
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb

ANA = "person/aaaaaaaaaa"
EVA = "person/bbbbbbbbbb"
RADU = "person/cccccccccc"


def victim(record: pb.Record, identifier: str = ANA, given: str = "Ana") -> pb.Person:
    """Add a victim with a name and a status."""
    person = record.persons.add(id=identifier, role=pb.ROLE_VICTIM)
    person.trafficking_status = pb.TRAFFICKING_STATUS_ACTUAL_VICTIM
    person.names.add(given=given, kind=pb.NAME_KIND_PRIMARY)
    return person


def suspect(record: pb.Record, *functions: pb.PersonFunction.ValueType) -> pb.Person:
    """Add a suspect with a name."""
    person = record.persons.add(id=RADU, role=pb.ROLE_SUSPECT, functions=functions)
    person.names.add(given="Radu", kind=pb.NAME_KIND_PRIMARY)
    return person


def link(record: pb.Record, source: str, target: str, kind: pb.RelationKind.ValueType) -> None:
    """Tie two entities."""
    spelled = "abcdefghij"[len(record.relationships)] * 10
    one = record.relationships.add(id=f"relationship/{spelled}").link
    setattr(one, "from", source)
    one.to, one.kind = target, kind


def written(record: pb.Record) -> dict[str, Any]:
    """Return the JSON of one view."""
    document: dict[str, Any] = json.loads(Htcds().render([View(record=record)], form="json").data)
    return document


def row(rendered: Rendered) -> dict[str, str]:
    """Return the only row of a CSV document, as a program without our reader sees it."""
    (only,) = csv.DictReader(io.StringIO(rendered.data.decode(), newline=""))
    return only


def lost(record: pb.Record, form: str = "json") -> dict[str, Effect]:
    """Return what a document of one view does not say, by path, ids and age status left out."""
    (losses,) = Htcds().render([View(record=record)], form=form).losses
    return {
        loss.path: loss.effect
        for loss in losses
        if not loss.path.endswith(("].id", "[].id", ".age_status", "header.type"))
    }
