"""The entities of a view, written as elements; what a record keeps inside another entity, tied to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters.europol import tables
from adapters.europol.accounts import write_account_line, write_contact_line
from adapters.europol.codes import COMMUNICATION, CONTACTS, FINANCIAL, SECTOR_WORDS
from adapters.europol.hashes import write_hash
from adapters.europol.leaves import Form, Leaf, write_leaf
from adapters.europol.person_out import write_person
from adapters.europol.writing import Connection, Writing, add, fill
from adapters.values import write_date
from gateway.v1 import record_pb2 as pb

LEG: Final = "Leg"
"""Label of the line that says which leg of a journey a departure or an arrival belongs to."""


def write_entities(writing: Writing) -> None:
    """Add every entity that the format has an element for."""
    for collection, write in _WRITERS.items():
        for number, entity in enumerate(getattr(writing.record, collection)):
            write(writing, entity, f"{collection}[{number}]")


def _person(writing: Writing, person: pb.Person, path: str) -> None:
    write_person(writing, person, path)
    owner = writing.ids[person.id]
    _contacts(writing, person.contacts, owner, f"{path}.contacts")
    for number, address in enumerate(person.addresses):
        _whereabouts(
            writing, address, (owner, f"address.{number + 1}", "ADDRESS_OF"), f"{path}.addresses[{number}]"
        )
    if person.HasField("last_known_position"):
        place = (owner, "position", "LAST_POSITION_OF")
        _whereabouts(writing, person.last_known_position, place, f"{path}.last_known_position")


def _organisation(writing: Writing, organisation: pb.Organisation, path: str) -> None:
    element = writing.begin("Organisation", organisation, path, tables.ORGANISATION_LINES)
    fill(element, organisation, tables.ORGANISATION)
    add(element, "Activity", _activity(organisation))
    owner = writing.ids[organisation.id]
    _contacts(writing, organisation.identity.contacts, owner, f"{path}.identity.contacts")
    for number, place in enumerate(organisation.identity.addresses):
        tie = _tie(owner, f"address.{number + 1}", "ADDRESS_OF")
        _place(writing, place, tie, f"{path}.identity.addresses[{number}]")


def _activity(organisation: pb.Organisation) -> str:
    """Return the sector's letter, a colon and the activity in words; either may be missing."""
    letter = SECTOR_WORDS.get(organisation.sector, "")
    words = organisation.activity
    if not words.strip():
        return letter
    # A text that could be taken for a letter gets the colon too.
    alone = not letter and words not in SECTOR_WORDS.values() and ": " not in words
    return words if alone else f"{letter}: {words}"


def _location(writing: Writing, location: pb.Location, path: str) -> None:
    element = writing.begin("Location", location, path, tables.LOCATION_LINES, text=location.description)
    fill(element, location, tables.LOCATION)


def _vehicle(writing: Writing, vehicle: pb.Vehicle, path: str) -> None:
    text = vehicle.identity.description
    fill(writing.begin("MeansOfTransportation", vehicle, path, (), text=text), vehicle, tables.VEHICLE)


def _account(writing: Writing, account: pb.CommunicationAccount, path: str) -> None:
    identity = account.identity
    path = f"{path}.identity"
    if identity.kind in FINANCIAL:
        lines = _within(tables.FINANCIAL_ACCOUNT_LINES, "identity")
        element = writing.begin("FinancialItem", account, path.removesuffix(".identity"), lines)
        add(element, "Kind", FINANCIAL[identity.kind])
        fill(element, identity, tables.FINANCIAL_ACCOUNT)
        return
    first = _account_line(writing, identity, path)
    lines = _within(tables.ACCOUNT_LINES, "identity")
    element = writing.begin(
        "MeansOfCommunication", account, path.removesuffix(".identity"), lines, first=first
    )
    add(element, "Kind", COMMUNICATION.get(identity.kind, "SOCIAL_HANDLE"))
    fill(element, identity, tables.ACCOUNT)


def _online(writing: Writing, online: pb.OnlineContent, path: str) -> None:
    element = writing.begin("MeansOfCommunication", online, path, tables.ONLINE_LINES, text=online.text)
    add(element, "Kind", "URL")
    fill(element, online, tables.ONLINE)
    owner = writing.ids[online.id]
    for number, identity in enumerate(online.accounts):
        _shown_account(writing, identity, owner, number, f"{path}.accounts[{number}]")
    for number, digest in enumerate(online.image_hashes):
        tie = _tie(owner, f"image.{number + 1}", "IMAGE_IN")
        write_hash(writing.part("DigitalItem", tie, digest, f"{path}.image_hashes[{number}]", ()), digest)
    if online.content.text_digest:
        tie = _tie(owner, "text", "TEXT_OF")
        digest = pb.Hash(algorithm=pb.HASH_ALGORITHM_SHA256, value=online.content.text_digest)
        write_hash(writing.part("DigitalItem", tie, digest, f"{path}.content", ()), digest)


def _shown_account(
    writing: Writing, identity: pb.AccountIdentity, owner: str, number: int, path: str
) -> None:
    tie = _tie(owner, f"account.{number + 1}", "SHOWN_IN")
    if identity.kind in FINANCIAL:
        element = writing.part("FinancialItem", tie, identity, path, tables.FINANCIAL_ACCOUNT_LINES)
        add(element, "Kind", FINANCIAL[identity.kind])
        fill(element, identity, tables.FINANCIAL_ACCOUNT)
        return
    first = _account_line(writing, identity, path)
    element = writing.part("MeansOfCommunication", tie, identity, path, tables.ACCOUNT_LINES, first=first)
    add(element, "Kind", COMMUNICATION.get(identity.kind, "SOCIAL_HANDLE"))
    fill(element, identity, tables.ACCOUNT)


def _account_line(writing: Writing, identity: pb.AccountIdentity, path: str) -> str:
    line = write_account_line(identity)
    if line and identity.kind:
        writing.extend(f"{path}.kind")
    return line


def _document(writing: Writing, document: pb.IdentityDocument, path: str) -> None:
    fill(writing.begin("Document", document, path, ()), document, tables.DOCUMENT)


def _transaction(writing: Writing, transaction: pb.Transaction, path: str) -> None:
    element = writing.begin("FinancialItem", transaction, path, tables.TRANSACTION_LINES)
    fill(element, transaction, tables.TRANSACTION)


def _artefact(writing: Writing, artefact: pb.DigitalArtefact, path: str) -> None:
    device = artefact.device
    number = "IMEI" if device.imei else "IMSI" if device.imsi else ""
    if number and not artefact.hashes and not artefact.HasField("metadata"):
        lines = [line for line in tables.DEVICE_LINES if number == "IMEI" or line.name != "IMSI"]
        exhibits = [line for line in tables.ARTEFACT_LINES if line.name == "Exhibit"]
        element = writing.begin("MeansOfCommunication", artefact, path, [*exhibits, *lines])
        add(element, "Kind", number)
        fill(element, artefact, tables.IMEI if number == "IMEI" else tables.IMSI)
        return
    lines = [*tables.ARTEFACT_LINES, *tables.IMEI_LINES]
    element = writing.begin("DigitalItem", artefact, path, lines)
    for digest in artefact.hashes or [pb.Hash()]:
        write_hash(element, digest)
    fill(element, artefact, tables.ARTEFACT)


def _incident(writing: Writing, incident: pb.Incident, path: str) -> None:
    element = writing.begin("Event", incident, path, tables.EVENT_LINES, text=incident.description)
    fill(element, incident, tables.EVENT)
    add(element, "Sector", " ".join(SECTOR_WORDS[one] for one in incident.sectors if one in SECTOR_WORDS))
    fill(element, incident, tables.EVENT_TIMES)
    if incident.occurred.HasField("place"):
        tie = _tie(writing.ids[incident.id], "place", "OCCURRED_AT")
        _place(writing, incident.occurred.place, tie, f"{path}.occurred.place")


def _journey(writing: Writing, journey: pb.Journey, path: str) -> None:
    """Add a journey as an event with a departure and an arrival for each leg."""
    element = writing.begin("Event", journey, path, tables.JOURNEY_LINES)
    add(element, "Kind", "JOURNEY")
    route = journey.route
    add(element, "Start", write_date(route.month))
    owner = writing.ids[journey.id]
    for name, kind in (("from_country", "DEPARTED_FROM"), ("to_country", "ARRIVED_AT")):
        place = pb.Place(country=getattr(route, name))
        if write_leaf(place, Leaf("Country", "country", Form.COUNTRY)):
            _place(writing, place, _tie(owner, name, kind), f"{path}.route")
    for number, leg in enumerate(route.legs):
        _leg(writing, leg, owner, number, f"{path}.route.legs[{number}]")


def _leg(writing: Writing, leg: pb.Leg, owner: str, number: int, path: str) -> None:
    ends = (("origin", "DEPARTED_FROM", leg.departed), ("destination", "ARRIVED_AT", leg.arrived))
    for name, kind, moment in ends:
        lines = writing.lines(leg, tables.LEG_LINES, path) if name == "origin" else []
        if not (name == "origin" or getattr(leg, name).ByteSize() or moment.date.year):
            continue
        tie = _tie(
            owner,
            f"leg.{number + 1}.{name}",
            kind,
            start=write_date(moment.date),
            remark="\n".join([f"{LEG}: {number + 1}", *lines]),
        )
        _place(writing, getattr(leg, name), tie, f"{path}.{name}")


def _contacts(writing: Writing, contacts: Any, owner: str, path: str) -> None:
    for number, contact in enumerate(contacts):
        place = f"{path}[{number}]"
        first = write_contact_line(contact)
        if first and contact.kind:
            writing.extend(f"{place}.kind")
        tie = _tie(owner, f"contact.{number + 1}", "CONTACT_OF")
        element = writing.part("MeansOfCommunication", tie, contact, place, tables.CONTACT_LINES, first=first)
        add(element, "Kind", CONTACTS.get(contact.kind, "SOCIAL_HANDLE"))
        fill(element, contact, tables.ACCOUNT)


def _whereabouts(writing: Writing, where: pb.Whereabouts, tie: tuple[str, str, str], path: str) -> None:
    owner, suffix, kind = tie
    start, end = write_date(where.since), write_date(where.until)
    remark = "\n".join(writing.lines(where, tables.ADDRESS_LINES, path))
    whole = _tie(owner, suffix, kind, start=start, end=end, remark=remark)
    _place(writing, where.place, whole, f"{path}.place")


def _place(writing: Writing, place: pb.Place, tie: Connection, path: str) -> None:
    fill(writing.part("Location", tie, place, path, tables.PLACE_LINES), place, tables.PLACE)


def _tie(
    owner: str, suffix: str, kind: str, *, start: str = "", end: str = "", remark: str = ""
) -> Connection:
    source = f"{owner}.{suffix}"
    return Connection(
        id=f"{source}.tie", source=source, target=owner, kind=kind, start=start, end=end, remark=remark
    )


def _within(leaves: tuple[Leaf, ...], prefix: str) -> tuple[Leaf, ...]:
    return tuple(Leaf(leaf.name, f"{prefix}.{leaf.path}", leaf.form, leaf.required) for leaf in leaves)


_WRITERS: Final[Mapping[str, Callable[[Writing, Any, str], None]]] = MappingProxyType(
    {
        "persons": _person,
        "organisations": _organisation,
        "locations": _location,
        "vehicles": _vehicle,
        "accounts": _account,
        "online_contents": _online,
        "documents": _document,
        "transactions": _transaction,
        "artefacts": _artefact,
        "incidents": _incident,
        "journeys": _journey,
    }
)
