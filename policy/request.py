"""What is asked: the attributes of recipient, portion and release that rules may read, and nothing else.

All values are frozen and hashable, because a decision is a pure function of them and is remembered under
them. No record content stands here: two portions with equal attributes get the same verdict.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final, NamedTuple

from gateway.errors import Malformed
from gateway.record.text import check_agency_id
from gateway.record.vocabulary import AgeClass, Fact, Lane, LegalBasis, Provenance, Purpose, RoleClass, Rung

UNKNOWN: Final = "unknown"
"""The member of every closed list that stands for absent, empty and not understood; always the strict
side.
"""

APPROVAL_ROLES: Final = ("RLO", "VPO", "CPO", "DPO", "OC", "JUD", "DUTY", "NGO")
"""Duties that approve. Source: the rule catalogue's glossary."""

MOST_APPROVERS: Final = 3
"""The largest number of different people that one rule may ask for."""

APPROVAL_TOKENS: Final = frozenset(
    f"{role}:{people}" for role in APPROVAL_ROLES for people in range(1, MOST_APPROVERS + 1)
)


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


_COMMUNITY_OR_AGREEMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _compared(values: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives the members that two values are compared by.

    A question is remembered under all of it, so that its parts are asked for their hashes hundreds of times a
    record: each works its own out when it is made.
    """
    return attrgetter(*(member.name for member in fields(values) if member.compare))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """The agency that would receive, as the directory describes it.

    `kind`, `regime` and `functions` are tokens; one that is not in its closed list counts as unknown.
    `communities` and `agreements` are ids of those in force today between the two agencies.

    Raises:
        Malformed: an id breaks its grammar.
    """

    id: str
    kind: str
    country: str
    regime: str
    alert: bool
    functions: frozenset[str]
    communities: frozenset[str]
    agreements: frozenset[str]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_agency_id(self.id, "recipient.id")
        for name, ids in (("communities", self.communities), ("agreements", self.agreements)):
            for value in ids:
                if not _COMMUNITY_OR_AGREEMENT.fullmatch(value):
                    raise Malformed("is not an id", field=f"recipient.{name}", code="bad-id")
        object.__setattr__(self, "_hash", hash(_VALUES_OF_RECIPIENT(self)))

    def __hash__(self) -> int:
        return self._hash


_VALUES_OF_RECIPIENT: Final = _compared(Recipient)


class MarkingFacts(NamedTuple):
    """What an entity's own marking means for this recipient and purpose, computed by the caller.

    It stands beside the record's marking, which the `ReleaseContext` speaks of: a portion leaves only if both
    let it. `recipient_releasable` covers releasable-to, exclusions, compartments and level.
    """

    recipient_releasable: bool
    purpose_permitted: bool
    consent_onward_needed: bool
    notes: bool


UNMARKED: Final = MarkingFacts(
    recipient_releasable=True, purpose_permitted=True, consent_onward_needed=False, notes=False
)
"""The entity carries no marking of its own; the record's alone decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortionAttributes:
    """What rules may know of a portion: one (entity, field), with the rungs at which it exists, finest first.

    `classes` are the category classes after protection was worked out; an empty set counts as unknown.

    Raises:
        Malformed: no rung, or rungs out of order.
    """

    category: str
    classes: frozenset[str]
    role: RoleClass
    age: AgeClass
    facts: frozenset[Fact]
    rungs: tuple[Rung, ...]
    do_not_reinterview: bool
    marking: MarkingFacts
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.rungs or any(a >= b for a, b in zip(self.rungs, self.rungs[1:], strict=False)):
            raise Malformed("must name each rung once, finest first", field="portion.rungs", code="bad-rungs")
        object.__setattr__(self, "_hash", hash(_VALUES_OF_PORTION(self)))

    def __hash__(self) -> int:
        return self._hash


_VALUES_OF_PORTION: Final = _compared(PortionAttributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseContext:
    """The circumstances of one release to one recipient; the booleans are worked out by the caller.

    `approvals` are tokens such as `VPO:1`, derived from signed, unexpired approvals of different people over
    exactly this release. They count only for the record as a whole and for categories that were asked for.
    `expired` is whether retention or the marking's date has passed. Nothing sets `break_glass` yet.

    Raises:
        Malformed: an agency id breaks its grammar, or an approval is not a known token.
    """

    purpose: Purpose | None
    legal_basis: LegalBasis | None
    lane: Lane
    approvals: frozenset[str]
    self_id: str
    originator: str
    recipient_releasable: bool
    purpose_permitted: bool
    consent_onward_needed: bool
    onward_consent: bool
    notes: bool
    expired: bool
    provenance: frozenset[Provenance]
    break_glass: bool = False
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_agency_id(self.self_id, "context.self_id")
        check_agency_id(self.originator, "context.originator")
        check_approvals(self.approvals, "context.approvals")
        object.__setattr__(self, "_hash", hash(_VALUES_OF_CONTEXT(self)))

    def __hash__(self) -> int:
        return self._hash

    @property
    def own_record(self) -> bool:
        """Whether this agency is the record's originator; if not, releasing it is forwarding."""
        return self.self_id == self.originator


_VALUES_OF_CONTEXT: Final = _compared(ReleaseContext)


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
