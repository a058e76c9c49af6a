"""What the demo shows of its case: the rows that tell the story, in the order an officer would ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from gateway.flow.preview import Line, Preview

_TELLING: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "minor": ("names", "birth", "nationalities", "last_known_position", "safety"),
        "adult": ("names", "birth", "contacts", "shelter"),
        "recruiter": ("names", "contacts"),
        "van": ("identity",),
        "advertisement": ("text",),
        "journey": ("route",),
        "account-of-events": ("text",),
        "summary": ("text",),
    }
)
"""Per entity of the case, as it is called there, the fields that differ most in who may see them."""


def telling(found: Preview) -> list[Line]:
    """Return the lines of the case that tell its story, in the story's order."""
    return list(_telling(found))


def _telling(found: Preview) -> Iterator[Line]:
    by_place = {(line.entity, line.field): line for line in found.lines}
    for entity, fields in _TELLING.items():
        for field in fields:
            yield by_place[(entity, field)]
