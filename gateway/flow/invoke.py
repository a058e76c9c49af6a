"""Invoking an emergency: whatever leaves on a stated threat has its own entry first, and a review to come.

It makes no difference whether officers had to agree: a release that tells its recipient that it is reviewed
within 72 hours is reviewed.

Source: rules VP-38, VP-39; THREATS A24.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.flow.gateway import Gateway
from gateway.flow.references import unit_tag
from gateway.ledger.commitment import CommitmentType, commit_each
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.moment import to_ms
from gateway.release.obligation import MS_IN_HOUR, REVIEW_HOURS
from gateway.store.place import EntryAt
from gateway.store.review_rows import ReviewRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """An exchange that leaves on a stated threat: `key` is its K, `actor` who invoked it."""

    exchange_id: str
    key: bytes
    peer: str
    actor: str
    threat: str


def invoked(gateway: Gateway, emergency: Emergency, entry: EntryAt, now: datetime) -> tuple[Draft, ReviewRow]:
    """Return the entry that stands before the release, at `entry` of its unit, and the review that is due."""
    contents = {
        CommitmentType.ACTOR: emergency.actor.encode(),
        CommitmentType.JUSTIFICATION: emergency.threat.encode(),
    }
    draft = Draft(
        kind=EntryKind.BREAK_GLASS,
        exchange=emergency.exchange_id,
        peer=emergency.peer,
        commits=commit_each(emergency.key, contents),
    )
    due_ms = to_ms(now) + REVIEW_HOURS * MS_IN_HOUR
    unit = unit_tag(gateway, emergency.actor)
    return draft, ReviewRow(emergency.exchange_id, unit, due_ms, "due", entry, None)
