"""Which STIX object stands for which entity, and every entity written as it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from adapters.stix.entities import (
    custom_type,
    is_actor,
    place_custom,
    place_incident,
    place_location,
    place_narrative,
    place_organisation,
    place_person,
    place_relationship,
)
from adapters.stix.layout import CUSTOM, Layout
from adapters.stix.names import Stix
from adapters.stix.observed import (
    OBSERVED,
    has_account,
    has_file,
    has_online,
    place_account,
    place_file,
    place_online,
)
from gateway.record.schema import ENTITY_KINDS, EntityKind


class Placed(NamedTuple):
    """An entity, its path in the record, its kind, and the object that stands for it."""

    path: str
    kind: EntityKind
    entity: Any
    written: Stix


def place_entities(layout: Layout) -> list[Placed]:
    """Write every entity of a view in its order; a tie to what the view does not show is left out."""
    _name_entities(layout)
    placed = []
    for kind in ENTITY_KINDS:
        for number, entity in enumerate(getattr(layout.record, kind.record_field)):
            own = layout.ids.get(entity.id)
            if own is not None:
                place = place_custom if own.startswith(CUSTOM) else _PLACES[kind.name]
                placed.append(Placed(f"{kind.record_field}[{number}]", kind, entity, place(layout, entity)))
    return placed


def _name_entities(layout: Layout) -> None:
    """Decide which object stands for each entity, before any is written that refers to another."""
    ties = {tie.id: (getattr(tie.link, "from"), tie.link.to) for tie in layout.record.relationships}
    for kind in ENTITY_KINDS:
        if kind.name != "relationship":
            for entity in getattr(layout.record, kind.record_field):
                layout.name(entity.id, _type_of(kind, entity))
    # A relationship of STIX ties no relationships: a tie between ties is an object of our own.
    plain = [tie for tie, ends in ties.items() if all(end in layout.ids for end in ends)]
    for tie in plain:
        if ties[tie][0] != ties[tie][1]:
            layout.name(tie, "relationship")
    for tie in _reached(ties, set(layout.ids)):
        layout.name(tie, custom_type("relationship"))


def _reached(ties: Mapping[str, tuple[str, str]], known: set[str]) -> list[str]:
    """Return the ties between ties whose ends stand for something, in the end for entities."""
    waiting = [tie for tie in ties if tie not in known and ties[tie][0] != ties[tie][1]]
    found: list[str] = []
    while True:
        # Ties that only hold each other up stand for something too, once one of them does.
        ready = [tie for tie in waiting if all(end in known or end in waiting for end in ties[tie])]
        if len(ready) == len(waiting):
            return found + ready
        waiting = ready


def _type_of(kind: EntityKind, entity: Any) -> str:
    if kind.name == "person":
        return "threat-actor" if is_actor(entity) else "identity"
    decide = _TYPES.get(kind.name)
    return (decide(entity) if decide else "") or custom_type(kind.name)


_TYPES: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType(
    {
        "organisation": lambda _: "identity",
        "location": lambda _: "location",
        "account": lambda one: OBSERVED if has_account(one) else "",
        "online-content": lambda one: OBSERVED if has_online(one) else "",
        "artefact": lambda one: OBSERVED if has_file(one) else "",
        "incident": lambda _: "incident",
        "narrative": lambda one: "note" if one.text else "",
    }
)
_PLACES: Final[Mapping[str, Callable[[Layout, Any], Stix]]] = MappingProxyType(
    {
        "person": place_person,
        "organisation": place_organisation,
        "location": place_location,
        "account": place_account,
        "online-content": place_online,
        "artefact": place_file,
        "incident": place_incident,
        "narrative": place_narrative,
        "relationship": place_relationship,
    }
)
