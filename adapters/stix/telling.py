"""What STIX has no property for goes into our extension.

What that is nobody lists: the objects are read without it, as a foreign tool does, and every field that then
has another value is told in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from adapters.loss import Effect, Loss
from adapters.stix.bundle import Case, Found
from adapters.stix.case import read_case
from adapters.stix.extension import differences
from adapters.stix.faults import within, without_faults
from adapters.stix.layout import CUSTOM, RECORD_EXTENSION, VALUES, Layout
from adapters.stix.names import Stix
from adapters.stix.placing import Placed
from gateway.record.schema import ENTITY_KINDS, HEADER_KIND, KINDS, EntityKind

_KEPT: Final = "STIX has no property for it; it stands in an extension, which a foreign reader ignores"
_NO_OBJECT: Final = "STIX has no object for it; it stands in one of our own, which a foreign reader ignores"
_HANGS: Final = "is said of an object of our own, which a foreign reader ignores"


def tell_rest(
    layout: Layout, report: Stix, placed: Sequence[Placed], objects: Sequence[Stix]
) -> Iterator[Loss]:
    """Put into our extension what the objects do not say natively, and yield that as losses."""
    found = [Found("written", one["id"], one["type"], one) for one in objects]
    case = Case(objects=found, shared={one.id: one for one in found})
    native = read_case(case, today=date.max, native=True).record
    header = layout.record.header
    yield from _tell(Placed("header", KINDS[HEADER_KIND], header, report), header, native.header, [])
    read = {entity.id: entity for kind in ENTITY_KINDS for entity in getattr(native, kind.record_field)}
    for one in placed:
        meant, gone = _with_ids(layout, one.kind, one.entity)
        natively = read.get(one.written["id"], one.kind.message(id=one.written["id"]))
        if one.written["type"].startswith(CUSTOM):
            entries, _ = _entries(meant, natively)
            if entries:
                one.written[VALUES] = entries
            yield Loss(path=one.path, effect=Effect.KEPT_AS_EXTENSION, why=_NO_OBJECT)
            continue
        for kept in _hanging(layout, one.kind, one.entity):
            yield Loss(path=f"{one.path}{kept}", effect=Effect.KEPT_AS_EXTENSION, why=_HANGS)
        yield from _tell(one, meant, natively, gone)


def _hanging(layout: Layout, kind: EntityKind, entity: Any) -> Iterator[str]:
    """Yield what is said natively of an object of our own, which a foreign reader ignores."""
    if kind.name == "relationship":
        if any(layout.ids[one].startswith(CUSTOM) for one in (getattr(entity.link, "from"), entity.link.to)):
            yield ""
    elif kind.name == "narrative":
        for at, one in enumerate(entity.subjects):
            if layout.ids.get(one, "").startswith(CUSTOM):
                yield f".subjects[{at}]"


def _tell(placed: Placed, meant: Any, natively: Any, gone: list[str]) -> Iterator[Loss]:
    """Say in the extension of an object what it does not say natively, and yield that as losses.

    `meant` is the entity with ids of objects, `gone` the places of those of its references that name none.
    """
    entries, faults = _entries(meant, natively)
    faults += gone
    for one in entries:
        if "value" in one:
            for kept in within(placed.entity, one["path"], faults) if faults else [one["path"]]:
                yield Loss(path=f"{placed.path}.{kept}", effect=Effect.KEPT_AS_EXTENSION, why=_KEPT)
    # The handling stands in the marking itself.
    entries = [one for one in entries if not one["path"].startswith("source_handling")]
    if entries:
        said = {"extension_type": "property-extension", VALUES: entries}
        placed.written["extensions"] = {RECORD_EXTENSION: said}


def _entries(before: Any, after: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the entries of the extension, and the paths of what breaks a rule and cannot stand in them."""
    found = list(differences(before, after))
    faults: list[str] = []
    if found:
        sound, faults = without_faults(before)
        found = list(differences(sound, after)) if faults else found
    entries = [
        {"path": one.path} if one.value is None else {"path": one.path, "value": one.value} for one in found
    ]
    return entries, faults


def _with_ids(layout: Layout, kind: EntityKind, entity: Any) -> tuple[Any, list[str]]:
    """Return an entity whose references name objects, and the places of those that name none: the view does
    not show them, and they are left out.
    """
    gone: list[str] = []
    if not kind.references and kind.name != "relationship":
        return entity, gone
    meant: Any = kind.message()
    meant.CopyFrom(entity)
    for info in kind.references:
        held = getattr(meant, info.name)
        if info.repeated:
            gone += [f"{info.name}[{at}]" for at, one in enumerate(held) if one not in layout.ids]
            held[:] = [layout.ids[one] for one in held if one in layout.ids]
        elif held in layout.ids:
            setattr(meant, info.name, layout.ids[held])
        elif meant.HasField(info.name):
            gone.append(info.name)
            meant.ClearField(info.name)
    if kind is KINDS["relationship"]:
        setattr(meant.link, "from", layout.ids[getattr(meant.link, "from")])
        meant.link.to = layout.ids[meant.link.to]
    return meant, gone
