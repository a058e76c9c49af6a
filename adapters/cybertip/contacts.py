"""Addresses of a report: telephones, e-mail, and places as far as they are known."""

from __future__ import annotations

from typing import Any

from adapters.countries import alpha2
from adapters.cybertip.node import Node
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb


def draw_contact(holder: Any, kind: pb.ContactKind.ValueType, node: Node) -> None:
    """Add the address of an element to the contacts of a person or of an organisation's identity."""
    value = node.text()
    if not value:
        return
    if kind == pb.CONTACT_KIND_PHONE:
        code, extension = node.attribute("countryCallingCode"), node.attribute("extension")
        value = f"{code} {value}" if code and not value.startswith("+") else value
        value = f"{value} ext. {extension}" if extension else value
    holder.contacts.add(kind=kind, value=value)


def place_of(node: Node) -> pb.Place:
    """Return the place of an address element."""
    place = pb.Place()
    parts = {"street": "address", "town": "city", "postal_code": "zipCode", "region": "state"}
    for name, member in parts.items():
        if text := node.text(member):
            setattr(place, name, text)
    if not place.region and (region := node.text("nonUsaState")):
        place.region = region
    set_country(place, node.node("country"))
    return place


def set_country(place: pb.Place, node: Node) -> None:
    """Set the country of a place; the word of one that is not known is kept as it is written."""
    text = node.text()
    code = alpha2(text) if text else None
    if code:
        place.country = code
    elif text:
        place.original = text
        node.lose(Effect.KEPT_AS_EXTENSION, "is no country that is known; its word is kept in a text")
