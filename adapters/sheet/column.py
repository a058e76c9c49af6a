"""One column of a sheet: where its cells go in the record, and how they are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from google.protobuf.descriptor import FieldDescriptor

from adapters.sheet.dates import DateOrder
from adapters.sheet.paths import Target
from gateway.record.folding import squeeze

SEPARATOR: Final = ";"


class Kind(Enum):
    """What the cells of a column hold."""

    TEXT = auto()
    COUNTRY = auto()
    LANGUAGE = auto()
    TRAFFIC_LIGHT = auto()
    CODE = auto()
    FLAG = auto()
    NUMBER = auto()
    DEGREES = auto()
    BYTES = auto()
    DATE = auto()
    NATIONALITY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `codes` translates words of the sheet, by their folded spelling, into words of the record;
    a word translated into "" is absent, as `absent` ones are. `verbatim` is the text that keeps a word which
    no code translates; without one such a word is an error. `required` says that the sheet must have it.
    """

    heading: str
    target: Target
    dates: DateOrder = DateOrder.YEAR_FIRST
    separator: str = SEPARATOR
    codes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    absent: frozenset[str] = frozenset()
    verbatim: Target | None = None
    required: bool = False

    @property
    def kind(self) -> Kind:
        """What its cells hold."""
        return kind_of(self.target.field)

    @property
    def many(self) -> bool:
        """Whether a cell may hold several values."""
        return self.target.field.is_repeated


def kind_of(descriptor: FieldDescriptor) -> Kind:
    """Return what the cells of a field hold."""
    if descriptor.message_type is not None:
        return Kind.NATIONALITY if descriptor.message_type.name == "Nationality" else Kind.DATE
    if descriptor.enum_type is not None:
        return Kind.CODE
    if descriptor.type == FieldDescriptor.TYPE_STRING:
        return _TEXTS.get(descriptor.name, Kind.TEXT)
    if descriptor.type == FieldDescriptor.TYPE_BOOL:
        return Kind.FLAG
    if descriptor.type == FieldDescriptor.TYPE_BYTES:
        return Kind.BYTES
    return Kind.DEGREES if descriptor.name in MOST_DEGREES else Kind.NUMBER


def fold_heading(heading: str) -> str:
    """Return a heading as it is compared: capitals, spaces and the form of accents do not count."""
    return " ".join(unicodedata.normalize("NFC", heading).split()).casefold()


def fold_word(word: str) -> str:
    """Return a word as codes are compared: by letters and digits, or as it is where it has none."""
    return squeeze(word) or word.strip()


MOST_DEGREES: Final[Mapping[str, int]] = MappingProxyType({"latitude_e6": 90, "longitude_e6": 180})
_TEXTS: Final[Mapping[str, Kind]] = MappingProxyType(
    dict.fromkeys(
        (
            "country",
            "issuing_country",
            "plate_country",
            "from_country",
            "to_country",
            "unsafe_countries",
        ),
        Kind.COUNTRY,
    )
    | {"languages": Kind.LANGUAGE, "language": Kind.TEXT, "traffic_light": Kind.TRAFFIC_LIGHT}
)
