"""Leaving: what a release with its last approval becomes in one transaction: entry, envelope, outbox row.

Source: PROTOCOL section 4; rules VP-38, VP-39.
"""

from __future__ import annotations

from datetime import datetime

from gateway.flow.gateway import Gateway
from gateway.flow.invoke import Emergency, invoked
from gateway.flow.keeping import PAYLOAD_SALT, exchange_key, read_body
from gateway.flow.passing.consenting import Out, giving
from gateway.flow.review.held import Held, narrowing_of
from gateway.flow.review.matter import Matter
from gateway.flow.seal import Letter, sealed
from gateway.ledger.entry import Draft
from gateway.record.vocabulary import Lane
from gateway.store.changes import Change, ExchangeState
from gateway.store.place import EntryAt
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
        emergency = Emergency(
            exchange_id=exchange_id,
            key=exchange_key(gateway, exchange_id),
            peer=found.hold.peer,
            actor=found.actor,
            threat=again.threat,
        )
        draft, review = invoked(gateway, emergency, EntryAt(base), now)
        drafts.append(draft)
        rows.append(review)
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
