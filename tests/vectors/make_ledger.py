"""Writes the ledger's vectors: `python -m tests.vectors.make_ledger` from the project's root.

All keys, blinds and times are fixed, so the same bytes come out every time. The keys are for tests only.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.ledger.commitment import CommitmentType, commit, salt
from gateway.ledger.cosignature import cosign
from gateway.ledger.entry import EntryKind, parse
from gateway.ledger.note import Note, SignatureType, VKey, parse_note
from gateway.ledger.tree import consistency_proof, leaf_hash
from keys.ed25519 import Ed25519Signer
from tests.ledger.ledgers import OPENINGS, Book, K, Pair
from tests.ledger.samples import encoded

_HERE = Path(__file__).resolve().parent
COSIGNED_AT = 1_790_000_100


def entries() -> dict[str, Any]:
    """Return one entry of every kind, with all its members and with the required ones alone."""
    rows = []
    for kind in EntryKind:
        for entry in dict.fromkeys((encoded(kind), encoded(kind, optional=False))):
            word = kind.name.lower().replace("_", "-")
            rows.append({"kind": word, "entry": entry.decode(), "leaf_hex": leaf_hash(entry).hex()})
    return {"what": "canonical entry bytes and their leaf hashes (PROTOCOL 8)", "entries": rows}


def commitments() -> dict[str, Any]:
    """Return a salt and a commitment of every type."""
    rows = []
    for kind in CommitmentType:
        key = salt(K, kind)
        commitment = commit(key, kind, b"content")
        rows.append({"type": kind.value, "salt_hex": key.hex(), "commitment_hex": commitment.hex()})
    return {
        "what": "salts and commitments (PROTOCOL 8)",
        "exchange_key_hex": K.hex(),
        "content_utf8": "content",
        "commitments": rows,
    }


def export() -> dict[str, Any]:
    """Return two ledgers that exchange one record, and police.nl's export with openings."""
    pair = Pair()
    files = pair.export(OPENINGS)
    witness = Ed25519Signer(b"\x04" * 32)
    vkey = VKey(
        name="comity.witness/police.ro",
        type=SignatureType.COSIGNATURE_ED25519,
        key=witness.public_key,
    )
    note = parse_note(pair.nl.note)
    line = cosign(vkey, note.text, COSIGNED_AT, witness.sign)
    return {
        "what": "two ledgers, their signed checkpoints, proofs and one export (PROTOCOL 5, 7-10)",
        "ledgers": [_ledger(pair.nl, 1), _ledger(pair.ro, 2)],
        "witness": {
            "vkey": vkey.encode(),
            "seed_hex": "04" * 32,
            "at": COSIGNED_AT,
            "note": Note(text=note.text, signatures=(*note.signatures, line)).encode(),
        },
        "export_utf8": {path: data.decode() for path, data in files.items() if not path.startswith("tile/")},
        "export_tiles_hex": {path: data.hex() for path, data in files.items() if path.startswith("tile/")},
        "export_sha256": {path: sha256(data).hexdigest() for path, data in files.items()},
    }


def _ledger(book: Book, seed: int) -> dict[str, Any]:
    size = book.frontier.size
    return {
        "origin": book.origin,
        "seed_hex": f"{seed:02x}" * 32,
        "vkey": book.vkey.encode(),
        "entries": [entry.decode() for entry in book.entries],
        "kinds": [int(parse(entry).kind) for entry in book.entries],
        "root_hex": book.head.root.hex(),
        "checkpoint": book.note,
        "proofs": [book.proof(index) for index in range(size)],
        "consistency_hex": {
            str(old): [value.hex() for value in consistency_proof(old, size, book.node)]
            for old in range(1, size)
        },
    }


FILES = {"ledger_entries.json": entries, "ledger_commitments.json": commitments, "ledger_export.json": export}


def rendered(name: str) -> str:
    """Return a vector file's text."""
    return json.dumps(FILES[name](), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file in FILES:
        (_HERE / file).write_text(rendered(file), encoding="utf-8")
