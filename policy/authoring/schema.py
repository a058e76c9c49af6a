"""The closed lists of the schema, as they are written there: what a rule may name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from policy.bundle import shipped_schema

_LIST: Final = re.compile(r"entity\s+(\w+)\s+enum\s*\[([^\]]*)\]")
_MEMBER: Final = re.compile(r'"([^"]*)"')
_ATTRIBUTE: Final = re.compile(r'"(\w+)":\s*(?:Set<)?(\w+)')
_ACTION: Final = re.compile(r"action\s+([^{]*?)\s*appliesTo", re.DOTALL)


@cache
def closed_lists() -> Mapping[str, tuple[str, ...]]:
    """Return the members of every closed list by its type, as `Age`; the actions stand under `Action`."""
    schema = _schema()
    lists = {found.group(1): tuple(_MEMBER.findall(found.group(2))) for found in _LIST.finditer(schema)}
    actions = [name for found in _ACTION.finditer(schema) for name in _MEMBER.findall(found.group(1))]
    return {**lists, "Action": tuple(actions)}


@cache
def lists_of_attributes() -> Mapping[str, str]:
    """Return the closed list that an attribute's member or members are from, as `selfKind` from `Kind`."""
    found = dict(_ATTRIBUTE.findall(_schema()))
    return {name: type_ for name, type_ in found.items() if type_ in closed_lists()}


def _schema() -> str:
    return re.sub(r"//[^\n]*", "", shipped_schema())
