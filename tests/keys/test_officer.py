"""Enrolments: who an officer is, under a key that proves something, and who vouches for it.

Source: PROTOCOL section 4 (Officer); THREATS A04, A09, A19, A54.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_core_ed25519_add, crypto_scalarmult_ed25519_base_noclamp

from gateway.errors import GatewayError, Malformed, NotFound, VerificationFailed
from gateway.record.vocabulary import Duty
from gateway.v1 import release_pb2, signed_pb2
from keys.ed25519 import Ed25519Signer
from keys.officer import (
    NAME_CHARS_MAX,
    VALID_MS_MAX,
    Officer,
    new_officer,
    parse_officer,
    verify_enrolment,
    vouch,
)
from keys.signed import SignedType, sign, verify
from keys.signer import key_id
from tests.keys.officers import FROM_MS, YEAR_MS, enrolment, key_of, officer, person, signer
from tests.keys.test_ed25519 import LOW_ORDER, ORDER, WEAK
from tests.release.spelling import flips, respellings, truncations

OFFICER = officer(1)
BODY = OFFICER.encode()
# S = s and R = s.B: under a key of low order this pair verifies for one message in eight, whatever it says.
_SCALAR = (7).to_bytes(32, "little")
UNIVERSAL = crypto_scalarmult_ed25519_base_noclamp(_SCALAR) + _SCALAR


def _code(refused: pytest.ExceptionInfo[GatewayError]) -> str:
    return refused.value.code


@given(
    person=st.binary(min_size=16, max_size=16),
    name=st.text("abc éßЖ中-'", min_size=1, max_size=NAME_CHARS_MAX).filter(
        lambda name: name == name.strip()
    ),
    duties=st.lists(st.sampled_from(Duty), min_size=1),
    validity=st.tuples(st.integers(1, 10**14), st.integers(1, VALID_MS_MAX)),
    key=st.binary(min_size=32, max_size=32).map(Ed25519Signer),
)
def test_an_officer_is_read_as_it_was_written(
    person: bytes, name: str, duties: list[Duty], validity: tuple[int, int], key: Ed25519Signer
) -> None:
    start, length = validity

    made = new_officer(
        key, person=person, name=name, duties=duties, valid_from_ms=start, valid_until_ms=start + length
    )

    assert parse_officer(made.encode()) == made
    assert made.duties == tuple(sorted(set(duties)))
    assert made.key_id == key_id(made.public_key)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_parser_fail_in_another_way(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_officer(data)


@pytest.mark.parametrize("spelling", respellings(BODY))
def test_another_spelling_of_an_officer_is_refused_even_when_signed(spelling: str) -> None:
    body = respellings(BODY)[spelling]

    with pytest.raises(Malformed):
        parse_officer(body)
    with pytest.raises(Malformed):
        verify_enrolment([vouch(body, signer(1)), vouch(body, signer(2))], key_of(2))


def _message(**changes: Any) -> bytes:
    message = release_pb2.Officer.FromString(BODY)
    for name, value in changes.items():
        message.ClearField(name)  # type: ignore[arg-type]
        if isinstance(value, list):
            getattr(message, name).extend(value)
        elif value is not None:
            setattr(message, name, value)
    return message.SerializeToString(deterministic=True)


@pytest.mark.parametrize("name", [field.name for field in release_pb2.Officer.DESCRIPTOR.fields])
def test_an_officer_without_one_of_its_fields_is_refused(name: str) -> None:
    with pytest.raises(GatewayError):
        parse_officer(_message(**{name: [] if name == "duties" else None}))


def test_an_officer_whose_duties_stand_one_by_one_is_refused() -> None:
    packed = b"\x1a\x02\x01\x02"
    assert packed in BODY

    with pytest.raises(Malformed):
        parse_officer(BODY.replace(packed, b"\x18\x01\x18\x02"))


@pytest.mark.parametrize("duties", [[2, 1], [1, 1], [0], [8], [1, 2, 99]])
def test_duties_are_known_sorted_and_distinct(duties: list[int]) -> None:
    with pytest.raises(Malformed):
        parse_officer(_message(duties=duties))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"person": b""}, "malformed"),
        ({"person": bytes(15)}, "malformed"),
        ({"person": bytes(17)}, "malformed"),
        ({"name": ""}, "malformed"),
        ({"name": " A"}, "malformed"),
        ({"name": "A\nB"}, "malformed"),
        ({"name": "A\u200dB"}, "malformed"),
        ({"name": "A\u202eB"}, "unseen-character"),
        ({"name": "e\u0301"}, "not-nfc"),
        ({"name": "x" * (NAME_CHARS_MAX + 1)}, "malformed"),
        ({"duties": ()}, "malformed"),
        ({"valid_from_ms": 0}, "bad-validity"),
        ({"valid_until_ms": FROM_MS}, "bad-validity"),
        ({"valid_until_ms": FROM_MS + VALID_MS_MAX + 1}, "bad-validity"),
        ({"valid_from_ms": 253_402_300_800_000 - 2, "valid_until_ms": 253_402_300_800_000}, "bad-validity"),
    ],
)
def test_an_officer_is_born_valid(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Malformed) as refused:
        officer(1, **changes)

    assert _code(refused) == code


def test_the_neighbours_of_what_is_refused_are_officers() -> None:
    assert officer(1, name="x" * NAME_CHARS_MAX).name
    assert officer(1, valid_from_ms=1, valid_until_ms=2).valid_until_ms == 2
    assert officer(1, valid_until_ms=FROM_MS + VALID_MS_MAX).valid_from_ms == FROM_MS


@pytest.mark.parametrize("public", WEAK, ids=bytes.hex)
def test_a_weak_key_is_refused_at_enrolment(public: bytes) -> None:
    body = _message(public_key=public, proof_of_possession=UNIVERSAL)

    with pytest.raises(Malformed) as built:
        replace(OFFICER, public_key=public, possession=UNIVERSAL)
    with pytest.raises(Malformed) as parsed:
        parse_officer(body)
    with pytest.raises(Malformed) as enrolled:
        verify_enrolment([_signed_by(public, body)], key_of())

    assert {_code(built), _code(parsed), _code(enrolled)} == {"weak-key"}


def test_a_key_with_a_part_of_low_order_or_of_another_length_is_refused_at_enrolment() -> None:
    mixed = crypto_core_ed25519_add(OFFICER.public_key, LOW_ORDER[4])

    for public in (mixed, b"\x02" + bytes(31), b"", OFFICER.public_key[:31], OFFICER.public_key + b"\x00"):
        with pytest.raises(Malformed) as refused:
            parse_officer(_message(public_key=public))
        assert _code(refused) == "weak-key"


@pytest.mark.parametrize("public", WEAK, ids=bytes.hex)
def test_no_signature_by_a_weak_key_vouches_for_anybody(public: bytes) -> None:
    for number in range(16):
        body = officer(1, name=f"Officer {number}").encode()

        with pytest.raises(VerificationFailed):
            verify_enrolment([vouch(body, signer(1)), _signed_by(public, body)], lambda _id: public)


def _signed_by(public: bytes, body: bytes) -> bytes:
    return signed_pb2.Signed(
        type=SignedType.OFFICER.value, body=body, key_id=key_id(public), signature=UNIVERSAL
    ).SerializeToString(deterministic=True)


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_proof_of_possession_holds_for_one_officer_alone(first: int, second: int) -> None:
    made, other = officer(1, person=person(first)), officer(1, person=person(second))

    swapped = _swapped(other, made.possession)

    assert swapped is (first == second)


def _swapped(made: Officer, possession: bytes) -> bool:
    try:
        replace(made, possession=possession)
    except VerificationFailed as refused:
        assert refused.code == "no-possession"
        return False
    return True


@pytest.mark.parametrize(
    "changes",
    [
        {"person": person(9)},
        {"name": "Somebody else"},
        {"duties": (Duty.DPO,)},
        {"public_key": signer(2).public_key},
        {"valid_from_ms": FROM_MS - 1},
        {"valid_until_ms": FROM_MS + YEAR_MS + 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_proof_of_possession_is_over_everything_else(changes: dict[str, Any]) -> None:
    with pytest.raises(VerificationFailed) as refused:
        replace(OFFICER, **changes)

    assert _code(refused) == "no-possession"
    assert {field.name for field in fields(Officer)} - {"possession"} == {
        "person", "name", "duties", "public_key", "valid_from_ms", "valid_until_ms",
    }  # fmt: skip


def test_a_possession_of_another_length_or_with_the_group_order_added_is_refused() -> None:
    scalar = int.from_bytes(OFFICER.possession[32:], "little") + ORDER
    second = OFFICER.possession[:32] + scalar.to_bytes(32, "little")

    with pytest.raises(Malformed):
        replace(OFFICER, possession=OFFICER.possession[:63])
    with pytest.raises(VerificationFailed):
        replace(OFFICER, possession=second)


def test_an_enrolment_says_who_vouched() -> None:
    signed = enrolment(3, (1, 2))

    found = verify_enrolment(signed, key_of(1, 2))

    assert (found.officer, found.signed) == (officer(3), tuple(signed))
    assert found.vouchers == (signer(1).key_id, signer(2).key_id)


def test_of_the_first_two_each_vouches_for_the_other() -> None:
    for number, other in ((1, 2), (2, 1)):
        found = verify_enrolment(enrolment(number, (other,)), key_of(other))

        assert (found.officer, found.vouchers) == (officer(number), (signer(other).key_id,))


def test_the_order_of_the_signatures_does_not_matter() -> None:
    signed = enrolment(3, (1, 2))

    assert verify_enrolment(signed[::-1], key_of(1, 2)).officer == officer(3)


def test_an_empty_enrolment_is_refused() -> None:
    with pytest.raises(Malformed):
        verify_enrolment([], key_of())


@pytest.mark.parametrize(
    ("signed", "code"),
    [
        ([*enrolment(3, ()), vouch(officer(3, name="Other").encode(), signer(1))], "other-body"),
        ([vouch(officer(3).encode(), signer(one)) for one in (1, 2)], "not-own"),
        (enrolment(3, (1, 1)), "duplicate"),
        (enrolment(3, (3,)), "duplicate"),
        ([sign(SignedType.APPROVAL, officer(3).encode(), signer(one)) for one in (3, 1)], "wrong-type"),
        ([*enrolment(3, ()), sign(SignedType.APPROVAL, officer(3).encode(), signer(1))], "wrong-type"),
    ],
    ids=["another body", "not the officer", "one voucher twice", "the officer twice", "all of another type",
         "one of another type"],
)  # fmt: skip
def test_an_enrolment_off_its_rules_is_refused(signed: list[bytes], code: str) -> None:
    with pytest.raises(VerificationFailed) as refused:
        verify_enrolment(signed, key_of(1, 2))

    assert _code(refused) == code


def test_a_voucher_whom_nobody_knows_is_refused() -> None:
    with pytest.raises(NotFound):
        verify_enrolment(enrolment(3, (1, 2)), key_of(1))


def test_a_voucher_whose_key_signed_nothing_is_refused() -> None:
    body = officer(3).encode()
    forged = signed_pb2.Signed(
        type=SignedType.OFFICER.value,
        body=body,
        key_id=signer(1).key_id,
        signature=vouch(body, signer(2))[-64:],
    ).SerializeToString(deterministic=True)

    with pytest.raises(VerificationFailed) as refused:
        verify_enrolment([vouch(body, signer(3)), forged], key_of(1, 2))

    assert _code(refused) == "bad-signature"


def test_every_changed_bit_and_every_truncation_of_a_signed_officer_is_refused() -> None:
    own, other = enrolment(1, (2,))

    verify_enrolment([own, other], key_of(2))
    for changed in [*flips(own), *truncations(own), own + b"\x00"]:
        with pytest.raises(GatewayError):
            verify(changed, expected=SignedType.OFFICER, public_key=signer(1).public_key)
        with pytest.raises(GatewayError):
            verify_enrolment([changed, other], key_of(2))
    for changed in [*flips(other), *truncations(other), other + b"\x00"]:
        with pytest.raises(GatewayError):
            verify_enrolment([own, changed], key_of(2))


def test_every_changed_bit_of_the_body_is_refused_even_when_the_vouchers_signed_it() -> None:
    # The officer's own proof stands inside: those who vouch cannot make another officer of it.
    for body in [*flips(BODY), *truncations(BODY)]:
        with pytest.raises(GatewayError):
            parse_officer(body)
