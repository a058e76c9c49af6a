"""What a report says of the whole record, and who made its objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.loss import Effect
from adapters.stix.bundle import Found
from adapters.stix.names import own_id
from adapters.stix.reading import Reading, labels_of
from adapters.stix.thing import Thing
from gateway.v1 import record_pb2 as pb

AUTHOR: Final = own_id("identity", "author", "1")
"""The identity that publishes our extensions; it is nobody of a record."""

RECORD: Final = "Record"
"""Name of a report that has no other: STIX demands one."""

CASE: Final = "case-reference"
"""Source of a case reference whose authority is not stated."""

_REFERRING: Final = ("object_refs", "source_ref", "target_ref", "object_ref", "sample_refs")


def read_sources(reading: Reading, shared: Mapping[str, Found]) -> None:
    """Keep by name who made the objects, where nothing else refers to them: they are no part of the case."""
    things = reading.things.values()
    stated = [thing.values.get("created_by_ref") for thing in things]
    makers = dict.fromkeys(one for one in stated if isinstance(one, str))
    makers.pop(AUTHOR, None)
    if AUTHOR in reading.things:
        reading.consumed.add(AUTHOR)
        reading.things[AUTHOR].seen |= reading.things[AUTHOR].values.keys()
    if not makers:
        return
    referred: set[str] = set()
    for thing in things:
        for name in _REFERRING:
            held = thing.values.get(name)
            referred.update([held] if isinstance(held, str) else _texts(held))
    names: dict[str, None] = {}
    for one in makers:
        found = shared.get(one)
        if found is None or (one in referred and one in reading.things):
            continue
        maker = reading.things.get(one) or Thing(
            id=one, type=found.type, path=found.path, values=found.values, losses=reading.losses
        )
        name = maker.text("name")
        reading.consumed.add(one)
        if name:
            names[name] = None
            maker.lose("name", Effect.KEPT_AS_EXTENSION, "who made an object is kept as its provenance")
    reading.record.header.provenance.extend(names)


def read_report(reading: Reading, thing: Thing) -> None:
    """Read what holds a case together: references, confidence, and its own words as a narrative."""
    header = reading.record.header
    reading.consumed.add(thing.id)
    thing.references("object_refs")
    name, description = thing.text("name"), thing.text("description")
    if (name and name != RECORD) or description:
        narrative = reading.add("narrative", thing)
        if name and name != RECORD:
            narrative.title = name
        if description:
            narrative.text = description
    labels_of(thing)
    for place, held in thing.objects("external_references"):
        inner = Thing(id="", type="", path=f"{thing.path}.{place}", values=held, losses=thing.losses)
        number, source = inner.text("external_id"), inner.text("source_name")
        if number:
            reference = header.case_references.add(number=number)
            if source and source != CASE:
                reference.authority = source
        else:
            inner.seen.clear()
        inner.finish()
    confidence = thing.count("confidence", most=100)
    if confidence is None:
        return
    if not header.HasField("evaluation"):
        header.evaluation.scheme = pb.EVALUATION_SCHEME_OTHER
        header.evaluation.original = f"STIX confidence {confidence}"
    elif header.evaluation.original != f"STIX confidence {confidence}":
        thing.lose("confidence", Effect.DROPPED, "another report of the same case states another one")


def _texts(held: Any) -> list[str]:
    return [one for one in held if isinstance(one, str)] if isinstance(held, list) else []
