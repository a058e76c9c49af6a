"""Previewing: what each recipient would see of a record and why, with nothing stored and nothing sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.protobuf.message import Message

from gateway.flow.decide import Verdicts
from gateway.flow.gateway import Gateway
from gateway.flow.grant import plan_for
from gateway.flow.past import Past
from gateway.flow.prepare import Submission, prepare
from gateway.flow.question import FieldKey, Question
from gateway.flow.submit import PushItem, questions
from gateway.record.portion import parse_portion
from gateway.record.schema import KINDS
from gateway.record.text import HEADER_ENTITY
from gateway.record.view import plain
from gateway.record.vocabulary import Rung
from policy.decision import Outcome
from policy.explain import explain, headline

WITHHELD = "withheld"

IDENTIFYING = frozenset(
    {
        "person.name",
        "person.document",
        "person.biometric",
        "person.image",
        "person.description",
        "person.contact",
        "person.address",
        "person.location",
        "person.shelter",
        "person.family",
        "person.statement",
        "provider.identity",
        "source.identity",
        "account.identity",
        "device.identity",
        "narrative.text",
    }
)
"""Categories whose recorded texts tell who or where somebody is."""

SHORTEST_TELLING = 5
"""Shorter texts (country codes, sizes) occur everywhere and tell nothing."""

_ORDINARY_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one recipient sees of one field: the rung and the value in words, or `withheld`, and why."""

    rung: str
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One field of the record: its entity as submitted, its exact value, and what each recipient sees.

    `exact` is the value in words, `texts` the texts that stand in it as they were recorded.
    """

    entity: str
    kind: str
    field: str
    category: str
    exact: str
    texts: tuple[str, ...]
    seen: Mapping[str, Seen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The whole comparison; `headlines` says per recipient what would become of the exchange.

    `rules` holds the reason in words of every rule that had a say for any recipient, by rule id.
    """

    lines: Sequence[Line]
    outcomes: Mapping[str, Outcome]
    headlines: Mapping[str, str]
    rules: Mapping[str, str]


def preview(gateway: Gateway, item: PushItem, now: datetime) -> Preview:
    """Return what a push of this item would show to each recipient.

    Raises:
        what `push` would answer: the record or the request is refused.
    """
    submission = prepare(gateway, item.record, now)
    asked = questions(gateway, item, submission, now)
    past = Past(gateway, now)
    (people,) = past.people([submission])
    verdicts = {
        question.recipient.id: past.decided(submission, people, question, item.actor).verdicts
        for question in asked
    }
    shown = {
        question.recipient.id: _shown(submission, question, verdicts[question.recipient.id], now)
        for question in asked
    }
    return Preview(
        lines=_lines(submission, shown),
        outcomes={agency: found.decision.outcome for agency, found in verdicts.items()},
        headlines={agency: headline(found.decision) for agency, found in verdicts.items()},
        rules={reason.rule: reason.text for found in verdicts.values() for reason in found.decision.reasons},
    )


def _shown(
    submission: Submission, question: Question, verdicts: Verdicts, now: datetime
) -> dict[FieldKey, Seen]:
    planned = plan_for(submission, question, verdicts, now)
    leaving = {(p.entity, p.field): p for p in (parse_portion(data) for _, data, _ in planned.chosen)}
    attributes = list(dict.fromkeys(attribute for attribute, _ in verdicts.by_field.values()))
    why = dict(zip(attributes, explain(verdicts.decision, attributes), strict=True))
    seen = {}
    for key, (attribute, _) in verdicts.by_field.items():
        portion = leaving.get(key)
        reason = why[attribute].why
        if key in planned.dropped:
            reason = "withheld: an end of the link is withheld"
        if portion is None:
            seen[key] = Seen(rung=WITHHELD, text="", why=reason)
        else:
            seen[key] = Seen(rung=portion.rung.token, text=value_text(*key, portion.value), why=reason)
    return seen


def _lines(submission: Submission, shown: Mapping[str, Mapping[FieldKey, Seen]]) -> list[Line]:
    lines = []
    for piece in submission.cuts:
        if piece.rung is not Rung.EXACT:
            continue
        key = (piece.entity, piece.field)
        kind = piece.entity.partition("/")[0]
        lines.append(
            Line(
                entity=piece.local or HEADER_ENTITY,
                kind=kind,
                field=KINDS[kind].fields[piece.field].name,
                category=piece.category,
                exact=value_text(*key, parse_portion(piece.data).value),
                texts=tuple(_texts(KINDS[kind].message.FromString(parse_portion(piece.data).value))),
                seen={agency: fields[key] for agency, fields in shown.items()},
            )
        )
    return lines


def _texts(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, str):
                yield one
            elif isinstance(one, Message):
                yield from _texts(one)


def withheld_everywhere(found: Preview) -> list[str]:
    """Return the identifying texts that no recipient of the preview sees anything of, longest first."""
    seen = "\n".join(seen.text for line in found.lines for seen in line.seen.values())
    values = {
        text
        for line in found.lines
        if line.category in IDENTIFYING and all(one.rung != Rung.EXACT.token for one in line.seen.values())
        for text in line.texts
        if _tells(text) and text not in seen
    }
    return sorted(values, key=lambda text: (-len(text), text))


def _tells(text: str) -> bool:
    """Whether a text alone tells who or where somebody is: no code, and more than one ordinary word."""
    return len(text) >= SHORTEST_TELLING and not _ORDINARY_WORD.fullmatch(text)


def value_text(entity: str, number: int, value: bytes) -> str:
    """Return the one field of a portion's value in words, as short as it can be read."""
    kind = KINDS[entity.partition("/")[0]]
    field = kind.fields.get(number)
    if field is None:
        return "(a field this version does not know)"
    held = plain(kind.message.FromString(value)).get(field.name)
    return in_words(held)


def in_words(value: Any) -> str:
    """Return a plain value as words: objects as `name: value`, lists separated by semicolons."""
    if isinstance(value, list):
        return "; ".join(in_words(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {in_words(held)}" for name, held in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value)
