"""Padding: sizes fall in few classes, cost little, and have one form."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.sealing.padding import PLAIN_BYTES_MIN, pad, padded_length, padme, unpad

# The classes from 4 KiB to 4 MiB: 16 to each of four doublings, then 32 to each of six, and the smallest.
_CLASSES_TO_4_MIB = 4 * 16 + 6 * 32 + 1


def test_sizes_up_to_four_mebibytes_fall_in_the_stated_number_of_classes() -> None:
    chance = random.Random(34)

    sizes = [int(2 ** chance.uniform(0, 22)) for _ in range(10_000)]
    classes = {padded_length(size) for size in sizes}

    assert len(classes) <= _CLASSES_TO_4_MIB


def test_padding_costs_at_most_twelve_percent_above_the_smallest_class() -> None:
    chance = random.Random(34)

    for size in (chance.randrange(PLAIN_BYTES_MIN - 4, 4 * 1024 * 1024) for _ in range(10_000)):
        assert padded_length(size) <= (size + 4) * 1.12


def test_two_payloads_of_one_class_have_equal_length() -> None:
    assert len(pad(b"a" * 10)) == len(pad(b"b" * 4000)) == PLAIN_BYTES_MIN


@pytest.mark.parametrize(
    ("length", "padded"),
    [(0, 0), (1, 1), (2, 2), (8, 8), (9, 10), (100, 104), (4096, 4096), (4097, 4352), (65536, 65536)],
)
def test_padme_gives_the_sizes_of_its_definition(length: int, padded: int) -> None:
    assert padme(length) == padded


def test_padme_never_shrinks_and_never_falls() -> None:
    padded = [padme(length) for length in range(20_000)]

    assert all(size >= length for length, size in enumerate(padded))
    assert all(left <= right for left, right in pairwise(padded))


@given(st.binary(max_size=20_000))
def test_what_is_padded_comes_back(payload: bytes) -> None:
    assert unpad(pad(payload)) == payload


@given(st.binary(max_size=6000), st.integers(min_value=-300, max_value=300).filter(bool))
def test_another_length_is_refused(payload: bytes, by: int) -> None:
    plaintext = pad(payload)
    other = plaintext + bytes(by) if by > 0 else plaintext[:by]

    with pytest.raises(Malformed):
        unpad(other)


def test_padding_to_a_larger_class_is_refused() -> None:
    with pytest.raises(Malformed):
        unpad(pad(b"body") + bytes(256))


@pytest.mark.parametrize("at", [8, 9, 2000, PLAIN_BYTES_MIN - 1])
def test_padding_that_is_not_zero_is_refused(at: int) -> None:
    plaintext = bytearray(pad(b"body"))
    plaintext[at] = 1

    with pytest.raises(Malformed):
        unpad(bytes(plaintext))


@pytest.mark.parametrize("plaintext", [b"", b"\0\0\0", bytes(4095), b"\xff\xff\xff\xff" + bytes(4092)])
def test_a_length_that_does_not_fit_is_refused(plaintext: bytes) -> None:
    with pytest.raises(Malformed):
        unpad(plaintext)
