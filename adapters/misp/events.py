"""The events of a document, in the shapes in which MISP hands them out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from adapters.document import Json, read_json
from adapters.loss import Effect, Loss
from gateway.errors import Malformed

_LISTS: Final = ("response", "events")


def events_in(text: str) -> Iterator[tuple[str, dict[str, Json], list[Loss]]]:
    """Yield every event with its place and a list for its losses.

    An event stands bare, as the member `Event`, in a list of such, or in the `response` of a search.

    Raises:
        Malformed: from `read_json`; `bad-type` where an event should stand and none does.
    """
    yield from _events(read_json(text), "", 0)


def _events(value: Json, path: str, level: int) -> Iterator[tuple[str, dict[str, Json], list[Loss]]]:
    if isinstance(value, list) and level < 2:
        for number, one in enumerate(value):
            yield from _events(one, f"{path}[{number}]", level + 1)
        return
    if not isinstance(value, dict):
        raise Malformed("is no event of MISP", field=path or "document", code="bad-type")
    name = next((one for one in _LISTS if one in value), None)
    if name is not None and level == 0:
        yield from _events(value[name], name, 1)
        return
    losses: list[Loss] = []
    wrapped = value.get("Event")
    if isinstance(wrapped, dict):
        for other, held in value.items():
            if other != "Event" and held not in (None, "", [], {}):
                shown = other if other.isprintable() and 0 < len(other) <= 64 else "?"
                where = f"{path}.{shown}" if path else shown
                losses.append(Loss(path=where, effect=Effect.DROPPED, why="stands beside the event"))
        yield (f"{path}.Event" if path else "Event"), wrapped, losses
        return
    if "Event" in value or not ("info" in value or "Attribute" in value or "Object" in value):
        raise Malformed("is no event of MISP", field=path or "document", code="bad-type")
    yield path or "Event", value, losses
