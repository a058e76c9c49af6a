"""What is sealed opens only with its key, in its place, unchanged."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Corrupt, Malformed
from gateway.store import vault

SECRET = bytes(range(32))
KEY = bytes(range(32, 64))
NONCE = bytes(12)
OWNER = vault.record_owner("police.nl", "id", 1)
AAD = vault.body_aad("police.nl", "id", 1, "content", "")


def test_body_opens_in_its_place() -> None:
    sealed = vault.seal_body(KEY, AAD, b"the content", NONCE)

    assert vault.open_body(KEY, AAD, sealed) == b"the content"
    assert len(sealed) == len(b"the content") + 28
    assert b"content" not in sealed


def test_wrapped_key_opens_for_its_owner() -> None:
    wrapped = vault.wrap(SECRET, OWNER, KEY, NONCE)

    assert vault.unwrap(SECRET, OWNER, wrapped) == KEY
    assert len(wrapped) == 60


@pytest.mark.parametrize("position", range(12 + 11 + 16))
def test_every_flipped_bit_is_refused(position: int) -> None:
    sealed = bytearray(vault.seal_body(KEY, AAD, b"the content", NONCE))
    for bit in range(8):
        changed = sealed.copy()
        changed[position] ^= 1 << bit

        with pytest.raises(Corrupt):
            vault.open_body(KEY, AAD, bytes(changed))


def test_truncated_body_is_refused() -> None:
    sealed = vault.seal_body(KEY, AAD, b"the content", NONCE)

    for length in range(len(sealed)):
        with pytest.raises(Corrupt):
            vault.open_body(KEY, AAD, sealed[:length])


@pytest.mark.parametrize(
    "place",
    [
        ("police.ro", "id", 1, "content", ""),
        ("police.nl", "di", 1, "content", ""),
        ("police.nl", "id", 2, "content", ""),
        ("police.nl", "id", 1, "names", ""),
        ("police.nl", "id", 1, "content", "x"),
        ("police.nl", "id", 11, "content", ""),
    ],
)
def test_body_moved_to_another_row_is_refused(place: tuple[str, str, int, str, str]) -> None:
    sealed = vault.seal_body(KEY, AAD, b"the content", NONCE)

    with pytest.raises(Corrupt):
        vault.open_body(KEY, vault.body_aad(*place), sealed)


def test_key_wrapped_for_another_owner_or_secret_is_refused() -> None:
    wrapped = vault.wrap(SECRET, OWNER, KEY, NONCE)

    for secret, owner in ((SECRET, vault.exchange_owner("id")), (KEY, OWNER), (SECRET, AAD)):
        with pytest.raises(Corrupt):
            vault.unwrap(secret, owner, wrapped)


def test_owners_wrap_under_keys_of_their_own() -> None:
    one = vault.wrap(SECRET, OWNER, KEY, NONCE)
    other = vault.wrap(SECRET, vault.record_owner("police.nl", "id", 2), KEY, NONCE)

    # Under one key and one nonce the ciphertexts of one plaintext would be the same.
    assert one[12:44] != other[12:44]


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_keys_and_nonces_of_another_length_are_refused(size: int) -> None:
    wrong = bytes(size)

    attempts: list[Callable[[], bytes]] = [
        lambda: vault.seal_body(wrong, AAD, b"", NONCE),
        lambda: vault.seal_body(KEY, AAD, b"", wrong),
        lambda: vault.open_body(wrong, AAD, bytes(28)),
        lambda: vault.wrap(wrong, OWNER, KEY, NONCE),
        lambda: vault.wrap(SECRET, OWNER, wrong, NONCE),
        lambda: vault.unwrap(wrong, OWNER, bytes(60)),
        lambda: vault.new_key(lambda _: wrong),
    ]
    for attempt in attempts:
        with pytest.raises(Malformed):
            attempt()


def test_wrapped_body_of_another_length_is_no_key() -> None:
    not_a_key = vault.seal_body(vault._wrapping_key(SECRET, OWNER), OWNER, b"short", NONCE)

    with pytest.raises(Corrupt):
        vault.unwrap(SECRET, OWNER, not_a_key)


def test_new_key_is_what_the_source_gave() -> None:
    assert vault.new_key(lambda size: b"x" * size) == b"x" * 32
    assert vault.new_key(os.urandom) != vault.new_key(os.urandom)


@given(st.tuples(st.text(), st.text(), st.integers(0, 99), st.text(), st.text()), st.data())
def test_places_are_equal_only_when_all_parts_are(
    place: tuple[str, str, int, str, str], data: st.DataObject
) -> None:
    other = data.draw(
        st.one_of(
            st.just(place),
            st.tuples(st.text(), st.text(), st.integers(0, 99), st.text(), st.text()),
            st.just((place[0] + place[1], "", place[2], place[3], place[4])),
            st.just((place[0], place[1], place[2], place[3] + place[4], "")),
        )
    )

    assert (vault.body_aad(*place) == vault.body_aad(*other)) == (place == other)
