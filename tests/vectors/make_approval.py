"""Writes the vectors of officers and approvals: `python -m tests.vectors.make_approval` from the root.

All keys, persons and times are fixed, so the same bytes come out every time. The keys are for tests only.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from gateway.record.vocabulary import Duty
from gateway.v1 import release_pb2
from keys.approval import Approval, RefusalReason, Verdict, refusal_text
from keys.officer import Officer, vouch
from keys.signed import SignedType, sign
from tests.keys.officers import approval, enrolment, officer, signed_approval, signer

_HERE = Path(__file__).resolve().parent
WEAK_KEY = bytes(32)


def officers() -> dict[str, Any]:
    """Return enrolments that hold, of the first two officers and of a third, and some that do not."""
    third = officer(3)
    body = third.encode()
    alone, swapped, weak = (release_pb2.Officer.FromString(body) for _ in range(3))
    alone.ClearField("proof_of_possession")
    swapped.name = "Somebody else"
    weak.public_key = WEAK_KEY
    refused = {
        "other-body": [*enrolment(3, ()), vouch(officer(3, name="Somebody else").encode(), signer(1))],
        "not-own": [vouch(body, signer(1)), vouch(body, signer(2))],
        "duplicate": enrolment(3, (1, 1)),
        "wrong-type": [sign(SignedType.APPROVAL, body, signer(number)) for number in (3, 1, 2)],
        "no-possession": _vouched(swapped),
        "malformed": _vouched(alone),
        "weak-key": _vouched(weak),
        "bad-signature": [*enrolment(3, (1,)), enrolment(3, (2,))[1][:-1] + b"\x00"],
    }
    return {
        "what": "enrolments: Signed objects over one officer's body (PROTOCOL 4)",
        "enrolments": [
            {
                "officer": _told(found),
                "body_hex": found.encode().hex(),
                "vouchers": [signer(number).key_id for number in vouchers],
                "signed_hex": [one.hex() for one in enrolment(number, vouchers)],
            }
            for number, vouchers, found in ((1, (2,), officer(1)), (2, (1,), officer(2)), (3, (1, 2), third))
        ],
        "refused": [
            {"code": code, "signed_hex": [one.hex() for one in signed]} for code, signed in refused.items()
        ],
    }


def _vouched(message: release_pb2.Officer) -> list[bytes]:
    body = message.SerializeToString(deterministic=True)
    return [vouch(body, signer(number)) for number in (3, 1, 2)]


def approvals() -> dict[str, Any]:
    """Return an approval and refusals that hold, and some that do not."""
    words = refusal_text(RefusalReason.OTHER, "The recipient asked for less.")
    good = [
        approval(1),
        approval(2, duty=Duty.RLO, reason="Urgent: the person is in danger."),
        approval(1, verdict=Verdict.REFUSE, reason=RefusalReason.VICTIM_SAFETY.value),
        approval(2, verdict=Verdict.REFUSE, reason=words),
    ]
    body = approval(1).encode()
    no_reason = release_pb2.Approval.FromString(approval(1).encode())
    no_reason.verdict = release_pb2.VERDICT_REFUSE
    bad = {
        "wrong-type": sign(SignedType.CONSENT, body, signer(1)),
        "wrong-key": sign(SignedType.APPROVAL, approval(2).encode(), signer(1)),
        "bad-signature": signed_approval(1)[:-64] + signed_approval(1, duty=Duty.RLO)[-64:],
        "unknown-value": sign(
            SignedType.APPROVAL, no_reason.SerializeToString(deterministic=True), signer(1)
        ),
        "unknown-field": sign(SignedType.APPROVAL, body + b"\xfa\x01\x00", signer(1)),
    }
    return {
        "what": "approvals and refusals, Signed by an officer (PROTOCOL 4)",
        "keys_hex": {signer(number).key_id: signer(number).public_key.hex() for number in (1, 2)},
        "approvals": [
            {
                "approval": _told(made),
                "body_hex": made.encode().hex(),
                "signed_hex": sign(SignedType.APPROVAL, made.encode(), signer(1 + number % 2)).hex(),
            }
            for number, made in enumerate(good)
        ],
        "refused": [{"code": code, "signed_hex": signed.hex()} for code, signed in bad.items()],
    }


def _told(value: Officer | Approval) -> dict[str, Any]:
    """Return a value's fields as an implementation in another language would write them down."""
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return getattr(value, "token", value)


FILES = {"officer.json": officers, "approval.json": approvals}


def rendered(name: str) -> str:
    """Return the text of one file."""
    return json.dumps(FILES[name](), indent=1) + "\n"


def main() -> None:
    """Write the files."""
    for name in FILES:
        (_HERE / name).write_text(rendered(name), encoding="utf-8")


if __name__ == "__main__":
    main()
