"""Writes the vectors of portions and statements: `python -m tests.vectors.make_record` from the root.

Names, salts and decoys come from a fixed source, so the same bytes come out every time.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from gateway.record.commitment import Statement, leaves, statement_body
from gateway.record.marking import from_message, statement_part
from gateway.record.portion import cut, encode_portion, entity_names, leaf_of
from gateway.record.vocabulary import Rung
from tests.record.samples import TODAY, case, counted_random

_HERE = Path(__file__).resolve().parent


def portions() -> dict[str, Any]:
    """Return every portion of the sample case, and one whose field no version knows yet."""
    record = case()
    record.header.case_references.add(number="2026-0117", authority="Invented", country="NL")
    names = entity_names(record, counted_random("names"))
    pieces = cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)
    unknown = encode_portion("person/aaaaaaaaaa", 996, Rung.EXACT, b"\xa2\x3e\x03new", bytes(range(16)))
    return {
        "what": "portions of one record at every rung, with their leaf hashes (PROTOCOL 3)",
        "record_hex": record.SerializeToString(deterministic=True).hex(),
        "sealed_on": TODAY.isoformat(),
        "names": dict(names),
        "portions": [
            {
                "entity": piece.entity,
                "field": piece.field,
                "rung": piece.rung.token,
                "category": piece.category,
                "classes": sorted(piece.classes),
                "role": piece.role.token,
                "age": piece.age.token,
                "portion_hex": piece.data.hex(),
                "leaf_hex": piece.leaf.hex(),
            }
            for piece in pieces
        ],
        "unknown_field": {"portion_hex": unknown.hex(), "leaf_hex": leaf_of(unknown).hex()},
    }


def statement() -> dict[str, Any]:
    """Return statements of a first and a second version over the portions above."""
    record = case()
    real = [bytes.fromhex(row["leaf_hex"]) for row in portions()["portions"]]
    first = Statement(
        record_id="0198c0de-0000-7000-8000-000000000001",
        version=1,
        supersedes=b"",
        originator="police.nl",
        sealed_on=TODAY,
        marking=statement_part(from_message(record.header.marking, field="header.marking")),
        retain_until=date(2029, 12, 31),
        exercise=True,
        leaves=leaves(real, counted_random("decoys")),
    )
    second = Statement(
        record_id=first.record_id,
        version=2,
        supersedes=bytes(range(32)),
        originator="shelter.ngo",
        sealed_on=TODAY,
        marking=first.marking,
        retain_until=first.retain_until,
        exercise=False,
        leaves=leaves([], counted_random("no portions")),
    )
    return {
        "what": "bodies of statements (PROTOCOL 3)",
        "statements": [_row(first, len(real)), _row(second, 0)],
    }


def _row(made: Statement, real: int) -> dict[str, Any]:
    return {
        "record_id": made.record_id,
        "version": made.version,
        "supersedes_hex": made.supersedes.hex(),
        "originator": made.originator,
        "sealed_on": made.sealed_on.isoformat(),
        "retain_until": made.retain_until.isoformat(),
        "exercise": made.exercise,
        "real_leaves": real,
        "leaves": len(made.leaves),
        "body_hex": statement_body(made).hex(),
    }


def main() -> None:
    """Write `portions.json` and `statement.json`."""
    for name, content in (("portions", portions()), ("statement", statement())):
        (_HERE / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
