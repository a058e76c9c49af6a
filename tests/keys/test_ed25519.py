"""Ed25519 keys and signatures: what counts, and what never does."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_core_ed25519_add, crypto_scalarmult_ed25519_base_noclamp

from gateway.errors import Malformed, VerificationFailed
from keys.ed25519 import Ed25519Signer, check_public_key, verify
from keys.signer import key_id

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493

# The eight points of the torsion group in their canonical encodings.
TORSION = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)
LOW_ORDER = tuple(bytes.fromhex(text) for text in TORSION)

# Every y that is not reduced, with and without the sign bit, and the two points with x = 0 and a sign bit.
NOT_CANONICAL = tuple(
    (y | sign << 255).to_bytes(32, "little") for y in range(P, 2**255) for sign in (0, 1)
) + tuple((y | 1 << 255).to_bytes(32, "little") for y in (1, P - 1))

WEAK = LOW_ORDER + NOT_CANONICAL


@pytest.fixture
def signer() -> Ed25519Signer:
    return Ed25519Signer(bytes(range(32)))


def test_there_are_as_many_weak_encodings_as_the_curve_has() -> None:
    assert len(set(LOW_ORDER)) == 8
    assert len(set(NOT_CANONICAL)) == 19 * 2 + 2


def test_an_honest_key_is_admitted(signer: Ed25519Signer) -> None:
    check_public_key(signer.public_key)


@pytest.mark.parametrize("public", WEAK, ids=bytes.hex)
def test_a_weak_or_second_encoding_of_a_key_is_refused(public: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        check_public_key(public)

    assert refused.value.code == "weak-key"


def test_a_key_with_a_part_of_low_order_is_refused(signer: Ed25519Signer) -> None:
    mixed = crypto_core_ed25519_add(signer.public_key, LOW_ORDER[4])

    with pytest.raises(Malformed):
        check_public_key(mixed)


def test_bytes_that_are_no_point_are_refused() -> None:
    with pytest.raises(Malformed):
        check_public_key(b"\x02" + bytes(31))


@pytest.mark.parametrize("size_bytes", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused(size_bytes: int) -> None:
    with pytest.raises(Malformed):
        check_public_key(b"\x05" * size_bytes)


@pytest.mark.parametrize("public", WEAK, ids=bytes.hex)
def test_no_signature_verifies_for_any_message_under_a_weak_key(public: bytes) -> None:
    # With a key of low order the term that holds the message vanishes for one message in eight at least.
    scalar = (7).to_bytes(32, "little")
    signature = crypto_scalarmult_ed25519_base_noclamp(scalar) + scalar

    for message in (number.to_bytes(2, "big") for number in range(32)):
        with pytest.raises(VerificationFailed):
            verify(public, message, signature)


@pytest.mark.parametrize("nonce", LOW_ORDER, ids=bytes.hex)
def test_a_signature_with_a_nonce_of_low_order_is_refused(signer: Ed25519Signer, nonce: bytes) -> None:
    with pytest.raises(VerificationFailed):
        verify(signer.public_key, b"message", nonce + bytes(32))


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_one_signature_verifies_for_one_message_alone(first: bytes, second: bytes) -> None:
    signer = Ed25519Signer(bytes(range(32)))

    signature = signer.sign(first)

    verify(signer.public_key, first, signature)
    if first != second:
        with pytest.raises(VerificationFailed):
            verify(signer.public_key, second, signature)


def test_every_changed_bit_of_a_signature_is_refused(signer: Ed25519Signer) -> None:
    signature = signer.sign(b"message")

    for bit in range(512):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VerificationFailed):
            verify(signer.public_key, b"message", bytes(changed))


def test_a_scalar_that_is_not_reduced_is_refused(signer: Ed25519Signer) -> None:
    signature = signer.sign(b"message")
    second = int.from_bytes(signature[32:], "little") + ORDER

    with pytest.raises(VerificationFailed):
        verify(signer.public_key, b"message", signature[:32] + second.to_bytes(32, "little"))


@pytest.mark.parametrize("size_bytes", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(signer: Ed25519Signer, size_bytes: int) -> None:
    signature = (signer.sign(b"message") * 2)[:size_bytes]

    with pytest.raises(VerificationFailed):
        verify(signer.public_key, b"message", signature)


def test_another_key_does_not_verify(signer: Ed25519Signer) -> None:
    with pytest.raises(VerificationFailed):
        verify(Ed25519Signer(b"\x01" * 32).public_key, b"message", signer.sign(b"message"))


def test_the_first_vector_of_the_standard_is_reproduced() -> None:
    # RFC 8032, section 7.1, TEST 1.
    signer = Ed25519Signer(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))

    assert signer.public_key.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert signer.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )


def test_the_key_id_is_half_the_hash_of_the_raw_key(signer: Ed25519Signer) -> None:
    assert signer.key_id == key_id(signer.public_key)
    assert len(signer.key_id) == 32


def test_a_signer_shows_its_seed_to_nobody(signer: Ed25519Signer) -> None:
    seed = bytes(range(32))

    shown = repr(signer) + str(signer) + f"{signer!r}"

    assert seed.hex() not in shown
    assert repr(seed) not in shown
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leave(signer)


@pytest.mark.parametrize("size_bytes", [0, 31, 33])
def test_a_seed_of_another_length_is_refused(size_bytes: int) -> None:
    with pytest.raises(Malformed):
        Ed25519Signer(b"\x05" * size_bytes)
