"""Closed lists that rules speak of and no record holds: what recipients are, who approves.

Every list has a member for absent, empty and not understood; it is always the strict side.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from gateway.errors import Malformed

UNKNOWN: Final = "unknown"
"""The member of every closed list that stands for absent, empty and not understood."""

APPROVAL_ROLES: Final = ("RLO", "VPO", "CPO", "DPO", "OC", "JUD", "DUTY", "NGO")
"""Duties that approve. Source: the rule catalogue's glossary."""

MOST_APPROVERS: Final = 3
"""The largest number of different people that one rule may ask for."""

APPROVAL_TOKENS: Final = frozenset(
    f"{role}:{people}" for role in APPROVAL_ROLES for people in range(1, MOST_APPROVERS + 1)
)

EMERGENCY: Final = "DUTY:2"
"""The approval that stands in for others in mortal danger: two different senior duty officers (VP-38)."""


class RecipientKind(StrEnum):
    """What a recipient is, as the signed directory says."""

    LEO = "leo"
    JUDICIAL = "judicial"
    CHILD_PROTECTION = "child-protection"
    IGO = "igo"
    NGO = "ngo"
    PRIVATE = "private"
    UNKNOWN = UNKNOWN


class Regime(StrEnum):
    """Data-protection regime that binds a recipient."""

    LED = "led"
    ADEQUATE = "adequate"
    AGREEMENT = "agreement"
    NONE = "none"
    UNKNOWN = UNKNOWN


class UnitFunction(StrEnum):
    """What a unit of the recipient does."""

    ANTI_TRAFFICKING = "anti-trafficking"
    GENERAL_POLICE = "general-police"
    BORDER = "border"
    IMMIGRATION = "immigration"
    PROSECUTION = "prosecution"
    COURT = "court"
    CHILD_PROTECTION = "child-protection"
    VICTIM_SUPPORT = "victim-support"
    HOTLINE = "hotline"
    ANALYSIS = "analysis"
    UNKNOWN = UNKNOWN


class Target(StrEnum):
    """Whom a prosecution is directed at, as the submitter states it: the person told of, or others only."""

    SUBJECT = "subject"
    OTHERS = "others"
    UNKNOWN = UNKNOWN


def check_approvals(tokens: frozenset[str], field_name: str) -> frozenset[str]:
    """Return the tokens; one outside the closed list is Malformed, code `unknown-approval`."""
    for token in tokens:
        if token not in APPROVAL_TOKENS:
            raise Malformed(f"{token!r} is not an approval", field=field_name, code="unknown-approval")
    return tokens


def satisfied(tokens: frozenset[str]) -> frozenset[str]:
    """Return every token that holds when these do: two people of a duty are also one."""
    return frozenset(
        f"{token.partition(':')[0]}:{people}"
        for token in tokens
        for people in range(1, int(token.partition(":")[2]) + 1)
    )
