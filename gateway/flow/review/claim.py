"""Claiming: an officer says that they are at work on a hold, so that no other begins on it meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from gateway.errors import NotFound, Refused
from gateway.flow.gateway import Gateway
from gateway.flow.review.approve import check_free
from gateway.flow.review.held import check_open, held, judged_at
from gateway.flow.review.roster import at_seconds, officers_of
from gateway.record.moment import to_ms
from gateway.release.hold import HoldEvent
from gateway.store.changes import HoldClaimed
from gateway.store.unit import Unit
from gateway.tls.identity import Identity, Role

CLAIM_LIFE: Final = timedelta(minutes=30)


def claim_hold(
    gateway: Gateway, exchange_id: str, *, officer: str, give_up: bool, caller: Identity, now: datetime
) -> datetime | None:
    """Claim a hold for half an hour, or give a claim up; return until when it is claimed.

    `officer` is the handle of whom it is claimed for; an officer claims for nobody else.

    Raises:
        NotFound: code `no-such-hold`, `no-such-officer`.
        Refused: it is closed (code as `advance`), or another's (code `claimed`); `other-officer`.
    """
    if caller.role is Role.OFFICER and caller.name != officer:
        raise Refused("an officer claims for nobody else", code="other-officer", field="officer")
    found, officers = held(gateway, exchange_id), officers_of(gateway)
    now = judged_at(gateway, now)
    check_open(found, HoldEvent.APPROVAL, now)
    keys = officers.by_handle(officer)
    if not keys:
        raise NotFound("no officer of this name was enrolled", field="officer", code="no-such-officer")
    officers.roster.roles_at(keys[-1].public_key, at_seconds(now))
    check_free(found, officers, {row.key_id for row in keys}, now)
    until = None if give_up else now + CLAIM_LIFE
    claimed = HoldClaimed(
        exchange_id,
        found.hold.round,
        found.hold.claimed_by,
        "" if until is None else keys[-1].key_id,
        0 if until is None else to_ms(until),
    )
    gateway.store.writer.commit_one(Unit(rows=(claimed,)))
    return until
