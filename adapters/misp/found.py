"""Events as MISP exports them: objects and attributes with our tags apart, whatever they are wrapped in.

What an event says of itself, such as the state of its synchronisation, is passed over; whatever else is not
asked for is a loss.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from adapters.document import Json, clean_text
from adapters.loss import Effect, Loss
from adapters.misp.machine_tags import AGE_BAND, NOT_STATED, OWN, STAND_IN, MachineTag, read_tag
from adapters.misp.shapes import PREDICATES
from adapters.row import ABSENT
from gateway.errors import Malformed

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OF_ATTRIBUTE_WORDS: Final = (
    "id event_id object_id object_relation uuid type category value to_ids timestamp deleted Tag "
    "disable_correlation batch_import value1 value2 sharing_group_id distribution event_uuid"
)
_OF_ATTRIBUTE: Final = frozenset(_OF_ATTRIBUTE_WORDS.split())
_OF_OBJECT_WORDS: Final = (
    "id event_id uuid name meta-category description template_uuid template_version timestamp deleted "
    "Attribute ObjectReference first_seen last_seen distribution sharing_group_id"
)
_OF_OBJECT: Final = frozenset(_OF_OBJECT_WORDS.split())
_OF_REFERENCE_WORDS: Final = (
    "id uuid event_id object_id object_uuid referenced_id referenced_uuid referenced_type source_uuid "
    "relationship_type comment timestamp deleted Object Attribute"
)
_OF_REFERENCE: Final = frozenset(_OF_REFERENCE_WORDS.split())
_COORDINATES: Final = frozenset({"latitude", "longitude"})
_SHORT: Final = 1024
_INHERITED: Final = (None, "", "0", "5", 0, 5)
_NOTHING: Final[tuple[Json, ...]] = (None, "", [], {}, False)
_NO_TIME: Final = "when it was seen has no place beside it"
_UNREAD: Final = "is nothing that is read here"
_GALAXY: Final = "galaxies name threat actors and their tools, which are not read here"
_PROPOSAL: Final = "is a proposal or a sighting, which says nothing of the record"
_REASONS: Final = {
    **dict.fromkeys(("Galaxy", "GalaxyCluster"), _GALAXY),
    **dict.fromkeys(("ShadowAttribute", "ShadowObject", "Sighting"), _PROPOSAL),
    "data": "the bytes of a file do not travel in a record",
    "distribution": "sharing groups and circles of an instance have no equal; state a marking",
}


@dataclass(slots=True)
class Found:
    """One attribute: its value cleaned, the codes of our tags by predicate, and where it stands."""

    relation: str
    type: str
    value: str
    path: str
    uuid: str
    comment: str
    first_seen: str
    last_seen: str
    own: dict[str, str]
    foreign: list[str]
    taken: bool = False

    def times(self) -> tuple[str, str]:
        """Take when it was first and last seen."""
        first, last = self.first_seen, self.last_seen
        self.first_seen = self.last_seen = ""
        return first, last


@dataclass(slots=True)
class Reference:
    """One reference of an object to another one."""

    uuid: str
    target: str
    name: str
    comment: str
    path: str


@dataclass(slots=True)
class FoundObject:
    """One object with its attributes in their order; `own` are the tags of all of them, with all codes."""

    name: str
    uuid: str
    path: str
    first_seen: str
    last_seen: str
    attributes: list[Found]
    references: list[Reference]
    losses: list[Loss]
    own: dict[str, list[str]] = field(default_factory=dict)
    _waiting: dict[str, list[Found]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # An object may have as many attributes as the document has room for: none is sought from the start.
        for one in reversed(self.attributes):
            self._waiting.setdefault(one.relation, []).append(one)

    def first(self, relation: str) -> Found | None:
        """Take the first attribute of a relation that is not taken yet."""
        waiting = self._waiting.get(relation)
        while waiting:
            one = waiting.pop()
            if not one.taken:
                one.taken = True
                return one
        return None

    def times(self) -> tuple[str, str]:
        """Take when it was first and last seen."""
        first, last = self.first_seen, self.last_seen
        self.first_seen = self.last_seen = ""
        return first, last

    def text(self, relation: str) -> str:
        """Take the first value of a relation; nothing where there is none."""
        one = self.first(relation)
        return one.value if one else ""

    def code(self, predicate: str) -> str:
        """Return the first code of one of our tags; nothing where there is none."""
        codes = self.own.get(predicate)
        return codes[0] if codes else ""

    def lose(self, where: str, effect: Effect, why: str) -> None:
        """Note that a value did not come through as it was."""
        self.losses.append(Loss(path=where, effect=effect, why=why))

    def finish(self, why: str) -> None:
        """Note every attribute and time that nobody took, and every comment that is not ours, as dropped."""
        if self.first_seen or self.last_seen:
            self.lose(f"{self.path}.first_seen", Effect.DROPPED, _NO_TIME)
        for one in self.attributes:
            if one.first_seen or one.last_seen:
                self.lose(f"{one.path}.first_seen", Effect.DROPPED, _NO_TIME)
            if not one.taken:
                self.lose(f"{one.path}.value", Effect.DROPPED, why)
            elif one.comment and "comment" not in one.own:
                self.lose(f"{one.path}.comment", Effect.DROPPED, "a comment beside a value has no place")
            for name in one.foreign:
                self.lose(f"{one.path}.Tag", Effect.DROPPED, f"the tags of {name} have no place on a value")


def objects_of(event: dict[str, Json], path: str, losses: list[Loss]) -> Iterator[FoundObject]:
    """Yield the objects of an event that are not deleted.

    Raises:
        Malformed: code `bad-type` where something else stands than an object, a list or a text.
    """
    for place, value in members(event, "Object", path):
        if _is_deleted(value):
            continue
        _lose_unread(value, _OF_OBJECT, place, losses)
        attributes = list(attributes_of(value, place, losses))
        found = FoundObject(
            name=text_of(value, "name", place, losses),
            uuid=_uuid(value, place),
            path=place,
            first_seen=text_of(value, "first_seen", place, losses),
            last_seen=text_of(value, "last_seen", place, losses),
            attributes=[one for one in attributes if not _is_stand_in(one)],
            references=list(_references_of(value, place, losses)),
            losses=losses,
        )
        for one in attributes:
            for predicate, code in one.own.items():
                found.own.setdefault(predicate, []).extend(code.split("\n"))
                if predicate not in PREDICATES:
                    found.lose(f"{one.path}.Tag", Effect.DROPPED, "no tag of ours says this of an object")
        for one in attributes:
            one.own = {predicate: code.partition("\n")[0] for predicate, code in one.own.items()}
        yield found


def attributes_of(holder: dict[str, Json], path: str, losses: list[Loss]) -> Iterator[Found]:
    """Yield the attributes of an event or object that are not deleted and state something.

    In `own`, several codes of one predicate stand a line each.
    """
    for place, value in members(holder, "Attribute", path):
        if _is_deleted(value):
            continue
        _lose_unread(value, _OF_ATTRIBUTE | {"comment", "first_seen", "last_seen"}, place, losses)
        relation = text_of(value, "object_relation", place, losses)
        text = text_of(value, "value", place, losses)
        if relation in _COORDINATES and str(value.get("value")).strip() == "0":
            text = "0"  # a meridian; only 0, 0 together may stand for unknown
        if not text:
            continue
        own: dict[str, str] = {}
        foreign: list[str] = []
        for _, _, tag in tags_of(value, place, losses):
            if tag is None or tag.namespace != OWN:
                foreign.append(tag.namespace if tag and tag.namespace.isalnum() else "another namespace")
            else:
                held = own.get(tag.predicate)
                own[tag.predicate] = f"{held}\n{tag.value}" if held else tag.value
        yield Found(
            relation=relation,
            type=text_of(value, "type", place, losses),
            value=text,
            path=place,
            uuid=_uuid(value, place),
            comment=text_of(value, "comment", place, losses),
            first_seen=text_of(value, "first_seen", place, losses),
            last_seen=text_of(value, "last_seen", place, losses),
            own=own,
            foreign=foreign,
        )


def tags_of(
    holder: dict[str, Json], path: str, losses: list[Loss]
) -> Iterator[tuple[str, str, MachineTag | None]]:
    """Yield the place, name and parts of every tag."""
    for place, value in members(holder, "Tag", path):
        name = text_of(value, "name", place, losses)
        if name:
            yield place, name, read_tag(name)


def members(holder: dict[str, Json], name: str, path: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield the objects of a list with their places; none where the list is absent.

    Raises:
        Malformed: code `bad-type` for anything else than a list of objects.
    """
    held = holder.get(name)
    if held is None:
        return
    if not isinstance(held, list):
        raise Malformed("is not a list", field=f"{path}.{name}", code="bad-type")
    for number, value in enumerate(held):
        place = f"{path}.{name}[{number}]"
        if not isinstance(value, dict):
            raise Malformed("is not an object", field=place, code="bad-type")
        yield place, value


def text_of(holder: dict[str, Json], name: str, path: str, losses: list[Loss]) -> str:
    """Return a text, cleaned; nothing where it is absent or says that it is not recorded.

    Raises:
        Malformed: code `bad-type` for a list, an object or a truth value.
    """
    value = holder.get(name)
    if value is None:
        return ""
    if isinstance(value, str) and len(value) < _SHORT and value.isascii() and value.isprintable():
        # Most texts are so plain that there is nothing to clean.
        text = value.strip()
        return "" if text in ABSENT else text
    if isinstance(value, bool | list | dict):
        raise Malformed("is not text", field=f"{path}.{name}", code="bad-type")
    text, changed = clean_text(str(value), f"{path}.{name}")
    if changed:
        losses.append(
            Loss(path=f"{path}.{name}", effect=Effect.GENERALISED, why="unseen characters are left out")
        )
    return "" if text in ABSENT else text


def _references_of(value: dict[str, Json], path: str, losses: list[Loss]) -> Iterator[Reference]:
    for place, reference in members(value, "ObjectReference", path):
        if _is_deleted(reference):
            continue
        _lose_unread(reference, _OF_REFERENCE, place, losses)
        yield Reference(
            uuid=_uuid(reference, place),
            target=text_of(reference, "referenced_uuid", place, losses).lower(),
            name=text_of(reference, "relationship_type", place, losses),
            comment=text_of(reference, "comment", place, losses),
            path=place,
        )


def _is_stand_in(one: Found) -> bool:
    """Tell whether an attribute holds words of ours that say nothing by themselves: no other words do."""
    ours = one.value.endswith(f": {NOT_STATED}") or one.value.startswith(AGE_BAND)
    return STAND_IN in one.own and ours and "\n" not in one.value and len(one.value) < 64


def _is_deleted(value: dict[str, Json]) -> bool:
    return value.get("deleted") in (True, 1, "1", "true")


def _uuid(value: dict[str, Json], path: str) -> str:
    """Return the UUID, or a name made of the place where it is missing or no UUID."""
    stated = value.get("uuid")
    if isinstance(stated, str) and _UUID.fullmatch(stated.lower()):
        return stated.lower()
    if stated not in (None, "") and not isinstance(stated, str):
        raise Malformed("is not text", field=f"{path}.uuid", code="bad-type")
    return re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")[-64:].lstrip("-").lower()


def _lose_unread(value: dict[str, Json], known: frozenset[str], path: str, losses: list[Loss]) -> None:
    unread = [name for name in value if name not in known and value[name] not in _NOTHING]
    if value.get("distribution") not in _INHERITED:
        unread.append("distribution")
    for name in unread:
        shown = name if name.isprintable() and 0 < len(name) <= 64 else "?"
        losses.append(Loss(path=f"{path}.{shown}", effect=Effect.DROPPED, why=_REASONS.get(name, _UNREAD)))
