"""Texts made of several parts, such as a name or an address, and a code that says which parts they are.

MISP has one line for an address and one for an alias. A foreign reader takes the line; ours finds the parts
again by the code of a tag, such as `town:1,country:1`: how many pieces each part is of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from adapters.countries import alpha2
from adapters.misp.thing import Tag, readable
from gateway.v1 import record_pb2 as pb

PLACE: Final = "place"
NAME: Final = "parts"
_PLACE_PARTS: Final = ("name", "street", "postal_code", "town", "region", "country")
_NAME_PARTS: Final = ("given", "middle", "family")
_PART: Final = re.compile(r"([a-z_]+):([0-9]{1,3})")


def write_place(place: pb.Place) -> tuple[str, list[Tag]]:
    """Return a place as one line, with a tag where the line alone would be read as another one."""
    if original := readable(place.original):
        return _checked_line(original, PLACE, "original")
    line, code = _join(place, _PLACE_PARTS, ", ")
    if not line or code in ("country:1", "town:1,country:1"):
        read = pb.Place()
        read_place(line, "", read)
        if all(getattr(read, part) == getattr(place, part) for part in _PLACE_PARTS):
            return line, []
    return line, [(PLACE, code)]


def read_place(line: str, code: str, place: pb.Place) -> None:
    """Set the parts of a place; a line that no tag explains is a country, a town with one, or as written."""
    if code and code != "original" and _split(line, code, ", ", _PLACE_PARTS, place):
        return
    country = alpha2(line)
    if code != "original" and country == line:
        place.country = line
        return
    town, comma, last = line.rpartition(", ")
    if code != "original" and comma and "," not in town and alpha2(last) == last:
        place.town, place.country = town, last
        return
    place.original = line


def write_name(name: pb.Name) -> tuple[str, list[Tag]]:
    """Return a name as one line, with a tag where it is not known as a whole."""
    if readable(name.full):
        return readable(name.full), []
    line, code = _join(name, _NAME_PARTS, " ")
    return line, [(NAME, code)]


def read_name(line: str, code: str, name: pb.Name) -> None:
    """Set the parts of a name."""
    if not (code and _split(line, code, " ", _NAME_PARTS, name)):
        name.full = line


def _checked_line(line: str, predicate: str, code: str) -> tuple[str, list[Tag]]:
    read = pb.Place()
    read_place(line, "", read)
    return line, [] if read.original == line else [(predicate, code)]


def _join(message: Any, parts: Iterable[str], separator: str) -> tuple[str, str]:
    pieces: list[str] = []
    codes: list[str] = []
    for part in parts:
        text = readable(getattr(message, part))
        if text:
            pieces.append(text)
            codes.append(f"{part}:{len(text.split(separator))}")
    return separator.join(pieces), ",".join(codes)


def _split(line: str, code: str, separator: str, parts: tuple[str, ...], message: Any) -> bool:
    counts = [match.groups() for match in map(_PART.fullmatch, code.split(",")) if match]
    pieces = line.split(separator)
    known = all(part in parts for part, _ in counts)
    if not known or not counts or sum(int(count) for _, count in counts) != len(pieces):
        return False
    found = {}
    for part, count in counts:
        found[part] = separator.join(pieces[: int(count)])
        del pieces[: int(count)]
    if not all(found.values()) or alpha2(found.get("country", "NL")) != found.get("country", "NL"):
        return False
    for part, text in found.items():
        setattr(message, part, text)
    return True
