"""What two gateways owe each other and their clients, recomputed from what is on disk.

Nothing here asks the code under test: rows are read with SQL, entries as the JSON they are, the tree is
hashed by a few lines of our own (RFC 6962). Homes may be open.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from gateway.client import Answer

SUBMITTED: Final = 2
DECIDED: Final = 3
RELEASED: Final = 6
RECEIVED: Final = 7
REFUSED: Final = 8
DELIVERED: Final = 9
UNDELIVERABLE: Final = 10

Entry = dict[str, Any]


@dataclass(slots=True)
class Told:
    """What a client was told: by key every answer it got."""

    answers: dict[str, list[tuple[str, tuple[str, ...]]]] = field(default_factory=dict)

    def note(self, answer: Answer) -> None:
        """Note an answer, which must not be a refusal."""
        assert answer.problem is None, f"{answer.key}: {answer.problem}"
        said = (answer.record_id, tuple(one.exchange_id for one in answer.exchanges))
        self.answers.setdefault(answer.key, []).append(said)

    @property
    def exchanges(self) -> list[str]:
        """Every exchange the client was told of."""
        return [exchange for said in self.answers.values() for exchange in said[0][1]]


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return what a query finds in a home's store."""
    connection = sqlite3.connect(f"file:{home / 'store.db'}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def entries(home: Path, *kinds: int) -> list[Entry]:
    """Return the ledger's entries, or those of some kinds, each with its index as `idx`."""
    found = [{**json.loads(data), "idx": idx} for idx, data in _entry_rows(home)]
    return [entry for entry in found if not kinds or entry["kind"] in kinds]


def waiting(home: Path) -> int:
    """Return how many envelopes wait to be delivered."""
    found: int = rows(home, "SELECT count(*) FROM outbox WHERE state = 'queued'")[0][0]
    return found


def check(sender: Path, recipient: Path, told: Told) -> None:
    """Check all promises between two homes after every push was answered and everything was delivered."""
    for home in (sender, recipient):
        check_tree(home)
    check_heads_seen(sender, recipient)
    check_heads_seen(recipient, sender)
    check_answers(sender, recipient, told)
    check_entries(sender, recipient)
    check_rows(sender, recipient)


def check_answers(sender: Path, recipient: Path, told: Told) -> None:
    """P1, P2: every key has one record and one exchange, told alike each time, kept here and there once."""
    for key, said in told.answers.items():
        assert len(set(said)) == 1, f"{key} was answered in different ways"
    records = [record for said in told.answers.values() for record, _ in said[:1]]
    exchanges = Counter(told.exchanges)
    assert max(exchanges.values()) == 1 and len(set(records)) == len(records)
    own = rows(sender, "SELECT record_id FROM records WHERE direction = 'own'")
    assert Counter(one for (one,) in own) == Counter(records)
    assert rows(sender, "SELECT count(*) FROM pushes") == [(len(records),)]
    there = rows(recipient, "SELECT record_id FROM records WHERE direction = 'received'")
    assert Counter(one for (one,) in there) == Counter(records)
    sent = rows(sender, "SELECT exchange_id, state FROM exchanges")
    assert Counter(sent) == Counter((one, "delivered") for one in exchanges)
    arrived = rows(recipient, "SELECT exchange_id, outcome FROM inbox")
    assert Counter(arrived) == Counter((one, "received") for one in exchanges)


def check_entries(sender: Path, recipient: Path) -> None:
    """Every release stands once in the ledger of each side, after the decision that permits it (P3)."""
    ours, theirs = entries(sender), entries(recipient)
    released = [one for one in ours if one["kind"] == RELEASED]
    named = ("exchange", "message", "envelope")
    assert _counted(ours, RELEASED, named) == _counted(theirs, RECEIVED, named)
    assert _counted(ours, DELIVERED, ("exchange", "message")) == Counter(
        (one["exchange"], one["message"]) for one in released
    )
    assert not [one for one in (*ours, *theirs) if one["kind"] in (REFUSED, UNDELIVERABLE)]
    decided = {one["exchange"]: one for one in ours if one["kind"] == DECIDED}
    for one in released:
        assert decided[one["exchange"]]["outcome"] == "release"
        assert decided[one["exchange"]]["idx"] < one["idx"]
    assert [one["pair_seq"] for one in released] == list(range(1, len(released) + 1))
    received = [one["pair_seq"] for one in theirs if one["kind"] == RECEIVED]
    assert received == list(range(1, len(received) + 1))


def check_rows(sender: Path, recipient: Path) -> None:
    """Each envelope has one receipt, word for word the entry of the recipient; its sealed bytes are gone."""
    assert rows(sender, "SELECT count(*) FROM outbox WHERE state <> 'delivered' OR sealed NOT NULL") == [(0,)]
    receipts = rows(sender, "SELECT message_id, envelope_digest, entry FROM receipts")
    answered = rows(
        recipient,
        "SELECT message_id, envelope_digest, data FROM inbox JOIN entries ON idx = inbox.entry",
    )
    assert Counter(receipts) == Counter(answered)
    kept = {message: entry for message, _, entry in receipts}
    for one in entries(sender, DELIVERED):
        assert one["peer_receipt"] == sha256(kept[one["message"]]).hexdigest()


def check_tree(home: Path) -> None:
    """P5: entries stand gapless, and every head kept is the root of those before it."""
    stored = _entry_rows(home)
    assert [idx for idx, _ in stored] == list(range(len(stored)))
    root = _roots([data for _, data in stored])
    heads = rows(home, "SELECT size, root FROM heads ORDER BY size")
    assert heads[-1][0] == len(stored)
    assert [size for size, kept in heads if root(size) != kept] == []
    for size, note in rows(home, "SELECT size, note FROM checkpoints"):
        _, counted, told = note.split("\n")[:3]
        assert (int(counted), base64.b64decode(told)) == (size, root(size))


def check_heads_seen(home: Path, peer: Path) -> None:
    """Whatever head of a home its peer has seen is one of the home's own history."""
    stored = _entry_rows(home)
    root = _roots([data for _, data in stored])
    origin = json.loads(stored[0][1])["origin"]
    for size, kept in rows(peer, f"SELECT size, root FROM peer_heads WHERE origin = '{origin}'"):
        assert size <= len(stored) and root(size) == kept


def _counted(found: Iterable[Entry], kind: int, members: tuple[str, ...]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(one[name] for name in members) for one in found if one["kind"] == kind)


def _entry_rows(home: Path) -> list[tuple[int, bytes]]:
    return [(idx, data) for idx, data in rows(home, "SELECT idx, data FROM entries ORDER BY idx")]


def _roots(data: list[bytes]) -> Any:
    leaves = [sha256(b"\0" + one).digest() for one in data]

    @cache
    def root(start: int, end: int) -> bytes:
        if end - start <= 1:
            return leaves[start] if end > start else sha256(b"").digest()
        split = start + (1 << (end - start - 1).bit_length() - 1)
        return sha256(b"\1" + root(start, split) + root(split, end)).digest()

    return lambda size: root(0, size)
