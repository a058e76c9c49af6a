"""Holds: a release that waits for people, the one table of what may become of it, and when they are enough.

Source: DESIGN section 6; PROTOCOL section 4; THREATS A19, A20.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.errors import Refused
from gateway.release.duty import check_tokens

ORIGINATOR: Final = "OC"
"""The originator's consent: needed like a duty, given by another agency and not by an officer here."""


@unique
class HoldState(StrEnum):
    """How a hold stands. Only the first two are open."""

    HELD = "held"
    PARTLY_APPROVED = "partly-approved"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    VOIDED = "voided"

    @property
    def is_open(self) -> bool:
        """Whether officers may still act on it."""
        return self in (HoldState.HELD, HoldState.PARTLY_APPROVED)


@unique
class HoldEvent(StrEnum):
    """What may happen to a hold: an approval that is not the last one needed, the last one, a refusal, its
    end, less being given, or a change of what it was decided on.
    """

    APPROVAL = "approval"
    LAST_APPROVAL = "last-approval"
    REFUSAL = "refusal"
    EXPIRY = "expiry"
    NARROWING = "narrowing"
    CHANGE = "change"


_OUT_OF_OPEN: Final = {
    HoldEvent.APPROVAL: HoldState.PARTLY_APPROVED,
    HoldEvent.LAST_APPROVAL: HoldState.APPROVED,
    HoldEvent.REFUSAL: HoldState.REFUSED,
    HoldEvent.EXPIRY: HoldState.EXPIRED,
    HoldEvent.NARROWING: HoldState.SUPERSEDED,
    HoldEvent.CHANGE: HoldState.VOIDED,
}

TRANSITIONS: Final[Mapping[tuple[HoldState, HoldEvent], HoldState]] = MappingProxyType(
    {(state, event): after for state in HoldState if state.is_open for event, after in _OUT_OF_OPEN.items()}
)
"""Every transition there is: what is closed stays closed."""


def advance(state: HoldState, event: HoldEvent) -> HoldState:
    """Return the state after an event.

    Raises:
        Refused: code `hold-closed`, `hold-expired`, `hold-superseded` or `hold-voided`: nothing happens to
            what is closed.
    """
    after = TRANSITIONS.get((state, event))
    if after is None:
        raise _closed(state)
    return after


def _closed(state: HoldState) -> Refused:
    match state:
        case HoldState.EXPIRED:
            return Refused("nobody approved it in time", code="hold-expired", field="exchange")
        case HoldState.SUPERSEDED:
            why = "less is to be given now: look at it again"
            return Refused(why, code="hold-superseded", field="exchange")
        case HoldState.VOIDED:
            why = "what it was decided on has changed: look at it again"
            return Refused(why, code="hold-voided", field="exchange")
        case HoldState.HELD | HoldState.PARTLY_APPROVED | HoldState.APPROVED | HoldState.REFUSED:
            return Refused(f"it stands as {state.value} already", code="hold-closed", field="exchange")


class Given(NamedTuple):
    """One approval that counts: by whom (16 bytes), in which duty."""

    person: bytes
    duty: str


def officers_tokens(required: Iterable[str]) -> frozenset[str]:
    """Return the tokens that officers here must meet: all but the originator's consent."""
    return frozenset(token for token in required if token.partition(":")[0] != ORIGINATOR)


def missing(required: Iterable[str], given: Iterable[Given]) -> tuple[str, ...]:
    """Return what is still needed, as tokens with how many people more, sorted; empty when enough agreed.

    A person counts once in a hold, whatever duties they hold: the second pair of eyes is another person's. In
    the order given, each counts in the first duty that still needs somebody.

    Raises:
        Malformed: a token off its form, or a duty named twice.
    """
    tokens = check_tokens(tuple(sorted(officers_tokens(required))), "required")
    left = {duty: int(count) for duty, _, count in (token.partition(":") for token in tokens)}
    counted: set[bytes] = set()
    for one in given:
        if one.person not in counted and left.get(one.duty, 0) > 0:
            counted.add(one.person)
            left[one.duty] -= 1
    return tuple(f"{duty}:{count}" for duty, count in sorted(left.items()) if count > 0)
