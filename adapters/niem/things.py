"""Organisations, locations, vehicles, and the identifications of persons."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters.countries import alpha2
from adapters.loss import Effect
from adapters.niem.contacts import read_contact, write_contact
from adapters.niem.elements import Part, add, add_date, add_text, prune
from adapters.values import number_of, read_degrees, token, write_degrees
from adapters.xml import Element
from gateway.v1 import record_pb2 as pb

_ID: Final = "nc:IdentificationID"
_COUNTRY: Final = "nc:LocationCountryISO3166Alpha2Code"
_COUNTRY_NAME: Final = "nc:LocationCountryName"
_CATEGORY: Final = "nc:OrganizationCategoryText"
_AXES: Final = (("Latitude", "latitude_e6", 90), ("Longitude", "longitude_e6", 180))
_POINT: Final = "nc:Location2DGeospatialCoordinate"
_ADDRESS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "town": ("nc:AddressCityName", "nc:LocationCityName"),
        "region": ("nc:LocationStateName", "nc:LocationStateUSPostalServiceCode"),
        "postal_code": ("nc:AddressPostalCode", "nc:LocationPostalCode"),
    }
)
_VEHICLE: Final = (
    ("nc:ItemMakeName", "make"),
    ("nc:ItemModelName", "model"),
    ("nc:ConveyanceColorPrimaryText", "colour"),
    ("nc:ItemDescriptionText", "description"),
)


def read_location(part: Part, location: pb.Location) -> None:
    """Read a location, its kind and what is said of it."""
    place = read_place(part)
    if place.ByteSize():
        location.site.CopyFrom(place)
    if said := part.text("nc:LocationDescriptionText"):
        location.description = said
    _read_word(part, "nc:LocationCategoryText", location, "kind")


def read_place(part: Part) -> pb.Place:
    """Return where a location is.

    Raises:
        Malformed: code `bad-number`.
    """
    place = pb.Place()
    if name := part.text("nc:LocationName"):
        place.name = name
    for address in part.parts("nc:Address"):
        _read_address(address, place)
    for point in part.parts(_POINT):
        found = {held: _degrees(point, axis, most) for axis, held, most in _AXES}
        if None not in found.values():
            for held, value in found.items():
                setattr(place, held, value)
        elif any(value is not None for value in found.values()):
            part.lose(_POINT, Effect.DROPPED, "is a latitude or longitude without the other")
    return place


def _read_address(address: Part, place: pb.Place) -> None:
    for street in address.parts("nc:LocationStreet"):
        if text := street.text("nc:StreetFullText"):
            place.street = text
    for held, names in _ADDRESS.items():
        if text := address.text(*names):
            setattr(place, held, text)
    if text := address.text("nc:AddressFullText"):
        place.original = text
    _read_country(address, place)


def _degrees(point: Part, axis: str, most: int) -> int | None:
    for told in point.parts(f"nc:GeographicCoordinate{axis}"):
        if text := told.text(f"nc:{axis}DegreeValue"):
            return read_degrees(text, told.path, most=most)
    return None


def _read_country(address: Part, place: pb.Place) -> None:
    text = address.text(_COUNTRY, "nc:LocationCountryISO3166Alpha3Code", _COUNTRY_NAME)
    country = alpha2(text) if text else None
    if country:
        place.country = country
    elif text and not place.original:
        place.original = text
        address.lose(_COUNTRY, Effect.KEPT_AS_EXTENSION, "is no country known here; kept as written")
    elif text:
        address.lose(_COUNTRY, Effect.DROPPED, "is no country known here")


def write_location(parent: Element, location: pb.Location) -> Element:
    """Write a location, and return its element."""
    node = add(parent, "nc:Location")
    write_place(node, location.site)
    add_text(node, "nc:LocationDescriptionText", location.description)
    add_text(node, "nc:LocationCategoryText", token(location, "kind"))
    return node


def write_place(node: Element, place: pb.Place) -> None:
    """Write where a location is, as precisely as it is known."""
    add_text(node, "nc:LocationName", place.name)
    address = add(node, "nc:Address")
    add_text(address, "nc:AddressFullText", place.original)
    if place.street:
        add_text(add(address, "nc:LocationStreet"), "nc:StreetFullText", place.street)
    for held, names in _ADDRESS.items():
        add_text(address, names[0], getattr(place, held))
    if place.country and alpha2(place.country) == place.country:
        add_text(address, _COUNTRY, place.country)
    prune(address)
    if place.HasField("latitude_e6") and place.HasField("longitude_e6"):
        values = {axis: (getattr(place, held), most) for axis, held, most in _AXES}
        if all(abs(value) <= most * 1_000_000 for value, most in values.values()):
            point = add(node, _POINT)
            for axis, (value, _) in values.items():
                told = add(point, f"nc:GeographicCoordinate{axis}")
                # A whole nought would read as not recorded.
                add_text(told, f"nc:{axis}DegreeValue", write_degrees(value) if value else "0.0")


def read_organisation(part: Part, organisation: pb.Organisation) -> None:
    """Read names, register number, addresses, contacts, kind, sector and activity of an organisation."""
    identity = organisation.identity
    identity.names.extend(part.texts("nc:OrganizationName"))
    for told in part.parts("nc:OrganizationIdentification"):
        if number := told.text(_ID):
            identity.registration_number = number
    for told in part.parts("nc:OrganizationLocation"):
        place = read_place(told)
        alone = [one.name for one, _ in place.ListFields()] == ["country"]
        if alone and not identity.country:
            identity.country = place.country
        elif place.ByteSize():
            identity.addresses.append(place)
    for told in part.parts("nc:OrganizationPrimaryContactInformation"):
        contact = read_contact(told, pb.Contact())
        if contact.ByteSize():
            identity.contacts.append(contact)
    if not identity.ByteSize():
        organisation.ClearField("identity")
    if activity := part.text("nc:OrganizationDescriptionText"):
        organisation.activity = activity
    _read_categories(part, organisation)


def _read_categories(part: Part, organisation: pb.Organisation) -> None:
    for word in part.texts(_CATEGORY):
        kind, sector = (number_of(organisation, name, word) for name in ("kind", "sector"))
        if kind and not organisation.kind:
            organisation.kind = pb.OrganisationKind.ValueType(kind)
        elif sector and not organisation.sector:
            organisation.sector = pb.Sector.ValueType(sector)
        else:
            part.lose(_CATEGORY, Effect.DROPPED, "is no kind of organisation of a record")


def write_organisation(parent: Element, organisation: pb.Organisation) -> Element:
    """Write an organisation, and return its element."""
    node = add(parent, "nc:Organization")
    identity = organisation.identity
    for name in identity.names:
        add_text(node, "nc:OrganizationName", name)
    if identity.registration_number:
        add_text(add(node, "nc:OrganizationIdentification"), _ID, identity.registration_number)
    places = [pb.Place(country=identity.country)] if identity.country else []
    for place in (*places, *identity.addresses):
        told = add(node, "nc:OrganizationLocation")
        write_place(told, place)
        prune(told)
    for contact in identity.contacts:
        told = add(node, "nc:OrganizationPrimaryContactInformation")
        write_contact(told, contact)
        prune(told)
    add_text(node, "nc:OrganizationDescriptionText", organisation.activity)
    add_text(node, _CATEGORY, token(organisation, "kind"))
    add_text(node, _CATEGORY, token(organisation, "sector"))
    return node


def read_vehicle(part: Part, vehicle: pb.Vehicle) -> None:
    """Read plate, chassis number, kind, make, model, colour and description of a vehicle."""
    identity = pb.VehicleIdentity()
    _read_word(part, "nc:VehicleCategoryText", identity, "kind")
    for plate in part.parts("nc:ConveyanceRegistrationPlateIdentification"):
        if number := plate.text(_ID):
            identity.plate = number
        if country := _jurisdiction(plate):
            identity.plate_country = country
    for told in part.parts("nc:VehicleIdentification"):
        if number := told.text(_ID):
            identity.vin = number
    for name, held in _VEHICLE:
        if text := part.text(name):
            setattr(identity, held, text)
    if identity.ByteSize():
        vehicle.identity.CopyFrom(identity)


def write_vehicle(parent: Element, vehicle: pb.Vehicle) -> Element:
    """Write a vehicle, and return its element."""
    node = add(parent, "nc:Vehicle")
    identity = vehicle.identity
    add_text(node, "nc:VehicleCategoryText", token(identity, "kind"))
    plate = add(node, "nc:ConveyanceRegistrationPlateIdentification")
    add_text(plate, _ID, identity.plate)
    _write_jurisdiction(plate, identity.plate_country)
    prune(plate)
    if identity.vin:
        add_text(add(node, "nc:VehicleIdentification"), _ID, identity.vin)
    for name, held in _VEHICLE:
        add_text(node, name, getattr(identity, held))
    return node


def read_document(part: Part, document: pb.IdentityDocument) -> None:
    """Read an identification of a person as a document.

    Raises:
        Malformed: code `bad-date`.
    """
    details = pb.DocumentDetails()
    _read_word(part, "nc:IdentificationCategoryText", details, "kind")
    if number := part.text(_ID):
        details.number = number
    if country := _jurisdiction(part):
        details.issuing_country = country
    for name, held in (
        ("nc:IdentificationEffectiveDate", "issued"),
        ("nc:IdentificationExpirationDate", "expires"),
    ):
        when = part.day(name)
        if when is not None:
            getattr(details, held).CopyFrom(when)
    for status in part.parts("nc:IdentificationStatus"):
        _read_word(status, "nc:StatusDescriptionText", details, "status")
    if details.ByteSize():
        document.details.CopyFrom(details)


def write_document(parent: Element, document: pb.IdentityDocument) -> Element:
    """Write a document as an identification of a person, and return its element."""
    node = add(parent, "nc:PersonOtherIdentification")
    details = document.details
    add_text(node, _ID, details.number)
    add_text(node, "nc:IdentificationCategoryText", token(details, "kind"))
    add_date(node, "nc:IdentificationEffectiveDate", details.issued)
    add_date(node, "nc:IdentificationExpirationDate", details.expires)
    _write_jurisdiction(node, details.issuing_country)
    if details.status:
        status = add(node, "nc:IdentificationStatus")
        add_text(status, "nc:StatusDescriptionText", token(details, "status"))
    return node


def _jurisdiction(part: Part) -> str:
    for told in part.parts("nc:IdentificationJurisdiction"):
        text = told.text(_COUNTRY, _COUNTRY_NAME)
        country = alpha2(text) if text else None
        if country:
            return country
        if text:
            told.lose(_COUNTRY, Effect.DROPPED, "is no country known here")
    return ""


def _write_jurisdiction(node: Element, country: str) -> None:
    if country and alpha2(country) == country:
        add_text(add(node, "nc:IdentificationJurisdiction"), _COUNTRY, country)


def _read_word(part: Part, name: str, held: Any, known: str) -> None:
    word = part.text(name)
    number = number_of(held, known, word) if word else None
    if number:
        setattr(held, known, number)
    elif word:
        part.lose(name, Effect.DROPPED, "the word has no equal")
