"""The ways of writing a telephone or account number in text: at home, from abroad, in part."""

from __future__ import annotations

import re

_SHORTEST_NATIONAL = 6
_SHORTEST_ACCOUNT = 7
_ACCOUNT_DIGITS = 10
"""Digits at the end of an IBAN that hold the number of the account itself in most countries."""

# Calling codes have one digit, or three where they begin with one of these, or else two.
# Source: ITU-T E.164, list of assigned country codes.
_ONE = frozenset("17")
_THREE = re.compile("2[1-689]|3[578]|42|5[09]|6[789]|8[035789]|9[679]")
_IBAN = re.compile(r"[a-z]{2}\d{2}[a-z0-9]{11,30}")
_TRUNK = "(?:0|8|06)"
"""What is dialled before a number at home: 8 in Russia, 06 in Hungary, 0 or nothing elsewhere."""


def national(value: str, digits: str) -> str:
    """Return what of the digits of a telephone number is the same at home and from abroad; empty for what is
    too short to be one.
    """
    from_abroad = "+" in value or digits.startswith("00")
    if from_abroad:
        digits = digits.lstrip("0")
        digits = digits[1 if digits[:1] in _ONE else 3 if _THREE.match(digits) else 2 :]
    # `+44 (0)20` keeps the trunk digit that `+44 20` drops.
    digits = digits.lstrip("0")
    return digits if len(digits) >= _SHORTEST_NATIONAL else ""


def national_pattern(digits: str) -> str:
    """Return the pattern that finds national digits in folded text: alone, or after what is dialled first."""
    spaced = r"[\W_]*".join(digits)
    abroad = r"(?:\+|00)[\W_]*(?:\d[\W_]*){1,3}"
    return rf"(?<!\d)(?:{abroad})?(?:\(?{_TRUNK}\)?[\W_]*)?{spaced}(?!\d)"


def account_parts(squeezed: str) -> tuple[str, ...]:
    """Return what of a squeezed IBAN is written alone at home: all after its check digits, and the number of
    the account itself; nothing for what is no IBAN.
    """
    if not _IBAN.fullmatch(squeezed):
        return ()
    last = squeezed[-_ACCOUNT_DIGITS:].lstrip("0")
    return (squeezed[4:], last) if last.isdecimal() and len(last) >= _SHORTEST_ACCOUNT else (squeezed[4:],)
