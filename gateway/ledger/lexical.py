"""Strict text forms of numbers and bytes: one spelling for each value, everything else refused."""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Final

from gateway.errors import Malformed

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*", re.ASCII)

INT63_MAX: Final = 2**63 - 1
"""Largest tree size, index or time: what a signed 64-bit column holds."""


def parse_decimal(text: str, field: str) -> int:
    """Return the number written in ASCII decimal without sign or leading zero, at most 2^63-1.

    `int()` alone would also take "1_0", "+1", " 1" and digits of other scripts.

    Raises:
        Malformed: another spelling, or too large.
    """
    if not _DECIMAL.fullmatch(text) or (value := int(text)) > INT63_MAX:
        raise Malformed("is not a decimal number below 2^63", field=field)
    return value


def encode_base64(raw: bytes) -> str:
    """Return standard base64 with padding."""
    return b64encode(raw).decode("ascii")


def decode_base64(text: str, field: str, size: int | None = None) -> bytes:
    """Return the bytes of standard padded base64, of exactly `size` bytes when it is given.

    Raises:
        Malformed: not base64, not the one canonical spelling, or of another length.
    """
    try:
        raw = a2b_base64(text, strict_mode=True)
    except (Base64Error, ValueError) as exc:
        raise Malformed("is not base64", field=field) from exc
    # Strict mode still ignores non-zero trailing bits: two spellings of the same bytes.
    if encode_base64(raw) != text:
        raise Malformed("is not canonical base64", field=field)
    if size is not None and len(raw) != size:
        raise Malformed(f"is not {size} bytes", field=field)
    return raw


def decode_hex(text: str, field: str, size: int) -> bytes:
    """Return `size` bytes written in lower-case hex; anything else is Malformed."""
    if len(text) != 2 * size or not _HEX.fullmatch(text):
        raise Malformed(f"is not {size} bytes in lower-case hex", field=field)
    return bytes.fromhex(text)
