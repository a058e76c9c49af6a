"""Sealing: two halves, both needed, one error for everything that does not open."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Malformed, VerificationFailed
from keys.sealing import (
    MLKEM_PUBLIC_BYTES,
    MLKEM_SEED_BYTES,
    OVERHEAD_BYTES,
    SealingKey,
    check_sealing_key,
    seal,
)
from keys.signer import key_id
from tests.keys.test_ed25519 import LOW_ORDER
from tests.vectors import make_hpke

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "hpke.json").read_text(encoding="utf-8")
)
MATERIAL = bytes(range(96))
OTHER = bytes(reversed(range(96)))
KEY = SealingKey(MATERIAL)

# Points of the Montgomery curve whose product with any scalar is zero (RFC 7748, section 6.1).
LOW_ORDER_X25519 = (bytes(32), b"\x01" + bytes(31), (2**255 - 20).to_bytes(32, "little"))


@pytest.mark.parametrize(
    "row", VECTORS["sealed"], ids=lambda row: row["info_hex"][:8] + row["plaintext_hex"][:8]
)
def test_a_stored_ciphertext_opens_to_its_plaintext(row: dict[str, str]) -> None:
    key = SealingKey(bytes.fromhex(VECTORS["mlkem_seed_hex"] + VECTORS["x25519_hex"]))

    plaintext = key.open(bytes.fromhex(row["sealed_hex"]), bytes.fromhex(row["info_hex"]))

    assert plaintext.hex() == row["plaintext_hex"]
    assert key.public_key.hex() == VECTORS["public_hex"]
    assert key.key_id == VECTORS["key_id"]


def test_the_script_keeps_a_ciphertext_that_opens() -> None:
    assert make_hpke.hpke(VECTORS) == VECTORS


def test_what_is_sealed_opens_for_its_holder() -> None:
    sealed = seal(KEY.public_key, b"payload", b"info")

    assert KEY.open(sealed, b"info") == b"payload"
    assert len(sealed) == len(b"payload") + OVERHEAD_BYTES
    assert sealed != seal(KEY.public_key, b"payload", b"info")


@pytest.mark.parametrize(
    "material",
    [
        OTHER[:MLKEM_SEED_BYTES] + MATERIAL[MLKEM_SEED_BYTES:],
        MATERIAL[:MLKEM_SEED_BYTES] + OTHER[MLKEM_SEED_BYTES:],
        OTHER,
    ],
    ids=["the classical half alone", "the post-quantum half alone", "neither half"],
)
def test_both_halves_are_needed_to_open(material: bytes) -> None:
    sealed = seal(KEY.public_key, b"payload", b"info")

    with pytest.raises(VerificationFailed) as refused:
        SealingKey(material).open(sealed, b"info")

    assert refused.value.code == "does-not-open"


@pytest.mark.parametrize("half", [slice(0, MLKEM_PUBLIC_BYTES), slice(MLKEM_PUBLIC_BYTES, None)])
def test_both_public_halves_enter_the_key(half: slice) -> None:
    mixed = bytearray(KEY.public_key)
    mixed[half] = SealingKey(OTHER).public_key[half]

    sealed = seal(bytes(mixed), b"payload", b"info")

    with pytest.raises(VerificationFailed):
        KEY.open(sealed, b"info")


def test_nothing_that_does_not_open_says_why() -> None:
    sealed = seal(KEY.public_key, b"payload", b"info")
    flips = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(0, len(sealed), 7)]
    broken = [(changed, b"info") for changed in (*flips, b"", sealed[:-1], sealed[:64], sealed + b"\x00")]
    errors = set()

    for data, info in [*broken, (sealed, b"other info"), (sealed, b"")]:
        with pytest.raises(VerificationFailed) as refused:
            KEY.open(data, info)
        assert refused.value.__cause__ is None
        errors.add((str(refused.value), refused.value.code, refused.value.field))

    assert len(errors) == 1


@pytest.mark.parametrize("point", LOW_ORDER_X25519, ids=bytes.hex)
def test_a_public_key_whose_classical_half_is_of_low_order_is_refused(point: bytes) -> None:
    public = KEY.public_key[:MLKEM_PUBLIC_BYTES] + point

    for use in (lambda: check_sealing_key(public), lambda: seal(public, b"payload", b"info")):
        with pytest.raises(Malformed) as refused:
            use()
        assert refused.value.code == "weak-key"


@pytest.mark.parametrize(
    "public",
    [b"", KEY.public_key[:-1], KEY.public_key + b"\x00", b"\xff" * MLKEM_PUBLIC_BYTES + LOW_ORDER[4]],
    ids=["empty", "short", "long", "coefficients not reduced"],
)
def test_bytes_that_are_no_sealing_key_are_refused(public: bytes) -> None:
    with pytest.raises(Malformed):
        check_sealing_key(public)


def test_an_honest_public_key_is_admitted() -> None:
    check_sealing_key(KEY.public_key)

    assert KEY.key_id == key_id(KEY.public_key)


def test_a_sealing_key_shows_its_halves_to_nobody() -> None:
    shown = repr(KEY) + str(KEY)

    assert MATERIAL[:8].hex() not in shown
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leave(KEY)


@pytest.mark.parametrize("size_bytes", [0, 64, 95, 97])
def test_private_halves_of_another_length_are_refused(size_bytes: int) -> None:
    with pytest.raises(Malformed):
        SealingKey(b"\x05" * size_bytes)
