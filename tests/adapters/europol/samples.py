"""Messages as somebody else would write them, and what our readers make of them."""

from __future__ import annotations

from datetime import date

from lxml import etree

from adapters.adapter import Draft, View
from adapters.europol.siena import EuropolSiena
from adapters.europol.umf import EuropolUmf
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY

TODAY = date(2031, 3, 1)
UMF = "urn:example:hx:umf-like:1"
SIENA = "urn:example:hx:siena-like:1"
HANDLING = "<Handling><Code>H1</Code></Handling>"
PARTIES = "<Sender authority='A'/><Receiver authority='B'/>"
PERSON = "<Person id='p1'><Role>SUSPECT</Role></Person>"


def umf(
    entities: str = PERSON,
    connections: str = "",
    *,
    head: str = PARTIES + HANDLING,
    attributes: str = "",
) -> bytes:
    """Return an UMF-like message around these elements."""
    ties = f"<Connections>{connections}</Connections>" if connections else ""
    header = (
        f"<Header reference='R' type='SPONTANEOUS' sentAt='1970-01-01T00:00:00Z' {attributes}>{head}</Header>"
    )
    return f"<Message xmlns='{UMF}'>{header}<Entities>{entities}</Entities>{ties}</Message>".encode()


def siena(
    entities: str = PERSON,
    *,
    purposes: str = "",
    handling: str = "<u:Code>H1</u:Code>",
    body: str = "",
    attributes: str = "type='SPONTANEOUS'",
) -> bytes:
    """Return a SIENA-like message; `body` stands between the header and the entities."""
    header = (
        f"<Header reference='R' sentAt='1970-01-01T00:00:00Z' {attributes}>{PARTIES}{purposes}"
        f"<Handling>{handling}</Handling></Header>"
    )
    inner = f"<Entities xmlns='{UMF}'>{entities}</Entities>"
    return f"<Message xmlns='{SIENA}' xmlns:u='{UMF}'>{header}{body}{inner}</Message>".encode()


def read(data: bytes) -> Draft:
    """Return the draft of an UMF-like message."""
    (draft,) = EuropolUmf().parse(data, today=TODAY, exercise=True)
    return draft


def read_siena(data: bytes) -> Draft:
    """Return the draft of a SIENA-like message."""
    (draft,) = EuropolSiena().parse(data, today=TODAY, exercise=True)
    return draft


def effects(draft: Draft) -> dict[str, Effect]:
    """Return the losses of a draft by path."""
    return {loss.path: loss.effect for loss in draft.losses}


def written(record: pb.Record) -> etree._Element:
    """Return the UMF-like message of one view, as a tree."""
    data = EuropolUmf().render([View(record=record)], form="xml", allowed=EVERY).data
    return etree.fromstring(data)


def texts(root: etree._Element, path: str) -> list[str]:
    """Return the texts of all elements at a path, such as `Person/Role`."""
    steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
    return [element.text or "" for element in root.iterfind(f".//{steps}")]


def lost(record: pb.Record) -> dict[str, Effect]:
    """Return what the message of one view does not say, by path, headers left out."""
    (losses,) = EuropolUmf().render([View(record=record)], form="xml", allowed=EVERY).losses
    return {loss.path: loss.effect for loss in losses if not loss.path.startswith("header.")}
