"""Short ways to read invented notices, and to what is written of a view."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from adapters.adapter import Draft, View
from adapters.interpol.format import InterpolNotice
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY

TODAY = date(2031, 2, 1)
MINA = "person/aaaaaaaaaa"
IVO = "person/bbbbbbbbbb"
GONE = "incident/aaaaaaaaaa"


def parse(document: object) -> list[Draft]:
    """Read a document: bytes and text as they are, anything else as JSON."""
    text = document if isinstance(document, str | bytes) else json.dumps(document, ensure_ascii=False)
    data = text if isinstance(text, bytes) else text.encode()
    return InterpolNotice().parse(data, today=TODAY, exercise=True)


def read(document: object) -> pb.Record:
    """Read a document of one case and return its record."""
    (draft,) = parse(document)
    return draft.record


def losses(document: object) -> dict[str, Effect]:
    """Read a document of one case and return what it lost, by path."""
    (draft,) = parse(document)
    return {loss.path: loss.effect for loss in draft.losses}


def written(record: pb.Record, form: str) -> dict[str, Any]:
    """Return the JSON of one view."""
    data = InterpolNotice().render([View(record=record)], form=form, allowed=EVERY).data
    document: dict[str, Any] = json.loads(data)
    return document


def lost(record: pb.Record, form: str) -> dict[str, Effect]:
    """Return what writing one view loses, by path."""
    (told,) = InterpolNotice().render([View(record=record)], form=form, allowed=EVERY).losses
    return {loss.path: loss.effect for loss in told}


def missing(record: pb.Record, identifier: str = MINA, given: str = "MINA") -> pb.Person:
    """Add a child who is missing, as a presumed victim."""
    person = record.persons.add(id=identifier, role=pb.ROLE_PRESUMED_VICTIM)
    person.age_status = pb.AGE_STATUS_MINOR
    person.names.add(family="EXAMPLE-LARK", given=given, kind=pb.NAME_KIND_PRIMARY)
    return person


def disappearance(record: pb.Record, person: str = MINA, identifier: str = GONE) -> pb.Incident:
    """Add the event from which somebody is missing, tied to the person."""
    incident = record.incidents.add(id=identifier, kind=pb.INCIDENT_KIND_DISAPPEARANCE)
    incident.occurred.place.town = "Port Sample"
    incident.occurred.place.country = "XB"
    incident.occurred.start.date.year = 2031
    link(record, person, identifier, pb.RELATION_KIND_OTHER)
    return incident


def suspect(record: pb.Record, identifier: str = IVO, given: str = "IVO") -> pb.Person:
    """Add an adult who is wanted under a warrant."""
    person = record.persons.add(id=identifier, role=pb.ROLE_SUSPECT, age_status=pb.AGE_STATUS_ADULT)
    person.names.add(family="EXAMPLE-KESTREL", given=given, kind=pb.NAME_KIND_PRIMARY)
    person.birth.year = 1979
    person.offences.add(description="Trafficking in human beings", country="XB")
    return person


def link(record: pb.Record, source: str, target: str, kind: pb.RelationKind.ValueType) -> None:
    """Tie two entities."""
    spelled = "abcdefghij"[len(record.relationships)] * 10
    one = record.relationships.add(id=f"relationship/{spelled}").link
    setattr(one, "from", source)
    one.to, one.kind = target, kind
