"""The stored vectors are what the code makes, and what verifies from their bytes alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.entry import parse
from gateway.ledger.inspection import inspect
from gateway.ledger.note import VKey, open_checkpoint
from gateway.ledger.proof import verify_proof
from gateway.ledger.tree import leaf_hash, range_root, verify_consistency
from gateway.ledger.trust import Policy, Trust
from tests.ledger.ledgers import Pair
from tests.vectors.make_ledger import FILES, rendered

_VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def stored(name: str) -> Any:
    return json.loads((_VECTORS / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_script_makes_the_stored_file_again(name: str) -> None:
    assert rendered(name) == (_VECTORS / name).read_text(encoding="utf-8")


def test_every_stored_entry_parses_and_has_its_leaf_hash() -> None:
    for row in stored("ledger_entries.json")["entries"]:
        data = row["entry"].encode()
        assert parse(data).kind.name.lower().replace("_", "-") == row["kind"]
        assert leaf_hash(data).hex() == row["leaf_hex"]


def test_every_stored_proof_verifies_under_its_ledgers_key() -> None:
    for ledger in stored("ledger_export.json")["ledgers"]:
        policy = Policy.parse(f"log {ledger['vkey']}\nquorum none\n")
        for entry, proof in zip(ledger["entries"], ledger["proofs"], strict=True):
            assert verify_proof(proof, leaf_hash(entry.encode()), policy).root.hex() == ledger["root_hex"]


def test_every_stored_consistency_proof_verifies() -> None:
    data = stored("ledger_export.json")["ledgers"][0]
    nodes = Pair().nl.node
    size = len(data["entries"])
    for old, proof in data["consistency_hex"].items():
        verify_consistency(
            old_size=int(old),
            old_root=range_root(0, int(old), nodes),
            new_size=size,
            new_root=bytes.fromhex(data["root_hex"]),
            proof=[bytes.fromhex(value) for value in proof],
        )


def test_the_stored_cosignature_verifies() -> None:
    data = stored("ledger_export.json")
    log, witness = VKey.parse(data["ledgers"][0]["vkey"]), VKey.parse(data["witness"]["vkey"])
    opened = open_checkpoint(data["witness"]["note"], [log], [witness])
    assert opened.opened.cosigned == ((witness, data["witness"]["at"]),)
    assert isinstance(opened.checkpoint, Checkpoint)


def test_the_stored_export_verifies_from_its_bytes() -> None:
    data = stored("ledger_export.json")
    files = {path: text.encode() for path, text in data["export_utf8"].items()}
    files |= {path: bytes.fromhex(text) for path, text in data["export_tiles_hex"].items()}
    trust = Trust.from_vkeys("".join(f"{ledger['vkey']}\n" for ledger in data["ledgers"]))
    assert inspect(files, trust).exit_code == 0
