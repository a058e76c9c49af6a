"""Places and organisations of an HTCDS case."""

from __future__ import annotations

from adapters.countries import alpha2
from adapters.htcds.codes import ORGANISATION_KIND
from adapters.loss import Effect
from adapters.row import Row
from gateway.v1 import record_pb2

NO_PROVIDERS = frozenset(
    {
        record_pb2.ORGANISATION_KIND_LAW_ENFORCEMENT,
        record_pb2.ORGANISATION_KIND_CENTRAL_GOVERNMENT,
        record_pb2.ORGANISATION_KIND_LOCAL_GOVERNMENT,
        record_pb2.ORGANISATION_KIND_IMMIGRATION_SERVICE,
        record_pb2.ORGANISATION_KIND_BUSINESS,
    }
)
"""Authorities and firms are named as organisations. Everybody else, and whoever states no kind, is treated as
a provider of support, whose identity is protected.
"""

MAY_SHELTER = frozenset(
    {
        record_pb2.ORGANISATION_KIND_UNSPECIFIED,
        record_pb2.ORGANISATION_KIND_NGO,
        record_pb2.ORGANISATION_KIND_OTHER,
    }
)
"""Kinds whose address may be a shelter; HTCDS has no code that would tell."""


def draw_place(row: Row, prefix: str) -> record_pb2.Place | None:
    """Return the place whose fields start with `prefix` (`prs_Mailing`, `org_Shipping`, `hte_`), or None.

    Raises:
        Malformed: code `bad-number` for a coordinate that is none.
    """
    place = record_pb2.Place()
    if street := row.text(f"{prefix}Street"):
        place.street = street
    if postal_code := row.text(f"{prefix}PostalCode"):
        place.postal_code = postal_code
    if town := row.text(f"{prefix}City"):
        place.town = town
    if region := row.text(f"{prefix}State"):
        place.region = region
    _draw_country(row, f"{prefix}Country", place)
    _draw_coordinates(row, prefix, place)
    return place if place.ByteSize() else None


def _draw_country(row: Row, name: str, place: record_pb2.Place) -> None:
    text = row.text(name)
    if text is None:
        return
    country = alpha2(text)
    if country:
        place.country = country
    else:
        place.original = text
        row.lose(name, Effect.KEPT_AS_EXTENSION, "is no country known here; kept as written")


def _draw_coordinates(row: Row, prefix: str, place: record_pb2.Place) -> None:
    latitude = row.degrees_e6(f"{prefix}Latitude", most=90)
    longitude = row.degrees_e6(f"{prefix}Longitude", most=180)
    if latitude is None and longitude is None:
        return
    if latitude is None or longitude is None or latitude == longitude == 0:
        name = f"{prefix}Longitude" if latitude is None else f"{prefix}Latitude"
        row.lose(
            name, Effect.DROPPED, "latitude and longitude stand for a point only together, and not at 0, 0"
        )
        return
    place.latitude_e6, place.longitude_e6 = latitude, longitude


def draw_organisation(row: Row, number: int, record: record_pb2.Record) -> record_pb2.Organisation:
    """Add the organisation of one row to the record, and return it."""
    organisation = record.organisations.add(id=f"organisation-{number}")
    kind = row.code("org_Type", ORGANISATION_KIND) or record_pb2.ORGANISATION_KIND_UNSPECIFIED
    name, phone, place = row.text("org_Name"), row.text("org_Phone"), draw_place(row, "org_Shipping")
    contact = record_pb2.Contact(kind=record_pb2.CONTACT_KIND_PHONE, value=phone) if phone else None
    if kind in NO_PROVIDERS:
        organisation.kind = kind
        identity = organisation.identity
        identity.names.extend([name] if name else [])
        identity.addresses.extend([place] if place else [])
        identity.contacts.extend([contact] if contact else [])
        if place and place.country:
            identity.country = place.country
        if not identity.ByteSize():
            organisation.ClearField("identity")
        return organisation
    provider = organisation.provider
    if kind:
        provider.kind = kind
    if name:
        provider.name = name
    if contact:
        provider.contact.CopyFrom(contact)
    if place and kind in MAY_SHELTER:
        place = _draw_shelter(row, number, place, record)
    if place:
        provider.place.CopyFrom(place)
    return organisation


def _draw_shelter(
    row: Row, number: int, place: record_pb2.Place, record: record_pb2.Record
) -> record_pb2.Place | None:
    """Keep the address as a shelter's, which never leaves, and return what of it names no premises."""
    country = record_pb2.Place(country=place.country) if place.country else None
    if country == place:
        return country
    row.lose(
        "org_ShippingStreet",
        Effect.INVENTED,
        "may be a shelter's address, which HTCDS cannot say; kept as one",
    )
    shelter = record.locations.add(id=f"shelter-{number}", kind=record_pb2.LOCATION_KIND_SHELTER)
    shelter.site.CopyFrom(place)
    return country
