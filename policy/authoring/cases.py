"""Cases: one question to the rules and what must come of it, kept as data and named as a sentence.

A case starts from one usual release (`POLICE`, `ASKED`, `NAME`) and states only what differs. `[vary]` makes
one file many cases: every member named there takes every value listed.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.errors import GatewayError, Malformed
from gateway.record.categories import CATEGORIES
from gateway.record.subject_consent import ConsentState
from gateway.record.vocabulary import (
    AgeClass,
    Fact,
    Lane,
    LegalBasis,
    Provenance,
    Purpose,
    RoleClass,
    Rung,
    Term,
)
from policy.cell import Action
from policy.request import UNMARKED, Interviewee, MarkingFacts, PortionAttributes, Recipient, ReleaseContext
from policy.usual import ASKED, INTERVIEWEE, NAME, POLICE
from policy.vocabulary import Target

FOLDERS: Final = ("allow", "deny", "hold")
"""What a case may show of its rule."""

_SECTIONS: Final = frozenset(
    {
        "rule",
        "action",
        "hit",
        "floor_only",
        "ask",
        "recipient",
        "context",
        "portion",
        "interviewee",
        "expect",
        "vary",
    }
)
_ACTS: Final[Mapping[str, Action]] = {
    "forward": "forward",
    "judicialUse": "judicialUse",
    "deconflict": "deconflict",
    "requestInterview": "requestInterview",
}
_TERMS: Final[Mapping[str, type[Term]]] = {"purpose": Purpose, "legal_basis": LegalBasis, "lane": Lane}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question and what must come of it.

    `folder` is what it shows of `rule`. `act` is None for a release, which is decided as a whole.
    `floor_only` asks the floor alone, everything else being permitted. `expect` compares by name with what
    is `seen`.
    """

    name: str
    folder: str
    rule: str
    act: Action | None
    floor_only: bool
    ask: frozenset[str]
    recipient: Recipient
    context: ReleaseContext
    portion: PortionAttributes
    interviewee: Interviewee
    hit: bool
    expect: Mapping[str, object]


def read_cases(name: str, folder: str, text: str) -> list[Case]:
    """Return the cases of one file; `folder` is allow, deny or hold.

    Raises:
        Malformed: code `bad-case`: no TOML, an unknown section or member, a value outside its closed list.
    """
    try:
        table = tomllib.loads(text)
        if folder not in FOLDERS or not table.keys() <= _SECTIONS or not {"rule", "expect"} <= table.keys():
            known = ", ".join(sorted(_SECTIONS))
            raise Malformed(f"is not a case: it needs rule and expect, and may hold {known}", field=name)
        return [_case(label, folder, one) for label, one in _varied(name, table)]
    except (GatewayError, tomllib.TOMLDecodeError, TypeError, ValueError, KeyError, AttributeError) as exc:
        told = exc.message if isinstance(exc, GatewayError) else str(exc)
        raise Malformed(f"is no case: {told}", field=name, code="bad-case") from exc


def _varied(name: str, table: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    vary: dict[str, list[Any]] = table.pop("vary", {})
    for values in itertools.product(*vary.values()):
        one = {key: dict(value) if isinstance(value, dict) else value for key, value in table.items()}
        for path, value in zip(vary, values, strict=True):
            section, _, member = path.partition(".")
            if not member:
                raise Malformed("varies what is no member of a section", field=path)
            one.setdefault(section, {})[member] = value
        label = ", ".join(str(value) for value in values)
        yield (f"{name} ({label})" if label else name), one


def _case(name: str, folder: str, table: Mapping[str, Any]) -> Case:
    action = table.get("action")
    return Case(
        name=name,
        folder=folder,
        rule=str(table["rule"]),
        act=None if action is None else _ACTS[action],
        floor_only=bool(table.get("floor_only", False)),
        ask=frozenset(table.get("ask", ())),
        recipient=recipient_from(table.get("recipient", {})),
        context=context_from(table.get("context", {})),
        portion=portion_from(table.get("portion", {})),
        interviewee=interviewee_from(table.get("interviewee", {})),
        hit=bool(table.get("hit", False)),
        expect=dict(table["expect"]),
    )


def recipient_from(table: Mapping[str, Any]) -> Recipient:
    """Return the usual recipient with what a table changes about it."""
    changed: dict[str, Any] = {name: _plain(value) for name, value in table.items()}
    return replace(POLICE, **changed)


def context_from(table: Mapping[str, Any]) -> ReleaseContext:
    """Return the usual circumstances with what a table changes; an empty token is an absent value. What its
    record's marking means stands among the others.
    """
    changed: dict[str, Any] = {name: _plain(value) for name, value in table.items()}
    for name, vocabulary in _TERMS.items():
        if name in changed:
            changed[name] = vocabulary.from_token(table[name], name) if table[name] else None
    if "target" in changed:
        changed["target"] = Target(table["target"])
    if "provenance" in changed:
        changed["provenance"] = frozenset(
            Provenance.from_token(token, "provenance") for token in table["provenance"]
        )
    marking = {name: changed.pop(name) for name in MarkingFacts._fields if name in changed}
    return replace(ASKED, marking=ASKED.marking._replace(**marking), **changed)


def portion_from(table: Mapping[str, Any]) -> PortionAttributes:
    """Return the usual portion with what a table changes about it; classes follow the catalogue."""
    table = dict(table)
    role = RoleClass.from_token(table.pop("role", "victim"), "role")
    category = table.pop("category", NAME.category)
    classes = frozenset(table.pop("classes")) if "classes" in table else classes_of(category, role)
    marking = UNMARKED._replace(**table.pop("marking", {}))
    age = AgeClass.from_token(table.pop("age", "adult"), "age")
    facts = frozenset(Fact.from_token(token, "facts") for token in table.pop("facts", ["country-safe"]))
    consent = ConsentState(table.pop("consent", NAME.consent))
    rungs = tuple(Rung.from_token(token, "rungs") for token in table.pop("rungs", ["exact"]))
    return replace(
        NAME,
        category=category,
        classes=classes,
        role=role,
        age=age,
        facts=facts,
        consent=consent,
        rungs=rungs,
        marking=marking,
        **table,
    )


def interviewee_from(table: Mapping[str, Any]) -> Interviewee:
    """Return the usual interviewee with what a table changes."""
    changed = dict(table)
    for name, vocabulary in (("role", RoleClass), ("age", AgeClass)):
        if name in changed:
            changed[name] = vocabulary.from_token(changed[name], name)
    return replace(INTERVIEWEE, **changed)


def classes_of(category: str, role: RoleClass) -> frozenset[str]:
    """Return the classes of a category as the catalogue has them; those of a link are its protected end's."""
    entry = CATEGORIES[category]
    return frozenset({(entry.when_protected if role.protected else entry.otherwise) or "victim-locating"})


def _plain(value: object) -> object:
    return frozenset(value) if isinstance(value, list) else value
