"""Short ways to write views as MISP, and to read invented events."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from adapters.adapter import Draft, View
from adapters.loss import Effect
from adapters.misp.format import Misp
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY

TODAY = date(2032, 6, 1)
ANA = "person/aaaaaaaaaa"
RADU = "person/bbbbbbbbbb"
UUIDS = tuple(f"00000000-0000-5000-8000-00000000000{number}" for number in range(1, 10))


def parse(document: object) -> list[Draft]:
    """Read a document: bytes and text as they are, anything else as JSON."""
    text = document if isinstance(document, str | bytes) else json.dumps(document)
    return Misp().parse(text if isinstance(text, bytes) else text.encode(), today=TODAY, exercise=True)


def event(*objects: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return an event with these objects."""
    return {"Event": {"info": "Invented", "date": "1970-01-01", "Object": list(objects), **members}}


def thing(template: str, number: int = 1, /, **attributes: Any) -> dict[str, Any]:
    """Return an object; `_` in the name of a relation stands for `-`, a list for several attributes."""
    listed = [
        {"object_relation": relation.replace("_", "-"), "type": "text", "value": value}
        for relation, values in attributes.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    return {"uuid": UUIDS[number - 1], "name": template, "Attribute": listed}


def read(document: object) -> pb.Record:
    """Read a document of one event and return its record, without the narrative of its title."""
    (draft,) = parse(document)
    for number, narrative in reversed(list(enumerate(draft.record.narratives))):
        if narrative.id == "event-info":
            del draft.record.narratives[number]
    return draft.record


def losses(document: object) -> dict[str, Effect]:
    """Read a document of one event and return what it lost, by path."""
    (draft,) = parse(document)
    return {loss.path: loss.effect for loss in draft.losses}


def written(record: pb.Record) -> dict[str, Any]:
    """Return the event of one view."""
    data = Misp().render([View(record=record)], form="json", allowed=EVERY).data
    found: dict[str, Any] = json.loads(data)["Event"]
    return found


def lost(record: pb.Record) -> dict[str, Effect]:
    """Return what the event of one view does not say, by path."""
    (told,) = Misp().render([View(record=record)], form="json", allowed=EVERY).losses
    return {loss.path: loss.effect for loss in told}


def values(written_object: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the attributes of a written object as pairs of relation and value."""
    return [(one["object_relation"], one["value"]) for one in written_object["Attribute"]]


def tags(holder: dict[str, Any]) -> set[str]:
    """Return the names of the tags of an event or attribute."""
    return {tag["name"] for tag in holder.get("Tag", [])}
