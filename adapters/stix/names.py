"""Names that STIX objects bear: identifiers made from content, the instants of those that state none.

Source: STIX 2.1 sections 2.9 (identifiers), 3.2 (created, modified), 6 (properties that make an SCO's id).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters.identifiers import uuid5
from gateway.ledger.jcs import encode_checked

Stix = dict[str, Any]
"""One STIX object as JSON has it: texts, numbers, truth values, and lists and objects of them."""

OBSERVABLES: Final = "00abedb4-aa42-466c-9c01-fed23315a9b7"
"""Namespace in which the standard makes the ids of observables."""

OWN: Final = "49ef4d47-8200-50f7-b000-473f5de4ee93"
"""Namespace of every other id we make; drawn once, never changed."""

NO_TIME: Final = "1970-01-01T00:00:00.000Z"
"""Stands where STIX demands an instant and the record states none; it is never read as a time."""

OUR_STAMP: Final = "2031-01-01T00:00:00.000Z"
"""When the objects that define our extensions were made; they are the same in every bundle."""

_ENTITY: Final = re.compile(r"[a-z]+(?:-[a-z]+)*/[a-z2-7]{10}")
_IDENTIFIER: Final = re.compile(
    r"[a-z][a-z0-9-]{1,248}[a-z0-9]--[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
)
_CONTRIBUTING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "url": ("value",),
        "email-addr": ("value",),
        "ipv4-addr": ("value",),
        "ipv6-addr": ("value",),
        "file": ("hashes", "name"),
        "user-account": ("account_type", "user_id"),
    }
)
_PREFERRED_HASHES: Final = ("MD5", "SHA-1", "SHA-256", "SHA-512")


def own_id(type_: str, *seeds: str) -> str:
    """Return the id of an object of ours, which these seeds decide."""
    return f"{type_}--{uuid5(OWN, chr(0).join((type_, *seeds)))}"


def observable_id(observable: Stix) -> str:
    """Return the id that the standard gives an observable of the types we write."""
    type_ = observable["type"]
    named = {name: observable[name] for name in _CONTRIBUTING[type_] if name in observable}
    if "hashes" in named:
        held = named["hashes"]
        first = next((name for name in _PREFERRED_HASHES if name in held), next(iter(held)))
        named["hashes"] = {first: held[first]}
    return f"{type_}--{uuid5(OBSERVABLES, encode_checked(named).decode())}"


def is_identifier(text: str) -> bool:
    """Tell whether a text is an identifier of STIX, whatever kind of UUID it holds."""
    return _IDENTIFIER.fullmatch(text) is not None


def stands_for_nothing(text: str) -> bool:
    """Tell whether a name is only the one under which an entity travels."""
    return _ENTITY.fullmatch(text) is not None
