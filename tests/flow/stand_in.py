"""A format that stands in for STIX while a test looks at what is pulled, and not at how it is written.

Of every entity it writes one object with all that is shown of it, and beside them the two that stand in every
release: a marking and whoever made the rest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from adapters.adapter import Rendered, View
from adapters.caveats import Caveat
from gateway.record.ties import entities
from gateway.record.view import plain

DATED: Final = "2031-01-01T00:00:00.000Z"


class StandIn:
    """Writes everything a view holds."""

    name = "stix21"
    binding = False
    forms = ("json",)

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return a bundle of all that is in these views."""
        objects = [one for view in views for one in _objects(view)]
        data = json.dumps({"type": "bundle", "objects": objects}).encode()
        return Rendered(data=data, losses=tuple(() for _ in views), names=tuple({} for _ in views))


def _objects(view: View) -> list[dict[str, Any]]:
    maker = _object("identity", "maker", name="the agency")
    marking = _object("marking-definition", "red", handling=plain(view.record.header))
    del marking["modified"]
    return [
        maker,
        marking,
        *(
            _object(f"x-{kind.name}", entity.id, held=plain(entity), created_by_ref=maker["id"])
            for kind, entity in entities(view.record)
        ),
    ]


def _object(kind: str, seed: str, **held: Any) -> dict[str, Any]:
    identifier = UUID(bytes=sha256(f"{kind}/{seed}".encode()).digest()[:16], version=4)
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{identifier}",
        "created": DATED,
        "modified": DATED,
        **held,
    }
