"""Leaving: what a release with its last approval becomes in one transaction: entry, envelope, outbox row.

Source: PROTOCOL section 4; rules VP-38, VP-39.
"""

from __future__ import annotations

from datetime import datetime

from gateway.flow.gateway import Gateway
from gateway.flow.keeping import PAYLOAD_SALT, exchange_key, read_body
from gateway.flow.passing.consenting import Out, giving
from gateway.flow.review.held import Held, narrowing_of
from gateway.flow.review.matter import Matter
from gateway.flow.seal import Letter, sealed
from gateway.ledger.commitment import CommitmentType, commit_each
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Lane
from gateway.release.obligation import MS_IN_HOUR, REVIEW_HOURS
from gateway.store.changes import Change, ExchangeState
from gateway.store.place import EntryAt
from gateway.store.review_rows import ReviewRow
from gateway.store.rows import Row


def leaving(gateway: Gateway, found: Held, again: Matter, *, base: int, now: datetime) -> Out:
    """Return what is written when a hold is approved; `base` drafts of the unit stand before these.

    Raises:
        Refused, Stale: nothing can be sealed to the recipient now; nothing leaves.
    """
    exchange_id = found.hold.exchange_id
    withheld = narrowing_of(gateway, found.owner, exchange_id).withheld
    if found.is_consent:
        return giving(gateway, found, again.told(withheld), base=base, now=now)
    drafts: list[Draft] = []
    rows: list[Row | Change] = []
    if again.threat:
        contents = {
            CommitmentType.ACTOR: found.actor.encode(),
            CommitmentType.JUSTIFICATION: again.threat.encode(),
        }
        commits = commit_each(exchange_key(gateway, exchange_id), contents)
        drafts.append(
            Draft(kind=EntryKind.BREAK_GLASS, exchange=exchange_id, peer=found.hold.peer, commits=commits)
        )
        due_ms = to_ms(now) + REVIEW_HOURS * MS_IN_HOUR
        unit = again.unit_of(found.actor)
        rows.append(ReviewRow(exchange_id, unit, due_ms, "due", EntryAt(base), None))
    letter = Letter(
        exchange_id=exchange_id,
        recipient=found.hold.peer,
        lane=Lane.from_token(found.hold.lane, "lane"),
        body=found.body,
        payload_salt=read_body(gateway, found.owner, PAYLOAD_SALT, exchange_id),
    )
    entry = EntryAt(base + len(drafts))
    made = sealed(gateway, letter, entry, now)
    released = ExchangeState(
        exchange_id, "held", "released", entry=entry, outcome="release", message_id=made.message_id
    )
    rows += [made.row, released, *again.told(withheld)]
    return Out(drafts=(*drafts, made.draft), rows=tuple(rows))
