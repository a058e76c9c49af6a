"""Links: portions that name other entities, and the rule that both ends of a link must be disclosed.

Source: PROTOCOL section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gateway.record.schema import KINDS, LINK_CATEGORY, EntityKind
from gateway.record.ties import references

_LINK_FIELDS: Final = frozenset(
    (kind.name, number)
    for kind in KINDS.values()
    for number, field in kind.fields.items()
    if field.category == LINK_CATEGORY
)
_LINK_NUMBERS: Final = frozenset(number for _, number in _LINK_FIELDS)

Key = tuple[str, int]
"""Entity and field number of a portion."""


def kind_of(entity: str) -> EntityKind:
    """Return the kind of a travelling entity name whose grammar was checked."""
    return KINDS[entity.partition("/")[0]]


def is_link(entity: str, field: int) -> bool:
    """Tell whether a portion of this entity and field names other entities."""
    return field in _LINK_NUMBERS and (entity.partition("/")[0], field) in _LINK_FIELDS


def ends_of(entity: str, value: bytes) -> tuple[str, ...]:
    """Return the entities a link's value names; `value` is the entity message with only that field set."""
    kind = kind_of(entity)
    return tuple(references(kind, kind.message.FromString(value)))


def persons_tied(ends: Mapping[Key, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Yield every entity that a link ties to a person, with that person; persons stand for themselves.

    `ends` is what the links name.
    """
    for (entity, _), named in ends.items():
        # A relationship ties its ends to each other; any other link ties its entity alone to what it names.
        tied = (entity, *named) if entity.startswith("relationship/") else (entity,)
        for one in tied:
            if one.startswith("person/"):
                continue
            for other in named:
                if other.startswith("person/"):
                    yield one, other


def dangling(keys: Iterable[Key], ends: Mapping[Key, tuple[str, ...]]) -> frozenset[Key]:
    """Return the links to be left out, so that each one left names disclosed entities only.

    `keys` are all portions that are to leave, `ends` what the links among them name. An entity is disclosed
    while any portion of it is; leaving one link out may therefore leave another one dangling.
    """
    if not ends:
        return frozenset()
    counts: dict[str, int] = {}
    for entity, _ in keys:
        counts[entity] = counts.get(entity, 0) + 1
    dropped: set[Key] = set()
    while True:
        found = {
            key
            for key, named in ends.items()
            if key not in dropped and not all(counts.get(entity) for entity in named)
        }
        if not found:
            return frozenset(dropped)
        for entity, _ in found:
            counts[entity] -= 1
        dropped |= found
