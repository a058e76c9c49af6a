"""The handling marking: what may be done with content, as a lattice in which "unknown" means nobody.

Source: `reference/policy/markings.md` 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final, TypeVar

from gateway.errors import Malformed
from gateway.record.lattice import higher, later, lower, narrower, sooner, wider
from gateway.record.text import check_agency_id, check_local_id, check_text, parse_day
from gateway.record.vocabulary import ConsentKind, Provenance, Purpose, Term
from gateway.v1 import marking_pb2

_COMMON_BYTES: Final = 2048
_COMMON_MEMBERS: Final = 16

_Term = TypeVar("_Term", bound=Term)
_Value = TypeVar("_Value")

POLICY_ID: Final = "comity/1"
"""The one label policy this version understands."""


class Level(Term):
    """How sensitive content is."""

    PUBLIC = 1
    OFFICIAL = 2
    RESTRICTED = 3
    CONFIDENTIAL = 4
    SECRET = 5


CEILING: Final = Level.RESTRICTED
"""The highest level the gateway carries."""


class Holders(Term):
    """Who inside a recipient may hold it; a smaller number is narrower."""

    PERSON = 1
    ORGANISATION = 2
    ORGANISATION_AND_CLIENTS = 3
    COMMUNITY = 4
    ANY = 5


class PermittedAction(Term):
    """How visibly a holder may act on it; a smaller number is more discreet."""

    NONE = 1
    CONTACT = 2
    INTERNAL = 3
    INDIRECT = 4
    DIRECT = 5


ConsentNeeded = tuple[str, ConsentKind]
"""An originator's agency id (empty: the record's own originator) and what it must agree to first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """One set of handling restrictions.

    `rel` and `purposes` are None where they do not limit; an empty `rel` means the originator alone.
    `expires` and `review_by` are None for never. `nobody` is the top of the lattice; beside it nothing
    counts.
    """

    policy_id: str = POLICY_ID
    level: Level
    rel: frozenset[str] | None
    excl: frozenset[str] = frozenset()
    holders: Holders
    purposes: frozenset[Purpose] | None
    consent: frozenset[ConsentNeeded] = frozenset()
    compart: frozenset[str] = frozenset()
    act: PermittedAction
    subject_may_be_told: bool
    encrypt: bool
    display_only: bool
    no_automated_use: bool
    expires: date | None = None
    review_by: date | None = None
    provenance: frozenset[Provenance] = frozenset()
    notes: frozenset[str] = frozenset()
    nobody: bool = False

    def __post_init__(self) -> None:
        if self.policy_id != POLICY_ID:
            raise ValueError("a marking under an unknown label policy is TOP, never a marking of its own")


TOP: Final = Marking(
    level=Level.SECRET,
    rel=frozenset(),
    holders=Holders.PERSON,
    purposes=frozenset(),
    act=PermittedAction.NONE,
    subject_may_be_told=False,
    encrypt=True,
    display_only=True,
    no_automated_use=True,
    expires=date.min,
    review_by=date.min,
    provenance=frozenset(Provenance),
    nobody=True,
)
"""Nobody may have it: what is unknown, unparsable or contradictory is marked so."""

BOTTOM: Final = Marking(
    level=Level.PUBLIC,
    rel=None,
    holders=Holders.ANY,
    purposes=None,
    act=PermittedAction.DIRECT,
    subject_may_be_told=True,
    encrypt=False,
    display_only=False,
    no_automated_use=False,
)
"""No restriction at all: the join over nothing."""


def join(a: Marking, b: Marking) -> Marking:
    """Return the least restrictive marking that is at least as restrictive as both."""
    if a is b or b is BOTTOM:
        return a
    if a.nobody or b.nobody:
        return TOP
    return Marking(
        level=higher(a.level, b.level),
        rel=narrower(a.rel, b.rel),
        excl=a.excl | b.excl,
        holders=lower(a.holders, b.holders),
        purposes=narrower(a.purposes, b.purposes),
        consent=a.consent | b.consent,
        compart=a.compart | b.compart,
        act=lower(a.act, b.act),
        subject_may_be_told=a.subject_may_be_told and b.subject_may_be_told,
        encrypt=a.encrypt or b.encrypt,
        display_only=a.display_only or b.display_only,
        no_automated_use=a.no_automated_use or b.no_automated_use,
        expires=sooner(a.expires, b.expires),
        review_by=sooner(a.review_by, b.review_by),
        provenance=a.provenance | b.provenance,
        notes=a.notes | b.notes,
    )


def meet(a: Marking, b: Marking) -> Marking:
    """Return the most restrictive marking that is at most as restrictive as both."""
    if a.nobody:
        return b
    if b.nobody:
        return a
    return Marking(
        level=lower(a.level, b.level),
        rel=wider(a.rel, b.rel),
        excl=a.excl & b.excl,
        holders=higher(a.holders, b.holders),
        purposes=wider(a.purposes, b.purposes),
        consent=a.consent & b.consent,
        compart=a.compart & b.compart,
        act=higher(a.act, b.act),
        subject_may_be_told=a.subject_may_be_told or b.subject_may_be_told,
        encrypt=a.encrypt and b.encrypt,
        display_only=a.display_only and b.display_only,
        no_automated_use=a.no_automated_use and b.no_automated_use,
        expires=later(a.expires, b.expires),
        review_by=later(a.review_by, b.review_by),
        provenance=a.provenance & b.provenance,
        notes=a.notes & b.notes,
    )


def dominates(a: Marking, b: Marking) -> bool:
    """Tell whether `a` is at least as restrictive as `b` in every respect."""
    return a == b or join(a, b) == a


def statement_part(marking: Marking) -> Marking:
    """Return what of the record's own marking every recipient sees: without rel, excl, compart and notes.

    What a statement leaves out is read there as the stricter side: its `rel` is empty, so that without the
    originator's consent nobody may pass the content on.
    """
    if marking.nobody:
        return TOP
    empty: frozenset[str] = frozenset()
    if marking.rel == empty and not (marking.excl or marking.compart or marking.notes):
        return marking
    return narrowed(replace(marking, notes=empty) if marking.notes else marking, empty)


def from_message(message: marking_pb2.Marking, *, field: str) -> Marking:
    """Return the marking an own submitter states. What is absent is read as the stricter side; only the dates
    and the notes may be absent without being restrictive.

    Raises:
        Malformed: `required` (no policy or level), `unknown-policy`, `unknown-value`, `above-ceiling`,
            `contradiction` (a list beside the flag that says it does not limit), `bad-agency-id`, `bad-id`,
            `bad-date`, or a fault of text.
    """
    data = message.SerializeToString(deterministic=True)
    # Words are somebody's own, and are not kept in memory beyond the record they came with.
    common = len(data) <= _COMMON_BYTES and not message.notes
    return _common_marking(data, field) if common else _read(message, field)


def _read(message: marking_pb2.Marking, field: str) -> Marking:
    if not message.HasField("policy_id"):
        raise Malformed("is required", code="required", field=f"{field}.policy_id")
    if message.policy_id != POLICY_ID:
        raise Malformed("is an unknown label policy", code="unknown-policy", field=f"{field}.policy_id")
    if not message.HasField("level"):
        raise Malformed("is required", code="required", field=f"{field}.level")
    level = Level.from_number(message.level, f"{field}.level")
    if level > CEILING:
        raise Malformed(
            f"is above {CEILING.token}, the highest level this gateway carries",
            code="above-ceiling",
            field=f"{field}.level",
        )
    agencies = [check_agency_id(agency, f"{field}.rel") for agency in message.rel]
    purposes = [Purpose.from_number(purpose, f"{field}.purposes") for purpose in message.purposes]
    return Marking(
        level=level,
        rel=_limit(agencies, unlimited=message.rel_all, field=f"{field}.rel"),
        excl=frozenset(check_agency_id(agency, f"{field}.excl") for agency in message.excl),
        holders=_stated(Holders, message.holders, Holders.PERSON, f"{field}.holders"),
        purposes=_limit(purposes, unlimited=message.purposes_all, field=f"{field}.purposes"),
        consent=frozenset(_consent(needed, f"{field}.consent") for needed in message.consent),
        compart=frozenset(check_local_id(community, f"{field}.compart") for community in message.compart),
        act=_stated(PermittedAction, message.act, PermittedAction.NONE, f"{field}.act"),
        subject_may_be_told=message.subject_may_be_told,
        encrypt=message.encrypt or not message.HasField("encrypt"),
        display_only=message.display_only or not message.HasField("display_only"),
        no_automated_use=message.no_automated_use or not message.HasField("no_automated_use"),
        expires=parse_day(message.expires, f"{field}.expires") if message.HasField("expires") else None,
        review_by=parse_day(message.review_by, f"{field}.review_by")
        if message.HasField("review_by")
        else None,
        provenance=frozenset(
            Provenance.from_number(source, f"{field}.provenance") for source in message.provenance
        ),
        notes=frozenset(check_text(note, f"{field}.notes") for note in message.notes),
    )


def read_foreign(message: marking_pb2.Marking | None) -> Marking:
    """Return a foreign statement's marking; absent, unknown, contradictory or above the ceiling is TOP."""
    if message is None:
        return TOP
    try:
        return from_message(message, field="marking")
    except Malformed:
        return TOP


def to_message(marking: Marking) -> marking_pb2.Marking:
    """Return the message of a marking, sets sorted; `read_foreign` of it gives the same marking."""
    message = marking_pb2.Marking(policy_id=marking.policy_id)
    if marking.nobody:
        return message
    message.level = _number(marking.level)
    if marking.rel is None:
        message.rel_all = True
    message.rel.extend(sorted(marking.rel or ()))
    message.excl.extend(sorted(marking.excl))
    message.holders = _number(marking.holders)
    if marking.purposes is None:
        message.purposes_all = True
    message.purposes.extend(_number(purpose) for purpose in sorted(marking.purposes or ()))
    for originator, kind in sorted(marking.consent):
        needed = message.consent.add(kind=_number(kind))
        if originator:
            needed.originator = originator
    message.compart.extend(sorted(marking.compart))
    message.act = _number(marking.act)
    message.subject_may_be_told = marking.subject_may_be_told
    message.encrypt = marking.encrypt
    message.display_only = marking.display_only
    message.no_automated_use = marking.no_automated_use
    if marking.expires is not None:
        message.expires = marking.expires.isoformat()
    if marking.review_by is not None:
        message.review_by = marking.review_by.isoformat()
    message.provenance.extend(_number(source) for source in sorted(marking.provenance))
    message.notes.extend(sorted(marking.notes))
    return message


def narrowed(marking: Marking, rel: frozenset[str]) -> Marking:
    """Return the marking with these recipients alone, and with nobody else named in it: without exclusions
    and compartments. Of a common marking it is remembered.
    """
    return _common_narrowed(marking, rel) if _is_common(marking) else _narrowed(marking, rel)


def common_message(marking: Marking) -> marking_pb2.Marking:
    """Return the marking's message, never to be changed: those that are common and small are remembered."""
    return _common_message(marking) if _is_common(marking) else to_message(marking)


def _is_common(marking: Marking) -> bool:
    members = len(marking.rel or ()) + len(marking.excl) + len(marking.consent) + len(marking.compart)
    # What a peer sends must not fill our memory: words have no bound, and lists of names nearly none.
    return members <= _COMMON_MEMBERS and not marking.notes


def _narrowed(marking: Marking, rel: frozenset[str]) -> Marking:
    return replace(marking, rel=rel, excl=frozenset(), compart=frozenset())


@lru_cache(maxsize=1024)
def _common_marking(data: bytes, field: str) -> Marking:
    return _read(marking_pb2.Marking.FromString(data), field)


_common_message = lru_cache(maxsize=1024)(to_message)
_common_narrowed = lru_cache(maxsize=1024)(_narrowed)


def _number(term: Term) -> Any:
    # Own terms carry the numbers of the wire enums; the generated stubs give each enum a type of its own.
    return int(term)


def _limit(values: list[_Value], *, unlimited: bool, field: str) -> frozenset[_Value] | None:
    if unlimited and values:
        raise Malformed("lists members and says that it does not limit", code="contradiction", field=field)
    return None if unlimited else frozenset(values)


def _stated(terms: type[_Term], number: int, absent: _Term, field: str) -> _Term:
    return terms.from_number(number, field) if number else absent


def _consent(needed: marking_pb2.ConsentNeeded, field: str) -> ConsentNeeded:
    if needed.originator:
        check_agency_id(needed.originator, field)
    return needed.originator, ConsentKind.from_number(needed.kind, field)
