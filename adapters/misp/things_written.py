"""Organisations, places, vehicles, accounts and the like on their way into MISP objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from adapters.misp import shapes
from adapters.misp.machine_tags import NOT_STATED
from adapters.misp.parts import write_place
from adapters.misp.paths import path
from adapters.misp.shapes import Shape
from adapters.misp.thing import Sheet, Thing, readable
from adapters.values import HASH_NAMES, token, write_degrees
from gateway.v1 import record_pb2 as pb

ENTITY: Final = "entity"
"""Predicate that says what an object tells of, where its template serves several kinds."""

SHOWN: Final = "shown"
"""Predicate of an account that a content shows, and that is no entity of its own."""

_NUMBER: Final = re.compile(r"[+(]?[0-9][0-9 ()./-]*")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_KIND_OF_TEMPLATE: Final = {
    "phone-number": pb.ACCOUNT_KIND_PHONE,
    "bank-account": pb.ACCOUNT_KIND_BANK,
    "coin-address": pb.ACCOUNT_KIND_CRYPTO,
    "user-account": pb.ACCOUNT_KIND_SOCIAL_HANDLE,
}
_ACCOUNT_SHAPES: Final = {
    pb.ACCOUNT_KIND_BANK: shapes.BANK_ACCOUNT,
    pb.ACCOUNT_KIND_CRYPTO: shapes.COIN_ADDRESS,
}
TEXT_HASHES: Final = frozenset({pb.HASH_ALGORITHM_SSDEEP, pb.HASH_ALGORITHM_TLSH})
"""Hashes that are texts rather than bytes."""


def place_things(sheet: Sheet) -> None:
    """Add an object for everything that is neither a person nor a tie."""
    for collection, write in _WRITTEN.items():
        for number, entity in enumerate(getattr(sheet.record, collection)):
            write(sheet, entity, f"{collection}[{number}]")


def _of_shape(sheet: Sheet, shape: Shape, entity: Any, place: str, part: str = "") -> Thing:
    thing = sheet.begin(shape.template, entity, place, part)
    _fill(thing, shape)
    return thing


def _fill(thing: Thing, shape: Shape) -> None:
    for relation, where in shape.texts.items():
        thing.text(relation, where, shape.comments)
    for relation, (where, codes) in shape.words.items():
        value = path(where).get(thing.entity)
        if value in codes.spellings:
            thing.add(relation, codes.spellings[value])
    for relation, where in shape.instants.items():
        thing.instant(relation, where)
    if shape.seen:
        thing.observed(shape.seen)
    thing.tag_paths(shape.tags)


def _finish(thing: Thing, what: str) -> None:
    thing.complete(f"{what}: {NOT_STATED}")


def _write_vehicle(sheet: Sheet, vehicle: pb.Vehicle, place: str) -> None:
    _finish(_of_shape(sheet, shapes.VEHICLE, vehicle, place), "vehicle")


def _write_incident(sheet: Sheet, incident: pb.Incident, place: str) -> None:
    thing = _of_shape(sheet, shapes.INCIDENT, incident, place)
    thing.first_seen, thing.last_seen = thing.moment("occurred.start"), thing.moment("occurred.end")
    thing.tag(ENTITY, "incident")
    if thing.has("text"):
        thing.keep("description")
    _finish(thing, "incident")


def _write_narrative(sheet: Sheet, narrative: pb.Narrative, place: str) -> None:
    _finish(_of_shape(sheet, shapes.NARRATIVE, narrative, place), "narrative")


def _write_organisation(sheet: Sheet, organisation: pb.Organisation, place: str) -> None:
    thing = sheet.begin("organization", organisation, place)
    identity, kind = organisation.identity, organisation.kind
    names, contacts, addresses = list(identity.names), list(identity.contacts), list(identity.addresses)
    provides = organisation.HasField("provider") and not organisation.HasField("identity") and not kind
    if provides:
        provider = organisation.provider
        kind, names, contacts, addresses = (
            provider.kind,
            [provider.name],
            [provider.contact],
            [provider.place],
        )
        thing.tag(ENTITY, "provider")
    for name in names:
        thing.add("alias" if thing.has("name") else "name", name)
    thing.add("registration-number", identity.registration_number)
    if kind in shapes.ORGANISATION_KIND.spellings:
        thing.add("type-of-organization", shapes.ORGANISATION_KIND.spellings[kind])
    if organisation.sector in shapes.SECTOR.spellings:
        thing.add("sector", shapes.SECTOR.spellings[organisation.sector])
    thing.add("description", organisation.activity)
    if identity.country:
        thing.add("address", identity.country, tags=[("address", "country")])
    for address in addresses:
        line, tags = write_place(address)
        thing.add("address", line, tags=tags)
    for contact in contacts:
        relation = {pb.CONTACT_KIND_PHONE: "phone-number", pb.CONTACT_KIND_EMAIL: "e-mail"}.get(contact.kind)
        if relation and _fits(relation, contact.value):
            thing.add(relation, contact.value)
    _finish(thing, "organisation")


def _fits(relation: str, value: str) -> bool:
    return "@" in value if relation == "e-mail" else _NUMBER.fullmatch(value) is not None


def _write_location(sheet: Sheet, location: pb.Location, place: str) -> None:
    thing, site = sheet.begin("geolocation", location, place), location.site
    _fill(thing, shapes.LOCATION)
    thing.add("countrycode", site.country)
    if site.HasField("latitude_e6") and site.HasField("longitude_e6"):
        thing.add("latitude", _degrees(site.latitude_e6))
        thing.add("longitude", _degrees(site.longitude_e6))
    if site.HasField("precision_m"):
        thing.add("accuracy-radius", f"{Decimal(site.precision_m) / 1000:f}")
    _finish(thing, "location")


def _degrees(millionths: int) -> str:
    # A bare nought would read as "not recorded".
    return write_degrees(millionths) if millionths else "0.0"


def _write_account(sheet: Sheet, account: pb.CommunicationAccount, place: str) -> None:
    kind = account.identity.kind
    thing = _begin_account(sheet, account.identity, account, place)
    if _KIND_OF_TEMPLATE[thing.template.name] != kind and not _is_email(thing, kind):
        code = token(account.identity, "kind") or "unstated"
        thing.tag("identity-kind", code)
        if account.identity.HasField("kind"):
            thing.keep("identity.kind")
    _finish(thing, "account")


def _is_email(thing: Thing, kind: int) -> bool:
    return kind == pb.ACCOUNT_KIND_EMAIL and thing.has("email")


def _begin_account(
    sheet: Sheet, identity: pb.AccountIdentity, entity: Any, place: str, part: str = ""
) -> Thing:
    """Return the object of an account; `entity` has it as its identity."""
    shape = _ACCOUNT_SHAPES.get(identity.kind, shapes.USER_ACCOUNT)
    if identity.kind == pb.ACCOUNT_KIND_PHONE and _NUMBER.fullmatch(readable(identity.value)):
        shape = shapes.PHONE_ACCOUNT
    thing = sheet.begin(shape.template, entity, place, part)
    thing.around = "identity." if part else ""
    if shape is shapes.BANK_ACCOUNT and _IBAN.fullmatch(identity.value):
        thing.add("iban", identity.value)
        _fill(thing, shapes.IBAN_ACCOUNT)
        return thing
    _fill(thing, shape)
    if shape is shapes.PHONE_ACCOUNT:
        thing.add("country-code", identity.country)
    if identity.kind == pb.ACCOUNT_KIND_EMAIL and "@" in identity.value and thing.has("username"):
        thing.add("email", identity.value)
    return thing


def _write_content(sheet: Sheet, content: pb.OnlineContent, place: str) -> None:
    thing = _of_shape(sheet, shapes.URL, content, place)
    _finish(thing, "content")
    for number, identity in enumerate(content.accounts):
        # It has a shape only as an entity: one is made up around it, which the document does not say.
        around = pb.CommunicationAccount(id=content.id, identity=identity)
        where = f"{place}.accounts[{number}]"
        shown = _begin_account(sheet, identity, around, where, f"/account/{number}")
        kind = token(identity, "kind") or "unstated"
        shown.tag("identity-kind", kind)
        shown.tag(SHOWN, "yes")
        _finish(shown, "account")
        thing.references.append({"referenced_uuid": shown.uuid, "relationship_type": "mentions"})


def _write_artefact(sheet: Sheet, artefact: pb.DigitalArtefact, place: str) -> None:
    if artefact.HasField("device"):
        _finish(_of_shape(sheet, shapes.PHONE, artefact, place), "device")
        return
    thing = _of_shape(sheet, shapes.FILE, artefact, place)
    if artefact.metadata.HasField("size_bytes"):
        thing.add("size-in-bytes", str(artefact.metadata.size_bytes))
    for digest in artefact.hashes:
        relation = HASH_NAMES.get(digest.algorithm, "").lower().replace("sha-", "sha")
        if relation in thing.template.relations and (text := hash_text(digest)):
            thing.add(relation, text)
    _finish(thing, "file")


def hash_text(digest: pb.Hash) -> str:
    """Return a hash as MISP writes it: in hexadecimal, or as the text that it is."""
    if digest.algorithm not in TEXT_HASHES:
        return digest.value.hex()
    text = digest.value.decode("ascii", errors="ignore")
    return text if text.encode() == digest.value and text.isprintable() and " " not in text else ""


def _write_transaction(sheet: Sheet, transaction: pb.Transaction, place: str) -> None:
    detail = transaction.detail
    plain = not (detail.channel or detail.parties)
    known = not detail.currency or detail.currency in shapes.SYMBOLS
    if detail.kind == pb.TRANSACTION_KIND_CRYPTO and plain and known:
        paid = _of_shape(sheet, shapes.CRYPTO_TRANSACTION, transaction, place)
        paid.add("value", detail.amount)
        paid.add("symbol", detail.currency)
        _finish(paid, "transaction")
        return
    thing = _of_shape(sheet, shapes.TRANSACTION, transaction, place)
    amount = " ".join(part for part in (detail.amount, detail.currency) if part)
    thing.add("amount", amount)
    _finish(thing, "transaction")


def _write_journey(sheet: Sheet, journey: pb.Journey, place: str) -> None:
    first = sheet.begin("transport-ticket", journey, place)
    first.tag_paths(shapes.JOURNEY_TAGS)
    for number, leg in enumerate(journey.route.legs):
        ticket = first
        if number:
            ticket = sheet.begin("transport-ticket", journey, place, f"/leg/{number}")
            ticket.references.append({"referenced_uuid": first.uuid, "relationship_type": "part-of"})
        _write_leg(ticket, leg, number)
        if number:
            _finish(ticket, "journey")
    _finish(first, "journey")


def _write_leg(ticket: Thing, leg: pb.Leg, number: int) -> None:
    for relation, end in _ends(leg):
        line, tags = write_place(end)
        if ticket.add(relation, line, tags=tags) and tags:
            ticket.keep(f"route.legs[{number}].{relation}")
    ticket.add("company", leg.carrier)
    ticket.add("ticket-number", leg.ticket)
    if leg.mode in shapes.TRAVEL_MODE.spellings:
        ticket.add("type-of-transport", shapes.TRAVEL_MODE.spellings[leg.mode])
    around = Thing(ticket.template, ticket.uuid, leg, f"{ticket.place}.route.legs[{number}]", ticket.kept)
    around.attributes = ticket.attributes
    around.instant("date-of-departure", "departed")
    around.instant("date-of-arrival", "arrived")
    ticket.tags += around.tags


def _ends(leg: pb.Leg) -> Iterator[tuple[str, pb.Place]]:
    if leg.HasField("origin"):
        yield "origin", leg.origin
    if leg.HasField("destination"):
        yield "destination", leg.destination


_WRITTEN: Final[Mapping[str, Callable[[Sheet, Any, str], None]]] = MappingProxyType(
    {
        "organisations": _write_organisation,
        "locations": _write_location,
        "vehicles": _write_vehicle,
        "accounts": _write_account,
        "online_contents": _write_content,
        "artefacts": _write_artefact,
        "transactions": _write_transaction,
        "journeys": _write_journey,
        "incidents": _write_incident,
        "narratives": _write_narrative,
    }
)
