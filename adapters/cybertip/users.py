"""The user of a service, as its provider knows them: accounts, names on the screen, addresses with times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from adapters.cybertip.codes import DEVICE_IDS
from adapters.cybertip.contacts import set_country
from adapters.cybertip.drawing import CLEARING_HOUSE, Drawing, moment
from adapters.cybertip.node import Node
from gateway.v1 import record_pb2 as pb

MOST_ACCOUNTS: Final = 200
"""Most internet addresses of one user that become accounts; further ones become contacts of the person, so
that the record does not burst.
"""

_MOST_WORDS: Final = 15_000
"""Longest text of one narrative, in characters: in UTF-8 it stays below 64 KiB."""


def draw_user(node: Node, person: pb.Person, drawing: Drawing, *, as_contacts: bool) -> None:
    """Draw what a provider knows of a user: as contacts of the person, which name or find nobody else, or as
    accounts that the person holds.
    """
    _draw_accounts(node, person, drawing, as_contacts=as_contacts)
    for name in node.texts("displayName"):
        person.aliases.add(full=name, kind=pb.NAME_KIND_NICKNAME)
    for address in node.texts("profileUrl"):
        person.contacts.add(kind=pb.CONTACT_KIND_URL, value=address)
    _draw_captures(node, person, drawing, as_contacts=as_contacts)
    for group in node.texts("groupIdentifier"):
        person.contacts.add(kind=pb.CONTACT_KIND_OTHER, value=f"group {group}")
    for member in ("priorCTReports", "priorCTReport"):
        for number in node.texts(member):
            drawing.record.header.case_references.add(number=number, authority=CLEARING_HOUSE)
    _draw_location(node.node("estimatedLocation"), person)
    for other in node.nodes("associatedAccount"):
        _draw_associated(other, person, drawing)
    for title, member in (("Profile", "profileBio"), ("Additional information", "additionalInfo")):
        for text in node.texts(member):
            drawing.tell(title, text, person.id)


def _draw_accounts(node: Node, person: pb.Person, drawing: Drawing, *, as_contacts: bool) -> None:
    service = node.text("espService")
    names = [text for member in ("espIdentifier", "screenName") if (text := node.text(member))]
    for value in names:
        if as_contacts:
            kind = pb.CONTACT_KIND_SOCIAL_HANDLE
            person.contacts.add(kind=kind, value=value, provider=service or None)
        else:
            identity = pb.AccountIdentity(
                kind=pb.ACCOUNT_KIND_SOCIAL_HANDLE, value=value, provider=service or None
            )
            drawing.add("account", "accounts").MergeFrom(
                pb.CommunicationAccount(identity=identity, holder=person.id)
            )
    if service and not names:
        drawing.tell("Service", service, person.id)


def _draw_captures(node: Node, person: pb.Person, drawing: Drawing, *, as_contacts: bool) -> None:
    """Draw the addresses and devices that a provider noted, with their times; what they did, in words."""
    events: list[str] = []
    for number, capture in enumerate(node.nodes("ipCaptureEvent")):
        address, seen = capture.text("ipAddress"), moment(capture.node("dateTime"))
        if not address:
            continue
        events.append(_event(address, capture, "eventName", "port", "possibleProxy"))
        if as_contacts or number >= MOST_ACCOUNTS:
            person.contacts.add(kind=pb.CONTACT_KIND_IP, value=address, seen=seen)
        else:
            identity = pb.AccountIdentity(kind=pb.ACCOUNT_KIND_IP, value=address, seen=seen)
            drawing.add("account", "accounts").MergeFrom(
                pb.CommunicationAccount(identity=identity, holder=person.id)
            )
    for device in node.nodes("deviceId"):
        name, value = device.text("idType"), device.text("idValue")
        kind = DEVICE_IDS.get(name.casefold(), pb.CONTACT_KIND_OTHER)
        words = value if kind != pb.CONTACT_KIND_OTHER else f"{name} {value}".strip()
        if value:
            person.contacts.add(kind=kind, value=words, seen=moment(device.node("dateTime")))
            events.append(_event(words, device, "eventName"))
    for text in _together(event for event in events if event):
        drawing.tell("Captured", text, person.id)


def _event(address: str, node: Node, *members: str) -> str:
    """Return a line of what a capture says beside address and time; nothing where it says no more."""
    words = [f"{member}: {text}" for member in members if (text := node.text(member))]
    return f"{address} ({', '.join(words)})" if words else ""


def _together(lines: Iterator[str]) -> Iterator[str]:
    """Yield lines together in texts that a record can hold."""
    text = ""
    for line in lines:
        if text and len(text) + len(line) >= _MOST_WORDS:
            yield text
            text = ""
        text = f"{text}\n{line}" if text else line
    yield text


def _draw_location(node: Node, person: pb.Person) -> None:
    place = pb.Place()
    if town := node.text("city"):
        place.town = town
    if region := node.text("region"):
        place.region = region
    set_country(place, node.node("countryCode"))
    if place.ListFields():
        person.last_known_position.place.CopyFrom(place)


def _draw_associated(node: Node, person: pb.Person, drawing: Drawing) -> None:
    """Draw an account that is associated with a user's; whose it is is not said."""
    names = [text for name in ("firstName", "middleName", "lastName") if (text := node.text(name))]
    found = pb.AccountIdentity(
        kind=pb.ACCOUNT_KIND_SOCIAL_HANDLE,
        value=node.text("espIdentifier") or node.text("screenName") or None,
        provider=node.text("platform") or node.text("espService") or None,
        display_name=", ".join(node.texts("displayName")) or None,
        holder_name=" ".join(names) or None,
    )
    if len(found.ListFields()) == 1:
        return
    account = drawing.add("account", "accounts")
    account.identity.CopyFrom(found)
    words = node.attribute("type") or node.text("type")
    drawing.tie(person.id, account.id, pb.RELATION_KIND_OTHER, f"associated account {words}".strip())
