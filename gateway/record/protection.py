"""Who in a record is protected, and what that makes of each field: its effective category and its classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from enum import Enum
from functools import cache
from typing import Any

from google.protobuf.message import Message

from gateway.record.categories import CATEGORIES
from gateway.record.places import same_place
from gateway.record.schema import KINDS, LINK_CATEGORY, EntityKind, FieldInfo
from gateway.record.subject import NOBODY, SOMEBODY, Subject, strictest, subject_of
from gateway.record.ties import CONNECTORS, TELLING, Ties, is_device, references, ties_of
from gateway.v1 import record_pb2 as pb

_SHELTER_KINDS = frozenset({pb.LocationKind.LOCATION_KIND_SHELTER, pb.LocationKind.LOCATION_KIND_SAFE_HOUSE})
_PROVIDER_KINDS = frozenset(
    {
        pb.OrganisationKind.ORGANISATION_KIND_NGO,
        pb.OrganisationKind.ORGANISATION_KIND_SHELTER,
        pb.OrganisationKind.ORGANISATION_KIND_HOTLINE,
    }
)

# What a category becomes when its entity is tied to a protected person.
_TIED = {"location.site": "person.location", "account.identity": "person.contact"}

# Categories that tell who an organisation or a person is, where being staff, caller or source protects them.
_IDENTITY = frozenset({"organisation.identity", "organisation.activity"})
_STAFF_CLASSES = frozenset({"suspect", "witness-identifying"})

LINK_CLASS = "victim-locating"
"""Class of a link with a protected end. A link says where and with whom a protected person is or was found
(the account she uses, the car she was in, the man who holds her), and neither end alone says it. So the
stricter of both ends counts, and of what a protected end may be that is the class no approval but her own
protection opens.
"""


def subjects(record: pb.Record, *, on: date | None = None, ties: Ties | None = None) -> Mapping[str, Subject]:
    """Return, for every entity id of a valid record, whom that entity tells of.

    Args:
        on: the day on which birth dates are reckoned; without it they prove nothing, the strict side.
        ties: those of the record, where the caller has them already.

    Source: DESIGN section 4.
    """
    ties = ties or ties_of(record)
    found = {person.id: subject_of(person, on=on) for person in record.persons}
    telling: list[tuple[EntityKind, Any]] = []
    for kind, entity in ties.entities:
        if kind.name in TELLING:
            telling.append((kind, entity))
        elif kind.name != "person":
            subject = strictest(found[person] for person in ties.persons_of(entity.id))
            if subject is NOBODY and (kind.name in CONNECTORS or is_device(kind, entity)):
                subject = SOMEBODY
            found[entity.id] = subject
    for location in record.locations:
        if _is_refuge(location, record):
            found[location.id] = replace(found[location.id], shelter=True)
    for kind, entity in telling:
        found[entity.id] = strictest(found.get(other, NOBODY) for other in references(kind, entity))
    return found


class Standing(Enum):
    """What an entity is, beside its kind, that decides what its fields count as."""

    ORDINARY = "ordinary"
    REFUGE = "refuge"
    PROVIDER = "provider"
    STAFF = "staff"
    SOURCE = "source"


_STAFF_CATEGORY = {Standing.STAFF: "provider.identity", Standing.SOURCE: "source.identity"}


def standing_of(kind: EntityKind, subject: Subject, entity: Any) -> Standing:
    """Return the standing of an entity that tells of this subject."""
    if subject.shelter:
        return Standing.REFUGE
    if kind.name == "organisation" and entity.kind in _PROVIDER_KINDS:
        return Standing.PROVIDER
    if kind.name == "person":
        if entity.HasField("source"):
            return Standing.SOURCE
        if entity.HasField("provider"):
            return Standing.STAFF
    return Standing.ORDINARY


def effective_category(kind: EntityKind, field: FieldInfo, subject: Subject, entity: Message) -> str:
    """Return the category a field is decided on, given whom its entity tells of.

    Every field of a refuge is `person.shelter`; a place or an account tied to a protected person is that
    person's location or contact; an organisation that supports victims is a provider; and whoever is staff of
    one, or a source, is told of as such unless protected anyway.
    """
    standing = standing_of(kind, subject, entity)
    return counts_as(kind.name, field.number, subject.protected, standing)[0]


@cache
def counts_as(kind: str, number: int, protected: bool, standing: Standing) -> tuple[str, frozenset[str]]:
    """Return the effective category and the classes of a field, before its text is read.

    A protected person who is staff, caller or source too bears both classes: protections add up.
    """
    annotated = KINDS[kind].fields[number].category
    category = _category(annotated, protected, standing)
    classes = classes_of(category, protected)
    if protected and kind == "person" and standing in _STAFF_CATEGORY:
        classes |= classes_of(_STAFF_CATEGORY[standing], protected)
    return category, classes


def _category(annotated: str, protected: bool, standing: Standing) -> str:
    if standing is Standing.REFUGE and annotated != LINK_CATEGORY:
        return "person.shelter"
    if standing is Standing.PROVIDER and annotated in _IDENTITY:
        return "provider.identity"
    if protected:
        return _TIED.get(annotated, annotated)
    if standing in _STAFF_CATEGORY and CATEGORIES[annotated].otherwise in _STAFF_CLASSES:
        return _STAFF_CATEGORY[standing]
    return annotated


def possible_categories(field: FieldInfo) -> frozenset[str]:
    """Return every category that some record makes of a field: what a sender may claim for it."""
    return frozenset(
        counts_as(field.kind, field.number, protected, standing)[0]
        for protected in (True, False)
        for standing in _STANDINGS.get(field.kind, (Standing.ORDINARY,))
    )


# Which standings an entity of a kind can have; of any other kind it is ordinary.
_STANDINGS = {
    "location": (Standing.ORDINARY, Standing.REFUGE),
    "organisation": (Standing.ORDINARY, Standing.PROVIDER),
    "person": (Standing.ORDINARY, Standing.STAFF, Standing.SOURCE),
}


def classes_of(category: str, protected: bool) -> frozenset[str]:
    """Return the classes of a category, by whether its subject is protected. Free text is `narrative` until
    it is found to name a protected person (`naming`).
    """
    entry = CATEGORIES[category]
    if category == LINK_CATEGORY and protected:
        return frozenset({LINK_CLASS})
    return frozenset({(entry.when_protected if protected else entry.otherwise) or entry.otherwise})


def _is_refuge(location: pb.Location, record: pb.Record) -> bool:
    """Tell whether a location is a shelter, by its kind or by being where somebody's shelter is."""
    if location.kind in _SHELTER_KINDS:
        return True
    return any(
        person.HasField("shelter") and same_place(location.site, person.shelter.place)
        for person in record.persons
    )
