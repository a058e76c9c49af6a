"""The stored bytes of portions and statements are those this code makes and reads."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.record.commitment import parse_statement, statement_body
from gateway.record.portion import parse_portion
from tests.vectors import make_record

_VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def stored(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_VECTORS / name).read_text(encoding="utf-8"))
    return content


def test_the_stored_portions_are_made_again_to_the_same_bytes() -> None:
    assert stored("portions.json") == make_record.portions()


def test_the_stored_statements_are_made_again_to_the_same_bytes() -> None:
    assert stored("statement.json") == make_record.statement()


def test_stored_portions_read_back_and_commit_as_written() -> None:
    vectors = stored("portions.json")

    for row in vectors["portions"]:
        data = bytes.fromhex(row["portion_hex"])
        portion = parse_portion(data)
        assert (portion.entity, portion.field, portion.rung.token) == (
            row["entity"],
            row["field"],
            row["rung"],
        )
        assert sha256(b"comity/portion/v1\x00" + data).hexdigest() == row["leaf_hex"]
    assert parse_portion(bytes.fromhex(vectors["unknown_field"]["portion_hex"])).unknown_field


def test_stored_statements_read_back_and_hold_the_stored_leaves() -> None:
    first, second = (
        parse_statement(bytes.fromhex(row["body_hex"])) for row in stored("statement.json")["statements"]
    )

    assert all(first.holds(bytes.fromhex(row["leaf_hex"])) for row in stored("portions.json")["portions"])
    assert (second.version, len(second.leaves)) == (2, 16)
    assert statement_body(second).hex() == stored("statement.json")["statements"][1]["body_hex"]
