"""The agreement layer: rules that permit what the members of an agreement promised each other, and no more.

They are made from the signed agreements, one text for each, and are loaded like every other rule. They only
permit, so what floor and baseline forbid stays forbidden. Whether an agreement is in force today is asked of
the recipient's attributes; the rules are the same on every day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.record.categories import CATEGORIES
from gateway.record.vocabulary import LegalBasis, Purpose, Rung
from policy.rule import Layer

_ID_CHARS_MAX: Final = 48
"""Longest agreement id that stands in a rule id as it is; a ledger entry takes rule ids of 64 characters."""
_EMPTY_PART: Final = "X"
_BOUND: Final = """(principal.safeguards
    || [Comity::Kind::"leo", Comity::Kind::"judicial", Comity::Kind::"child-protection", Comity::Kind::"igo",
        Comity::Kind::"ngo"].contains(principal.kind))"""
"""A private company receives nothing that no agreement in force protects (Directive (EU) 2016/680 Art 39)."""
_HASH_DIGITS: Final = 24
_PART: Final = re.compile(r"[.-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTerms:
    """What an agreement permits between its parties; its days of validity are the caller's business.

    `categories` and `classes` are names of the privacy catalogue, `articles` the provisions it rests on.
    """

    id: str
    title: str
    articles: tuple[str, ...]
    purposes: tuple[Purpose, ...]
    legal_bases: tuple[LegalBasis, ...]
    categories: tuple[str, ...]
    classes: tuple[str, ...]
    rungs: tuple[Rung, ...]


def agreement_rules(terms: AgreementTerms) -> str:
    """Return the text of an agreement's two rules: one lets records go, one says what of them.

    A portion goes only if the agreement covers every class it carries. A category covers the classes that the
    catalogue gives it; a class that only the content shows, such as somebody named in a text, is not covered.
    """
    record = _rule(
        terms,
        name="RELEASE",
        sentence="lets records go to its parties",
        scope='principal, action in [Comity::Action::"release", Comity::Action::"forward"], '
        "resource is Comity::Record",
        conditions=[*_asked(terms), _BOUND],
    )
    portion = _rule(
        terms,
        name="DISCLOSE",
        sentence="names what of a record may go to its parties",
        scope='principal, action == Comity::Action::"disclose", resource is Comity::Portion',
        conditions=[
            *_asked(terms),
            f"{_members('Rung', [rung.token for rung in terms.rungs])}.contains(context.rung)",
            "!resource.classes.isEmpty()",
            _covered(terms),
        ],
    )
    return f"{record}\n{portion}"


def rule_id(agreement: str, name: str) -> str:
    """Return the id of an agreement's rule: different for different agreements, and short enough to ledger.

    Ids of agreements hold no capital letters: these mark what is not part of one.
    """
    parts = _PART.split(agreement)
    marks = _PART.findall(agreement)
    spelt = "".join(
        part + mark for part, mark in zip([part or _EMPTY_PART for part in parts], [*marks, ""], strict=True)
    )
    if len(spelt) > _ID_CHARS_MAX:
        # Cut ids of two agreements may be equal; their hashes are not.
        spelt = f"H{sha256(agreement.encode()).hexdigest()[:_HASH_DIGITS]}"
    return f"AG-{spelt}-{name}"


def quoted(text: str) -> str:
    """Return text as a string of the rule language: nothing in it can end the string or start a comment."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\u{{{ord(character):x}}}"


def _rule(terms: AgreementTerms, *, name: str, sentence: str, scope: str, conditions: Sequence[str]) -> str:
    reason = quoted(f"the agreement {terms.title} permits this")
    joined = "\n  && ".join(conditions)
    return (
        f"/// The agreement {_in_one_line(terms.title)} {sentence}.\n"
        f'@id("{rule_id(terms.id, name)}")\n'
        f'@layer("{Layer.AGREEMENT.value}")\n'
        f"@reason({reason})\n"
        f"@source({quoted('; '.join(terms.articles))})\n"
        f"permit ({scope})\n"
        f"when {{\n  {joined}\n}};\n"
    )


def _in_one_line(text: str) -> str:
    # A comment ends at the end of its line: what could be taken for one must not stand in it.
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _asked(terms: AgreementTerms) -> list[str]:
    return [
        f"principal.agreements.contains({quoted(terms.id)})",
        f"{_members('Purpose', [one.token for one in terms.purposes])}.contains(context.purpose)",
        f"{_members('LegalBasis', [one.token for one in terms.legal_bases])}.contains(context.legalBasis)",
    ]


def _covered(terms: AgreementTerms) -> str:
    """Return the condition that every class of a portion is covered, by itself or with its category."""
    covered = [_all_in(terms.classes)] if terms.classes else []
    for name in terms.categories:
        classes = (*_own_classes(name), *terms.classes)
        covered.append(f"(resource.category == {_member('Category', name)} && {_all_in(classes)})")
    return f"({' || '.join(covered)})"


def _own_classes(category: str) -> tuple[str, ...]:
    # A name that is not in the catalogue stays in the rule, which then does not load: nobody guesses it away.
    known = CATEGORIES.get(category)
    return () if known is None else tuple(one for one in (known.when_protected, known.otherwise) if one)


def _all_in(classes: Iterable[str]) -> str:
    return f"{_members('Class', dict.fromkeys(classes))}.containsAll(resource.classes)"


def _members(kind: str, names: Iterable[str]) -> str:
    return f"[{', '.join(_member(kind, name) for name in names)}]"


def _member(kind: str, name: str) -> str:
    return f"Comity::{kind}::{quoted(name)}"
