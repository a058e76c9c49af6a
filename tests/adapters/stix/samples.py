"""Short ways to read and write invented STIX documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from adapters.adapter import Draft, View
from adapters.loss import Effect
from adapters.stix.format import Stix21
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY, TODAY

STAMP = "2031-02-04T08:15:00.000Z"


def uuid_of(number: int) -> str:
    """Return an invented UUID."""
    return f"00000000-0000-4000-8000-{number:012}"


def thing(type_: str, number: int = 1, **properties: Any) -> dict[str, Any]:
    """Return an object with the properties that all objects have."""
    common = {"type": type_, "spec_version": "2.1", "id": f"{type_}--{uuid_of(number)}"}
    return {**common, "created": STAMP, "modified": STAMP, **properties}


def bundle(*objects: Any, **members: Any) -> bytes:
    """Return a bundle of these objects."""
    held = {"type": "bundle", "id": f"bundle--{uuid_of(0)}", "objects": list(objects), **members}
    return json.dumps(held).encode()


def parse(*objects: Any) -> list[Draft]:
    """Read a bundle of these objects."""
    return Stix21().parse(bundle(*objects), today=TODAY, exercise=True)


def read(*objects: Any) -> pb.Record:
    """Read a bundle of one case and return its record."""
    (draft,) = parse(*objects)
    return draft.record


def lost(*objects: Any) -> dict[str, Effect]:
    """Read a bundle of one case and return what it lost, by path."""
    (draft,) = parse(*objects)
    return {loss.path: loss.effect for loss in draft.losses}


def written(record: pb.Record) -> list[dict[str, Any]]:
    """Return the objects of the bundle of one view."""
    data = Stix21().render([View(record=record)], form="json", allowed=EVERY).data
    objects: list[dict[str, Any]] = json.loads(data)["objects"]
    return objects


def of_type(objects: Sequence[dict[str, Any]], type_: str) -> list[dict[str, Any]]:
    """Return the objects of a type, without the publisher of our extensions."""
    return [one for one in objects if one["type"] == type_ and one.get("name") != "Comity"]
