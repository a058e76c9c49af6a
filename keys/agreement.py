"""Agreements and communities: on what terms which members exchange, signed by the federation.

The content of `agreements/<id>.json` and `communities/<id>.json`. Source: PROTOCOL 11; DESIGN 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from gateway.errors import Malformed
from gateway.record.text import check_agency_id
from gateway.record.vocabulary import LegalBasis, Purpose, Rung, Term
from keys.document import Document, Json, read_document, write_document
from keys.member import check_name

_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?")
_CATEGORY: Final = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)+")
_CLASS: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")

Choice = TypeVar("Choice", bound=Term)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Terms between two or more members.

    It permits, among its `parties`, the `categories` and `classes` of the privacy catalogue at the `rungs`
    named, for the `purposes` and on the `legal_bases` named, from `valid_from` to the last day
    `valid_until`. `safeguards` states that it binds the parties to data protection, `onward` that a party
    may ask to pass on, `clients` are the agencies that may stand behind a party as its clients. `articles`
    are the provisions it rests on, in words.
    """

    id: str
    title: str
    parties: tuple[str, ...]
    purposes: tuple[Purpose, ...]
    legal_bases: tuple[LegalBasis, ...]
    categories: tuple[str, ...]
    classes: tuple[str, ...]
    rungs: tuple[Rung, ...]
    onward: bool
    safeguards: bool
    clients: tuple[str, ...]
    valid_from: date
    valid_until: date
    articles: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_id(self.id)
        check_name(self.title, "title")
        _check_agencies(self.parties, "parties", at_least=2)
        _check_agencies(self.clients, "clients", at_least=0)
        # An empty list would have to mean nothing or everything; it is refused so that nobody must guess.
        for name, listed in (
            ("purposes", self.purposes),
            ("legal_bases", self.legal_bases),
            ("rungs", self.rungs),
            ("articles", self.articles),
            ("categories or classes", self.categories + self.classes),
        ):
            if not listed or len(set(listed)) != len(listed):
                raise Malformed("lists nothing, or one thing twice", field=name)
        for grammar, name, words in (
            (_CATEGORY, "categories", self.categories),
            (_CLASS, "classes", self.classes),
        ):
            for at, word in enumerate(words):
                if not grammar.fullmatch(word):
                    raise Malformed("is not a name of the privacy catalogue", field=f"{name}[{at}]")
        for at, article in enumerate(self.articles):
            check_name(article, f"articles[{at}]")
        if self.valid_until < self.valid_from:
            raise Malformed("is before valid_from", field="valid_until")

    def in_force(self, on: date) -> bool:
        """Whether it holds on this day; first and last day included."""
        return self.valid_from <= on <= self.valid_until

    @classmethod
    def parse(cls, data: bytes) -> Agreement:
        """Return the agreement document that `data` holds.

        Raises:
            Malformed: a member is unknown, missing or off its form.
        """
        document = read_document(data, "agreement document")
        agreement = cls(
            id=document.text("id"),
            title=document.text("title"),
            parties=document.texts("parties"),
            purposes=_terms(document, "purposes", Purpose),
            legal_bases=_terms(document, "legal_bases", LegalBasis),
            categories=document.texts("categories"),
            classes=document.texts("classes"),
            rungs=_terms(document, "rungs", Rung),
            onward=document.flag("onward"),
            safeguards=document.flag("safeguards"),
            clients=document.texts("clients"),
            valid_from=document.day("valid_from"),
            valid_until=document.day("valid_until"),
            articles=document.texts("articles"),
        )
        document.close()
        return agreement

    def encode(self) -> bytes:
        """Return the document as JSON."""
        return write_document(
            {
                "id": self.id,
                "title": self.title,
                "parties": list(self.parties),
                "purposes": _tokens(self.purposes),
                "legal_bases": _tokens(self.legal_bases),
                "categories": list(self.categories),
                "classes": list(self.classes),
                "rungs": _tokens(self.rungs),
                "onward": self.onward,
                "safeguards": self.safeguards,
                "clients": list(self.clients),
                "valid_from": self.valid_from.isoformat(),
                "valid_until": self.valid_until.isoformat(),
                "articles": list(self.articles),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """A named circle of members for one purpose, to the last day `valid_until`; a marking may name it."""

    id: str
    members: tuple[str, ...]
    purpose: Purpose
    valid_until: date

    def __post_init__(self) -> None:
        _check_id(self.id)
        _check_agencies(self.members, "members", at_least=1)

    def in_force(self, on: date) -> bool:
        """Whether it still exists on this day; the last day is included."""
        return on <= self.valid_until

    @classmethod
    def parse(cls, data: bytes) -> Community:
        """Return the community document that `data` holds.

        Raises:
            Malformed: a member is unknown, missing or off its form.
        """
        document = read_document(data, "community document")
        community = cls(
            id=document.text("id"),
            members=document.texts("members"),
            purpose=Purpose.from_token(document.text("purpose"), "purpose"),
            valid_until=document.day("valid_until"),
        )
        document.close()
        return community

    def encode(self) -> bytes:
        """Return the document as JSON."""
        return write_document(
            {
                "id": self.id,
                "members": list(self.members),
                "purpose": self.purpose.token,
                "valid_until": self.valid_until.isoformat(),
            }
        )


def _check_id(value: str) -> None:
    if not _ID.fullmatch(value):
        raise Malformed(
            "is not 1-100 lower-case letters, digits, dots and hyphens", field="id", code="bad-id"
        )


def _check_agencies(ids: tuple[str, ...], field: str, *, at_least: int) -> None:
    for at, agency in enumerate(ids):
        check_agency_id(agency, f"{field}[{at}]")
    if len(set(ids)) != len(ids) or len(ids) < at_least:
        raise Malformed(f"does not name at least {at_least} different agencies", field=field)


def _terms(document: Document, name: str, vocabulary: type[Choice]) -> tuple[Choice, ...]:
    where = document.where(name)
    return tuple(
        vocabulary.from_token(token, f"{where}[{at}]") for at, token in enumerate(document.texts(name))
    )


def _tokens(terms: tuple[Term, ...]) -> list[Json]:
    return [term.token for term in terms]
