"""Purging: what is kept past its last day is erased, by itself, at the first moment after it.

Source: DESIGN section 10 (retention); PROTOCOL sections 4 and 12; THREATS A41.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Final

from gateway.flow.erase import ERASED, Why, erase, erase_exchanges, scrub
from gateway.flow.gateway import Gateway
from gateway.record.moment import to_ms
from gateway.release.obligation import end_of_day_ms
from gateway.store.rows import ExchangeRow, RecordRow

BATCH: Final = 64
"""How many records are erased in one transaction: others wait for it."""


def purge_all(gateway: Gateway, now: datetime) -> None:
    """Erase everything whose retention has ended: before a home that was closed shows anything."""
    while purge(gateway, now) >= BATCH:
        pass


def purge(gateway: Gateway, now: datetime) -> int:
    """Erase about `BATCH` of what has ended, own and received; return how many were: less, and none is left.

    May run again at any time, and again after a crash: each erasure is whole or has not begun, and what a
    crash left in the store's log is removed first.
    """
    scrub(gateway)
    done = 0
    for own in _own_ended(gateway, now):
        done += erase(gateway, own, Why.USE_ENDED)
        if done >= BATCH:
            return done
    for came in _arrivals_ended(gateway, now):
        done += _erase_arrivals(gateway, came, to_ms(now))
        if done >= BATCH:
            return done
    return done


def next_end_ms(gateway: Gateway) -> int | None:
    """Return when the retention of something kept ends next, in ms UTC; None where nothing is kept."""
    own, came = gateway.read.next_ends()
    ends = [] if came is None else [came]
    if own is not None and date.fromisoformat(own) < date.max:
        ends.append(end_of_day_ms(date.fromisoformat(own)))
    return min(ends, default=None)


def _own_ended(gateway: Gateway, now: datetime) -> Iterator[list[RecordRow]]:
    """Yield own records whose last day has passed, page by page: one that cannot be erased blocks none."""
    after = ("", "", 0)
    today = now.astimezone(UTC).date().isoformat()
    while page := gateway.read.own_ended(today, after=after, limit=BATCH):
        yield page
        after = (page[-1].retain_until, page[-1].record_id, page[-1].version)


def _arrivals_ended(gateway: Gateway, now: datetime) -> Iterator[list[ExchangeRow]]:
    after = (0, "")
    while page := gateway.read.arrivals_ended(to_ms(now), after=after, limit=BATCH):
        yield page
        after = (page[-1].expires_at or 0, page[-1].exchange_id)


def _erase_arrivals(gateway: Gateway, ended: Sequence[ExchangeRow], now_ms: int) -> int:
    """Erase what came with exchanges, and each record that came with none that goes on."""
    whole: dict[tuple[str, str, int], RecordRow] = {}
    single: list[ExchangeRow] = []
    for row in ended:
        key = (row.originator, row.record_id, row.version)
        if key in whole:
            continue
        record = gateway.read.record(*key)
        goes_on = any(_goes_on(other, now_ms) for other in gateway.read.exchanges_of_record(*key))
        if record is None or record.direction != "received" or record.state == ERASED or goes_on:
            single.append(row)
        else:
            whole[key] = record
    done = erase_exchanges(gateway, single)
    return done + erase(gateway, list(whole.values()), Why.USE_ENDED)


def _goes_on(row: ExchangeRow, now_ms: int) -> bool:
    """Tell whether what came with an exchange may still be used."""
    ended = row.expires_at is not None and row.expires_at <= now_ms
    return row.direction == "in" and row.state != ERASED and not ended
