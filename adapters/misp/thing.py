"""One object of an event on its way out: attributes as its template has them, and tags of our own.

An attribute holds only what the reader would take from it as it is. Whatever does not fit is left out here
and found missing when the finished event is read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.document import Json, clean_text
from adapters.identifiers import uuid5
from adapters.misp.machine_tags import STAND_IN, is_code, own_tag
from adapters.misp.paths import codes_of, path
from adapters.misp.templates import SEVERAL_LINES, TEMPLATES, Template
from adapters.row import ABSENT
from adapters.values import write_date, write_instant
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

OWN_ORGANISATION: Final = "0"
"""The distribution of everything that is written: nobody but the organisation that imports it."""

Tag = tuple[str, str]
"""Predicate and code of a tag of ours."""


@dataclass(slots=True)
class Thing:
    """One object: its template, its id, the entity it tells of, and where that stands in the record."""

    template: Template
    uuid: str
    entity: Any
    place: str
    kept: set[str]
    """Paths in the record of what only our own tags tell; of the whole event."""
    attributes: list[dict[str, Json]] = field(default_factory=list)
    references: list[dict[str, Json]] = field(default_factory=list)
    first_seen: str = ""
    last_seen: str = ""
    tags: list[Tag] = field(default_factory=list)
    around: str = ""
    """What stands before the paths of a field that was made an entity of its own for writing."""

    def has(self, relation: str) -> bool:
        """Tell whether an attribute of this relation is written."""
        return any(one["object_relation"] == relation for one in self.attributes)

    def add(
        self, relation: str, value: str, *, tags: Iterable[Tag] = (), comment: str = "", seen: str = ""
    ) -> bool:
        """Write one attribute; return whether it was, which it is not where the template has no room."""
        known = self.template.relations[relation]
        text = readable(value)
        if not text or ("\n" in text and known.type not in SEVERAL_LINES):
            return False
        if not known.several and self.has(relation):
            return False
        written: dict[str, Json] = {
            "uuid": uuid5(self.uuid, f"{relation}/{len(self.attributes)}"),
            "object_relation": relation,
            "type": known.type,
            "category": known.category,
            "value": text,
            "to_ids": False,
            "distribution": OWN_ORGANISATION,
        }
        if comment:
            written["comment"] = comment
        if seen:
            written["first_seen"] = written["last_seen"] = seen
        if spelled := [own_tag(predicate, code) for predicate, code in tags]:
            written["Tag"] = [{"name": one} for one in spelled]
        self.attributes.append(written)
        return True

    def text(self, relation: str, where: str, comments: Mapping[str, str]) -> None:
        """Write a text of the entity, and beside it as its comment the text that has no place of its own."""
        value = path(where).get(self.entity)
        if value is None:
            return
        beside = comments.get(relation)
        comment = readable(path(beside).get(self.entity) or "") if beside else ""
        if comment and beside:
            tags = [("comment", path(beside).predicate)]
            if self.add(relation, value, tags=tags, comment=comment):
                self.keep(beside)
        else:
            self.add(relation, value)

    def instant(self, relation: str, where: str) -> None:
        """Write a moment into an attribute for instants."""
        if instant := self.moment(where):
            self.add(relation, instant)

    def observed(self, where: str) -> None:
        """Write when the object was seen."""
        self.first_seen = self.last_seen = self.moment(where)

    def moment(self, where: str) -> str:
        """Return the instant of a moment; a date without one goes into a tag, since MISP would put a time to
        it, and so does a date that is not the instant's in UTC.
        """
        moment = path(where).get(self.entity)
        if moment is None:
            return ""
        instant = write_instant(moment)
        if instant[:10] != write_date(moment.date):
            self.tag(path(where).predicate, write_date(moment.date))
            self.keep(f"{where}.date" if instant else where)
        return instant

    def tag(self, predicate: str, code: str) -> None:
        """Put a tag of ours on the object; one that no tag may hold is left out."""
        if is_code(code):
            self.tags.append((predicate, code))

    def tag_paths(self, paths: Iterable[str]) -> None:
        """Tell these fields by tags of ours."""
        for where in paths:
            codes = codes_of(self.entity, path(where))
            for code in codes:
                self.tags.append((path(where).predicate, code))
            if codes:
                self.keep(where)

    def keep(self, where: str) -> None:
        """Note a field that only our own tags tell."""
        self.kept.add(f"{self.place}.{where.removeprefix(self.around)}")

    def complete(self, words: str) -> None:
        """Put the object's tags on its first attribute; without an attribute that the template needs, words
        that say so take its place.
        """
        if not any(self.has(one) for one in self.template.needs):
            self.add(self.template.stand_in, words, tags=[(STAND_IN, "yes")])
        if self.tags:
            held = self.attributes[0].setdefault("Tag", [])
            assert isinstance(held, list)
            held += [{"name": own_tag(predicate, code)} for predicate, code in self.tags]

    def as_object(self) -> dict[str, Json]:
        """Return the object as MISP spells it."""
        written: dict[str, Json] = {
            "uuid": self.uuid,
            "name": self.template.name,
            "meta-category": self.template.meta_category,
            "template_uuid": self.template.uuid,
            "template_version": self.template.version,
            "distribution": OWN_ORGANISATION,
        }
        for name, instant in (("first_seen", self.first_seen), ("last_seen", self.last_seen)):
            if instant:
                written[name] = instant
        written["Attribute"] = list(self.attributes)
        written["ObjectReference"] = list(self.references)
        return written


@dataclass(slots=True)
class Sheet:
    """One event on its way out.

    `names` says which entity of the record is meant by an id that the reader will give; `reasons` why an
    entity was left out, where that is not for want of a template.
    """

    record: pb.Record
    uuid: str
    things: list[Thing] = field(default_factory=list)
    by_entity: dict[str, Thing] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    def begin(self, template: str, entity: Any, place: str, part: str = "") -> Thing:
        """Return a new object that tells of an entity, or of a named part of it."""
        name = f"{entity.id}{part}" if part else entity.id
        thing = Thing(TEMPLATES[template], uuid5(self.uuid, name), entity, place, self.kept)
        self.things.append(thing)
        if not part:
            self.by_entity[entity.id] = thing
            self.names[thing.uuid] = entity.id
        return thing


def readable(value: str) -> str:
    """Return a text as the reader takes it; nothing where it would read as "not recorded"."""
    try:
        cleaned, _ = clean_text(value, "text")
    except Malformed:  # too long for any field
        return ""
    return "" if cleaned in ABSENT else cleaned
