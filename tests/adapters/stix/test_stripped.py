"""A foreign tool ignores our extensions: what is lost to it is exactly what was declared."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from adapters.adapter import View
from adapters.loss import Effect
from adapters.stix.format import Stix21
from adapters.stix.handling import HANDLING_EXTENSION
from adapters.stix.layout import RECORD_EXTENSION
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY, TODAY, overdeclared, reading, undeclared, views

_OURS = (RECORD_EXTENSION, HANDLING_EXTENSION)


def without_extensions(data: bytes) -> bytes:
    """Return a bundle as a tool writes it again that knows nothing of our extensions."""
    document: dict[str, Any] = json.loads(data)
    document["objects"] = [one for one in document["objects"] if one["id"] not in _OURS]
    for one in document["objects"]:
        kept = {name: value for name, value in one.get("extensions", {}).items() if name not in _OURS}
        one.pop("extensions", None)
        one.pop("values", None)
        if kept:
            one["extensions"] = kept
    return json.dumps(document).encode()


@given(view=views())
def test_foreign_tool_loses_exactly_what_is_declared(view: View) -> None:
    try:
        rendered = Stix21().render([view], form="json", allowed=EVERY)
    except Refused:
        return
    (losses,) = rendered.losses
    kept = tuple(loss for loss in losses if loss.effect is Effect.KEPT_AS_EXTENSION)
    # To a tool that ignores the extension, what it holds is gone, or is there and less exact.
    dropped = tuple(
        type(loss)(path=loss.path, effect=effect, why=loss.why)
        for loss in kept
        for effect in (Effect.DROPPED, Effect.GENERALISED)
    )

    stripped = type(rendered)(
        data=without_extensions(rendered.data), losses=rendered.losses, names=rendered.names
    )
    read = reading(Stix21(), view, stripped)

    assert undeclared(view, read, (*losses, *dropped)) == []
    gone = tuple(loss for loss in dropped if loss.effect is Effect.DROPPED)
    assert [one for one in overdeclared(view, read, gone) if not one.endswith(_PARTLY)] == []


# Of a list, of which one value is not exact, the others come through to a foreign tool.
_PARTLY = (
    "names",
    "aliases",
    "hashes",
    "image_hashes",
    "accounts",
    "case_references",
    "functions",
    "subjects",
)


def test_handling_reaches_a_tool_that_ignores_our_extension() -> None:
    record = pb.Record()
    record.persons.add(id="person/abcdefghij", role=pb.ROLE_VICTIM)
    handling = record.header.source_handling
    handling.codes.extend(["H1", "H3"])
    handling.text, handling.traffic_light = "Ask first.", "TLP:AMBER+STRICT"
    rendered = Stix21().render([View(record=record)], form="json")

    (draft,) = Stix21().parse(without_extensions(rendered.data), today=TODAY, exercise=True)

    read = draft.record.header.source_handling
    assert (list(read.codes), read.traffic_light) == (["H1", "H3"], "TLP:AMBER+STRICT")
    assert "Ask first." in read.text
