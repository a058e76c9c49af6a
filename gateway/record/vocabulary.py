"""Closed vocabularies that every room speaks, numbered as in the wire contract."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import Any, Self

from gateway.errors import Malformed


class Term(IntEnum):
    """A member of a closed list; its number is the one on the wire, its token what people and rules read."""

    token: str
    """The member as written in rules, files and screens, e.g. `victim-protection`."""

    def __init__(self, _number: int) -> None:
        # Asked for several times per portion, so it is made once.
        self.token = self.name.lower().replace("_", "-")

    @classmethod
    def from_token(cls, token: str, field: str) -> Self:
        """Return the member with this token; anything else is Malformed, code `unknown-value`."""
        member: Self | None = _by_token(cls).get(token)
        if member is not None:
            return member
        known = ", ".join(_by_token(cls))
        raise Malformed(f"is not one of {known}", field=field, code="unknown-value")

    @classmethod
    def from_number(cls, number: int, field: str) -> Self:
        """Return the member with this wire number; zero and unknown numbers are Malformed."""
        member: Self | None = _by_number(cls).get(number)
        if member is None:
            raise Malformed("holds an unknown or unstated value", field=field, code="unknown-value")
        return member


@cache
def _by_token(vocabulary: type[Term]) -> dict[str, Any]:
    return {member.token: member for member in vocabulary}


@cache
def _by_number(vocabulary: type[Term]) -> dict[int, Any]:
    return {int(member): member for member in vocabulary}


class Rung(Term):
    """How precise a value is; a smaller number is more precise."""

    EXACT = 1
    GENERALISED = 2
    COARSE = 3


class RoleClass(Term):
    """Role of the person a portion tells of; NONE when it is tied to nobody."""

    VICTIM = 1
    PRESUMED_VICTIM = 2
    WITNESS = 3
    FAMILY_OF_VICTIM = 4
    SUSPECT = 5
    VICTIM_AND_SUSPECT = 6
    THIRD_PARTY = 7
    UNKNOWN = 8
    NONE = 9

    @property
    def protected(self) -> bool:
        """Every role but suspect and third party is protected; so is what is tied to nobody known."""
        return self not in (RoleClass.SUSPECT, RoleClass.THIRD_PARTY, RoleClass.NONE)


class AgeClass(Term):
    """Age of the person a portion tells of; unknown is treated as minor."""

    MINOR = 1
    ADULT = 2
    UNKNOWN = 3


class Fact(Term):
    """What the sender attests about a portion's subject; absent means false."""

    NOT_CURRENT = 1
    CONSENT_VALID = 2
    SUPPORTS_SUBJECT = 3
    COUNTRY_SAFE = 4
    GUARDIAN_CLEARED = 5
    NOT_ABUSE_MATERIAL = 6
    BREAK_GLASS = 7


class Purpose(Term):
    """Purpose of use."""

    INVESTIGATION = 1
    PROSECUTION = 2
    VICTIM_IDENTIFICATION = 3
    VICTIM_PROTECTION = 4
    MISSING_PERSON = 5
    DECONFLICTION = 6
    TREND = 7
    TRAINING = 8
    IMMIGRATION_ENFORCEMENT = 9


class LegalBasis(Term):
    """Legal basis of a release."""

    LAW_ENFORCEMENT_TASK = 1
    LEGAL_OBLIGATION = 2
    CONSENT = 3
    VITAL_INTEREST = 4
    AGREEMENT = 5
    COURT_ORDER = 6


class Lane(Term):
    """Urgency of delivery."""

    THREAT_TO_LIFE = 1
    URGENT = 2
    ROUTINE = 3


class Provenance(Term):
    """Kind of source."""

    OFFICIAL = 1
    NGO = 2
    PRIVATE = 3
    OSINT = 4


class ConsentKind(Term):
    """What an originator must agree to first."""

    ONWARD = 1
    JUDICIAL = 2
    NEW_PURPOSE = 3


class ObligationCode(Term):
    """Duty that travels with a release."""

    NO_REIDENTIFICATION = 1
    CONTACT_VIA_VPO = 2
    EXPIRE = 3
    NOTIFY_CPO = 4
    NOTIFY_DPO = 5
    REVIEW_72H = 6
    NOT_AGAINST_VICTIM = 7
    GRADE_AND_CAVEAT = 8
    CONFIRM = 9
    NO_ONWARD = 10
    NO_JUDICIAL_USE = 11


class Duty(Term):
    """What an officer answers for. Source: the rule catalogue's glossary."""

    RLO = 1
    VPO = 2
    CPO = 3
    DPO = 4
    JUD = 5
    DUTY = 6
    NGO = 7

    def __init__(self, _number: int) -> None:
        # Tokens of approvals and entries of the ledger spell duties in capitals.
        self.token = self.name
