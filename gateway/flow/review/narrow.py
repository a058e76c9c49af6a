"""Giving less: an officer withholds fields, or has them leave less precisely. Never more.

Source: DESIGN section 6; PROTOCOL section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import GatewayError, NotFound, Refused
from gateway.flow.gateway import Gateway
from gateway.flow.question import FieldKey
from gateway.flow.review.again import decide_again, reconsidered, what_changed
from gateway.flow.review.approve import check_free, void
from gateway.flow.review.held import Held, check_clock, check_open, held, judged_at
from gateway.flow.review.lines import WITHHELD, by_place, field_lines, leaving_data
from gateway.flow.review.matter import Matter
from gateway.flow.review.roster import at_seconds, officers_of
from gateway.record.vocabulary import Rung
from gateway.release.hold import HoldEvent
from gateway.release.narrowing import Narrowing
from gateway.tls.identity import Identity, Role
from policy.decision import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What became of a hold of which less is given: `outcome` is held, release or denied."""

    exchange_id: str
    outcome: str
    required: tuple[str, ...]


def narrow_hold(
    gateway: Gateway,
    exchange_id: str,
    *,
    withhold: Sequence[str],
    generalise: Sequence[str],
    caller: Identity,
    now: datetime,
) -> Narrowed:
    """Give less of what is held: it is another release from here on, and was approved by nobody yet.

    Paths are `ENTITY.FIELD` with entities as submitted, or `header.FIELD`.

    Raises:
        NotFound: code `no-such-hold`; `no-such-field`: a path names nothing that would leave.
        Refused: the hold is closed or claimed, the caller may not act on it, or code `nothing-less`: a field
            does not exist any coarser; withhold it.
    """
    found = held(gateway, exchange_id)
    check_clock(gateway, now)
    now = judged_at(gateway, now)
    _check_open(gateway, found, caller, now)
    again = reconsidered(gateway, found, now)
    if why := what_changed(gateway, found, again, now):
        raise void(gateway, found, again, why=why, acting=caller.actor, now=now)
    assert not isinstance(again, GatewayError)
    narrowing = _narrowing(found, again, withhold, generalise)
    answer = decide_again(
        gateway,
        found,
        again,
        event=HoldEvent.NARROWING,
        why="an officer gives less",
        acting=caller.actor,
        now=now,
        narrowing=narrowing,
    )
    return Narrowed(
        exchange_id=exchange_id,
        outcome=(Outcome.DENIED if answer is None else answer.outcome).value,
        required=() if answer is None else answer.approvals,
    )


def _check_open(gateway: Gateway, found: Held, caller: Identity, now: datetime) -> None:
    check_open(found, HoldEvent.NARROWING, now)
    officers = officers_of(gateway)
    keys = officers.by_handle(caller.name) if caller.role is Role.OFFICER else []
    check_free(found, officers, {row.key_id for row in keys}, now)
    if caller.role is not Role.OFFICER:
        return
    needed = {token.partition(":")[0] for token in found.required}
    held_duties: set[str] = set()
    for row in keys:
        held_duties |= officers.roster.roles_at(row.public_key, at_seconds(now))
    if not needed & held_duties:
        raise Refused("nobody with your duties is needed here", code="not-your-duty", field="officer")


def _narrowing(found: Held, again: Matter, withhold: Sequence[str], generalise: Sequence[str]) -> Narrowing:
    if not withhold and not generalise:
        raise Refused("names nothing to give less of", code="nothing-less", field="--withhold")
    lines = field_lines(by_place(leaving_data(found, again)), again)
    keys = {line.path: (line.name, line.number) for line in lines if line.rung != WITHHELD}
    rungs = {line.path: Rung.from_token(line.rung, "rung") for line in lines if line.path in keys}
    coarser = {}
    for path in generalise:
        key = _key(keys, path)
        coarser[key] = _coarser(path, rungs[path], again.rungs(key))
    return Narrowing(withheld=frozenset(_key(keys, path) for path in withhold), coarser=coarser)


def _coarser(path: str, rung: Rung, rungs: Sequence[Rung]) -> Rung:
    less = [one for one in rungs if one > rung]
    if not less:
        raise Refused(f"{path} exists no coarser; withhold it", code="nothing-less", field="--generalise")
    return min(less)


def _key(keys: dict[str, FieldKey], path: str) -> FieldKey:
    if path not in keys:
        known = ", ".join(sorted(keys))
        raise NotFound(f"{path} is nothing that would leave; these would: {known}", code="no-such-field")
    return keys[path]
