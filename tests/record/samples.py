"""Invented records for the tests of this room, and the fixed randomness they are cut with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import shake_256
from typing import Any

from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb

TODAY = date(2026, 11, 20)


def counted_random(seed: str = "samples") -> Callable[[int], bytes]:
    """Return a source of bytes that gives the same ones in every run."""
    calls = 0

    def random(size: int) -> bytes:
        nonlocal calls
        calls += 1
        return shake_256(f"{seed} {calls}".encode()).digest(size)

    return random


def marked(record: pb.Record) -> pb.Record:
    """Give a record the header every record needs."""
    header = record.header
    header.marking.policy_id = "comity/1"
    header.marking.level = marking_pb2.LEVEL_RESTRICTED
    header.marking.rel.append("police.ro")
    header.marking.purposes_all = True
    header.retain_until = "2029-12-31"
    header.exercise = True
    return record


def link(record: pb.Record, identifier: str, source: str, target: str, kind: Any) -> pb.Relationship:
    """Add a relationship; `from` is a word of the language and cannot be named outright."""
    relationship = record.relationships.add(id=identifier)
    setattr(relationship.link, "from", source)
    relationship.link.to = target
    relationship.link.kind = kind
    return relationship


def case() -> pb.Record:
    """Return a case with a minor victim, an adult victim, a suspect, a shelter and what ties them."""
    record = marked(pb.Record())
    _persons(record)
    _places_and_things(record)
    _tellings(record)
    return record


def _persons(record: pb.Record) -> None:
    minor = record.persons.add(id="minor", role=pb.ROLE_VICTIM, age_status=pb.AGE_STATUS_MINOR)
    minor.names.add(family="Văcărescu", given="Ilinca")
    minor.birth.CopyFrom(pb.BirthDate(year=2011, month=3, day=14))
    minor.contacts.add(kind=pb.CONTACT_KIND_PHONE, value="+40 722 555 123", country="RO")
    minor.addresses.add(current=True).place.CopyFrom(
        pb.Place(street="Strada Teiului 7", town="Cluj-Napoca", country="RO")
    )
    minor.shelter.place.CopyFrom(
        pb.Place(name="Huis Noord", street="Lindelaan 44", town="Zwolle", country="NL")
    )
    minor.nationalities.add(country="RO")
    minor.nationalities.add(country="MD")
    adult = record.persons.add(id="adult", role=pb.ROLE_PRESUMED_VICTIM, age_status=pb.AGE_STATUS_ADULT)
    adult.names.add(full="Ana Petrova")
    suspect = record.persons.add(id="suspect", role=pb.ROLE_SUSPECT, age_status=pb.AGE_STATUS_ADULT)
    suspect.names.add(family="Dragan", given="Mihai")
    suspect.birth.year = 1979


def _places_and_things(record: pb.Record) -> None:
    site = record.locations.add(id="house", kind=pb.LOCATION_KIND_PLACE_OF_EXPLOITATION)
    site.site.CopyFrom(pb.Place(street="Kanaalstraat 12", town="Utrecht", country="NL"))
    vehicle = record.vehicles.add(id="car")
    vehicle.identity.CopyFrom(
        pb.VehicleIdentity(kind=pb.VEHICLE_KIND_VAN, plate="CJ-11-XYZ", plate_country="RO", make="Dacia")
    )
    phone = record.accounts.add(id="phone", holder="suspect")
    phone.identity.CopyFrom(
        pb.AccountIdentity(kind=pb.ACCOUNT_KIND_PHONE, value="+31612345678", provider="KPN", country="NL")
    )
    journey = record.journeys.add(id="journey", travellers=["minor", "suspect"], vehicle="car")
    leg = journey.route.legs.add(mode=pb.TRAVEL_MODE_ROAD)
    leg.origin.CopyFrom(pb.Place(town="Cluj-Napoca", country="RO"))
    leg.destination.CopyFrom(pb.Place(town="Utrecht", country="NL"))
    leg.departed.date.CopyFrom(pb.PartialDate(year=2026, month=2, day=9))


def _tellings(record: pb.Record) -> None:
    record.narratives.add(id="told", text="Seen near the station: I-L-I-N-C-A, with a man.")
    record.narratives.add(id="quiet", text="The van was parked there for an analysis of its route.")
    link(record, "controls", "suspect", "minor", pb.RELATION_KIND_CONTROLS)
    link(record, "at", "suspect", "house", pb.RELATION_KIND_LOCATED_AT)
