"""Whom a portion tells of, as far as rules need to know: role, age, safety and consent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce

from gateway.record.age import MINOR_BANDS, proven_age
from gateway.record.subject_consent import ConsentState, Given, all_consented, consent_state, read_consent
from gateway.record.vocabulary import AgeClass, Purpose, RoleClass
from gateway.v1 import record_pb2 as pb

# Strictest first. A role that is not known may be a victim's, so only the victim roles stand before it.
_ROLES = (
    RoleClass.VICTIM,
    RoleClass.PRESUMED_VICTIM,
    RoleClass.VICTIM_AND_SUSPECT,
    RoleClass.UNKNOWN,
    RoleClass.FAMILY_OF_VICTIM,
    RoleClass.WITNESS,
    RoleClass.THIRD_PARTY,
    RoleClass.SUSPECT,
    RoleClass.NONE,
)
_ROLE_RANK = {role: rank for rank, role in enumerate(_ROLES)}
_AGE_RANK = {AgeClass.MINOR: 0, AgeClass.UNKNOWN: 1, AgeClass.ADULT: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom an entity tells of: one person, several, or nobody (`NOBODY`).

    `consents` holds the consents of each protected person apart, because each must have agreed; `providers`
    are the agencies that support every protected person among them. `shelter` marks a location that is a
    refuge.
    """

    role: RoleClass
    age: AgeClass
    protected: bool
    do_not_reinterview: bool = False
    unsafe_countries: frozenset[str] = frozenset()
    consents: tuple[Given, ...] = ()
    providers: frozenset[str] = frozenset()
    shelter: bool = False

    def has_consented(self, purpose: Purpose, recipient: str, *, today: date) -> bool:
        """Tell whether every protected person validly consented to this purpose and recipient."""
        return all_consented(self.consents, purpose, recipient, today=today)

    def consent_state(self, purpose: Purpose | None, recipient: str, *, today: date) -> ConsentState:
        """Return what the consents of its protected persons come to; not known of somebody unnamed."""
        if self.protected and not self.consents:
            return ConsentState.UNKNOWN
        return consent_state(self.consents, purpose, recipient, today=today)

    @property
    def guardians_cleared(self) -> bool:
        """Whether of everybody not known to be an adult a guardian who is no suspect consented, the child's
        own view being on record.
        """
        minors = [given for age, given in self.consents if age is not AgeClass.ADULT]
        return bool(minors) and all(any(one.guardian_may for one in given) for given in minors)

    def is_supported_by(self, recipient: str) -> bool:
        """Tell whether this agency supports every protected person it tells of."""
        return recipient in self.providers

    def is_safe_in(self, country: str) -> bool:
        """Tell whether no person it tells of named this country unsafe."""
        return country not in self.unsafe_countries


NOBODY = Subject(role=RoleClass.NONE, age=AgeClass.UNKNOWN, protected=False)
"""What is tied to no person at all."""

SOMEBODY = Subject(role=RoleClass.UNKNOWN, age=AgeClass.UNKNOWN, protected=True)
"""What certainly belongs to a person whom the record does not name: a device, a journey, a payment."""


def subject_of(person: pb.Person, *, on: date | None = None) -> Subject:
    """Return what rules need to know of a person. What is not stated is unknown, which is protected and
    minor.

    Args:
        on: the day on which a birth date is reckoned; without it a birth date proves nothing.
    """
    role = RoleClass(person.role) if person.role else RoleClass.UNKNOWN
    age = _age_of(person, on)
    if not role.protected:
        return Subject(role=role, age=age, protected=False, unsafe_countries=_unsafe(person))
    return Subject(
        role=role,
        age=age,
        protected=True,
        do_not_reinterview=person.safety.do_not_reinterview,
        unsafe_countries=_unsafe(person),
        consents=((age, tuple(read_consent(given) for given in person.consents)),),
        providers=frozenset(care.provider for care in person.care if care.provider),
    )


def strictest(subjects: Iterable[Subject]) -> Subject:
    """Return the subject of something that tells of all of these: the strictest role and age among them,
    every duty towards any of them, and only what all of their protected persons agreed to. `NOBODY` for
    none.
    """
    return reduce(_stricter, subjects, NOBODY)


def strictest_told(subjects: Iterable[Subject]) -> tuple[RoleClass, AgeClass]:
    """Return role and age of the strictest among these, as `strictest` has them, without the rest."""
    role, age = NOBODY.role, NOBODY.age
    for subject in subjects:
        if role is RoleClass.NONE:
            role, age = subject.role, subject.age
        elif subject.role is not RoleClass.NONE:
            role, age = stricter_role(role, subject.role), stricter_age(age, subject.age)
    return role, age


def stricter_role(a: RoleClass, b: RoleClass) -> RoleClass:
    """Return the stricter of two roles; any victim role wins."""
    return a if _ROLE_RANK[a] <= _ROLE_RANK[b] else b


def stricter_age(a: AgeClass, b: AgeClass) -> AgeClass:
    """Return the stricter of two ages: minor, unknown, adult."""
    return a if _AGE_RANK[a] <= _AGE_RANK[b] else b


def _stricter(a: Subject, b: Subject) -> Subject:
    if a.role is RoleClass.NONE:
        return b
    if b.role is RoleClass.NONE:
        return a
    both = a.protected and b.protected
    providers = a.providers & b.providers if both else a.providers | b.providers
    return Subject(
        role=stricter_role(a.role, b.role),
        age=stricter_age(a.age, b.age),
        protected=a.protected or b.protected,
        do_not_reinterview=a.do_not_reinterview or b.do_not_reinterview,
        unsafe_countries=a.unsafe_countries | b.unsafe_countries,
        consents=a.consents + b.consents,
        providers=providers,
        shelter=a.shelter or b.shelter,
    )


def _age_of(person: pb.Person, on: date | None) -> AgeClass:
    """Return adult only where it is stated and nothing in the record says otherwise."""
    proven = AgeClass.UNKNOWN
    if on is not None and person.HasField("birth"):
        proven = proven_age(person.birth, on)
    minor_band = person.age_band in MINOR_BANDS or person.birth.age_band in MINOR_BANDS
    stated = person.age_status
    if stated == pb.AgeStatus.AGE_STATUS_MINOR or minor_band or proven is AgeClass.MINOR:
        return AgeClass.MINOR
    return AgeClass.ADULT if stated == pb.AgeStatus.AGE_STATUS_ADULT else AgeClass.UNKNOWN


def _unsafe(person: pb.Person) -> frozenset[str]:
    return frozenset(person.safety.unsafe_countries)
