"""Invented records to push: one small case, changed by each test, and the large one of the demonstration."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from gateway.record.json_form import from_json
from gateway.record.vocabulary import LegalBasis
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb

BASIS: Final = LegalBasis.LAW_ENFORCEMENT_TASK
VICTIM_PROTECTION: Final = marking_pb2.PURPOSE_VICTIM_PROTECTION
SECRET_NAME = "Verzonnenova"
SECRET_PHONE = "+999555004417"
SECRET_STREET = "Denkbeeldigestraat 41"


def small(number: int = 1, *, name: str = SECRET_NAME, given: str = "Zelda") -> pb.Record:
    """Return a record of a minor victim, a suspect, his van, her phone and what ties them."""
    record = pb.Record()
    header = record.header
    header.own_reference = f"X-{number}"
    header.exercise = True
    header.retain_until = "2031-12-31"
    header.purpose = marking_pb2.PURPOSE_INVESTIGATION
    header.legal_basis = marking_pb2.LEGAL_BASIS_LAW_ENFORCEMENT_TASK
    mark(header.marking)
    _victim(record, name, given)
    suspect = record.persons.add(id="suspect", role=pb.ROLE_SUSPECT, age_status=pb.AGE_STATUS_ADULT)
    suspect.names.add(family="Fictief", given="Boris")
    van = record.vehicles.add(id="van").identity
    van.kind, van.plate, van.plate_country = pb.VEHICLE_KIND_VAN, f"XX-{number}-Y", "RO"
    record.narratives.add(id="quiet", text="A van stood at the corner for an hour.", subjects=["suspect"])
    tie(record, "recruited", "suspect", "victim", pb.RELATION_KIND_RECRUITED)
    tie(record, "uses", "suspect", "van", pb.RELATION_KIND_USES)
    return record


def mark(marking: marking_pb2.Marking, *releasable: str) -> None:
    """Mark for these agencies, or for the police of Romania and the shelter."""
    marking.policy_id, marking.level = "comity/1", marking_pb2.LEVEL_RESTRICTED
    del marking.rel[:]
    marking.rel.extend(releasable or ("police.ro", "shelter.ngo"))
    marking.holders = marking_pb2.HOLDERS_ORGANISATION
    del marking.purposes[:]
    marking.purposes.extend([marking_pb2.PURPOSE_INVESTIGATION, marking_pb2.PURPOSE_VICTIM_PROTECTION])
    marking.act = marking_pb2.PERMITTED_ACTION_INTERNAL


def tie(
    record: pb.Record, identifier: str, source: str, target: str, kind: pb.RelationKind.ValueType
) -> None:
    """Add a relationship; `from` is a word of the language and cannot be named outright."""
    link = record.relationships.add(id=identifier).link
    setattr(link, "from", source)
    link.to, link.kind = target, kind


def demonstration() -> bytes:
    """Return the case of the demonstration."""
    return from_json(files("gateway.cli").joinpath("case.json").read_text("utf-8"))


def encoded(record: pb.Record) -> bytes:
    """Return a record's bytes as a system would push them."""
    return record.SerializeToString(deterministic=True)


def _victim(record: pb.Record, name: str, given: str) -> None:
    victim = record.persons.add(id="victim", role=pb.ROLE_VICTIM, age_status=pb.AGE_STATUS_MINOR)
    victim.names.add(family=name, given=given)
    victim.birth.year, victim.birth.month, victim.birth.day = 2013, 5, 17
    victim.sex = pb.SEX_FEMALE
    victim.nationalities.add(country="RO")
    victim.contacts.add(kind=pb.CONTACT_KIND_PHONE, value=SECRET_PHONE)
    place = victim.addresses.add(current=True).place
    place.street, place.town, place.country = SECRET_STREET, "Denkdorp", "NL"
    account = record.accounts.add(id="phone", holder="victim")
    account.identity.kind, account.identity.value = pb.ACCOUNT_KIND_PHONE, SECRET_PHONE
