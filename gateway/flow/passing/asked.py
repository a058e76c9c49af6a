"""What was asked for, as it is on file at either side, and how an onward exchange ends without a release.

Source: PROTOCOL section 5; THREATS A22.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.errors import Corrupt
from gateway.flow.denial import denial
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import CONSENT_REQUEST, Owner, owner_of, read_body
from gateway.flow.verify import kept_record
from gateway.ledger.entry import Draft
from gateway.release.consent_request import ConsentRequest, parse_consent_request
from gateway.store.changes import Change, ExchangeState
from gateway.store.passing_rows import ConsentMoved, ConsentRow
from gateway.store.place import EntryAt
from gateway.store.rows import ExchangeRow

HOLDER: Final = "holder"
ORIGINATOR: Final = "originator"
"""The two sides of a request: who asks, and who is asked."""

WAITING: Final = "waiting"
GIVEN: Final = "given"
REFUSED: Final = "refused"
ENDED: Final = "ended"

CONSENT_REFUSED: Final = "consent-refused"
CONSENT_ENDED: Final = "consent-not-given"
CONSENT_UNUSABLE: Final = "consent-not-usable"
"""Stand among the rules of a decision that no rule made: the originator refused, did not answer in time, or
agreed to what may not be passed on any more.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What is written where an onward exchange ends without a release: one entry, and what changes."""

    draft: Draft
    rows: tuple[Change, ...]


def request_on_file(gateway: Gateway, row: ConsentRow) -> tuple[ConsentRequest, Owner]:
    """Return a request as it was sent or came, and who owns its record.

    Raises:
        NotFound: code `erased`: the record is gone, and the request with it.
    """
    record = kept_record(gateway, row.originator, row.record_id, row.version)
    owner = owner_of(gateway, record)
    return parse_consent_request(read_body(gateway, owner, CONSENT_REQUEST, row.exchange_id)), owner


def onward_of(gateway: Gateway, row: ConsentRow) -> ExchangeRow:
    """Return the onward exchange that a request of ours is about."""
    exchange = gateway.read.exchange(row.exchange_id)
    if exchange is None:
        raise Corrupt("a request for consent is about no exchange", code="no-record", field="consent")
    return exchange


def moved(
    row: ConsentRow, state: str, *, refusal: str = "", entry: EntryAt | None = None
) -> tuple[ConsentMoved, ...]:
    """Return the change that moves a request that waits."""
    return (ConsentMoved(row.side, row.peer, row.request_id, WAITING, state, refusal, entry),)


def closing(
    gateway: Gateway, row: ConsentRow, *, rule: str, at: EntryAt, refusal: str = "", acting: str = ""
) -> Closing:
    """Return what ends the onward exchange of a request that waits; `at` is the place of its entry.

    Raises:
        NotFound: code `erased`: it ended when the record was erased.
    """
    exchange = onward_of(gateway, row)
    after = _AFTER[rule]
    state = REFUSED if rule == CONSENT_REFUSED else ENDED
    return Closing(
        draft=denial(gateway, exchange, rule=rule, acting=acting or row.peer),
        rows=(
            ExchangeState(exchange.exchange_id, "held", after, closing_entry=at, outcome="denied"),
            *moved(row, state, refusal=refusal, entry=at),
        ),
    )


_AFTER: Final = {CONSENT_REFUSED: "rejected", CONSENT_ENDED: "expired", CONSENT_UNUSABLE: "denied"}
