"""Short ways to write and read invented NIEM documents."""

from __future__ import annotations

from typing import Any

from lxml import etree

from adapters.adapter import Draft, Rendered, View
from adapters.loss import Effect
from adapters.niem.elements import NAMESPACES
from adapters.niem.format import NiemHumanTrafficking
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY, TODAY

_SPACES = " ".join(f'xmlns:{prefix}="{iri}"' for prefix, iri in NAMESPACES.items())
ANA = "<nc:PersonName><nc:PersonGivenName>Ana</nc:PersonGivenName></nc:PersonName>"


def document(*elements: str, root: str = "exchange:HumanTraffickingExchange") -> bytes:
    """Return a document of these elements."""
    return f"<{root} {_SPACES}>{''.join(elements)}</{root.split(maxsplit=1)[0]}>".encode()


def parse(data: bytes) -> list[Draft]:
    """Read a document."""
    return NiemHumanTrafficking().parse(data, today=TODAY, exercise=True)


def read(*elements: str) -> pb.Record:
    """Return the record of a document of these elements."""
    (draft,) = parse(document(*elements))
    return draft.record


def losses(*elements: str) -> dict[str, Effect]:
    """Return what the reading of a document of these elements lost, by path."""
    (draft,) = parse(document(*elements))
    return {loss.path.partition(".")[2]: loss.effect for loss in draft.losses}


def render(record: pb.Record) -> Rendered:
    """Return the document of one view."""
    return NiemHumanTrafficking().render([View(record=record)], form="xml", allowed=EVERY)


def written(record: pb.Record) -> Any:
    """Return the case element of the document of one view."""
    return etree.fromstring(render(record).data)[0]
