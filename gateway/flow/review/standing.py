"""How it stands with officers and what waits for them, in sentences for whoever runs the gateway.

Figures only: no record is opened, nobody is named.

Source: DESIGN section 12 (`comity status`); THREATS A24, A52.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from gateway.errors import GatewayError
from gateway.flow.gateway import Gateway
from gateway.flow.review.held import check_clock
from gateway.flow.review.roster import Officers, at_seconds, officers_of
from gateway.observe import counters
from gateway.record.moment import from_ms, to_ms
from keys.officer import COUNTERSIGNERS

_SOON: Final = timedelta(days=1)
_RENEWAL: Final = timedelta(days=30)
_ENOUGH: Final = COUNTERSIGNERS + 1
"""So many officers that one may be lost and another still enrolled."""


def review_warnings(gateway: Gateway, now: datetime) -> Iterator[str]:
    """Yield what should be known of holds, reviews, officers, and of the clock their words are judged by."""
    yield from _waiting(gateway, now)
    try:
        check_clock(gateway, now)
    except GatewayError as exc:
        yield f"No officer's word counts and no hold ends: {exc.message}."
    try:
        yield from _officers(officers_of(gateway), now)
    except GatewayError as exc:
        yield f"Nobody can approve anything: {exc.message}."
    if lost := counters["notices.given_up"] + counters["notices.dropped"]:
        yield (
            f"{_of(lost, 'notice')} of what waits for officers could not be told since the start: "
            "look at notify_command and notify_url in comity.toml."
        )


def _waiting(gateway: Gateway, now: datetime) -> Iterator[str]:
    if held := gateway.read.open_hold_count():
        soon = gateway.read.open_hold_count(to_ms(now + _SOON))
        ends = "ends" if soon == 1 else "end"
        yield f"{_of(held, 'hold')} {_wait(held)} for officers; {soon} {ends} within a day."
    if late := gateway.read.overdue_review_count(to_ms(now)):
        yield (
            f"{_of(late, 'emergency release')} {_wait(late)} for a review that is overdue: "
            "a data protection officer must say whether it was justified."
        )


def _officers(known: Officers, now: datetime) -> Iterator[str]:
    if not known.rows:
        yield "No officer is enrolled: nobody can approve what is held. Enrol the first two together."
        return
    active = known.roster.active(at_seconds(now))
    count = len(set(active.values()))
    if count < COUNTERSIGNERS:
        yield (
            f"{_of(count, 'officer')} may act now: nobody new can be enrolled, because "
            f"{COUNTERSIGNERS} must countersign."
        )
    elif count < _ENOUGH:
        yield f"{_of(count, 'officer')} may act now: if one is lost, nobody new can be enrolled."
    ends = [
        max(row.valid_until for row in rows) for rows in known.rows.values() if rows[-1].public_key in active
    ]
    ending = sorted(end for end in ends if end <= to_ms(now + _RENEWAL))
    if ending:
        yield (
            f"{_of(len(ending), 'officer key')} can be used for less than {_RENEWAL.days} days more, "
            f"the first until {from_ms(ending[0]):%Y-%m-%d}: enrol again in time (`comity officer list`)."
        )


def _of(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _wait(count: int) -> str:
    return "waits" if count == 1 else "wait"
