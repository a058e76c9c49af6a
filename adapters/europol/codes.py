"""Codes that are no plain words: roles, age bands, sectors, and which kinds stand in which element.

Source: `reference/formats.md` sections 1.5, 1.7 and 12.1; Regulation (EU) 2016/794 Annex II; ISIC revision 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from gateway.record.age import MINOR_BANDS
from gateway.v1 import record_pb2 as pb

ROLES: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {
        pb.ROLE_UNSPECIFIED: ("OTHER",),
        pb.ROLE_VICTIM: ("VICTIM",),
        pb.ROLE_PRESUMED_VICTIM: ("VICTIM",),
        pb.ROLE_WITNESS: ("WITNESS",),
        pb.ROLE_FAMILY_OF_VICTIM: ("CONTACT",),
        pb.ROLE_SUSPECT: ("SUSPECT",),
        pb.ROLE_VICTIM_AND_SUSPECT: ("VICTIM", "SUSPECT"),
        pb.ROLE_THIRD_PARTY: ("ASSOCIATE",),
        pb.ROLE_UNKNOWN: ("OTHER",),
    }
)
"""How a role is written."""

# What protects somebody goes before what accuses; a code that could be anybody's is not known, so protected.
_READ: Final[tuple[tuple[frozenset[str], pb.Role.ValueType, bool], ...]] = (
    (frozenset({"VICTIM", "SUSPECT"}), pb.ROLE_VICTIM_AND_SUSPECT, True),
    (frozenset({"VICTIM", "CONVICTED"}), pb.ROLE_VICTIM_AND_SUSPECT, False),
    (frozenset({"VICTIM"}), pb.ROLE_VICTIM, True),
    (frozenset({"INFORMANT"}), pb.ROLE_UNKNOWN, False),
    (frozenset({"WITNESS"}), pb.ROLE_WITNESS, True),
    (frozenset({"SUSPECT"}), pb.ROLE_SUSPECT, True),
    (frozenset({"CONVICTED"}), pb.ROLE_SUSPECT, False),
    (frozenset({"POTENTIAL_OFFENDER"}), pb.ROLE_UNKNOWN, False),
    (frozenset({"CONTACT"}), pb.ROLE_UNKNOWN, False),
    (frozenset({"ASSOCIATE"}), pb.ROLE_THIRD_PARTY, True),
    (frozenset({"OTHER"}), pb.ROLE_UNKNOWN, True),
)

AGE_BANDS: Final[Mapping[int, str]] = MappingProxyType(
    {
        pb.AGE_BAND_0_8: "0-8",
        pb.AGE_BAND_9_14: "9-14",
        pb.AGE_BAND_15_17: "15-17",
        pb.AGE_BAND_0_17: "0-17",
        pb.AGE_BAND_9_17: "9-17",
        pb.AGE_BAND_18_20: "18-20",
        pb.AGE_BAND_21_23: "21-23",
        pb.AGE_BAND_24_26: "24-26",
        pb.AGE_BAND_27_29: "27-29",
        pb.AGE_BAND_30_38: "30-38",
        pb.AGE_BAND_39_47: "39-47",
        pb.AGE_BAND_48_PLUS: "48+",
        pb.AGE_BAND_18_PLUS: "18+",
    }
)
AGE_STATUS: Final[Mapping[int, str]] = MappingProxyType(
    {pb.AGE_STATUS_MINOR: "0-17", pb.AGE_STATUS_ADULT: "18+"}
)
"""What an age status comes to where no band and no birth date is stated."""

SEXES: Final[Mapping[int, str]] = MappingProxyType(
    {pb.SEX_FEMALE: "F", pb.SEX_MALE: "M", pb.SEX_OTHER: "X", pb.SEX_UNKNOWN: "U"}
)

NAME_KINDS: Final[Mapping[int, str]] = MappingProxyType(
    {
        pb.NAME_KIND_PRIMARY: "PRIMARY",
        pb.NAME_KIND_BIRTH: "BIRTH",
        pb.NAME_KIND_ALIAS: "ALIAS",
        pb.NAME_KIND_NICKNAME: "NICKNAME",
        pb.NAME_KIND_FALSE: "FALSE",
        pb.NAME_KIND_STAGE: "ALIAS",
    }
)
ALIASES: Final = frozenset({"ALIAS", "NICKNAME", "FALSE"})
"""Kinds of name that stand among the aliases."""

ISIC: Final[Mapping[int, str]] = MappingProxyType(
    {
        number: chr(ord("A") + number - 1)
        for number in range(pb.SECTOR_AGRICULTURE, pb.SECTOR_EXTRATERRITORIAL + 1)
    }
)
"""The letter of each section; ours stand in the order of the sections."""

SECTOR_WORDS: Final[Mapping[int, str]] = MappingProxyType(
    {
        **ISIC,
        pb.SECTOR_SEXUAL_SERVICES: "sexual_services",
        pb.SECTOR_ILLICIT: "illicit",
        pb.SECTOR_UNKNOWN: "unknown",
    }
)
"""How a sector is written: its letter, or a word where it has none."""

SECTORS: Final[Mapping[str, int]] = MappingProxyType({word: number for number, word in SECTOR_WORDS.items()})

COMMUNICATION: Final[Mapping[int, str]] = MappingProxyType(
    {
        pb.ACCOUNT_KIND_PHONE: "PHONE",
        pb.ACCOUNT_KIND_EMAIL: "EMAIL",
        pb.ACCOUNT_KIND_SOCIAL_HANDLE: "SOCIAL_HANDLE",
        pb.ACCOUNT_KIND_IP: "IP",
        pb.ACCOUNT_KIND_URL: "URL",
        pb.ACCOUNT_KIND_MESSENGER: "SOCIAL_HANDLE",
        pb.ACCOUNT_KIND_OTHER: "SOCIAL_HANDLE",
        pb.ACCOUNT_KIND_UNSPECIFIED: "SOCIAL_HANDLE",
    }
)
"""How the kind of an account is written; of what has no code, the widest."""

FINANCIAL: Final[Mapping[int, str]] = MappingProxyType(
    {
        pb.ACCOUNT_KIND_BANK: "BANK_ACCOUNT",
        pb.ACCOUNT_KIND_CARD: "CARD_ACCOUNT",
        pb.ACCOUNT_KIND_PAYMENT: "PAYMENT_ACCOUNT",
        pb.ACCOUNT_KIND_CRYPTO: "CRYPTO_ACCOUNT",
    }
)
"""Accounts that are financial items."""

CONTACTS: Final[Mapping[int, str]] = MappingProxyType(
    {
        pb.CONTACT_KIND_PHONE: "PHONE",
        pb.CONTACT_KIND_EMAIL: "EMAIL",
        pb.CONTACT_KIND_SOCIAL_HANDLE: "SOCIAL_HANDLE",
        pb.CONTACT_KIND_URL: "URL",
        pb.CONTACT_KIND_IP: "IP",
        pb.CONTACT_KIND_IMEI: "IMEI",
        pb.CONTACT_KIND_IMSI: "IMSI",
        pb.CONTACT_KIND_MESSENGER: "SOCIAL_HANDLE",
        pb.CONTACT_KIND_OTHER: "SOCIAL_HANDLE",
        pb.CONTACT_KIND_UNSPECIFIED: "SOCIAL_HANDLE",
    }
)

_SPAN: Final = re.compile(r"(\d{1,3})(?:\s*[-–]\s*(\d{1,3})|\s*(\+))")
_HIGHEST: Final = 130


def number_of_code(codes: Mapping[int, str], text: str) -> int | None:
    """Return the first number that is written as this text."""
    return next((number for number, written in codes.items() if written == text), None)


def read_role(words: Iterable[str]) -> tuple[pb.Role.ValueType, bool]:
    """Return the one role of somebody with these codes, and whether it says exactly what they say.

    Nobody becomes a suspect who is not called one.
    """
    said = frozenset(words)
    for needed, role, exact in _READ:
        if needed <= said:
            return role, exact and said == needed
    return pb.ROLE_UNKNOWN, False


def read_age_band(text: str) -> tuple[int, bool] | None:
    """Return the narrowest band that holds an age span, and whether it is that span; None where none does."""
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    low = int(match[1])
    high = int(match[2]) if match[2] else _HIGHEST
    fitting = {
        bounds: number
        for number, written in AGE_BANDS.items()
        if (bounds := _bounds(written))[0] <= low <= high <= bounds[1]
    }
    if not fitting:
        return None
    narrowest = min(fitting, key=lambda bounds: bounds[1] - bounds[0])
    return fitting[narrowest], narrowest == (low, high)


def is_minor_band(band: int) -> bool:
    """Tell whether everybody in a band is a minor."""
    return band in MINOR_BANDS


def _bounds(written: str) -> tuple[int, int]:
    low, _, high = written.partition("-")
    return (int(low), int(high)) if high else (int(low.rstrip("+")), _HIGHEST)
