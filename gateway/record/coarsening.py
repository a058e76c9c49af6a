"""The generalisers: what remains of a value on a coarser rung.

Each takes a value and returns a new one that holds less, or None where nothing would remain. Each leaves its
own result unchanged: that is how a recipient checks that a coarse value holds no more than its rung allows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from google.protobuf.message import Message

from gateway.record.age import age_band
from gateway.record.regions import region_of
from gateway.v1 import record_pb2 as pb

Generaliser = Callable[[Any, date], Message | None]
"""Takes a value and the day of sealing, on which ages are reckoned."""


def _year(birth: pb.BirthDate, _: date) -> pb.BirthDate | None:
    return pb.BirthDate(year=birth.year) if birth.year else None


def _age_band(birth: pb.BirthDate, sealed_on: date) -> pb.BirthDate | None:
    band = age_band(birth, sealed_on)
    return pb.BirthDate(age_band=band) if band else None


def _region(nationality: pb.Nationality, _: date) -> pb.Nationality | None:
    region = nationality.region or region_of(nationality.country)
    return pb.Nationality(region=region) if region else None


def _town(place: pb.Place, _: date) -> pb.Place | None:
    if not (place.town or place.region):
        return None
    return pb.Place(town=place.town or None, region=place.region or None, country=place.country or None)


def _country(place: pb.Place, _: date) -> pb.Place | None:
    return pb.Place(country=place.country) if place.country else None


def _whereabouts(coarser: Callable[[pb.Place, date], pb.Place | None]) -> Generaliser:
    def generaliser(whereabouts: pb.Whereabouts, sealed_on: date) -> pb.Whereabouts | None:
        place = coarser(whereabouts.place, sealed_on)
        return pb.Whereabouts(place=place) if place else None

    return generaliser


def _month_of(moment: pb.Moment) -> pb.PartialDate | None:
    when = moment.date
    return pb.PartialDate(year=when.year, month=when.month) if when.year and when.month else None


def _year_of(moment: pb.Moment) -> pb.PartialDate | None:
    return pb.PartialDate(year=moment.date.year) if moment.date.year else None


def _place_time(
    coarser: Callable[[pb.Place, date], pb.Place | None],
    when: Callable[[pb.Moment], pb.PartialDate | None],
) -> Generaliser:
    def generaliser(occurred: pb.PlaceTime, sealed_on: date) -> pb.PlaceTime | None:
        result = pb.PlaceTime(place=coarser(occurred.place, sealed_on))
        if start := when(occurred.start):
            result.start.date.CopyFrom(start)
        if end := when(occurred.end):
            result.end.date.CopyFrom(end)
        return result if result.ListFields() else None

    return generaliser


def _country_pair(route: pb.Route, _: date) -> pb.Route | None:
    origin, destination = route.from_country, route.to_country
    if route.legs:
        origin = route.legs[0].origin.country or origin
        destination = route.legs[-1].destination.country or destination
    if not (origin or destination):
        return None
    return pb.Route(from_country=origin or None, to_country=destination or None)


def _country_pair_and_month(route: pb.Route, sealed_on: date) -> pb.Route | None:
    month = route.month
    for leg in route.legs:
        if first := _month_of(leg.departed) or _month_of(leg.arrived):
            month = first
            break
    if not (month.year and month.month):
        return None
    result = _country_pair(route, sealed_on) or pb.Route()
    result.month.CopyFrom(pb.PartialDate(year=month.year, month=month.month))
    return result


def _hashes(image: pb.Image, _: date) -> pb.Image | None:
    hashes = sorted(image.hashes, key=lambda digest: (digest.algorithm, digest.value))
    return pb.Image(hashes=hashes) if hashes else None


def _document_kind_and_country(document: pb.DocumentDetails, _: date) -> pb.DocumentDetails | None:
    if not document.issuing_country:
        return None
    return pb.DocumentDetails(kind=document.kind or None, issuing_country=document.issuing_country)


def _contact_kind_and_country(contact: pb.Contact, _: date) -> pb.Contact | None:
    if not contact.country:
        return None
    return pb.Contact(kind=contact.kind or None, country=contact.country)


def _account_kind_and_country(account: pb.AccountIdentity, _: date) -> pb.AccountIdentity | None:
    if not account.country:
        return None
    return pb.AccountIdentity(kind=account.kind or None, country=account.country)


def _provider_and_country(account: pb.AccountIdentity, _: date) -> pb.AccountIdentity | None:
    if not (account.provider or account.country):
        return None
    return pb.AccountIdentity(
        kind=account.kind or None, provider=account.provider or None, country=account.country or None
    )


def _make_and_country(vehicle: pb.VehicleIdentity, _: date) -> pb.VehicleIdentity | None:
    if not (vehicle.make or vehicle.plate_country):
        return None
    return pb.VehicleIdentity(
        kind=vehicle.kind or None, plate_country=vehicle.plate_country or None, make=vehicle.make or None
    )


def _site(content: pb.OnlineReference, _: date) -> pb.OnlineReference | None:
    site = content.site or _host(content.url)
    return pb.OnlineReference(kind=content.kind or None, site=site) if site else None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _month_and_currency(detail: pb.TransactionDetail, _: date) -> pb.TransactionDetail | None:
    month = _month_of(detail.on)
    if not (month or detail.currency):
        return None
    result = pb.TransactionDetail(kind=detail.kind or None, currency=detail.currency or None)
    if month:
        result.on.date.CopyFrom(month)
    return result


def _sector(workplace: pb.Workplace, _: date) -> pb.Workplace | None:
    return pb.Workplace(sector=workplace.sector) if workplace.sector else None


def _relation(member: pb.FamilyMember, _: date) -> pb.FamilyMember | None:
    return pb.FamilyMember(relation=member.relation) if member.relation else None


def _extract(statement: pb.StatementText, _: date) -> pb.StatementText | None:
    return pb.StatementText(extract=statement.extract) if statement.extract else None


def _provider_kind(provider: pb.Provider, _: date) -> pb.Provider | None:
    return pb.Provider(kind=provider.kind) if provider.kind else None


def _referral_provider_kind(referral: pb.Referral, sealed_on: date) -> pb.Referral | None:
    provider = _provider_kind(referral.provider, sealed_on)
    return pb.Referral(provider=provider) if provider else None


def _organisation_country(identity: pb.OrganisationIdentity, _: date) -> pb.OrganisationIdentity | None:
    countries = {address.country for address in identity.addresses if address.country}
    country = identity.country or (countries.pop() if len(countries) == 1 else "")
    return pb.OrganisationIdentity(country=country) if country else None


def _kind(message: type[Any]) -> Generaliser:
    def generaliser(value: Any, _: date) -> Message | None:
        result: Message | None = message(kind=value.kind) if value.kind else None
        return result

    return generaliser


GENERALISERS: Mapping[tuple[str, str], Generaliser] = MappingProxyType(
    {
        ("year", "BirthDate"): _year,
        ("age-band", "BirthDate"): _age_band,
        ("region", "Nationality"): _region,
        ("town", "Place"): _town,
        ("country", "Place"): _country,
        ("town", "Whereabouts"): _whereabouts(_town),
        ("country", "Whereabouts"): _whereabouts(_country),
        ("town-and-month", "PlaceTime"): _place_time(_town, _month_of),
        ("country-and-year", "PlaceTime"): _place_time(_country, _year_of),
        ("country-pair", "Route"): _country_pair,
        ("country-pair-and-month", "Route"): _country_pair_and_month,
        ("hash", "Image"): _hashes,
        ("kind-and-country", "DocumentDetails"): _document_kind_and_country,
        ("kind-and-country", "Contact"): _contact_kind_and_country,
        ("kind-and-country", "AccountIdentity"): _account_kind_and_country,
        ("provider-and-country", "AccountIdentity"): _provider_and_country,
        ("make-and-country", "VehicleIdentity"): _make_and_country,
        ("site", "OnlineReference"): _site,
        ("month-and-currency", "TransactionDetail"): _month_and_currency,
        ("sector", "Workplace"): _sector,
        ("relationship-only", "FamilyMember"): _relation,
        ("extract", "StatementText"): _extract,
        ("organisation-kind", "Provider"): _provider_kind,
        ("organisation-kind", "Referral"): _referral_provider_kind,
        ("country", "OrganisationIdentity"): _organisation_country,
        ("kind", "DocumentDetails"): _kind(pb.DocumentDetails),
        ("kind", "BiometricReference"): _kind(pb.BiometricReference),
        ("kind", "Contact"): _kind(pb.Contact),
        ("kind", "VehicleIdentity"): _kind(pb.VehicleIdentity),
        ("kind", "AccountIdentity"): _kind(pb.AccountIdentity),
        ("kind", "DeviceIdentity"): _kind(pb.DeviceIdentity),
        ("kind", "OnlineReference"): _kind(pb.OnlineReference),
        ("kind", "ArtefactMetadata"): _kind(pb.ArtefactMetadata),
        ("kind", "TransactionDetail"): _kind(pb.TransactionDetail),
    }
)
"""By name of the generaliser and of the value's message. A pair that is absent has no such rung: nothing of a
location's kind, a stay's length in months or a household could be told on it.
"""
