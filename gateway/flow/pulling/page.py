"""A page of a collection: objects in the order they were added, each decided anew, every showing ledgered.

Before a page leaves, each record version in it is noted as read, by whom and what for: once a day for each
tool. What is known of the day is kept in memory, so that a gateway started anew notes it once more, and never
once too few.

Source: TAXII 2.1 sections 3.4, 3.5 and 5; PROTOCOL section 8 (read); THREATS A41, P4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from adapters.adapter import Renderer
from gateway.errors import GatewayError
from gateway.flow.consult import reading_unit
from gateway.flow.gateway import Gateway
from gateway.flow.pulling.bookmark import LAST, Bookmark, given_mark
from gateway.flow.pulling.client import Client, Collection
from gateway.flow.pulling.objects import Item, added_at, items_of, moment_of
from gateway.flow.pulling.offered import Offered, offered
from gateway.flow.review.held import check_clock
from gateway.ledger.entry import parse
from gateway.observe import counters, incident

AT_ONCE: Final = 8
"""How many releases are decided anew in one go: others wait for the thread that works."""
PAGE_BYTES_MAX: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a tool asks of a collection; an empty set asks for any.

    `after` is where it goes on, `added_after` (aware UTC) leaves out what was added earlier.
    """

    after: Bookmark
    limit: int
    added_after: datetime | None = None
    ids: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    versions: frozenset[datetime] = frozenset()

    def wants(self, item: Item) -> bool:
        """Tell whether an object is asked for."""
        named = not self.ids or item.id in self.ids
        typed = not self.types or item.type in self.types
        return named and typed and (not self.versions or moment_of(item.version) in self.versions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Objects in the order they were added, and where the next page begins; None where all was given."""

    items: tuple[Item, ...]
    next: Bookmark | None


@dataclass(slots=True)
class Noted:
    """Which releases were noted as read by which tool on one day; empty on the next."""

    day: date = date.min
    known: set[tuple[str, str]] = field(default_factory=set)

    def missing(self, actor: str, found: Iterable[Offered], day: date) -> list[Offered]:
        """Return those that are not noted yet."""
        if day != self.day:
            self.day, self.known = day, set()
        return [one for one in found if (actor, one.exchange.exchange_id) not in self.known]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """Who pulls from which collection, the format it is written in, and what is noted of today."""

    client: Client
    collection: Collection
    renderer: Renderer
    noted: Noted


def page_of(gateway: Gateway, pull: Pull, asked: Asked, now: datetime) -> Page:
    """Return the next objects of a collection; where few of many releases match, fewer than asked for.

    Raises:
        Refused: code `clock-behind`: by this clock something might be shown whose time has passed.
        Unreachable: the store did not answer. Nothing may be shown then.
    """
    check_clock(gateway, now)
    with gateway.at_one_moment() as still:
        shown, page = _scan(still, pull, asked, now)
    actor, noted = pull.client.actor, pull.noted
    _note(gateway, pull, noted.missing(actor, shown, now.date()), now)
    noted.known |= {(actor, one.exchange.exchange_id) for one in shown}
    return page


def _scan(gateway: Gateway, pull: Pull, asked: Asked, now: datetime) -> tuple[list[Offered], Page]:
    collection, after = pull.collection, asked.after
    # What was given whole is not looked at once more.
    since = after.position + 1 if after.number == LAST else after.position
    if asked.added_after is not None:
        since = max(since, _first_after(gateway, asked.added_after))
    rows = gateway.read.released_to(
        collection.agency, collection.purpose.token, since=since, limit=AT_ONCE + 1
    )
    picked, shown = _Picked(asked), []
    for row in rows[:AT_ONCE]:
        one = offered(gateway, row, pull.client, now)
        if one is not None and picked.take(_items(gateway, one, pull.renderer, now)):
            shown.append(one)
        if picked.is_full:
            return shown, picked.page(picked.mark)
        if isinstance(row.entry, int):
            picked.mark = Bookmark(position=row.entry, number=LAST)
    return shown, picked.page(picked.mark if len(rows) > AT_ONCE else None)


def _items(gateway: Gateway, one: Offered, renderer: Renderer, now: datetime) -> Sequence[Item]:
    """Return the objects of a release; none where they may not be written."""
    try:
        return items_of(one, renderer, today=now.date(), exercise=gateway.exercise)
    except GatewayError:
        counters["taxii.withheld"] += 1
    except Exception as exc:  # As in `offered`: one that cannot be written stops no other.
        incident("taxii.objects", exc)
    return ()


class _Picked:
    """The objects of a page in the making; `mark` is the last place looked at."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._items: list[Item] = []
        self._given = dict.fromkeys(asked.after.given)
        self._seen: set[bytes] = set(asked.after.given)
        self._room_bytes = PAGE_BYTES_MAX
        self.mark = asked.after
        self.is_full = False

    def take(self, items: Sequence[Item]) -> bool:
        """Take what is asked for and was not given yet; tell whether anything was."""
        taken = False
        for item in items:
            if (item.position, item.number) <= (self._asked.after.position, self._asked.after.number):
                continue
            given = given_mark(item.id, item.version)
            if not self._asked.wants(item) or given in self._seen:
                continue
            # One object is given however large it is.
            if len(self._items) == self._asked.limit or (self._items and len(item.data) > self._room_bytes):
                self.is_full = True
                return taken
            self._seen.add(given)
            if item.shared:
                self._given[given] = None
            self._room_bytes -= len(item.data)
            self._items.append(item)
            self.mark = Bookmark(position=item.position, number=item.number)
            taken = True
        return taken

    def page(self, mark: Bookmark | None) -> Page:
        """Return the page; `mark` is where the next one goes on."""
        if mark is not None:
            mark = Bookmark(position=mark.position, number=mark.number, given=tuple(self._given)).bounded()
        return Page(items=tuple(self._items), next=mark)


def _first_after(gateway: Gateway, moment: datetime) -> int:
    """Return the first place of the ledger whose entry counts as added after a moment."""
    low, high = 0, gateway.read.head().size
    while low < high:
        middle = (low + high) // 2
        if added_at(middle, parse(gateway.read.entry(middle).data).at) > moment:
            high = middle
        else:
            low = middle + 1
    return low


def _note(gateway: Gateway, pull: Pull, shown: Sequence[Offered], now: datetime) -> None:
    """Write that these releases are read.

    Raises:
        GatewayError: one could not be written; then nothing of the page leaves.
    """
    units = [
        reading_unit(
            gateway,
            one.record,
            one.exchange.exchange_id,
            purpose=pull.collection.purpose,
            actor=pull.client.actor,
            now=now,
            peer=pull.client.agency,
        )
        for one in shown
    ]
    for outcome in gateway.store.writer.commit(units) if units else ():
        if isinstance(outcome, GatewayError):
            raise outcome
