"""The objects of one view in the making: their ids, what all of them bear, and which entity each one is."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.stix.names import Stix, observable_id, own_id
from gateway.ledger.jcs import encode_checked
from gateway.v1 import record_pb2 as pb

CUSTOM: Final = "comity-"
"""Beginning of the object types of our own, for what STIX has no object for: `comity-vehicle`."""

RECORD_EXTENSION: Final = own_id("extension-definition", "record", "1")
VALUES: Final = "values"
"""Where the entries of our extension stand."""


@dataclass(slots=True, kw_only=True)
class Layout:
    """What is written of one view.

    `seed` makes ids, `stamp` is when everything was made, `marks` the ids of the record's markings,
    `confidence` what its grading comes to; `ids` gives the object that stands for an entity, by its name, and
    `names` the other way round. `objects` are in the order in which they are written, the observables among
    them also by id; `taken` are ids of other views' observables.
    """

    record: pb.Record
    seed: str
    stamp: str
    marks: Sequence[str]
    confidence: int | None
    taken: Set[str]
    ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    objects: list[Stix] = field(default_factory=list)
    observables: dict[str, Stix] = field(default_factory=dict)

    def name(self, entity: str, type_: str) -> None:
        """Say that an object of this type stands for an entity."""
        self.ids[entity] = own = self.id_of(type_, entity)
        self.names[own] = entity

    def id_of(self, type_: str, entity: str) -> str:
        """Return the id of the object of this type that belongs to an entity."""
        return own_id(type_, self.seed, entity)

    def add(self, id_: str, **properties: Any) -> Stix:
        """Write a domain or relationship object; properties that say nothing are left out."""
        written: Stix = {
            "type": id_.partition("--")[0],
            "spec_version": "2.1",
            "id": id_,
            "created": self.stamp,
            "modified": self.stamp,
        }
        written.update((name, value) for name, value in properties.items() if value not in (None, "", []))
        if self.confidence is not None and "relationship_type" not in properties:
            written["confidence"] = self.confidence
        return self._marked(written)

    def observable(self, properties: Stix) -> str:
        """Write an observable and return its id.

        The standard makes ids of a few properties alone; an observable that shares those with another one
        and differs in the rest, or stands in another view's part of the bundle, has an id of ours.
        """
        written: Stix = {"type": properties["type"], "spec_version": "2.1", "id": "", **properties}
        if self.marks:
            written["object_marking_refs"] = list(self.marks)
        id_ = observable_id(properties)
        standing = self.observables.get(id_)
        if id_ in self.taken or (standing is not None and standing != {**written, "id": id_}):
            id_ = own_id(properties["type"], self.seed, encode_checked(properties).decode())
        if id_ not in self.observables:
            written["id"] = id_
            self.observables[id_] = written
            self.objects.append(written)
        return id_

    def _marked(self, written: Stix) -> Stix:
        if self.marks:
            written["object_marking_refs"] = list(self.marks)
        self.objects.append(written)
        return written
