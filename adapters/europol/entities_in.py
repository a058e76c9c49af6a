"""The entities of a message, read into a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from adapters.europol import tables
from adapters.europol.accounts import ACCOUNT, read_account_kind, split_line
from adapters.europol.codes import FINANCIAL, SECTORS, number_of_code
from adapters.europol.hashes import read_hashes
from adapters.europol.leaves_in import read_leaves, read_place
from adapters.europol.nodes import Node
from adapters.europol.person_in import read_person
from adapters.europol.reading import JOURNEY, Reading
from adapters.europol.remark import read_lines
from gateway.v1 import record_pb2 as pb

NO_FIELD: Final = "the record has no field for it"


def read_entities(reading: Reading, nodes: Sequence[Node]) -> None:
    """Add every entity that does not belong inside another one."""
    for node in nodes:
        if node.id not in reading.parts:
            _READERS[node.name](reading, node)


def _person(reading: Reading, node: Node) -> None:
    person = reading.record.persons.add(id=reading.local(node, "person"))
    reading.enter(node, "persons", person)
    rest = read_person(reading, node, person)
    _close(reading, node, person, rest)


def _organisation(reading: Reading, node: Node) -> None:
    organisation = reading.record.organisations.add(id=reading.local(node, "organisation"))
    reading.enter(node, "organisations", organisation)
    rest = read_lines(node, organisation, tables.ORGANISATION_LINES, node.raw("Remark"))
    read_leaves(node, organisation, tables.ORGANISATION)
    letter, colon, words = node.raw("Activity").partition(": ")
    if colon and letter not in SECTORS and letter:
        letter, words = "", f"{letter}: {words}"
    elif not colon and letter not in SECTORS:
        letter, words = "", letter
    if letter:
        organisation.sector = pb.Sector.ValueType(SECTORS[letter])
    if words := node.clean("Activity", words):
        organisation.activity = words
    _close(reading, node, organisation, rest)


def _location(reading: Reading, node: Node) -> None:
    location = reading.record.locations.add(id=reading.local(node, "location"))
    reading.enter(node, "locations", location)
    rest = read_lines(node, location, tables.LOCATION_LINES, node.raw("Remark"))
    site = pb.Place()
    site.CopyFrom(location.site)
    read_place(node, site)
    if site.ByteSize():
        location.site.CopyFrom(site)
    _close(reading, node, location, rest, place=(location, "description"))


def _vehicle(reading: Reading, node: Node) -> None:
    vehicle = reading.record.vehicles.add(id=reading.local(node, "vehicle"))
    reading.enter(node, "vehicles", vehicle)
    read_leaves(node, vehicle, tables.VEHICLE)
    _close(reading, node, vehicle, node.text("Remark"), place=(vehicle.identity, "description"))


def _communication(reading: Reading, node: Node) -> None:
    kind = node.text("Kind")
    word, rest = split_line(node.raw("Remark"))
    if kind in ("IMEI", "IMSI"):
        _device(reading, node, kind)
    elif kind == "URL" and word != ACCOUNT:
        _online(reading, node)
    else:
        account = reading.record.accounts.add(id=reading.local(node, "account"))
        reading.enter(node, "accounts", account)
        rest = read_lines(node, account.identity, tables.ACCOUNT_LINES, rest)
        read_account_kind(account.identity, kind, word)
        read_leaves(node, account.identity, tables.ACCOUNT)
        _close(reading, node, account, rest)


def _online(reading: Reading, node: Node) -> None:
    online = reading.record.online_contents.add(id=reading.local(node, "online-content"))
    reading.enter(node, "online_contents", online)
    rest = read_lines(node, online, tables.ONLINE_LINES, node.raw("Remark"))
    read_leaves(node, online, tables.ONLINE)
    _close(reading, node, online, rest, place=(online, "text"))


def _device(reading: Reading, node: Node, kind: str) -> None:
    artefact = reading.record.artefacts.add(id=reading.local(node, "artefact"))
    reading.enter(node, "artefacts", artefact)
    rest = read_lines(node, artefact, tables.ARTEFACT_LINES, node.raw("Remark"))
    read_leaves(node, artefact, tables.IMEI if kind == "IMEI" else tables.IMSI)
    _close(reading, node, artefact, rest)


def _document(reading: Reading, node: Node) -> None:
    document = reading.record.documents.add(id=reading.local(node, "document"))
    reading.enter(node, "documents", document)
    read_leaves(node, document, tables.DOCUMENT)
    _close(reading, node, document, node.text("Remark"))


def _financial(reading: Reading, node: Node) -> None:
    kind = number_of_code(FINANCIAL, node.text("Kind"))
    if kind is None:
        transaction = reading.record.transactions.add(id=reading.local(node, "transaction"))
        reading.enter(node, "transactions", transaction)
        rest = read_lines(node, transaction, tables.TRANSACTION_LINES, node.raw("Remark"))
        read_leaves(node, transaction, tables.TRANSACTION)
        _close(reading, node, transaction, rest)
        return
    account = reading.record.accounts.add(id=reading.local(node, "account"))
    reading.enter(node, "accounts", account)
    rest = read_lines(node, account.identity, tables.FINANCIAL_ACCOUNT_LINES, node.raw("Remark"))
    account.identity.kind = pb.AccountKind.ValueType(kind)
    read_leaves(node, account.identity, tables.FINANCIAL_ACCOUNT)
    _close(reading, node, account, rest)


def _digital(reading: Reading, node: Node) -> None:
    artefact = reading.record.artefacts.add(id=reading.local(node, "artefact"))
    reading.enter(node, "artefacts", artefact)
    lines = [*tables.ARTEFACT_LINES, *tables.IMEI_LINES]
    rest = read_lines(node, artefact, lines, node.raw("Remark"))
    artefact.hashes.extend(read_hashes(node))
    read_leaves(node, artefact, tables.ARTEFACT)
    _close(reading, node, artefact, rest)


def _event(reading: Reading, node: Node) -> None:
    if node.text("Kind") == JOURNEY:
        journey = reading.record.journeys.add(id=reading.local(node, "journey"))
        reading.enter(node, "journeys", journey)
        rest = read_lines(node, journey, tables.JOURNEY_LINES, node.raw("Remark"))
        read_leaves(node, journey, tables.JOURNEY)
        _close(reading, node, journey, rest)
        return
    incident = reading.record.incidents.add(id=reading.local(node, "incident"))
    reading.enter(node, "incidents", incident)
    rest = read_lines(node, incident, tables.EVENT_LINES, node.raw("Remark"))
    read_leaves(node, incident, (*tables.EVENT, *tables.EVENT_TIMES))
    for word in node.text("Sector").replace(",", " ").replace(";", " ").split():
        if word in SECTORS:
            incident.sectors.append(pb.Sector.ValueType(SECTORS[word]))
        else:
            node.keep("Sector", word)
    _close(reading, node, incident, rest, place=(incident, "description"))


def _close(
    reading: Reading, node: Node, entity: Any, rest: str, *, place: tuple[Any, str] | None = None
) -> None:
    reading.remark(node, entity.id, rest, place=place)
    node.finish(NO_FIELD)


_READERS: Final[Mapping[str, Callable[[Reading, Node], None]]] = MappingProxyType(
    {
        "Person": _person,
        "Organisation": _organisation,
        "Location": _location,
        "MeansOfTransportation": _vehicle,
        "MeansOfCommunication": _communication,
        "Document": _document,
        "FinancialItem": _financial,
        "DigitalItem": _digital,
        "Event": _event,
    }
)
