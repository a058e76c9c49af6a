"""Our extensions read: entities that STIX has no object for, and fields that it has no property for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from adapters.document import MAX_TEXT_BYTES
from adapters.loss import Effect
from adapters.stix.bundle import SHARED
from adapters.stix.extension import apply
from adapters.stix.handling import HANDLING_EXTENSION
from adapters.stix.layout import CUSTOM, RECORD_EXTENSION, VALUES
from adapters.stix.reading import Reading
from adapters.stix.thing import Thing
from gateway.errors import Malformed
from gateway.record.content_walk import ContentWalk
from gateway.record.findings import Report
from gateway.record.schema import HEADER_KIND, KINDS

_OTHERS: Final = "an extension of somebody else, which is not known here"
_NO_CONTENT: Final = "is no content of an entity, so no document states it"
_CONTENT: Final = {
    kind.name: frozenset(field.name for field in kind.fields.values()) for kind in KINDS.values()
}


def read_custom(reading: Reading, thing: Thing) -> None:
    """Begin an entity of an object type of our own; its fields come with the extension."""
    name = thing.type.removeprefix(CUSTOM)
    if thing.type.startswith(CUSTOM) and name in KINDS and name != HEADER_KIND and _own(thing) is not None:
        reading.add(name, thing)


def read_extensions(reading: Reading, *, today: date) -> None:
    """Give every entity the values that our extension states of it, in place of what was read natively.

    Raises:
        Malformed: a value is not of its field's form.
    """
    report = next((one for one in reading.things.values() if one.type == "report" and _own(one)), None)
    if report is not None:
        _extend(reading.record.header, HEADER_KIND, report, today)
    for kind, entity, thing in list(reading.entities.values()):
        if entity.id == thing.id:
            _extend(entity, kind.name, thing, today)
    for thing in reading.things.values():
        if thing.type in SHARED:
            continue
        for name in thing.object("extensions"):
            if name not in (RECORD_EXTENSION, HANDLING_EXTENSION):
                thing.lose(f"extensions.{name[:64]}", Effect.DROPPED, _OTHERS)


def _own(thing: Thing) -> dict[str, Any] | None:
    own = thing.object("extensions").get(RECORD_EXTENSION)
    if own is None:
        return None
    if not isinstance(own, dict):
        raise Malformed("is not an object", field=f"{thing.path}.extensions", code="bad-type")
    return own


def _extend(message: Any, kind: str, thing: Thing, today: date) -> None:
    own = _own(thing)
    if own is None:
        return
    found = False
    for place, path, value in _entries(own, thing):
        if path.partition(".")[0] not in _CONTENT[kind] or path.startswith("source_handling"):
            thing.lose(VALUES, Effect.DROPPED, _NO_CONTENT)
            continue
        found = True
        apply(message, path, value, place=place, declare=thing.lose)
    if found:
        report = Report()
        ContentWalk(report, today, MAX_TEXT_BYTES).visit(message, "")
        for finding in report.findings:
            raise Malformed(
                f"gives {finding.path}, which {finding.message}",
                field=f"{thing.path}.{VALUES}",
                code=finding.rule,
            )


def _entries(own: dict[str, Any], thing: Thing) -> Iterator[tuple[str, str, Any]]:
    """Yield each entry's place in the document, the field it names and its value."""
    held = thing.values.get(VALUES) if thing.type.startswith(CUSTOM) else own.get(VALUES)
    thing.seen.add(VALUES)
    where = f"{thing.path}.{VALUES}"
    if held is None:
        return
    if not isinstance(held, list):
        raise Malformed("is not a list", field=where, code="bad-type")
    for at, entry in enumerate(held):
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str):
            raise Malformed("names no field", field=f"{where}[{at}].path", code="bad-type")
        yield f"{where}[{at}].value", path, entry.get("value")
