"""Padding: a sealed payload's size says only which of a few classes it falls in.

Source: PROTOCOL section 5; Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
Communication with PURBs", PETS 2019, algorithm 1).
"""

from __future__ import annotations

from typing import Final

from gateway.errors import Malformed

PLAIN_BYTES_MIN: Final = 4096
"""The smallest plaintext: most records are alike."""

_LENGTH_BYTES: Final = 4


def padme(length: int) -> int:
    """Return the smallest Padmé size that holds `length` bytes; at most 12 % more, less for larger ones.

    A Padmé size has no more significant bits than its own exponent needs, so sizes up to 2^n fall in
    O(n log n) classes.
    """
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    free_bits = exponent - exponent.bit_length()
    mask = (1 << free_bits) - 1
    return (length + mask) & ~mask


def padded_length(size_bytes: int) -> int:
    """Return the length of the plaintext that carries a payload of `size_bytes`."""
    return max(PLAIN_BYTES_MIN, padme(size_bytes + _LENGTH_BYTES))


def pad(payload: bytes) -> bytes:
    """Return u32be(length) || payload || zeros."""
    return (len(payload).to_bytes(_LENGTH_BYTES, "big") + payload).ljust(padded_length(len(payload)), b"\0")


def unpad(plaintext: bytes) -> bytes:
    """Return the payload of a plaintext that is exactly what `pad` makes of it.

    Raises:
        Malformed: the length is not the one its payload demands, or the padding is not zero: both could
            carry what nobody looks at.
    """
    size = int.from_bytes(plaintext[:_LENGTH_BYTES], "big")
    # The declared size comes first: a huge one must not be padded up to before it is refused.
    if len(plaintext) < PLAIN_BYTES_MIN or size > len(plaintext) - _LENGTH_BYTES:
        raise Malformed("is shorter than its payload", field="plaintext")
    if len(plaintext) != padded_length(size):
        raise Malformed("is not of the length its payload demands", field="plaintext")
    end = _LENGTH_BYTES + size
    if plaintext.count(0, end) != len(plaintext) - end:
        raise Malformed("has padding that is not zero", field="plaintext")
    return plaintext[_LENGTH_BYTES:end]
