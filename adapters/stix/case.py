"""One case of a STIX bundle becomes one record, natively first, then by our own extension."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from adapters.adapter import Draft
from adapters.loss import Effect, Loss
from adapters.stix.bundle import SHARED, Case
from adapters.stix.handling import read_handling
from adapters.stix.layout import CUSTOM
from adapters.stix.read_entities import is_unit, read_incident, read_location, read_note
from adapters.stix.read_extension import read_custom, read_extensions
from adapters.stix.read_header import read_report, read_sources
from adapters.stix.read_observed import OBSERVABLES, read_alone, read_observed
from adapters.stix.read_persons import read_actor, read_identity
from adapters.stix.read_ties import join_actors, read_relationship, settle_references
from adapters.stix.reading import Reading
from adapters.stix.thing import Thing

_NO_EQUAL: Final = "this type of STIX object has no equal in a record"
_WITHDRAWN: Final = "whoever made the object has withdrawn it"
_MADE: Final = "a record does not tell when or by whom an object was made"

_Read = Callable[[Reading, Thing], None]
_READERS: Final[Mapping[str, _Read]] = MappingProxyType(
    {
        "identity": read_identity,
        "threat-actor": read_actor,
        "location": read_location,
        "incident": read_incident,
        "note": read_note,
        "observed-data": read_observed,
        "report": read_report,
        "grouping": read_report,
    }
)
_ALONE: Final[Mapping[str, _Read]] = MappingProxyType(dict.fromkeys(OBSERVABLES, read_alone))
_TIES: Final[Mapping[str, _Read]] = MappingProxyType({"relationship": read_relationship})


def read_case(case: Case, *, today: date, native: bool = False) -> Draft:
    """Return the record of a case and what was lost.

    With `native` the values of our extensions are left out.

    Raises:
        Malformed: a property of an object does not read; `field` names it.
    """
    losses: list[Loss] = []
    things: dict[str, Thing] = {}
    for found in case.objects:
        if found.values.get("revoked") is True:
            losses.append(Loss(path=found.path, effect=Effect.DROPPED, why=_WITHDRAWN))
        else:
            things[found.id] = Thing(
                id=found.id, type=found.type, path=found.path, values=found.values, losses=losses
            )
    reading = Reading(things=things, losses=losses)
    read_sources(reading, case.shared)
    join_actors(reading, is_unit)
    # Observations come before what is observed, entities before what ties them.
    for readers in (_READERS, _ALONE, _TIES):
        _read_by(readers, reading)
    if not native:
        read_extensions(reading, today=today)
    settle_references(reading)
    _read_markings(reading, case)
    _finish(reading)
    return Draft(record=reading.record, losses=tuple(dict.fromkeys(losses)))


def _read_by(readers: Mapping[str, _Read], reading: Reading) -> None:
    for thing in reading.things.values():
        read = readers.get(thing.type)
        if read is None:
            read = read_custom if readers is _ALONE and thing.type.startswith(CUSTOM) else None
        if read is not None and thing.id not in reading.consumed:
            read(reading, thing)


def _read_markings(reading: Reading, case: Case) -> None:
    defined: dict[str, Thing | None] = {}

    def define(one: str) -> Thing | None:
        if one not in defined:
            found = case.shared.get(one)
            defined[one] = found and Thing(
                id=found.id, type=found.type, path=found.path, values=found.values, losses=reading.losses
            )
        return defined[one]

    marked = [thing for thing in reading.things.values() if thing.type not in SHARED]
    read_handling(marked, define, reading.record.header)
    for one, thing in reading.things.items():
        if thing.type == "marking-definition" and one not in defined:
            reading.losses.append(
                Loss(path=thing.path, effect=Effect.DROPPED, why="the marking is applied to nothing")
            )


def _finish(reading: Reading) -> None:
    for thing in reading.things.values():
        if thing.id in reading.consumed:
            thing.finish()
        elif thing.type not in SHARED:
            reading.losses.append(Loss(path=thing.path, effect=Effect.DROPPED, why=_NO_EQUAL))
    reading.losses.append(Loss(path="objects[].created", effect=Effect.DROPPED, why=_MADE))
