"""Identifiers and text: closed grammars, so that no id can become another one on its way."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from gateway.errors import Malformed

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_AGENCY = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_LOCAL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ENTITY = re.compile(r"[a-z]+(?:-[a-z]+)*/[a-z2-7]{10}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

HEADER_ENTITY = "record/header"
"""The entity whose portions are the record header's."""

# What a person cannot see but a machine acts on: controls, bidi and format characters, line separators.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_PRINTABLE = bytes(range(0x20, 0x7F))
_LONG = 64
_ALLOWED_UNSEEN = {"\n", "\t", "‌", "‍"}


def check_agency_id(value: str, field: str) -> str:
    """Return the lower-case dotted agency id, at most 253 characters.

    Raises:
        Malformed: it breaks the grammar of DESIGN section 2.
    """
    if len(value) > 253 or not _AGENCY.fullmatch(value):
        raise Malformed("is not an agency id (lower-case dotted name)", field=field, code="bad-agency-id")
    return value


def check_uuid7(value: str, field: str) -> str:
    """Return a UUIDv7 in canonical text; anything else is Malformed."""
    if not _UUID7.fullmatch(value):
        raise Malformed("is not a UUIDv7 in canonical text", field=field, code="bad-id")
    return value


def check_local_id(value: str, field: str) -> str:
    """Return a submitter's entity id: 1-64 ASCII letters, digits, dot, underscore, hyphen."""
    if not _LOCAL_ID.fullmatch(value):
        raise Malformed(
            "is not an entity id (1-64 letters, digits, . _ -, starting with a letter or digit)",
            field=field,
            code="bad-id",
        )
    return value


def check_entity(value: str, field: str) -> str:
    """Return an entity name as it travels: kind, slash, 10 base32 characters; or `record/header`."""
    if value != HEADER_ENTITY and not _ENTITY.fullmatch(value):
        raise Malformed("is not an entity name", field=field, code="bad-id")
    return value


def check_country(value: str, field: str) -> str:
    """Return a two-letter upper-case country code (ISO 3166-1 alpha-2, user-assigned codes included)."""
    if not _COUNTRY.fullmatch(value):
        raise Malformed("is not a two-letter country code", field=field, code="bad-country")
    return value


def parse_day(value: str, field: str) -> date:
    """Return the day written `YYYY-MM-DD`; anything else is Malformed."""
    if not _DAY.fullmatch(value):
        raise Malformed("is not a day written YYYY-MM-DD", field=field, code="bad-date")
    try:
        return date.fromisoformat(value)
    except ValueError as exc:
        raise Malformed("is not a day of the calendar", field=field, code="bad-date") from exc


def is_plain(value: str) -> bool:
    """Tell whether text is printable ASCII alone, which no rule of text refuses."""
    if len(value) < _LONG:
        return value.isascii() and value.isprintable()
    # `isprintable` looks each character up, which a long text would feel.
    return value.isascii() and not value.encode().translate(None, _PRINTABLE)


def check_text(value: str, field: str) -> str:
    """Return text that is NFC and free of unseen characters, save newline, tab and the two joiners.

    Raises:
        Malformed: code `not-nfc` or `unseen-character`.
    """
    if is_plain(value):
        return value
    if not unicodedata.is_normalized("NFC", value):
        raise Malformed("is not in Unicode normal form C", field=field, code="not-nfc")
    for character in value:
        if character not in _ALLOWED_UNSEEN and unicodedata.category(character) in _UNSEEN:
            raise Malformed(
                f"holds the unseen character U+{ord(character):04X}", field=field, code="unseen-character"
            )
    return value


def uuid7(at_ms: int, random: bytes) -> str:
    """Return a UUIDv7 in canonical text from milliseconds UTC and 10 random bytes (RFC 9562 section 5.7)."""
    value = (at_ms & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(random, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
