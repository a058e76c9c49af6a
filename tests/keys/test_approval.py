"""Approvals: an officer's signed yes or no to exactly one release.

Source: PROTOCOL section 4 (Approval); THREATS A04, A08, A09, A19, A20.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError, Malformed, VerificationFailed
from gateway.record.vocabulary import Duty, Purpose
from gateway.v1 import release_pb2
from keys.approval import (
    REASON_CHARS_MAX,
    Approval,
    RefusalReason,
    Verdict,
    parse_approval,
    peek_approval,
    refusal_of,
    refusal_text,
    sign_approval,
    verify_approval,
)
from keys.signed import SignedType, sign
from tests.keys.officers import approval, officer, signed_approval, signer
from tests.keys.test_ed25519 import ORDER
from tests.release.spelling import flips, respellings, truncations

APPROVAL = approval(1)
SIGNED = signed_approval(1)
PUBLIC = signer(1).public_key

_DIGEST_FIELDS = ("release", "decision", "policy", "directory")
_DIGESTS = st.binary(min_size=32, max_size=32)
_WORDS = st.text("abc é:Ж中-\n", max_size=80)
_REFUSALS = st.builds(refusal_text, st.sampled_from(RefusalReason), _WORDS.filter(str.strip))
OTHER_VALUES: dict[str, Any] = {
    "release": b"\x0a" * 32,
    "exchange_id": "01990000-0000-7000-8000-000000000002",
    "recipient": "shelter.ngo",
    "purpose": Purpose.INVESTIGATION,
    "decision": b"\x0b" * 32,
    "policy": b"\x0c" * 32,
    "directory": b"\x0d" * 32,
    "duty": Duty.DPO,
    "verdict": Verdict.REFUSE,
    "reason": "victim-safety",
    "officer": signer(2).key_id,
    "expires_at_ms": 1,
}


@st.composite
def _approvals(draw: st.DrawFn) -> Approval:
    verdict = draw(st.sampled_from(Verdict))
    return approval(
        1,
        release=draw(_DIGESTS),
        recipient=draw(st.sampled_from(("police.ro", "shelter.ngo", "a.b"))),
        purpose=draw(st.sampled_from(Purpose)),
        decision=draw(_DIGESTS),
        policy=draw(_DIGESTS),
        directory=draw(_DIGESTS),
        duty=draw(st.sampled_from(Duty)),
        verdict=verdict,
        reason=draw(_REFUSALS if verdict is Verdict.REFUSE else _WORDS),
        expires_at_ms=draw(st.integers(1, 253_402_300_799_999)),
    )


@given(_approvals())
def test_an_approval_is_read_as_it_was_signed(made: Approval) -> None:
    signed = sign_approval(made, signer(1))

    assert parse_approval(made.encode()) == made
    assert peek_approval(signed) == made
    assert verify_approval(signed, PUBLIC) == made


@given(_approvals(), _approvals())
def test_one_signature_holds_for_one_approval_alone(first: Approval, second: Approval) -> None:
    signature = sign_approval(first, signer(1))[-64:]
    moved = sign_approval(second, signer(1))[:-64] + signature

    if first == second:
        assert verify_approval(moved, PUBLIC) == second
    else:
        with pytest.raises(VerificationFailed):
            verify_approval(moved, PUBLIC)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_parsers_fail_in_another_way(data: bytes) -> None:
    for read in (parse_approval, peek_approval, lambda signed: verify_approval(signed, PUBLIC)):
        with pytest.raises(Malformed):
            read(data)


def test_every_field_of_an_approval_is_signed() -> None:
    assert OTHER_VALUES.keys() == {field.name for field in fields(Approval)}
    signatures = {
        sign(SignedType.APPROVAL, replace(APPROVAL, **_fitting(name)).encode(), signer(1))[-64:]
        for name in OTHER_VALUES
    }

    assert len(signatures | {SIGNED[-64:]}) == len(OTHER_VALUES) + 1


def _fitting(name: str) -> dict[str, Any]:
    # A refusal gives a reason.
    extra = {"reason": "other: x"} if name == "verdict" else {}
    return {name: OTHER_VALUES[name], **extra}


@pytest.mark.parametrize("spelling", respellings(APPROVAL.encode()))
def test_another_spelling_of_an_approval_is_refused_even_when_signed(spelling: str) -> None:
    body = respellings(APPROVAL.encode())[spelling]

    with pytest.raises(Malformed):
        parse_approval(body)
    with pytest.raises(Malformed):
        verify_approval(sign(SignedType.APPROVAL, body, signer(1)), PUBLIC)


@pytest.mark.parametrize("name", [field.name for field in release_pb2.Approval.DESCRIPTOR.fields])
def test_an_approval_without_one_of_its_fields_is_refused(name: str) -> None:
    message = release_pb2.Approval.FromString(APPROVAL.encode())
    message.ClearField(name)  # type: ignore[arg-type]

    with pytest.raises(Malformed):
        parse_approval(message.SerializeToString(deterministic=True))


def test_every_changed_bit_and_every_truncation_of_a_signed_approval_is_refused() -> None:
    for changed in [*flips(SIGNED), *truncations(SIGNED), SIGNED + b"\x00"]:
        with pytest.raises(GatewayError):
            verify_approval(changed, PUBLIC)


def test_the_signature_with_the_group_order_added_is_refused() -> None:
    scalar = int.from_bytes(SIGNED[-32:], "little") + ORDER

    with pytest.raises(VerificationFailed):
        verify_approval(SIGNED[:-32] + scalar.to_bytes(32, "little"), PUBLIC)


def test_only_the_officers_own_signature_counts() -> None:
    theirs = signed_approval(2)

    for public in (signer(2).public_key, officer(3).public_key):
        with pytest.raises(VerificationFailed) as refused:
            verify_approval(SIGNED, public)
        assert refused.value.code == "wrong-key"
    with pytest.raises(VerificationFailed):
        verify_approval(theirs, PUBLIC)


def test_an_approval_in_the_name_of_another_is_neither_signed_nor_read() -> None:
    forged = sign(SignedType.APPROVAL, approval(2).encode(), signer(1))

    with pytest.raises(Malformed):
        sign_approval(approval(2), signer(1))
    for read in (peek_approval, lambda signed: verify_approval(signed, PUBLIC)):
        with pytest.raises(VerificationFailed) as refused:
            read(forged)
        assert refused.value.code == "wrong-key"


@pytest.mark.parametrize("kind", [kind for kind in SignedType if kind is not SignedType.APPROVAL])
def test_a_signature_of_another_type_is_no_approval(kind: SignedType) -> None:
    other = sign(kind, APPROVAL.encode(), signer(1))

    for read in (peek_approval, lambda signed: verify_approval(signed, PUBLIC)):
        with pytest.raises(VerificationFailed) as refused:
            read(other)
        assert refused.value.code == "wrong-type"


@pytest.mark.parametrize(
    "changes",
    [
        *({name: value} for name in _DIGEST_FIELDS for value in (b"", bytes(31))),
        {"exchange_id": "x"},
        {"exchange_id": "01990000-0000-4000-8000-000000000001"},
        {"recipient": "police"},
        {"reason": "e\u0301"},
        {"reason": "\x1b[2J"},
        {"reason": "x" * (REASON_CHARS_MAX + 1)},
        {"officer": ""},
        {"officer": signer(1).key_id.upper()},
        {"officer": signer(1).key_id + "0"},
        {"officer": "g" * 32},
        {"expires_at_ms": 0},
        {"expires_at_ms": -1},
        {"expires_at_ms": 253_402_300_800_000},
    ],
)  # fmt: skip
def test_an_approval_is_born_valid(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(APPROVAL, **changes)


def test_the_neighbours_of_what_is_refused_are_approvals() -> None:
    for changes in ({"reason": "x" * REASON_CHARS_MAX}, {"expires_at_ms": 1}, {"reason": "two\nlines"}):
        assert replace(APPROVAL, **changes).encode()


@pytest.mark.parametrize("number", [0, 3])
def test_an_unknown_verdict_is_refused(number: int) -> None:
    message = release_pb2.Approval.FromString(APPROVAL.encode())
    # What a later version may send.
    body = message.SerializeToString(deterministic=True).replace(b"\x48\x01", bytes((0x48, number)), 1)

    with pytest.raises(Malformed):
        parse_approval(body)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", "unknown-value"),
        ("because", "unknown-value"),
        ("Victim-Safety", "unknown-value"),
        ("other", "no-words"),
        ("other: ", "no-words"),
        ("victim-safety:", "malformed"),
        ("victim-safety: ", "malformed"),
        ("victim-safety:danger", "malformed"),
        ("victim-safety:  danger", "malformed"),
        ("victim-safety: danger ", "malformed"),
    ],
)
def test_a_refusal_gives_a_reason_of_the_closed_list_in_one_form(reason: str, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        approval(1, verdict=Verdict.REFUSE, reason=reason)

    assert refused.value.code == code
    assert approval(1, verdict=Verdict.APPROVE, reason=reason).reason == reason


@given(st.sampled_from(RefusalReason), _WORDS)
def test_a_refusals_reason_is_read_as_it_was_put(reason: RefusalReason, words: str) -> None:
    if reason is RefusalReason.OTHER and not words.strip():
        return
    text = refusal_text(reason, words)

    made = approval(1, verdict=Verdict.REFUSE, reason=text)

    assert refusal_of(made.reason) == (reason, words.strip())
