"""A case of NIEM elements as a record: entities by their element, wherever in the case they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from adapters.adapter import Draft
from adapters.loss import Effect
from adapters.niem.contacts import read_contact
from adapters.niem.elements import Part
from adapters.niem.events import ASSOCIATIONS, EVENT, read_association, read_incident
from adapters.niem.handling import MARKING, read_handling
from adapters.niem.persons import PERSONS, VICTIM, merge_role, read_identification, read_person
from adapters.niem.things import read_document, read_location, read_organisation, read_vehicle
from gateway.errors import Malformed
from gateway.record.text import check_local_id
from gateway.v1 import record_pb2 as pb

DOCUMENT: Final = "nc:PersonOtherIdentification"
CONTACT: Final = "nc:ContactInformation"

_HOLDER: Final = "structures:uri"
_NO_PLACE: Final = "has no place in a record"


def _read_account(part: Part, account: pb.CommunicationAccount) -> None:
    identity = read_contact(part, pb.AccountIdentity())
    if identity.ByteSize():
        account.identity.CopyFrom(identity)


_READERS: Final[Mapping[str, tuple[str, Callable[[Part, Any], None]]]] = MappingProxyType(
    {
        **dict.fromkeys(PERSONS, ("persons", read_person)),
        "nc:Organization": ("organisations", read_organisation),
        "nc:Location": ("locations", read_location),
        "nc:Vehicle": ("vehicles", read_vehicle),
        CONTACT: ("accounts", _read_account),
        EVENT: ("incidents", read_incident),
        DOCUMENT: ("documents", read_document),
    }
)


@dataclass(slots=True, kw_only=True)
class _Case:
    """One record in the making: ids by those of the document, persons by their URI, ties still to be made."""

    record: pb.Record = field(default_factory=pb.Record)
    ids: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    persons: dict[str, pb.Person] = field(default_factory=dict)
    associations: list[Part] = field(default_factory=list)


def read_case(part: Part, *, exercise: bool) -> Draft:
    """Return the record of one case.

    Raises:
        Malformed: code `empty-document`: it speaks of nothing that a record keeps; `duplicate-id`; or a value
            does not read.
    """
    case = _Case()
    case.record.header.exercise = exercise
    _read_below(case, part)
    for association in case.associations:
        relationship = read_association(association, lambda one: case.ids.get(one, ""))
        if relationship is not None:
            relationship.id = _identify(case, association, "relationship")
            case.record.relationships.append(relationship)
    if all(one.name == "header" for one, _ in case.record.ListFields()):
        raise Malformed("speaks of nothing that a record keeps", field=part.path, code="empty-document")
    part.finish(_NO_PLACE)
    return Draft(record=case.record, losses=tuple(part.losses))


def _read_below(case: _Case, part: Part) -> None:
    """Read every entity below an element, also within wrappers of others."""
    for name, held in part.children.items():
        for one in held:
            if name == MARKING:
                read_handling(one, case.record.header)
            elif name in ASSOCIATIONS:
                case.associations.append(one)
            elif name in _READERS and not one.attribute("structures:ref"):
                _read_entity(case, one)
            elif name not in _READERS and one.children:
                _read_below(case, one)
            else:
                continue
            part.seen.add(name)


def _read_entity(case: _Case, part: Part) -> None:
    collection, reader = _READERS[part.name]
    uri = part.attribute(_HOLDER)
    if collection == "persons" and uri and uri in case.persons:
        merge_role(part, case.persons[uri])
        _remember(case, part, case.persons[uri].id)
        return
    entity = getattr(case.record, collection).add()
    entity.id = _identify(case, part, collection.removesuffix("s"))
    reader(part, entity)
    if collection == "documents":
        holder = case.persons.get(uri)
        if holder is not None:
            entity.holder = holder.id
    if collection == "persons":
        case.persons[uri or entity.id] = entity
        _read_belongings(case, part, entity)


def _read_belongings(case: _Case, part: Part, person: pb.Person) -> None:
    """Read the identifications of a person, and the events that a victim's element holds."""
    for told in part.parts(DOCUMENT):
        if read_identification(told, person):
            continue
        document = case.record.documents.add(holder=person.id)
        document.id = _identify(case, told, "document")
        read_document(told, document)
    if part.name != VICTIM:
        return
    for told in part.parts(EVENT):
        incident = case.record.incidents.add()
        incident.id = _identify(case, told, "incident")
        read_incident(told, incident)
        tie = case.record.relationships.add()
        tie.id = _free(case, "relationship")
        setattr(tie.link, "from", person.id)
        tie.link.to, tie.link.kind = incident.id, pb.RELATION_KIND_VICTIM_IN


def _identify(case: _Case, part: Part, kind: str) -> str:
    """Return the id of an element as the record may have it, else one of its kind and number."""
    stated = part.attribute("structures:id")
    if stated in case.ids:
        raise Malformed("is the id of another element too", field=part.path, code="duplicate-id")
    try:
        check_local_id(stated, part.path)
    except Malformed:
        found = _free(case, kind)
        if stated:
            part.lose("structures:id", Effect.GENERALISED, "is no id that a record may have")
    else:
        found = stated if stated not in case.taken else _free(case, kind)
    _remember(case, part, found)
    case.taken.add(found)
    return found


def _free(case: _Case, kind: str) -> str:
    number = len(case.taken) + 1
    while f"{kind}-{number}" in case.taken:
        number += 1
    case.taken.add(f"{kind}-{number}")
    return f"{kind}-{number}"


def _remember(case: _Case, part: Part, identifier: str) -> None:
    if stated := part.attribute("structures:id"):
        case.ids[stated] = identifier
