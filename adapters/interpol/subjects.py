"""Who a notice may be about: nobody who is protected, or may be, is the subject of one that accuses.

What is not stated counts as what protects: an unknown role as a victim's, an unknown age as a minor's.

- Red: an adult suspect, with a name, a year of birth or a face, and a charge that bears the reference or the
  country of a warrant.
- Green: an adult suspect, with a name and something to warn about.
- Blue: an adult who is a suspect or a third party.
- Yellow: anybody, but only if the record says that they are missing. It says so by an incident of the kind
  `disappearance`, tied to them as its victim or without saying as what; in a view of one person alone also by
  one that is tied to nobody, or by a purpose in words that is one of `MISSING`.
- Black: whoever is stated to be dead; nobody who is stated to be dead stands in a notice of another colour.

Nobody stands in a red, green or blue one as staff of a provider or as a source.

Source: INTERPOL Rules on the Processing of Data, Articles 39 to 42 and 83; `reference/formats.md` sections
2.1, 2.3 and 12.4 (6). What is asked for here is a proposal of this project, no official rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adapters.interpol.cells import cleaned, is_country
from adapters.interpol.colours import PURPOSES, Colour
from adapters.values import tokens
from gateway.errors import Refused
from gateway.record.folding import squeeze
from gateway.record.subject import Subject, subject_of
from gateway.record.vocabulary import AgeClass, RoleClass
from gateway.v1 import record_pb2 as pb

MISSING: Final = frozenset(
    {
        squeeze(PURPOSES[Colour.YELLOW]),
        *("missingperson", "missingpersons", "locateamissingperson", "findamissingperson"),
        *("searchforamissingperson", "searchformissingpersons", "identifyapersonunabletoidentifythemselves"),
    }
)
"""Purposes in words that say that somebody is missing, folded to letters and digits."""

ANOTHER: Final = "a notice is about one person, and this one may not be its subject"
SILENT: Final = "a notice of this colour has nothing to say of them"

_ADULTS_ONLY: Final = frozenset({Colour.RED, Colour.GREEN, Colour.BLUE})
_SUSPECTED: Final = frozenset({pb.RELATION_KIND_SUSPECT_IN})
_SUFFERED: Final = frozenset({pb.RELATION_KIND_VICTIM_IN, pb.RELATION_KIND_OTHER})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a person may not be the subject; `protects` where it is to protect the person."""

    why: str
    protects: bool


def subjects_of(record: pb.Record, colour: Colour, where: str) -> list[pb.Person]:
    """Return the persons of a view whom a notice of this colour may be about, in their order; at least one.

    Raises:
        Refused: code `nothing-to-render` without any person; `protected-subject` where somebody may not be
            the subject for their own protection and nobody else may be; `unfit-subject` where what the
            colour asks for is not there.
    """
    if not record.persons:
        raise Refused("shows no person a notice could be about", field=where, code="nothing-to-render")
    found = [(person, obstacle(record, person, colour)) for person in record.persons]
    if fit := [person for person, stands in found if stands is None]:
        return fit
    stood = [(number, stands) for number, (_, stands) in enumerate(found) if stands is not None]
    number, told = next((one for one in stood if one[1].protects), stood[0])
    field = f"{where}.persons[{number}]"
    if told.protects:
        raise Refused(told.why, field=field, code="protected-subject")
    raise Refused(told.why, field=field, code="unfit-subject")


def obstacle(record: pb.Record, person: pb.Person, colour: Colour) -> Obstacle | None:
    """Return why a person may not be the subject of a notice of this colour; None where they may."""
    subject = subject_of(person)
    for stands, why in _protections(person, subject, colour):
        if stands:
            return Obstacle(why, protects=True)
    protects = subject.protected or subject.age is not AgeClass.ADULT
    wanting = _wanting(record, person, subject.role, colour)
    return next((Obstacle(why, protects=protects) for stands, why in wanting if stands), None)


def _protections(person: pb.Person, subject: Subject, colour: Colour) -> Iterator[tuple[bool, str]]:
    if colour in _ADULTS_ONLY:
        yield subject.protected, "is protected, or their role is not known"
        yield subject.age is not AgeClass.ADULT, "is a minor, or is not stated to be an adult"
        yield person.HasField("provider") or person.HasField("source"), "is staff of a provider, or a source"


def _wanting(
    record: pb.Record, person: pb.Person, role: RoleClass, colour: Colour
) -> Iterator[tuple[bool, str]]:
    dead = person.description.deceased
    if colour is Colour.BLACK:
        yield not dead, "is not stated to be dead"
        return
    yield dead, "is stated to be dead"
    if colour is Colour.YELLOW:
        yield not is_missing(record, person), "is not said to be missing"
    if colour in (Colour.RED, Colour.GREEN):
        yield role is not RoleClass.SUSPECT, "is not suspected of anything"
        yield proper_name(person) is None, "has no name"
    charges = list(charges_of(record, person))
    if colour is Colour.RED:
        yield not _is_identified(person), "has no family name with a year of birth or a face beside it"
        yield not any(map(bears_warrant, charges)), "has no charge with the reference or country of a warrant"
    if colour is Colour.GREEN:
        yield (
            not any(cleaned(charge.description) for charge in charges),
            "is charged with nothing to warn about",
        )


def is_missing(record: pb.Record, person: pb.Person) -> bool:
    """Tell whether the record says that this person is missing."""
    if disappearance_of(record, person) is not None:
        return True
    alone = len(record.persons) == 1
    return alone and any(squeeze(purpose) in MISSING for purpose in record.header.purposes_in_words)


def disappearance_of(record: pb.Record, person: pb.Person) -> pb.Incident | None:
    """Return the incident from which a person is missing; None where the record has none for them."""
    missed = [one for one in record.incidents if one.kind == pb.INCIDENT_KIND_DISAPPEARANCE]
    tied = _tied(record, person, _SUFFERED)
    mine = next((one for one in missed if one.id in tied), None)
    if mine is None and len(record.persons) == len(missed) == 1 and missed[0].id not in _tied(record, person):
        return missed[0]
    return mine


def charges_of(record: pb.Record, person: pb.Person) -> Iterator[pb.Offence]:
    """Yield what a person is charged with: their offences, and those of incidents in which they are suspects;
    of an incident without any, its acts, means and purposes in words.
    """
    yield from person.offences
    suspected = _tied(record, person, _SUSPECTED)
    for incident in record.incidents:
        if incident.id in suspected:
            yield from incident.offences or _in_words(incident)


def bears_warrant(offence: pb.Offence) -> bool:
    """Tell whether an offence says what the charge is, and its warrant or the country that issued one."""
    warrant = cleaned(offence.warrant_reference) or is_country(offence.country)
    return bool(cleaned(offence.description) and warrant)


def proper_name(person: pb.Person) -> pb.Name | None:
    """Return the name that somebody goes by; an alias or a false name must not pass for it."""
    proper = (pb.NAME_KIND_PRIMARY, pb.NAME_KIND_UNSPECIFIED)
    names = [
        name
        for name in person.names
        if name.kind in proper and any(map(cleaned, (name.family, name.given, name.full)))
    ]
    return min(names, key=lambda name: name.kind != pb.NAME_KIND_PRIMARY, default=None)


def _is_identified(person: pb.Person) -> bool:
    name = proper_name(person)
    faces = any(one.kind == pb.BIOMETRIC_KIND_FACE and cleaned(one.reference) for one in person.biometrics)
    family = cleaned(name.family) or cleaned(name.full) if name else ""
    return bool(family and (person.birth.year or faces))


def _tied(
    record: pb.Record, person: pb.Person, kinds: frozenset[pb.RelationKind.ValueType] | None = None
) -> set[str]:
    """Return what a person is tied to, either way, by relationships of these kinds or of any."""
    pairs = [
        (getattr(one.link, "from"), one.link.to)
        for one in record.relationships
        if kinds is None or one.link.kind in kinds
    ]
    return {other for pair in pairs if person.id in pair for other in pair if other != person.id}


def _in_words(incident: pb.Incident) -> Iterator[pb.Offence]:
    parts = [
        f"{opening}: {', '.join(words).replace('-', ' ')}"
        for field, opening in (("acts", "act"), ("means", "means"), ("purposes", "purpose"))
        if (words := tokens(incident, field))
    ]
    if parts:
        offence = pb.Offence(description="; ".join(parts))
        if incident.occurred.start.HasField("date"):
            offence.on.CopyFrom(incident.occurred.start.date)
        yield offence
