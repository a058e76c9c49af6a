"""Notices of the United Nations Security Council, read: what they say beyond the other colours.

They are about persons or entities. What an object in their lists means is not published, so it is dropped and
declared; their texts without a field of their own are kept as narratives.
"""

from __future__ import annotations

from typing import Final

from adapters.interpol.words import keep, texts
from adapters.row import Row
from gateway.v1 import record_pb2 as pb

COUNCIL: Final = "United Nations Security Council"
"""The authority whose reference a sanctions notice bears."""

_KEPT: Final = (
    *("summary", "additional_information", "un_resolution", "un_reference_date", "identity_documents"),
    *("associates", "administrators", "legal_form", "from_chamber_of_commerce"),
)


def draw_reference(row: Row, header: pb.RecordHeader) -> None:
    """Add the Council's own reference."""
    if reference := row.text("un_reference"):
        header.case_references.add(number=reference, authority=COUNCIL)


def draw_sanctioned_person(row: Row, person: pb.Person, record: pb.Record) -> None:
    """Add what a sanctions notice alone says of a person."""
    if birth_name := row.text("name_at_birth"):
        person.names.add(family=birth_name, kind=pb.NAME_KIND_BIRTH)
    family, given = row.text("name_in_original_script"), row.text("forename_in_original_script")
    if family or given:
        name = person.names.add(kind=pb.NAME_KIND_PRIMARY)
        if family:
            name.family = family
        if given:
            name.given = given
    for alias in _aliases(row):
        person.aliases.add(full=alias, kind=pb.NAME_KIND_ALIAS)
    if profession := row.text("profession"):
        person.workplaces.add(occupation=profession)
    for address in texts(row, "adresses"):
        person.addresses.add().place.original = address
    for member in (*_KEPT, "registration_number", "main_activity"):
        keep(row, member, texts(row, member), record, person.id)


def draw_sanctioned_organisation(row: Row, number: int, record: pb.Record) -> None:
    """Add the entity that a sanctions notice is about."""
    organisation = record.organisations.add(id=f"organisation-{number}")
    identity = organisation.identity
    own = [row.text(name) for name in ("name", "name_in_original_script")]
    identity.names.extend([*(name for name in own if name), *_aliases(row)])
    if registration := row.text("registration_number"):
        identity.registration_number = registration
    for address in texts(row, "adresses"):
        identity.addresses.add(original=address)
    if not identity.ByteSize():
        organisation.ClearField("identity")
    if activity := row.text("main_activity"):
        organisation.activity = activity
    for member in (*_KEPT, "name_at_birth", "profession"):
        keep(row, member, texts(row, member), record, organisation.id)


def _aliases(row: Row) -> list[str]:
    return [*texts(row, "aliases"), *texts(row, "formerly_known_as")]
