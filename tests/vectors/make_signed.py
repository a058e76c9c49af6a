"""Writes the vectors of signed objects: `python -m tests.vectors.make_signed` from the project's root.

The seed is fixed, so the same bytes come out every time. The key is for tests only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from keys.ed25519 import Ed25519Signer
from keys.signed import SignedType, sign

_HERE = Path(__file__).resolve().parent
SEED = bytes(range(32))
BODIES = (b"", b"body", bytes(range(256)))


def signed() -> dict[str, Any]:
    """Return one object of every type over each body, and encodings of the first that are refused."""
    signer = Ed25519Signer(SEED)
    rows = [
        {"type": kind.value, "body_hex": body.hex(), "signed_hex": sign(kind, body, signer).hex()}
        for kind in SignedType
        for body in BODIES
    ]
    return {
        "what": "signed objects: DSSE v1 over Ed25519 in the one permitted encoding (PROTOCOL 2)",
        "seed_hex": SEED.hex(),
        "public_hex": signer.public_key.hex(),
        "key_id": signer.key_id,
        "objects": rows,
        "refused": _refused(sign(SignedType.STATEMENT, b"body", signer)),
    }


def _refused(data: bytes) -> list[dict[str, str]]:
    """Return bytes that protobuf reads as the same message, or nearly, and that are no signed object."""
    type_end = 2 + data[1]
    kind, body, rest = data[:type_end], data[type_end : type_end + 6], data[type_end + 6 :]
    cases = {
        "fields out of order": body + kind + rest,
        "a field twice": kind + body + body + rest,
        "an unknown field": data + b"\x2a\x00",
        "a length that is not minimal": kind + b"\x12\x84\x00" + body[2:] + rest,
        "no body": kind + rest,
        "no signature": data[:-66],
        "a short signature": data[:-65] + b"\x3f" + data[-64:-1],
        "cut off": data[:-1],
        "a byte more": data + b"\x00",
        "a key id in upper case": data[:-98] + data[-98:-66].upper() + data[-66:],
    }
    return [{"why": why, "signed_hex": raw.hex()} for why, raw in cases.items()]


def main() -> None:
    """Write the file."""
    text = json.dumps(signed(), indent=1) + "\n"
    (_HERE / "signed.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
