"""Locations: an address, coordinates, and the name of the premises."""

from __future__ import annotations

from typing import Final

from adapters.case_uco.canvas import Canvas, Members, put, typed
from adapters.case_uco.case import Case
from adapters.case_uco.node import Node
from adapters.countries import alpha2
from adapters.loss import Effect
from adapters.values import write_degrees
from gateway.v1 import record_pb2 as pb

_ADDRESS: Final = "uco-location:SimpleAddressFacet"
_COORDINATES: Final = "uco-location:LatLongCoordinatesFacet"
_PARTS: Final = (
    ("uco-location:street", "street"),
    ("uco-location:postalCode", "postal_code"),
    ("uco-location:locality", "town"),
    ("uco-location:region", "region"),
)


def read_location(case: Case, node: Node, location: pb.Location) -> None:
    """Read where a location is, and what is said of it.

    Raises:
        Malformed: code `bad-number`.
    """
    place = read_place(case, node)
    if place.ByteSize():
        location.site.CopyFrom(place)
    if description := node.text("uco-core:description"):
        location.description = description


def read_place(case: Case, node: Node) -> pb.Place:
    """Return where a node is; coordinates count only as a pair."""
    place = pb.Place()
    if name := node.text("uco-core:name"):
        place.name = name
    for facet in case.facets(node, _ADDRESS):
        for property_, part in _PARTS:
            text = facet.text(property_)
            if text and not getattr(place, part):
                setattr(place, part, text)
        _read_country(facet, place)
    for facet in case.facets(node, _COORDINATES):
        latitude = facet.degrees_e6("uco-location:latitude", most=90)
        longitude = facet.degrees_e6("uco-location:longitude", most=180)
        if latitude is not None and longitude is not None:
            place.latitude_e6, place.longitude_e6 = latitude, longitude
        elif latitude is not None or longitude is not None:
            facet.lose(
                "uco-location:latitude", Effect.DROPPED, "is a latitude or longitude without the other"
            )
    return place


def place_within(case: Case, iri: str) -> pb.Place | None:
    """Return where the location is that another node names, None where nothing is said of it."""
    node = case.part(iri)
    if node is None:
        return None
    place = read_place(case, node)
    return place if place.ByteSize() else None


def _read_country(facet: Node, place: pb.Place) -> None:
    text = facet.text("uco-location:country")
    country = alpha2(text) if text else None
    if country:
        place.country = country
    elif text:
        place.original = text
        facet.lose(
            "uco-location:country", Effect.KEPT_AS_EXTENSION, "is no country known here; kept as written"
        )


def write_location(canvas: Canvas, location: pb.Location) -> None:
    """Write a location."""
    node = canvas.draw(location, "uco-location:Location")
    write_place(canvas, node, location.site)
    put(node, "uco-core:description", location.description)


def write_place(canvas: Canvas, node: Members, place: pb.Place) -> None:
    """Write where a node is, as precisely as it is known."""
    put(node, "uco-core:name", place.name)
    address = {property_: getattr(place, part) for property_, part in _PARTS}
    canvas.facet(node, _ADDRESS, {**address, "uco-location:country": place.country})
    stated = place.HasField("latitude_e6") and place.HasField("longitude_e6")
    if stated and abs(place.latitude_e6) <= 90_000_000 and abs(place.longitude_e6) <= 180_000_000:
        latitude = typed(write_degrees(place.latitude_e6), "xsd:decimal")
        longitude = typed(write_degrees(place.longitude_e6), "xsd:decimal")
        pair = {"uco-location:latitude": latitude, "uco-location:longitude": longitude}
        canvas.facet(node, _COORDINATES, pair)
