"""What is asked of policy about one recipient: who, what for, how urgently, and what the submitter stated.

Source: DESIGN section 5; ADR 0006 (purpose per recipient).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gateway.errors import Malformed
from gateway.record.vocabulary import Lane, LegalBasis, Purpose
from policy.request import Recipient
from policy.vocabulary import Target

FieldKey = tuple[str, int]
"""Travelling entity name and field number: what is decided on."""

WORDS_MAX: Final = 4096
"""Longest statement of necessity or threat, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a submitter states beside purpose and basis: kept under the record's key, never sent.

    `unit` is the recipient's unit, empty for the whole agency. `target` says whom a prosecution is directed
    at. `necessity` is why sensitive data is strictly necessary. `threat` invokes vital interest: against whom
    and how. `ask` are the categories of which more than the default is wanted.

    Raises:
        Malformed: code `too-long`: a text of more than `WORDS_MAX` characters.
    """

    unit: str = ""
    target: Target = Target.UNKNOWN
    necessity: str = ""
    threat: str = ""
    ask: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in ("necessity", "threat"):
            if len(getattr(self, name)) > WORDS_MAX:
                raise Malformed(f"is longer than {WORDS_MAX} characters", field=name, code="too-long")

    def encode(self) -> bytes:
        """Return it as it is kept; empty where nothing beyond the default was stated."""
        if self == Stated():
            return b""
        told = {
            "unit": self.unit,
            "target": self.target.value,
            "necessity": self.necessity,
            "threat": self.threat,
            "ask": sorted(self.ask),
        }
        return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()

    @property
    def asks_more(self) -> bool:
        """Whether more than the default is asked: a category, or what vital interest opens."""
        return bool(self.ask or self.threat.strip())

    @classmethod
    def decode(cls, data: bytes) -> Stated:
        """Return what was kept."""
        told: Mapping[str, Any] = json.loads(data)
        return cls(
            unit=told["unit"],
            target=Target(told["target"]),
            necessity=told["necessity"],
            threat=told["threat"],
            ask=frozenset(told["ask"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the past says to one exchange, as it was when it was decided; kept, for deciding again the same.

    `over_budget` is whether whoever asks has asked for more than usual too often, `singled_out` names the
    fields that with what the recipient has already would single a protected person out, `review_outstanding`
    is whether an earlier emergency release was not reviewed in time.
    """

    over_budget: bool = False
    review_outstanding: bool = False
    singled_out: frozenset[FieldKey] = frozenset()

    def encode(self) -> bytes:
        """Return them as they are kept."""
        held = {
            "over_budget": self.over_budget,
            "review_outstanding": self.review_outstanding,
            "singled_out": sorted(self.singled_out),
        }
        return json.dumps(held, sort_keys=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> Circumstances:
        """Return what was kept."""
        held: Mapping[str, Any] = json.loads(data)
        return cls(
            over_budget=held["over_budget"],
            review_outstanding=held["review_outstanding"],
            singled_out=frozenset((entity, number) for entity, number in held["singled_out"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """To whom, what for, how urgently, what was stated and asked beyond the default, and what was before."""

    recipient: Recipient
    purpose: Purpose | None
    legal_basis: LegalBasis | None
    lane: Lane
    today: date
    stated: Stated = Stated()
    past: Circumstances = Circumstances()
