"""What a report tells of the incident: its type, its time, and where on the network it was."""

from __future__ import annotations

from datetime import date
from typing import Final

from adapters.cybertip.codes import DOUBTS, INCIDENT_TYPES, INTERNET_DETAILS, OTHER_INCIDENT, PLATFORMS
from adapters.cybertip.contacts import place_of
from adapters.cybertip.drawing import Drawing, moment
from adapters.cybertip.node import Node, words_of
from adapters.cybertip.persons import draw_somebody
from adapters.loss import Effect
from adapters.values import read_degrees
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_TOLD: Final = {
    "incidentDateTimeDescription": "When it was",
    "escalateToHighPriority": "Escalated to high priority",
}

_WORDS: Final = {
    "chatRoomName": "Chat room",
    "content": "Content",
    "fileNames": "File names",
    "additionalInfo": "Additional information",
}


def draw_incident(node: Node, drawing: Drawing) -> tuple[pb.Incident, bool]:
    """Draw the summary of an incident, and tell whether it speaks against suspecting who was reported.

    Raises:
        Malformed: code `required`: it has no type.
    """
    incident: pb.Incident = drawing.add("incident", "incidents")
    words = node.text("incidentType")
    if not words:
        raise Malformed("is required", field=node.node("incidentType").path, code="required")
    known = INCIDENT_TYPES.get(words)
    if known is None:
        node.node("incidentType").lose(
            Effect.GENERALISED, "is no type that is known; its words are kept as an offence"
        )
        known = OTHER_INCIDENT
    incident.kind = known.kind
    incident.purposes.extend(known.purposes)
    incident.sexual_kinds.extend(known.sexual_kinds)
    incident.offences.add(description=words)
    if platform := node.text("platform"):
        incident.platforms.append(platform)
    if when := moment(node.node("incidentDateTime")):
        incident.occurred.start.CopyFrom(when)
    annotations = _annotations(node.node("reportAnnotations"), drawing)
    for member, title in _TOLD.items():
        drawing.tell(title, node.text(member), incident.id)
    return incident, bool(DOUBTS.intersection(annotations))


def day_of(incident: pb.Incident, today: date) -> date:
    """Return the day on which ages count: that of the incident where it is known, no later than today."""
    when = incident.occurred.start.date
    known = date(when.year, when.month, when.day) if when.year and when.month and when.day else today
    return min(known, today)


def draw_internet_details(node: Node, drawing: Drawing, incident: pb.Incident) -> None:
    """Draw where on the network it was: pages, services, words, and the addresses of persons unknown."""
    for detail in node.children:
        kind = INTERNET_DETAILS.get(detail.name)
        if kind is None:
            continue  # declared lost with everything that nobody asked for
        for name in PLATFORMS:
            incident.platforms.extend(detail.texts(name))
        for url in detail.texts("url"):
            page = drawing.add("page", "online_contents")
            page.content.kind, page.content.url = kind, url
            drawing.tie(page.id, incident.id, pb.RELATION_KIND_MENTIONS)
        for contact, member in (
            (pb.CONTACT_KIND_EMAIL, "emailAddress"),
            (pb.CONTACT_KIND_PHONE, "phoneNumber"),
        ):
            for one in detail.nodes(member):
                draw_somebody(contact, one, drawing, incident.id)
        for capture in detail.nodes("ipCaptureEvent"):
            draw_somebody(pb.CONTACT_KIND_IP, capture.node("ipAddress"), drawing, incident.id)
            drawing.tell("Captured", "\n".join(words_of(capture)), incident.id)
        _draw_places(detail, drawing, incident)
        for member, title in _WORDS.items():
            for text in detail.texts(member):
                drawing.tell(title, text, incident.id)


def _annotations(node: Node, drawing: Drawing) -> list[str]:
    """Keep the annotations of a report as words; each is an element without content, or one that says yes."""
    found: list[str] = []
    for child in node.children:
        word = child.text().casefold()
        if word in ("", "true", "1"):
            found.append(child.name)
    known = [name for name in found if name.isascii() and name.isalnum()]
    if known:
        drawing.record.header.crime_areas.extend(known)
        node.lose(Effect.KEPT_AS_EXTENSION, "annotations are kept as the words they are")
    return found


def _draw_places(node: Node, drawing: Drawing, incident: pb.Incident) -> None:
    places = [place_of(address) for address in node.nodes("incidentAddress")]
    latitude, longitude = node.node("latitude"), node.node("longitude")
    if latitude.text() and longitude.text():
        point = pb.Place(
            latitude_e6=read_degrees(latitude.text(), latitude.path, most=90),
            longitude_e6=read_degrees(longitude.text(), longitude.path, most=180),
        )
        places.append(point)
    elif latitude.text() or longitude.text():
        (latitude if latitude.text() else longitude).lose(Effect.DROPPED, "half of a position is none")
    name = node.text("locationName")
    if name and not places:
        places.append(pb.Place())
    for place in places:
        if name:
            place.name = name
        if place.ListFields():
            drawn = drawing.add("location", "locations")
            drawn.site.CopyFrom(place)
            drawing.tie(incident.id, drawn.id, pb.RELATION_KIND_LOCATED_AT)
