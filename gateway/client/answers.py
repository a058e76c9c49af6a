"""What a client hands in and gets back, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from gateway.record.findings import Finding
from gateway.v1.record_pb2 import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class To:
    """One recipient; `purpose` and `basis` default to those in the record's header.

    `unit` is the unit of the agency it is for, as the directory names it, empty for the whole; `target` is
    whom a prosecution is directed at: subject or others, empty where it is not stated.
    """

    agency: str
    purpose: str = ""
    basis: str = ""
    unit: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One record to submit: `gateway.v1.Record` as bytes or as the message, or its JSON form as text.

    `ask` names categories of which more than usual is asked, `lane` is threat-to-life, urgent or routine. The
    same `key` is answered the same way for 90 days: choose one that your own system can find again.
    `necessity` says why sensitive data is strictly necessary, `threat` invokes vital interest: against whom
    and how. Both are kept at home and never sent.
    """

    record: bytes | str | Record
    to: Sequence[To]
    ask: Sequence[str] = ()
    lane: str = "routine"
    necessity: str = ""
    threat: str = ""
    key: str = field(default_factory=lambda: str(uuid4()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeAnswer:
    """What became of one recipient: `outcome` is release, held or denied; `reasons` are (rule, sentence)."""

    exchange_id: str
    recipient: str
    outcome: str
    approvals: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why an item was refused; nothing of it was kept. `findings` names every field at fault.

    `kind` is that of `gateway.errors.Kind`: what is busy, locked or stale may pass later, the rest may not.
    """

    kind: str
    code: str
    field: str
    message: str
    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one item: a record id with one answer for each recipient, or a problem."""

    key: str
    record_id: str
    exchanges: tuple[ExchangeAnswer, ...]
    problem: Problem | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """How an exchange stands; `open` while it can still change."""

    id: str
    record_id: str
    version: int
    peer: str
    direction: str
    state: str
    open: bool
    duties: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One record version found by its reference."""

    record_id: str
    version: int
    state: str
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one recipient would see of a field."""

    recipient: str
    rung: str
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewLine:
    """One field of a record beside what each recipient would see of it."""

    entity: str
    kind: str
    field: str
    category: str
    exact: str
    texts: tuple[str, ...]
    seen: tuple[Seen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a push would do: fields, outcome and headline by recipient, and the rules in words."""

    lines: tuple[PreviewLine, ...]
    outcomes: Mapping[str, str]
    headlines: Mapping[str, str]
    rules: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One arrival. `record` is what was disclosed, None where it may not be read any more: see `absent`.

    `rungs` says how precise each (entity, field number) is; `obligations`, `restrictions` in words,
    `pseudonyms` and `use_until` bind whoever reads it. Acknowledge `position` once it is safe with you.
    """

    position: int
    exchange_id: str
    sender: str
    originator: str
    record_id: str
    version: int
    purpose: str
    use_until: str
    obligations: tuple[str, ...]
    restrictions: tuple[str, ...]
    pseudonyms: Mapping[str, str]
    record: Record | None
    rungs: Mapping[tuple[str, int], str]
    absent: str
