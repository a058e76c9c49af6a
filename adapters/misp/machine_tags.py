"""Tags as MISP spells them, `namespace:predicate="value"`, and what of a record may stand in one of ours.

A tag is known to the whole of an instance, also to those who may not see the event it stands on. So ours hold
codes, countries and dates, and never the free text of a record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

OWN: Final = "comity"
"""Our namespace: what MISP has no place for. A foreign reader ignores it."""

STAND_IN: Final = "stand-in"
"""Predicate of an attribute that only says in words what tags say, or that nothing is shown."""

UNSTATED: Final = "unstated"
"""Code of a field that the record leaves open, where MISP alone would tell something."""

NOT_STATED: Final = "not stated"
AGE_BAND: Final = "Age band: "
"""How the words of such an attribute end, or begin."""

_TAG: Final = re.compile(r'([^:="]+):([^="]+)(?:="([^"]*)")?')
_CODE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 :/+.,_-]{0,98}[A-Za-z0-9+.])?")


@dataclass(frozen=True, slots=True)
class MachineTag:
    """The three parts of a tag, namespace and predicate in lower case; `value` is empty without one."""

    namespace: str
    predicate: str
    value: str


def read_tag(name: str) -> MachineTag | None:
    """Return the parts of a tag's name; None for one that has no namespace."""
    match = _TAG.fullmatch(name)
    if match is None:
        return None
    return MachineTag(match[1].lower(), match[2].lower(), match[3] or "")


def own_tag(predicate: str, value: str) -> str:
    """Return the name of one of our tags; `value` is a code."""
    return f'{OWN}:{predicate}="{value}"'


def is_code(value: str) -> bool:
    """Tell whether a text may stand in a tag: a short code of plain letters, digits and a few signs."""
    return _CODE.fullmatch(value) is not None
