"""What is asked: the attributes of recipient, portion and release that rules may read, and nothing else.

All values are frozen and hashable, because a decision is a pure function of them and is remembered under
them. No record content stands here: two portions with equal attributes get the same verdict.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Final, NamedTuple

from gateway.errors import Malformed
from gateway.record.subject_consent import ConsentState
from gateway.record.text import check_agency_id
from gateway.record.vocabulary import AgeClass, Fact, Lane, LegalBasis, Provenance, Purpose, RoleClass, Rung
from policy.vocabulary import Target, check_approvals

_COMMUNITY_OR_AGREEMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def _compared(values: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives the members that two values are compared by.

    A question is remembered under all of it, so that its parts are asked for their hashes hundreds of times a
    record: each works its own out when it is made.
    """
    return attrgetter(*(member.name for member in fields(values) if member.compare))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """The agency, or the unit of it, that would receive, as the directory describes it.

    `kind`, `regime` and `functions` are tokens; one that is not in its closed list counts as unknown.
    `functions` are the named unit's alone, or those of all units where none is named. `communities` are those
    it belongs to for the purpose asked, `agreements` those in force today between the two agencies;
    `safeguards` is whether one of these binds it to data protection.

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
    safeguards: bool
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
    """What a marking means for this recipient, purpose and day, computed by the caller.

    The record's own stands in the `ReleaseContext`, an entity's beside its portions: a portion leaves only if
    both let it. `recipient_releasable` covers releasable-to, exclusions, compartments and level;
    `close_holders` is whether it keeps to the recipient's people and their clients, not a whole community.
    """

    recipient_releasable: bool
    purpose_permitted: bool
    consent_onward_needed: bool
    consent_judicial_needed: bool
    notes: bool
    expired: bool
    review_overdue: bool
    close_holders: bool


UNMARKED: Final = MarkingFacts(
    recipient_releasable=True,
    purpose_permitted=True,
    consent_onward_needed=False,
    consent_judicial_needed=False,
    notes=False,
    expired=False,
    review_overdue=False,
    close_holders=False,
)
"""The entity carries no marking of its own; the record's alone decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortionAttributes:
    """What rules may know of a portion: one (entity, field), with the rungs at which it exists, finest first.

    `classes` are the category classes after protection was worked out; an empty set counts as unknown.
    `harmful_wording` is free text that blames or exposes a protected person, `graded` an assessment that
    states grade, model and caveat (anything else is), `singles_out` what would let this recipient tell one
    protected person from all others, `count` the people behind a cell of a table (0 for anything else).

    Raises:
        Malformed: no rung, or rungs out of order.
    """

    category: str
    classes: frozenset[str]
    role: RoleClass
    age: AgeClass
    facts: frozenset[Fact]
    consent: ConsentState
    rungs: tuple[Rung, ...]
    do_not_reinterview: bool
    harmful_wording: bool
    graded: bool
    singles_out: bool
    count: int
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
class Interviewee:
    """The person another agency asks to interview, and what its request states.

    `reason_stated` is why the existing statement is not enough; staff, representative and sessions are what
    the law asks of an interview with a child.
    """

    role: RoleClass
    age: AgeClass
    do_not_reinterview: bool
    reason_stated: bool
    specialised_staff: bool
    representative: bool
    sessions_stated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseContext:
    """The circumstances of one release to one recipient; the booleans are worked out by the caller.

    `approvals` are tokens such as `VPO:1`, derived from signed, unexpired approvals of different people over
    exactly this release. They count only for the record as a whole and for categories that were asked for.
    `OC:1` holds when every originator whose consent is needed has given it. `marking` is the record's own.
    `self_kind` is the kind of this agency, `from_provider` whether it is the support organisation that
    contributed the information. `necessity` is whether a reason why sensitive data is strictly necessary was
    stated, `correction` whether this version supersedes another, `over_budget` whether whoever asks has asked
    for more than usual too often. `break_glass` invokes vital interest, `threat_stated` says against whom and
    how, `review_outstanding` that an earlier emergency release was not reviewed in time.

    Raises:
        Malformed: an agency id breaks its grammar, or an approval is not a known token.
    """

    purpose: Purpose | None
    legal_basis: LegalBasis | None
    lane: Lane
    approvals: frozenset[str]
    self_id: str
    self_kind: str
    originator: str
    marking: MarkingFacts
    onward_consent: bool
    provenance: frozenset[Provenance]
    from_provider: bool
    necessity: bool
    target: Target
    correction: bool
    over_budget: bool
    break_glass: bool
    threat_stated: bool
    review_outstanding: bool
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
