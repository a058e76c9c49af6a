"""Persons, organisations, places, events, texts and ties as STIX has objects for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from adapters.countries import alpha2
from adapters.stix.handling import ANONYMITY
from adapters.stix.layout import CUSTOM, RECORD_EXTENSION, Layout
from adapters.stix.names import Stix
from adapters.stix.vocabulary import (
    FUNCTIONS,
    INCIDENTS,
    LOCATIONS,
    ORGANISATIONS,
    RELATED,
    RELATION_TYPES,
    RELATIONS,
    ROLES,
    SECTORS,
    TARGETS,
)
from adapters.values import is_whole, write_date
from gateway.record.age import MINOR_BANDS
from gateway.v1 import record_pb2 as pb

PSEUDONYM: Final = "pseudonym"
"""Label of an identity whose name is a pseudonym."""

NOWHERE: Final = "unspecified"
"""Region of a place of which neither country nor coordinates are known: STIX demands one of the three."""

OTHER_NAME: Final = "other-name"
REGISTRATION: Final = "registration-number"
COUNTRY: Final = "country"
"""Sources of the external references that say of an organisation what an identity has no property for."""

LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_RESERVED: Final = re.compile(r"(?s:CVE-\d{4}-(0\d{3}|[1-9]\d{3,})|CAPEC-\d+)")
_NAMED: Final = frozenset({pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY})


def is_actor(person: pb.Person) -> bool:
    """Tell whether a person is written as a threat actor: a suspect alone, and never a minor or somebody who
    is a victim too.
    """
    return person.role == pb.ROLE_SUSPECT and not _is_minor(person)


def place_person(layout: Layout, person: pb.Person) -> Stix:
    """Write a person: an identity, and of a suspect a threat actor, which is attributed to it."""
    name, labels = _name_of(person)
    functions = [FUNCTIONS.words[one] for one in person.functions if one in FUNCTIONS.words]
    roles = [ROLES.words[person.role]] if person.role in ROLES.words else []
    guarded = (
        [{"marking_ref": ANONYMITY, "selectors": ["name"]}] if person.safety.anonymity_guaranteed else []
    )
    said = {"name": name, "labels": labels, "granular_markings": guarded}
    own = layout.ids[person.id]
    if not is_actor(person):
        return layout.add(own, identity_class="individual", roles=roles + functions, **said)
    actor = layout.add(
        own,
        aliases=[_full(one) for one in person.aliases],
        threat_actor_types=["criminal"],
        roles=functions,
        **said,
    )
    identity = layout.id_of("identity", person.id)
    layout.add(identity, identity_class="individual", roles=roles, **said)
    layout.add(
        layout.id_of("relationship", person.id),
        relationship_type="attributed-to",
        source_ref=own,
        target_ref=identity,
    )
    return actor


def place_organisation(layout: Layout, organisation: pb.Organisation) -> Stix:
    """Write an organisation."""
    identity = organisation.identity
    said = [(OTHER_NAME, one) for one in identity.names[1:]]
    said += [(REGISTRATION, identity.registration_number), (COUNTRY, identity.country)]
    kind, sector = ORGANISATIONS.words.get(organisation.kind), SECTORS.words.get(organisation.sector)
    return layout.add(
        layout.ids[organisation.id],
        name=identity.names[0] if identity.names else organisation.id,
        identity_class="organization",
        roles=[kind] if kind else [],
        sectors=[sector] if sector else [],
        description=organisation.activity,
        contact_information=identity.contacts[0].value if identity.contacts else "",
        external_references=[reference(source, one) for source, one in said if one and may_refer(one)],
    )


def place_location(layout: Layout, location: pb.Location) -> Stix:
    """Write a place; its coordinates only both together, its precision only with them."""
    site = location.site
    kind = LOCATIONS.words.get(location.kind)
    country = site.country if alpha2(site.country) == site.country else ""
    written = layout.add(
        layout.ids[location.id],
        name=site.name,
        labels=[kind] if kind else [],
        description=location.description,
        street_address=site.street,
        postal_code=site.postal_code,
        city=site.town,
        administrative_area=site.region,
        country=country,
    )
    if site.HasField("latitude_e6") and site.HasField("longitude_e6"):
        written["latitude"] = site.latitude_e6 / 1_000_000
        written["longitude"] = site.longitude_e6 / 1_000_000
        if site.HasField("precision_m"):
            written["precision"] = site.precision_m
    elif not country:
        written["region"] = NOWHERE
    return written


def place_incident(layout: Layout, incident: pb.Incident) -> Stix:
    """Write an incident, of which STIX 2.1 has little more than the name."""
    kind = INCIDENTS.words.get(incident.kind)
    return layout.add(
        layout.ids[incident.id],
        name=incident.id,
        labels=[kind] if kind else [],
        description=incident.description,
    )


def place_narrative(layout: Layout, narrative: pb.Narrative) -> Stix:
    """Write a text as a note about its subjects, or about the report where it has none."""
    language = narrative.language
    subjects = [layout.ids[one] for one in narrative.subjects if one in layout.ids]
    return layout.add(
        layout.ids[narrative.id],
        abstract=narrative.title,
        content=narrative.text,
        lang=language if LANGUAGE.fullmatch(language) else "",
        object_refs=subjects or [report_id(layout)],
    )


def place_relationship(layout: Layout, relationship: pb.Relationship) -> Stix:
    """Write a tie between two entities."""
    link = relationship.link
    source, target = layout.ids[getattr(link, "from")], layout.ids[link.to]
    kind = RELATIONS.words.get(link.kind)
    type_, labels = RELATION_TYPES.get(link.kind, RELATED), []
    if type_ == RELATED and kind:
        if _is_victim_of(link, target):
            type_, source, target = TARGETS, target, source
        else:
            labels = [kind]
    start, stop = _midnight(link.since), _midnight(link.until)
    return layout.add(
        layout.ids[relationship.id],
        relationship_type=type_,
        labels=labels,
        source_ref=source,
        target_ref=target,
        start_time=start,
        stop_time=stop if not start or start < stop else "",
        confidence=link.confidence if link.HasField("confidence") else None,
        description=link.description,
    )


def place_custom(layout: Layout, entity: Any) -> Stix:
    """Write an entity that STIX has no object for, of a type of our own."""
    return layout.add(layout.ids[entity.id], extensions={RECORD_EXTENSION: {"extension_type": "new-sdo"}})


def custom_type(kind: str) -> str:
    """Return the object type of our own for entities of a kind."""
    return f"{CUSTOM}{kind}"


def reference(source: str, identifier: str) -> Stix:
    """Return an external reference: an identifier, and who or what gave it."""
    return {"source_name": source, "external_id": identifier}


def may_refer(*texts: str) -> bool:
    """Tell whether texts may stand in an external reference of ours: some are kept for vulnerabilities."""
    return not any(_RESERVED.fullmatch(one) or one in ("cve", "capec") for one in texts)


def report_id(layout: Layout) -> str:
    """Return the id of the report that holds the view together."""
    return layout.id_of("report", "record/header")


def markings_of_parts(record: pb.Record) -> Iterator[str]:
    """Yield the ids of the markings that parts of a record's objects refer to."""
    if any(person.safety.anonymity_guaranteed for person in record.persons):
        yield ANONYMITY


def _is_minor(person: pb.Person) -> bool:
    bands = (person.age_band, person.birth.age_band)
    return person.age_status == pb.AGE_STATUS_MINOR or any(band in MINOR_BANDS for band in bands)


def _name_of(person: pb.Person) -> tuple[str, list[str]]:
    """Return the name that anybody may read: of a protected person a pseudonym, or the one she travels
    under, never her own, which policy may have let out into the extension.
    """
    if person.role in _NAMED and not _is_minor(person) and person.names:
        return _full(person.names[0]), []
    if person.foreign_pseudonym:
        return person.foreign_pseudonym, [PSEUDONYM]
    return person.id, []


def _full(name: pb.Name) -> str:
    return name.full or " ".join(part for part in (name.given, name.middle, name.family) if part)


def _is_victim_of(link: pb.Link, target: str) -> bool:
    person = getattr(link, "from").startswith("person/")
    return link.kind == pb.RELATION_KIND_VICTIM_OF and person and target.startswith("threat-actor--")


def _midnight(when: pb.PartialDate) -> str:
    return f"{write_date(when)}T00:00:00.000Z" if is_whole(when) else ""
