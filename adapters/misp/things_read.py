"""Places, vehicles, contents, files, money, journeys and notes, read from MISP objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters.loss import Effect
from adapters.misp import shapes
from adapters.misp.accounts_read import account_of, account_of_service, draw_user_account
from adapters.misp.drawing import draw, draw_country, draw_moment, draw_tags, read_time
from adapters.misp.found import Found, FoundObject
from adapters.misp.organisations_read import draw_organisation
from adapters.misp.parts import PLACE, read_place
from adapters.misp.paths import path
from adapters.misp.things_written import ENTITY, TEXT_HASHES
from adapters.values import HASH_NAMES, read_degrees, read_number
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

Draw = Callable[[FoundObject, pb.Record], Any]

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,8})?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_AMOUNT: Final = re.compile(rf"({_NUMBER.pattern})?(?: ?\b({_CURRENCY.pattern}))?")
_DIGEST: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_LENGTHS: Final = MappingProxyType(
    {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64} | {"sha3-256": 32, "sha3-512": 64}
)
HASHES: Final = MappingProxyType(
    {name.lower().replace("sha-", "sha"): number for number, name in HASH_NAMES.items()}
)
"""Hash algorithms as MISP spells them."""

_MOST_METRES: Final = 2**32 - 1


def draw_location(found: FoundObject, record: pb.Record) -> pb.Location:
    """Add a place; a coordinate counts only beside the other one, and not at 0, 0.

    Raises:
        Malformed: code `bad-number`.
    """
    location = record.locations.add(id=found.uuid)
    draw(found, shapes.LOCATION, location)
    site = location.site
    _draw_site_country(found, site)
    latitude, longitude = found.first("latitude"), found.first("longitude")
    if latitude and longitude:
        north = read_degrees(latitude.value, f"{latitude.path}.value", most=90)
        east = read_degrees(longitude.value, f"{longitude.path}.value", most=180)
        if north or east:
            site.latitude_e6, site.longitude_e6 = north, east
        else:
            found.lose(f"{latitude.path}.value", Effect.DROPPED, "0, 0 may stand for unknown")
    elif one := latitude or longitude:
        found.lose(f"{one.path}.value", Effect.DROPPED, "a coordinate without the other is no point")
    if one := found.first("accuracy-radius"):
        metres = read_number(one.value, f"{one.path}.value") * 1000
        if not 0 <= metres <= _MOST_METRES:
            raise Malformed("is no radius in kilometres", field=f"{one.path}.value", code="bad-number")
        site.precision_m = int(metres.to_integral_value())
        if site.precision_m != metres:
            found.lose(f"{one.path}.value", Effect.GENERALISED, "the radius is rounded to a metre")
    if not site.ByteSize():
        location.ClearField("site")
    return location


def draw_address(found: FoundObject, record: pb.Record) -> pb.Location:
    """Add the place of a postal address."""
    location = record.locations.add(id=found.uuid, kind=pb.LOCATION_KIND_ADDRESS)
    street = [one for one in (found.text("street"), found.text("number"), found.text("apartment")) if one]
    for name, value in (
        ("street", " ".join(street)),
        ("postal_code", found.text("postal-code")),
        ("town", found.text("city")),
        ("region", found.text("state") or found.text("province")),
    ):
        if value:
            setattr(location.site, name, value)
    _draw_site_country(found, location.site)
    if description := found.text("description"):
        location.description = description
    return location


def _draw_site_country(found: FoundObject, site: pb.Place) -> None:
    draw_country(found, "countrycode", site)
    if not site.country:
        draw_country(found, "country", site)


def draw_vehicle(found: FoundObject, record: pb.Record) -> pb.Vehicle:
    """Add a vehicle; a type without an equal stands in its description."""
    vehicle = record.vehicles.add(id=found.uuid)
    kind = next((one for one in found.attributes if one.relation == "type"), None)
    draw(found, shapes.VEHICLE, vehicle)
    known = shapes.VEHICLE_KIND.find(kind.value) if kind else None
    if kind and not (known and known[1]):
        said = [vehicle.identity.description] if vehicle.identity.description else []
        vehicle.identity.description = "\n".join([*said, f"Type as written: {kind.value}"])
    return vehicle


def draw_content(found: FoundObject, record: pb.Record) -> pb.OnlineContent:
    """Add online content."""
    content = record.online_contents.add(id=found.uuid)
    draw(found, shapes.URL, content)
    return content


def draw_file(found: FoundObject, record: pb.Record) -> pb.DigitalArtefact:
    """Add a file, with the hashes that are known.

    Raises:
        Malformed: code `bad-number` for a size or a hash that is none.
    """
    artefact = record.artefacts.add(id=found.uuid)
    draw(found, shapes.FILE, artefact)
    if one := found.first("size-in-bytes"):
        size = read_number(one.value, f"{one.path}.value")
        if size != size.to_integral_value() or not 0 <= size < 2**63:
            raise Malformed("is no number of bytes", field=f"{one.path}.value", code="bad-number")
        artefact.metadata.size_bytes = int(size)
    for one in found.attributes:
        if one.relation in HASHES:
            one.taken = True
            artefact.hashes.append(read_hash(one, one.relation))
    return artefact


def read_hash(one: Found, name: str) -> pb.Hash:
    """Return the hash of an attribute.

    Raises:
        Malformed: code `bad-number` for one that is not in hexadecimal, or not as long as it must be.
    """
    algorithm = pb.HashAlgorithm.ValueType(HASHES[name])
    if algorithm in TEXT_HASHES:
        return pb.Hash(algorithm=algorithm, value=one.value.encode())
    digest = bytes.fromhex(one.value) if _DIGEST.fullmatch(one.value) else b""
    if not digest or len(digest) != _LENGTHS.get(name, len(digest)):
        raise Malformed(f"is no {name} in hexadecimal", field=f"{one.path}.value", code="bad-number")
    return pb.Hash(algorithm=algorithm, value=digest)


def draw_image(found: FoundObject, record: pb.Record) -> pb.DigitalArtefact:
    """Add a picture, without its bytes."""
    artefact = record.artefacts.add(id=found.uuid)
    artefact.metadata.kind = pb.ARTEFACT_KIND_IMAGE
    if name := found.text("filename") or found.text("attachment"):
        artefact.metadata.file_name = name
    if text := found.text("image-text"):
        artefact.content = text
    return artefact


def draw_device(found: FoundObject, record: pb.Record) -> pb.DigitalArtefact:
    """Add a telephone or another device."""
    artefact = record.artefacts.add(id=found.uuid)
    draw(found, shapes.PHONE, artefact)
    return artefact


def draw_transaction(found: FoundObject, record: pb.Record) -> pb.Transaction:
    """Add a transaction; an amount that is no number with a currency stands in words among its parties."""
    transaction = record.transactions.add(id=found.uuid)
    one = found.first("amount")
    match = _AMOUNT.fullmatch(one.value) if one else None
    if match and match[1]:
        transaction.detail.amount = match[1]
    if match and match[2]:
        transaction.detail.currency = match[2]
    code = next((one for one in found.attributes if one.relation == "transmode-code"), None)
    draw(found, shapes.TRANSACTION, transaction)
    kept = [("Amount", one)] if one and not match else []
    if code and shapes.TRANSACTION_KIND.find(code.value) is None:
        kept.append(("Mode", code))
    for title, attribute in kept:
        said = [transaction.detail.parties] if transaction.detail.parties else []
        transaction.detail.parties = "\n".join([*said, f"{title} as written: {attribute.value}"])
        found.lose(f"{attribute.path}.value", Effect.KEPT_AS_EXTENSION, "has no equal; kept in words")
    return transaction


def draw_crypto_transaction(found: FoundObject, record: pb.Record) -> pb.Transaction:
    """Add a payment in a cryptocurrency.

    Raises:
        Malformed: code `bad-number`.
    """
    transaction = record.transactions.add(id=found.uuid)
    transaction.detail.kind = pb.TRANSACTION_KIND_CRYPTO
    for relation, name, form in (("value", "amount", _NUMBER), ("symbol", "currency", _CURRENCY)):
        one = found.first(relation)
        if one is None:
            continue
        if relation == "value":
            read_number(one.value, f"{one.path}.value")
        if form.fullmatch(one.value):
            setattr(transaction.detail, name, one.value)
        else:
            found.lose(f"{one.path}.value", Effect.DROPPED, "has another form than amounts and currencies")
    draw(found, shapes.CRYPTO_TRANSACTION, transaction)
    return transaction


def draw_journey(found: FoundObject, record: pb.Record) -> pb.Journey:
    """Add a journey of one leg; further legs are tickets that are part of the first one."""
    journey = record.journeys.add(id=found.uuid)
    draw_tags(found, shapes.JOURNEY_TAGS, journey)
    leg = pb.Leg()
    draw_leg(found, leg)
    if leg.ByteSize():
        journey.route.legs.append(leg)
    return journey


def draw_leg(found: FoundObject, leg: pb.Leg) -> None:
    """Set one leg from a ticket."""
    for relation in ("origin", "destination"):
        if one := found.first(relation):
            read_place(one.value, one.own.get(PLACE, ""), getattr(leg, relation))
    if carrier := found.text("company"):
        leg.carrier = carrier
    if ticket := found.text("ticket-number"):
        leg.ticket = ticket
    if one := found.first("type-of-transport"):
        known = shapes.TRAVEL_MODE.find(one.value)
        leg.mode = known[0] if known else pb.TRAVEL_MODE_OTHER
        if not (known and known[1]):
            found.lose(f"{one.path}.value", Effect.GENERALISED, "the word has no equal")
    for relation, name in (("date-of-departure", "departed"), ("date-of-arrival", "arrived")):
        one = found.first(relation)
        moment = read_time(found, one.value, one.path) if one else None
        draw_moment(found, moment, path(name), leg)


def draw_annotation(found: FoundObject, record: pb.Record) -> Any:
    """Add an incident where our tag says so, else a narrative."""
    if found.code(ENTITY) == "incident":
        incident = record.incidents.add(id=found.uuid)
        draw(found, shapes.INCIDENT, incident)
        first, last = found.times()
        for name, text in (("start", first), ("end", last)):
            moment = read_time(found, text, found.path) if text else None
            draw_moment(found, moment, path(f"occurred.{name}"), incident)
        return incident
    narrative = record.narratives.add(id=found.uuid)
    if text := found.text("text"):
        narrative.text = text
    return narrative


def draw_report(found: FoundObject, record: pb.Record) -> pb.Narrative:
    """Add a narrative, and the case number that stands in it."""
    narrative = record.narratives.add(id=found.uuid)
    draw(found, shapes.NARRATIVE, narrative)
    if number := found.text("case-number"):
        record.header.case_references.add(number=number)
    return narrative


DRAWN: Final[Mapping[str, Draw]] = MappingProxyType(
    {
        "organization": draw_organisation,
        "geolocation": draw_location,
        "postal-address": draw_address,
        "vehicle": draw_vehicle,
        "phone-number": account_of(shapes.PHONE_ACCOUNT, pb.ACCOUNT_KIND_PHONE),
        "user-account": draw_user_account,
        "bank-account": account_of(shapes.BANK_ACCOUNT, pb.ACCOUNT_KIND_BANK, ("iban",)),
        "coin-address": account_of(shapes.COIN_ADDRESS, pb.ACCOUNT_KIND_CRYPTO, ("address", "address-xmr")),
        "btc-wallet": account_of(shapes.COIN_ADDRESS, pb.ACCOUNT_KIND_CRYPTO, ("wallet-address",)),
        "telegram-account": account_of_service("telegram", ("username", "id", "phone")),
        "facebook-account": account_of_service("facebook", ("account-name", "account-id", "link", "url")),
        "instagram-account": account_of_service("instagram", ("account-name", "account-id", "link", "url")),
        "url": draw_content,
        "file": draw_file,
        "image": draw_image,
        "phone": draw_device,
        "transaction": draw_transaction,
        "cryptocurrency-transaction": draw_crypto_transaction,
        "transport-ticket": draw_journey,
        "annotation": draw_annotation,
        "report": draw_report,
    }
)
"""What reads the objects of a template, by its name."""
