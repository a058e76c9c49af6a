"""Officers for tests: fixed keys, persons and times, and one approval that any of them may sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gateway.errors import NotFound
from gateway.record.vocabulary import Duty, Purpose
from keys.approval import Approval, Verdict, sign_approval
from keys.ed25519 import Ed25519Signer
from keys.officer import Officer, new_officer, vouch

FROM_MS = 1_790_000_000_000
YEAR_MS = 365 * 24 * 60 * 60 * 1000
EXCHANGE = "01990000-0000-7000-8000-000000000001"


def signer(number: int) -> Ed25519Signer:
    """Return the key of the officer with this number."""
    return Ed25519Signer(bytes((0xA0, number)) * 16)


def person(number: int) -> bytes:
    """Return the person behind the officer with this number."""
    return bytes((0xB0, number)) * 8


def officer(number: int, **changes: Any) -> Officer:
    """Return an officer; `changes` go to `new_officer`."""
    facts: dict[str, Any] = {
        "person": person(number),
        "name": f"Officer {number}",
        "duties": (Duty.RLO, Duty.VPO),
        "valid_from_ms": FROM_MS,
        "valid_until_ms": FROM_MS + YEAR_MS,
    }
    return new_officer(signer(number), **{**facts, **changes})


def enrolment(number: int, vouchers: Sequence[int], **changes: Any) -> list[bytes]:
    """Return the Signed objects of an officer and of those who vouch, over one body."""
    body = officer(number, **changes).encode()
    return [vouch(body, signer(one)) for one in (number, *vouchers)]


def key_of(*numbers: int) -> Callable[[str], bytes]:
    """Return a look-up that knows the keys of these officers alone."""
    known = {signer(number).key_id: signer(number).public_key for number in numbers}

    def look_up(identifier: str) -> bytes:
        if identifier not in known:
            raise NotFound("is no officer's key", code="not-an-officer")
        return known[identifier]

    return look_up


def approval(number: int = 1, **changes: Any) -> Approval:
    """Return an approval in the name of an officer."""
    facts: dict[str, Any] = {
        "release": b"\x01" * 32,
        "exchange_id": EXCHANGE,
        "recipient": "police.ro",
        "purpose": Purpose.VICTIM_PROTECTION,
        "decision": b"\x02" * 32,
        "policy": b"\x03" * 32,
        "directory": b"\x04" * 32,
        "duty": Duty.VPO,
        "verdict": Verdict.APPROVE,
        "reason": "",
        "officer": signer(number).key_id,
        "expires_at_ms": FROM_MS + YEAR_MS,
    }
    return Approval(**{**facts, **changes})


def signed_approval(number: int = 1, **changes: Any) -> bytes:
    """Return an approval signed by an officer."""
    return sign_approval(approval(number, **changes), signer(number))
