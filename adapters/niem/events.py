"""Trafficking events, and the associations between entities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from adapters.loss import Effect
from adapters.niem.codes import EXACT_INDUSTRIES, INDUSTRY, OFFENCES, PURPOSES
from adapters.niem.elements import Part, add, add_date, add_moment, add_text, prune, qualified
from adapters.values import number_of, token
from adapters.xml import Element
from gateway.record.json_form import enum_token
from gateway.v1 import record_pb2 as pb

EVENT: Final = "hs:TraffickingEvent"
ASSOCIATIONS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "j:OffenseVictimAssociation": pb.RELATION_KIND_VICTIM_IN,
        "j:OffenseSubjectAssociation": pb.RELATION_KIND_SUSPECT_IN,
        "j:OffenseWitnessAssociation": pb.RELATION_KIND_WITNESS_IN,
        "nc:Association": pb.RELATION_KIND_UNSPECIFIED,
    }
)
_RANGE: Final = "nc:ActivityDateRange"
_SPAN: Final = "nc:AssociationDateRange"
_INDUSTRIES: Final = ("hs:CurrentExploitationIndustryCode", "hs:PastExploitationIndustryCode")
_INDUSTRY_TEXTS: Final = ("hs:CurrentExploitationIndustryText", "hs:PastExploitationIndustryText")
_VENUES: Final = (
    *("hs:CurrentTraffickedVenueCode", "hs:PastTraffickedVenueCode"),
    *("hs:CurrentTraffickedVenueText", "hs:PastTraffickedVenueText"),
)
_ACT: Final = "nc:ActivityCategoryText"
_OFFENCE: Final = "j:OffenseUCRCode"
_KIND: Final = "nc:AssociationCategoryText"
_DESCRIPTION: Final = "nc:AssociationDescriptionText"
_REFERENCE: Final = "structures:ref"


def read_incident(part: Part, incident: pb.Incident) -> None:
    """Read when an event was, its acts, its purpose by the two offences, and its industries.

    Raises:
        Malformed: code `bad-date`.
    """
    for span in part.parts(_RANGE):
        for name, held in (("nc:StartDate", "start"), ("nc:EndDate", "end")):
            when = span.moment(name)
            if when is not None:
                getattr(incident.occurred, held).CopyFrom(when)
    for word in part.texts(_ACT):
        if act := number_of(incident, "acts", word):
            incident.acts.append(pb.Act.ValueType(act))
        else:
            part.lose(_ACT, Effect.DROPPED, "is no act of a record")
    for offence in part.parts("j:Offense"):
        _read_offence(offence, incident)
    said = part.texts("nc:ActivityDescriptionText")
    said += _read_industries(part, incident)
    venues = part.texts(*_VENUES)
    if venues:
        said.append(f"Venue as written: {'; '.join(venues)}")
        part.lose(_VENUES[0], Effect.KEPT_AS_EXTENSION, "a record has no venue; its word is kept in a text")
    if description := part.joined("nc:ActivityDescriptionText", said):
        incident.description = description


def _read_offence(part: Part, incident: pb.Incident) -> None:
    for code in part.texts(_OFFENCE):
        if code in PURPOSES:
            incident.purposes.append(pb.ExploitationPurpose.ValueType(PURPOSES[code]))
        else:
            incident.offences.add(description=code)
            part.lose(_OFFENCE, Effect.KEPT_AS_EXTENSION, "is no offence of trafficking; kept as a text")


def _read_industries(part: Part, incident: pb.Incident) -> list[str]:
    """Add the sections of industries; return a line of the words that say more or something else."""
    words: list[str] = []
    for word in part.texts_in_order(*_INDUSTRIES, *_INDUSTRY_TEXTS):
        found = INDUSTRY.find(word)
        sector = number_of(incident, "sectors", word) if found is None else found[0]
        if (found is not None and not found[1]) or sector is None:
            words.append(word)
        if sector and sector not in incident.sectors:
            incident.sectors.append(pb.Sector.ValueType(sector))
    if any(name in part.children for name in (_INDUSTRIES[1], _INDUSTRY_TEXTS[1])):
        part.lose(_INDUSTRIES[1], Effect.GENERALISED, "a record does not tell past from current industries")
    if not words:
        return []
    part.lose(
        _INDUSTRIES[0], Effect.KEPT_AS_EXTENSION, "a code has no exact equal; its word is kept in a text"
    )
    return [f"Industry as written: {'; '.join(words)}"]


def write_incident(parent: Element, incident: pb.Incident) -> Element:
    """Write an event, and return its element."""
    node = add(parent, EVENT)
    span = add(node, _RANGE)
    add_moment(span, "nc:StartDate", incident.occurred.start)
    add_moment(span, "nc:EndDate", incident.occurred.end)
    prune(span)
    add_text(node, "nc:ActivityDescriptionText", incident.description)
    for act in incident.acts:
        add_text(node, _ACT, enum_token(pb.Act.DESCRIPTOR, act))
    offences = [OFFENCES[one] for one in incident.purposes if one in OFFENCES]
    for code in dict.fromkeys(offences):
        add_text(add(node, "j:Offense"), _OFFENCE, code)
    for sector in incident.sectors:
        if sector in EXACT_INDUSTRIES:
            add_text(node, _INDUSTRIES[0], EXACT_INDUSTRIES[sector])
        else:
            add_text(node, _INDUSTRY_TEXTS[0], token(pb.Workplace(sector=sector), "sector"))
    return node


def read_association(part: Part, tied: Callable[[str], str]) -> pb.Relationship | None:
    """Return the relationship of an association, None where it ties less than two things of the case.

    `tied` gives the id of the entity that an element refers to.

    Raises:
        Malformed: code `bad-date`.
    """
    held = [(name, one) for name, several in part.children.items() for one in several]
    ends = [(name, one, one.attribute(_REFERENCE)) for name, one in held if one.attribute(_REFERENCE)]
    order = {child: place for place, child in enumerate(part.element)}
    ends.sort(key=lambda end: order[end[1].element])
    part.seen.update(name for name, _, _ in ends)
    found = [one for one in (tied(reference) for _, _, reference in ends) if one]
    if len(found) != 2 or len(ends) != 2 or found[0] == found[1]:
        part.lose("structures:ref", Effect.DROPPED, "ties less or more than two things of the case")
        return None
    relationship = pb.Relationship()
    link = relationship.link
    setattr(link, "from", found[0])  # `from` is a keyword of the language
    link.to = found[1]
    _read_kind(part, link)
    if said := part.text(_DESCRIPTION):
        link.description = part.joined(_DESCRIPTION, [*filter(None, [link.description]), said])
    for span in part.parts(_SPAN):
        for name, known in (("nc:StartDate", "since"), ("nc:EndDate", "until")):
            when = span.day(name)
            if when is not None:
                getattr(link, known).CopyFrom(when)
    return relationship


def _read_kind(part: Part, link: pb.Link) -> None:
    kind = ASSOCIATIONS[part.name]
    word = part.text(_KIND)
    if not kind and word:
        kind = number_of(link, "kind", word) or pb.RELATION_KIND_OTHER
        if number_of(link, "kind", word) is None:
            link.description = f"Kind of association as written: {word}"
            part.lose(_KIND, Effect.KEPT_AS_EXTENSION, "its word has no equal and is kept in a text")
    if kind:
        link.kind = pb.RelationKind.ValueType(kind)


def write_association(
    parent: Element, relationship: pb.Relationship, ends: tuple[tuple[str, str], tuple[str, str]]
) -> Element:
    """Write a relationship between two elements, each named by its kind and id, and return its element."""
    link = relationship.link
    name = next((one for one, kind in ASSOCIATIONS.items() if kind and kind == link.kind), "nc:Association")
    node = add(parent, name)
    span = add(node, _SPAN)
    add_date(span, "nc:StartDate", link.since)
    add_date(span, "nc:EndDate", link.until)
    prune(span)
    add_text(node, _DESCRIPTION, link.description)
    if name == "nc:Association":
        add_text(node, _KIND, token(link, "kind"))
    for element, identifier in ends:
        end = add(node, element)
        end.set(qualified(_REFERENCE), identifier)
        end.set(qualified("xsi:nil"), "true")
    return node
