"""What a tool can read, and whether that is what is written here.

Source: TAXII 2.1 section 1.6 (media types); RFC 9110 section 12.5.1 (Accept).
"""

from __future__ import annotations

import re
from typing import Final

TAXII: Final = "application/taxii+json;version=2.1"
STIX: Final = "application/stix+json;version=2.1"

_WORD: Final = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_RANGE: Final = re.compile(
    rf"({_WORD}/{_WORD})((?:[ \t]*;[ \t]*{_WORD}=(?:{_WORD}|\"[^\"\\]*\"))*)", re.ASCII
)
_PARAMETER: Final = re.compile(rf"({_WORD})=(?:({_WORD})|\"([^\"\\]*)\")", re.ASCII)
_ANY: Final = frozenset({"*/*", "application/*", "application/taxii+json"})


def accepts(header: str | None) -> bool:
    """Tell whether a tool takes TAXII 2.1; one that does not say what it takes, takes it.

    Plain `application/json` is no media type of TAXII 2.1: who asks for that alone is refused, as one who
    asks for another version is.
    """
    if header is None or not header.strip():
        return True
    return any(_takes(one.strip()) for one in header.split(","))


def _takes(range_: str) -> bool:
    found = _RANGE.fullmatch(range_)
    if found is None or found[1].lower() not in _ANY:
        return False
    parameters = {name.lower(): token or quoted for name, token, quoted in _PARAMETER.findall(found[2])}
    return parameters.get("version", "2.1") == "2.1" and not _is_zero(parameters.get("q", "1"))


def _is_zero(weight: str) -> bool:
    return re.fullmatch(r"0(?:\.0{0,3})?", weight) is not None
