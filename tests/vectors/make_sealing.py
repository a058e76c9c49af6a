"""Writes the vectors of sealing: `python -m tests.vectors.make_sealing` from the project's root.

Sealing is randomised: a stored ciphertext stays as long as it opens to its payload; only a missing or
broken one is made anew, and with it the entries that name it. The keys are for tests only.
"""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError
from gateway.ledger.entry import Direction, Draft, EntryKind
from gateway.sealing.envelope import Payload, Sealed, envelope_digest, open_envelope
from gateway.sealing.padding import pad, padded_length
from tests.sealing.house import SALT, House, announce, drawn, header, sealed_to

_HERE = Path(__file__).resolve().parent
BODY = b"a release"
SIZES = (0, 1, 4092, 4093, 4348, 4349, 10_000, 65_532, 65_533, 1_000_000, 4_000_000)


def padding() -> dict[str, Any]:
    """Return padded lengths on both sides of class borders, and plaintexts that are refused."""
    plain = pad(b"body")
    return {
        "what": "u32be(length) || payload || zeros, of max(4096, Padme(length + 4)) bytes (PROTOCOL 5)",
        "lengths": [{"payload_bytes": size, "plaintext_bytes": padded_length(size)} for size in SIZES],
        "samples": [
            {"payload_hex": payload.hex(), "sha256_of_plaintext_hex": sha256(pad(payload)).hexdigest()}
            for payload in (b"", b"body", bytes(5000))
        ],
        "refused": [
            {"why": "a byte of padding is not zero", "plaintext_hex": (plain[:-1] + b"\x01").hex()},
            {"why": "padded to a larger class", "plaintext_hex": (plain + bytes(256)).hex()},
            {"why": "cut short", "plaintext_hex": plain[:-1].hex()},
            {"why": "longer than it is", "plaintext_hex": (b"\x00\x00\x10\x00" + plain[4:]).hex()},
        ],
    }


def envelope(stored: dict[str, Any]) -> dict[str, Any]:
    """Return one envelope with its recipient's private halves and its sender's ledger."""
    police, shelter = House("police.nl"), House("shelter.ngo")
    police.filler()
    head = header(police, shelter)
    data = head.encode()
    sealed = bytes.fromhex(stored.get("sealed_hex", ""))
    if not _opens(shelter, data, sealed):
        sealed = sealed_to(shelter, head, BODY).sealed
    made = Sealed(header=data, sealed=sealed, digest=envelope_digest(data, sealed))
    entry = announce(police, head, made, BODY)
    private = drawn("sealing shelter.ngo", 96)
    return {
        "what": "an envelope of suite 1, and the entry of its sender's ledger (PROTOCOL 5)",
        "mlkem_seed_hex": private[:64].hex(),
        "x25519_hex": private[64:].hex(),
        "header_hex": data.hex(),
        "info_hex": (b"comity/envelope/v1\x00" + sha256(data).digest()).hex(),
        "body_hex": BODY.hex(),
        "salt_hex": SALT.hex(),
        "payload_hex": Payload(body=BODY, salt=SALT).encode().hex(),
        "sealed_hex": sealed.hex(),
        "digest_hex": made.digest.hex(),
        "entry": entry.decode(),
        "proof": police.proof(entry).decode(),
        "checkpoint": police.checkpoint().decode(),
        "ledger_vkey": police.vkey.encode(),
    }


def receipt(of: dict[str, Any]) -> dict[str, Any]:
    """Return the receipts of an envelope: received, and refused."""
    police, shelter = House("police.nl"), House("shelter.ngo")
    head = header(police, shelter)
    received = Draft(
        kind=EntryKind.RECEIVED,
        exchange=head.exchange_id,
        message=head.message_id,
        peer=police.agency,
        direction=Direction.IN,
        envelope=bytes.fromhex(of["digest_hex"]),
    )
    rows = []
    for kind, code in ((EntryKind.RECEIVED, None), (EntryKind.QUARANTINED, "floor-forbids")):
        house = House("shelter.ngo")
        house.filler()
        entry = house.append(replace(received, kind=kind, code=code))
        rows.append(
            {
                "kind": kind.name.lower(),
                "code": code,
                "entry": entry.decode(),
                "proof": house.proof(entry).decode(),
                "checkpoint": house.checkpoint().decode(),
            }
        )
    return {
        "what": "receipts of the envelope in envelope.json (PROTOCOL 7)",
        "exchange": head.exchange_id,
        "message": head.message_id,
        "envelope_hex": of["digest_hex"],
        "me": police.agency,
        "peer": shelter.agency,
        "ledger_vkey": shelter.vkey.encode(),
        "receipts": rows,
    }


def files(stored: dict[str, Any]) -> dict[str, str]:
    """Return the text of every file, given the envelope that was stored."""
    sealed = envelope(stored)
    made = {"padding.json": padding(), "envelope.json": sealed, "receipt.json": receipt(sealed)}
    return {name: json.dumps(content, indent=1) + "\n" for name, content in made.items()}


def load(name: str) -> dict[str, Any]:
    """Return a stored file, empty where there is none."""
    path = _HERE / name
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _opens(house: House, data: bytes, sealed: bytes) -> bool:
    try:
        return open_envelope(data, sealed, house.sealing) == Payload(body=BODY, salt=SALT)
    except GatewayError:
        return False


def main() -> None:
    """Write the files."""
    for name, text in files(load("envelope.json")).items():
        (_HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
