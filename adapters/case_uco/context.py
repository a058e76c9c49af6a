"""Names of a JSON-LD document under its own `@context`, told by the prefixes that this project writes.

A document may declare any prefix, write whole IRIs, or rename keywords; inside, every name has one spelling
(`uco-core:name`). A context that stands elsewhere is never fetched: what a name means would then be decided
by whoever answers for that address.

Source: JSON-LD 1.1 section 4.1; CASE 1.4, UCO 1.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from gateway.errors import Malformed

_UCO: Final = "https://ontology.unifiedcyberontology.org/uco/"

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cacontology-trafficking": "https://cacontology.projectvic.org/trafficking#",
        "case-investigation": "https://ontology.caseontology.org/case/investigation/",
        "comity": "urn:comity:case-uco:1:",
        "kb": "urn:comity:kb:",
        **{
            f"uco-{name}": f"{_UCO}{name}/"
            for name in (
                *("action", "analysis", "core", "identity", "location", "marking", "observable", "role"),
                *("tool", "types", "victim", "vocabulary"),
            )
        },
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
)
"""The prefixes that are written, and under whose names everything is read."""

_NAMESPACES: Final[Mapping[str, str]] = MappingProxyType({iri: name for name, iri in PREFIXES.items()})
_KEYWORDS: Final = frozenset(
    {"@id", "@type", "@value", "@graph", "@list", "@set", "@language", "@context", "@index", "@reverse"}
    | {"@json", "@vocab", "@none", "@direction", "@included", "@nest"}
)
# What a context may say of itself and of a term without changing how a value is read.
_HARMLESS: Final = frozenset({"@vocab", "@base", "@version", "@language", "@direction", "@protected"})
_TERM: Final = frozenset({"@id", "@type", "@container", "@prefix", "@protected", "@language", "@direction"})
_CONTAINERS: Final = frozenset({"@set", "@list"})


class Context:
    """What the names of one document mean."""

    def __init__(self, value: Any = None) -> None:
        """Read a `@context`: an object, several in a list, or none.

        Raises:
            Malformed: code `remote-context`: it would have to be fetched; `bad-type`.
        """
        self._terms: dict[str, str] = {}
        self._coercions: dict[str, str] = {}
        self._vocabulary = self._base = ""
        self._known: dict[str, str] = {}
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                self._add(one)

    def name(self, key: str) -> str:
        """Return a key or class as `prefix:name`, as a whole IRI, or as a keyword; nothing if it has no
        meaning in this document.
        """
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _compact(self._expand(key))
        return found

    def iri(self, text: str) -> str:
        """Return the IRI that a node is called by, relative ones behind the base of the document."""
        if text.startswith("_:"):
            return text
        prefix, colon, local = text.partition(":")
        if not colon:
            return self._base + text
        if local.startswith("//"):
            return text
        return self._terms[prefix] + local if prefix in self._terms else text

    def coercion(self, key: str) -> str:
        """Return what the context says of a key's texts: `@id` or `@vocab` where they name nodes."""
        return self._coercions.get(key, "")

    def _expand(self, key: str, depth: int = 0) -> str:
        if key in _KEYWORDS or depth > 4:
            return key
        if key in self._terms:
            named = self._terms[key]
            return named if ":" in named or named in _KEYWORDS else self._expand(named, depth + 1)
        prefix, colon, local = key.partition(":")
        if colon:
            return key if local.startswith("//") else self._terms.get(prefix, f"{prefix}:") + local
        return self._vocabulary + key if self._vocabulary and not key.startswith("@") else ""

    def _add(self, value: Any) -> None:
        if isinstance(value, str) or (isinstance(value, dict) and "@import" in value):
            raise Malformed(
                "names a context that stands elsewhere; write its prefixes into the document",
                field="@context",
                code="remote-context",
            )
        if not isinstance(value, dict):
            raise _unread("@context")
        for term, meaning in value.items():
            if term.startswith("@"):
                self._add_keyword(term, meaning)
            else:
                self._add_term(term, meaning)
        # A prefix may be written with another prefix.
        for term, iri in self._terms.items():
            prefix, _, local = iri.partition(":")
            if prefix in self._terms and prefix != term and not local.startswith("//"):
                self._terms[term] = self._terms[prefix] + local

    def _add_keyword(self, term: str, meaning: Any) -> None:
        if term not in _HARMLESS:
            raise _unread(f"@context.{term[:64]}")
        if term == "@vocab":
            self._vocabulary = _text_of(meaning, term)
        elif term == "@base":
            self._base = _text_of(meaning, term)

    def _add_term(self, term: str, meaning: Any) -> None:
        where = f"@context.{term[:64]}"
        if not isinstance(meaning, dict):
            self._terms[term] = _text_of(meaning, where)
            return
        container = meaning.get("@container")
        containers = container if isinstance(container, list) else [container]
        if not meaning.keys() <= _TERM or not all(one is None or one in _CONTAINERS for one in containers):
            raise _unread(where)
        if "@id" in meaning:
            self._terms[term] = _text_of(meaning["@id"], where)
        if meaning.get("@type") in ("@id", "@vocab"):
            self._coercions[term] = meaning["@type"]


@lru_cache(maxsize=1024)
def _compact(iri: str) -> str:
    """Return an IRI of a known namespace with its prefix, any other as it is."""
    for separator in ("/", "#", ":"):
        start, found, local = iri.rpartition(separator)
        prefix = _NAMESPACES.get(start + found)
        if prefix is not None:
            return f"{prefix}:{local}"
    return iri


def _text_of(value: Any, where: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _unread(where)
    return value


def _unread(where: str) -> Malformed:
    return Malformed(
        "is a context this reader does not follow; write prefixes and whole names",
        field=where,
        code="bad-type",
    )
