"""What a request asks: which resource, and which of its objects. All of it is read strictly, and none of it
reaches the store as text.

Source: TAXII 2.1 sections 3.4, 3.5, 4 and 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl

from gateway.errors import Malformed, NotFound
from gateway.flow.pulling.objects import SPEC_VERSION, moment_of

ROOT: Final = "/comity/"
"""Path of the one API root."""
LIMIT: Final = 100
LIMIT_MAX: Final = 500
"""How many objects a page holds where nothing is said, and at most."""

_FIELDS_MAX: Final = 32
_VALUES_MAX: Final = 64
_VALUE_MAX: Final = 256
_LIMIT: Final = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_ANY_VERSION: Final = frozenset({"first", "last", "all"})
_MATCHES: Final = frozenset({"match[id]", "match[type]", "match[version]", "match[spec_version]"})


class Resource(StrEnum):
    """What is asked for."""

    DISCOVERY = "discovery"
    API_ROOT = "api-root"
    STATUS = "status"
    COLLECTIONS = "collections"
    COLLECTION = "collection"
    MANIFEST = "manifest"
    OBJECTS = "objects"
    OBJECT = "object"
    VERSIONS = "versions"


_COLLECTION: Final = r"/comity/collections/([0-9a-f-]{36})/"
_OBJECT: Final = _COLLECTION + r"objects/([a-z0-9-]{3,250}--[0-9a-f-]{36})/"
_PATHS: Final = (
    (Resource.DISCOVERY, re.compile(r"/taxii2/")),
    (Resource.API_ROOT, re.compile(r"/comity/")),
    (Resource.STATUS, re.compile(r"/comity/status/[0-9A-Za-z-]{1,64}/")),
    (Resource.COLLECTIONS, re.compile(r"/comity/collections/")),
    (Resource.COLLECTION, re.compile(_COLLECTION)),
    (Resource.MANIFEST, re.compile(_COLLECTION + "manifest/")),
    (Resource.OBJECTS, re.compile(_COLLECTION + "objects/")),
    (Resource.OBJECT, re.compile(_OBJECT)),
    (Resource.VERSIONS, re.compile(_OBJECT + "versions/")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A resource, with the collection and the object its path names; empty where it names none."""

    resource: Resource
    collection: str = ""
    object: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which objects are asked for; an empty set asks for any. `nothing` where none can match."""

    limit: int = LIMIT
    next: str = ""
    added_after: datetime | None = None
    ids: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    versions: frozenset[datetime] = frozenset()
    nothing: bool = False


def place_of(path: str) -> Place:
    """Return the resource of a path, spelled exactly: nothing is decoded, joined or guessed.

    Raises:
        NotFound: there is none.
    """
    for resource, form in _PATHS:
        if found := form.fullmatch(path):
            collection, identifier, *_ = (*found.groups(), "", "")
            return Place(resource=resource, collection=collection, object=identifier)
    raise NotFound("no such resource")


def filter_of(query: str) -> Filter:
    """Return the filter of a query; words that TAXII does not know are left aside.

    Raises:
        Malformed: a word stands twice, or its value is off its form; `field` names it.
    """
    words = _words(query)
    limit, moment = words.get("limit", str(LIMIT)), words.get("added_after")
    if not _LIMIT.fullmatch(limit):
        raise Malformed("is not a whole number", field="limit")
    added_after = None if moment is None else _moment(moment, "added_after")
    versions = _values(words, "match[version]") - _ANY_VERSION
    specs = _values(words, "match[spec_version]")
    return Filter(
        # A widespread client says 0 where its caller said nothing.
        limit=min(int(limit) or LIMIT, LIMIT_MAX),
        next=words.get("next", ""),
        added_after=added_after,
        ids=_values(words, "match[id]"),
        types=_values(words, "match[type]"),
        # An object has one version here: what is asked for by a word is that one.
        versions=frozenset()
        if versions < _values(words, "match[version]")
        else frozenset(_moment(one, "match[version]") for one in versions),
        nothing=bool(specs) and SPEC_VERSION not in specs,
    )


def _words(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, max_num_fields=_FIELDS_MAX, encoding="utf-8", errors="strict"
        )
    except ValueError as exc:
        raise Malformed("cannot be read, or holds too many words", field="query") from exc
    words: dict[str, str] = {}
    for name, value in pairs:
        if name.startswith("match[") and name not in _MATCHES:
            raise Malformed("matches by what nothing is matched by here", field="match")
        if name in words:
            raise Malformed("holds a word twice", field="query")
        words[name] = value
    return words


def _values(words: dict[str, str], name: str) -> frozenset[str]:
    if name not in words:
        return frozenset()
    values = words[name].split(",")
    if len(values) > _VALUES_MAX or any(not 0 < len(value) <= _VALUE_MAX for value in values):
        raise Malformed("holds too many values, or an empty or too long one", field=name)
    return frozenset(values)


def _moment(text: str, field: str) -> datetime:
    # A plus sign that nobody escaped has become a space.
    moment = moment_of(text.replace(" ", "+"))
    if moment is None:
        raise Malformed("is not a moment as RFC 3339 writes it", field=field)
    return moment
