"""Who holds a whole ledger, and guesses well, learns nothing of what its commitments stand for.

Source: THREATS A32.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from hashlib import sha256
from itertools import product
from typing import Any

from gateway.flow.audit import export_ledger
from gateway.flow.consult import show_own
from gateway.record.vocabulary import Purpose
from tests.flow import oracle, records
from tests.flow.federation import NL, RO, Homes

OFFICERS = 10_000


def _commitment(salt: bytes, kind: str, content: bytes) -> str:
    return hmac.new(salt, f"comity/commit/v1\n{kind}\n".encode() + content, sha256).hexdigest()


def _from_key(key: bytes, kind: str) -> bytes:
    return hmac.new(key, f"comity/salt/v1\n{kind}".encode(), sha256).digest()


def _committed(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield type and commitment of everything an entry commits to."""
    if "commit" in entry:
        yield "statement" if entry["kind"] == 2 else "payload", entry["commit"]
    for one in entry.get("commits", ()):
        yield one["type"], one["commit"]


def _public(entries: list[dict[str, Any]]) -> list[bytes]:
    """Return what a reader of the ledger would try as salt or key: constants, and what stands in it."""
    found = {bytes(32), b"\xff" * 32}
    for entry in entries:
        for name in ("exchange", "message", "peer"):
            found.add(sha256(str(entry.get(name)).encode()).digest())
        found.update(bytes.fromhex(entry[name]) for name in ("envelope", "policy") if name in entry)
        found.update((bytes.fromhex(entry["blind"]) * 2, bytes.fromhex(entry["blind"]).ljust(32, b"\0")))
    return sorted(found)


def test_no_guess_with_public_values_opens_a_commitment(homes: Homes) -> None:
    answer = homes.push(records.small())
    homes.carry(RO)
    show_own(homes[NL], answer.record_id, purpose="investigation", actor="officer/4711", now=homes.now)
    entries = oracle.entries(homes.home(NL))
    committed = {one for entry in entries for one in _committed(entry)}
    salts = _public(entries)
    salts += [_from_key(key, kind) for key, kind in product(salts, ("purpose", "actor", "payload"))]

    guesses = {
        (kind, _commitment(salt, kind, content))
        for salt in salts
        for kind, contents in (
            ("purpose", [purpose.token.encode() for purpose in Purpose]),
            ("actor", [b"officer/4711"]),
        )
        for content in contents
    }
    officers = {
        ("actor", _commitment(salt, "actor", b"officer/%04d" % number))
        for salt in salts[:4]
        for number in range(OFFICERS)
    }

    assert {kind for kind, _ in committed} >= {"statement", "payload", "decision", "purpose", "actor"}
    assert not guesses & committed
    assert not officers & committed


def test_the_right_salt_opens_each_of_them_and_no_other(homes: Homes) -> None:
    for number in range(3):
        homes.push(records.small(number))

    rows = export_ledger(homes[NL], homes.now, openings=True)["openings.jsonl"].splitlines()
    openings = [json.loads(row) for row in rows]
    committed = {
        (index, kind, commitment)
        for index, entry in enumerate(oracle.entries(homes.home(NL)))
        for kind, commitment in _committed(entry)
    }

    salts = [bytes.fromhex(one["salt"]) for one in openings]
    assert len(set(salts)) == len(openings) == 9
    for one, salt in zip(openings, salts, strict=True):
        content = base64.b64decode(one["content"])
        opened = {
            (index, kind)
            for index, kind, commitment in committed
            if commitment == _commitment(salt, kind, content)
        }
        assert opened == {(one["index"], one["type"])}


def test_equal_contents_have_unequal_commitments(homes: Homes) -> None:
    for _ in range(5):
        homes.push(records.small())

    committed = [one for entry in oracle.entries(homes.home(NL)) for one in _committed(entry)]

    assert [kind for kind, _ in committed].count("purpose") == 5
    assert len(set(committed)) == len(committed)
