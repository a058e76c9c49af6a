"""Writes the vectors of sealing: `python -m tests.vectors.make_hpke` from the project's root.

Sealing is randomised: a stored ciphertext stays as long as it opens to its plaintext; only a missing or
broken one is made anew. The keys are for tests only.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError
from keys.sealing import MLKEM_SEED_BYTES, SealingKey, seal

_HERE = Path(__file__).resolve().parent
_FILE = _HERE / "hpke.json"
MATERIAL = bytes(range(96))
ROWS = (
    (b"comity/envelope/v1\x00" + sha256(b"header").digest(), b"payload"),
    (b"comity/envelope/v1\x00" + sha256(b"other header").digest(), bytes(256)),
    (b"", b""),
)


def hpke(stored: dict[str, Any]) -> dict[str, Any]:
    """Return the vectors, keeping every stored ciphertext that still opens."""
    key = SealingKey(MATERIAL)
    kept = {row["info_hex"]: bytes.fromhex(row["sealed_hex"]) for row in stored.get("sealed", [])}
    rows = []
    for info, plaintext in ROWS:
        sealed = kept.get(info.hex(), b"")
        if not _opens(key, sealed, info, plaintext):
            sealed = seal(key.public_key, plaintext, info)
        rows.append(
            {"info_hex": info.hex(), "plaintext_hex": plaintext.hex(), "sealed_hex": sealed.hex()},
        )
    return {
        "what": "HPKE one shot, suite 1: MLKEM768_X25519, HKDF-SHA256, AES-256-GCM (PROTOCOL 5)",
        "mlkem_seed_hex": MATERIAL[:MLKEM_SEED_BYTES].hex(),
        "x25519_hex": MATERIAL[MLKEM_SEED_BYTES:].hex(),
        "public_hex": key.public_key.hex(),
        "key_id": key.key_id,
        "sealed": rows,
    }


def _opens(key: SealingKey, sealed: bytes, info: bytes, plaintext: bytes) -> bool:
    try:
        return key.open(sealed, info) == plaintext
    except GatewayError:
        return False


def main() -> None:
    """Write the file."""
    stored = json.loads(_FILE.read_text(encoding="utf-8")) if _FILE.exists() else {}
    _FILE.write_text(json.dumps(hpke(stored), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
