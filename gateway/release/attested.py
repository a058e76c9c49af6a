"""What a sender attests of persons, held against what it shows of them: their consents, care and safety.

A name may be let through because its bearer consented; where her consents lie beside it, they must say so.

Source: PROTOCOL section 3 (a class is refused if a disclosed portion contradicts it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from gateway.record.portion import Portion
from gateway.record.subject import subject_of
from gateway.record.vocabulary import AgeClass, Fact, Purpose
from gateway.release.link import Key, persons_tied
from gateway.release.protection_class import ProtectionClass
from gateway.release.refusal import contradiction
from gateway.v1 import record_pb2 as pb

BELYING_FIELDS: Final = frozenset({"consents", "care", "safety"})
"""The fields of a person that can make untrue what is attested of that person."""

_OF_PERSONS: Final = frozenset({Fact.CONSENT_VALID, Fact.SUPPORTS_SUBJECT, Fact.COUNTRY_SAFE})
_OF_PROTECTED: Final = frozenset({Fact.CONSENT_VALID, Fact.SUPPORTS_SUBJECT})
_NOTHING: Final[frozenset[Fact]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a disclosure arrives: at which agency, in which country (ISO 3166 alpha-2), for what purpose and
    on which day. What is attested is attested for these.
    """

    agency: str
    country: str
    purpose: Purpose
    day: date


def check_attested(
    portions: Sequence[Portion],
    classes: Sequence[ProtectionClass],
    persons: Mapping[str, pb.Person],
    ends: Mapping[Key, tuple[str, ...]],
    destination: Destination,
) -> None:
    """Pass only if no class attests of a person, or of what is tied to one, what is shown of that person
    makes untrue.

    `persons` holds, by travelling name, the consents, care and safety that are shown, and nothing else.

    Raises:
        VerificationFailed: code `contradiction`.
    """
    belied = {
        (entity, adult): facts_belied(person, destination, adult=adult)
        for entity, person in persons.items()
        for adult in (True, False)
    }
    of_tied = _belied_of_tied(portions, classes, belied, ends)
    for portion, protection in zip(portions, classes, strict=True):
        attested = protection.facts & _OF_PERSONS
        if not attested:
            continue
        adult = protection.age is AgeClass.ADULT
        own = belied.get((portion.entity, adult), _NOTHING)
        if attested & (own | of_tied.get((portion.entity, adult), _NOTHING)):
            raise contradiction("facts")


def facts_belied(person: pb.Person, destination: Destination, *, adult: bool) -> frozenset[Fact]:
    """Return which facts the consents, care and safety shown of a person make untrue of an adult or minor.

    What is not shown makes nothing untrue.
    """
    read = pb.Person()
    read.CopyFrom(person)
    # Consents and care are read of protected persons only; what the role is does not matter to what they say.
    read.role = pb.Role.ROLE_VICTIM
    read.age_status = pb.AgeStatus.AGE_STATUS_ADULT if adult else pb.AgeStatus.AGE_STATUS_MINOR
    subject = subject_of(read)
    belied = set()
    if person.consents and not subject.has_consented(
        destination.purpose, destination.agency, today=destination.day
    ):
        belied.add(Fact.CONSENT_VALID)
    if person.care and not subject.is_supported_by(destination.agency):
        belied.add(Fact.SUPPORTS_SUBJECT)
    if not subject.is_safe_in(destination.country):
        belied.add(Fact.COUNTRY_SAFE)
    return frozenset(belied)


def _belied_of_tied(
    portions: Sequence[Portion],
    classes: Sequence[ProtectionClass],
    belied: Mapping[tuple[str, bool], frozenset[Fact]],
    ends: Mapping[Key, tuple[str, ...]],
) -> Mapping[tuple[str, bool], frozenset[Fact]]:
    """Return what is untrue of things tied to these persons, by the thing's name and whether its class says
    that all it tells of are adults.
    """
    unprotected: set[str] = set()
    adults: set[str] = set()
    for portion, protection in zip(portions, classes, strict=True):
        # A text that names somebody else makes a class stricter, so the least strict tells of the person.
        if not protection.role.protected:
            unprotected.add(portion.entity)
        if protection.age is AgeClass.ADULT:
            adults.add(portion.entity)
    found: dict[tuple[str, bool], frozenset[Fact]] = {}
    for entity, person in persons_tied(ends):
        for adult in (True, False):
            # Of several persons the youngest makes the class; each consented at an age of its own.
            facts = belied.get((person, adult or person in adults), _NOTHING)
            if person in unprotected:
                # Only protected persons need to consent or to be supported; anybody may fear a country.
                facts -= _OF_PROTECTED
            found[entity, adult] = found.get((entity, adult), _NOTHING) | facts
    return found
