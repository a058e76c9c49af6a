"""Codes of the public extracts and what they are in a record: sex, eyes, hair.

The lists of colours are open. What is not in them stands in the record as the notice writes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.v1 import record_pb2 as pb

SEX: Final[Mapping[str, pb.Sex.ValueType]] = MappingProxyType({"F": pb.SEX_FEMALE, "M": pb.SEX_MALE})
SEX_UNKNOWN: Final = "U"
"""Says that the sex is not known, which is read as nothing stated."""

EYES: Final[Mapping[str, str]] = MappingProxyType(
    {"BLA": "black", "BLU": "blue", "BRO": "brown", "GRE": "green", "GRY": "grey", "HAZ": "hazel"}
)
HAIR: Final[Mapping[str, str]] = MappingProxyType(
    {"BLA": "black", "BRO": "brown", "GRY": "grey", "RED": "red", "WHI": "white", "BALD": "bald"}
)
_CODE: Final = re.compile("[A-Z]{3,4}")


def read_colour(code: str, words: Mapping[str, str]) -> str:
    """Return the word of a known code; an unknown code stays as it is written."""
    return words.get(code, code)


def write_colour(word: str, words: Mapping[str, str]) -> str:
    """Return the code of a word; a word that already is a code stays, any other has none."""
    code = next((code for code, known in words.items() if known == word.strip().casefold()), "")
    return code or (word if _CODE.fullmatch(word) else "")
