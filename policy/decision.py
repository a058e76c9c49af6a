"""What policy says: a pure verdict per portion, what the release as a whole needs, and why.

A decision holds no record content and no time; equal questions under equal rules give equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway.record.vocabulary import ObligationCode, Rung

ENGINE_ERROR: Final = "engine-error"
"""Stands for a rule or a request that could not be evaluated; always a deny."""

DEFAULT_DENY: Final = "default-deny"
"""Stands for the absence of any rule that permits."""


class Outcome(StrEnum):
    """What happens to the exchange."""

    RELEASE = "release"
    HELD = "held"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A rule that decided something: its id, its reason in words, and the law behind it."""

    rule: str
    text: str
    source: str


OWN_REASONS: Final[Mapping[str, Reason]] = {
    ENGINE_ERROR: Reason(
        rule=ENGINE_ERROR, text="the rules could not be evaluated, so nothing is released", source="DESIGN 1"
    ),
    DEFAULT_DENY: Reason(
        rule=DEFAULT_DENY,
        text="no rule permits this information to this recipient for this purpose",
        source="DESIGN 5",
    ),
}
"""The reasons that are no rule of any layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortionVerdict:
    """What may leave of one portion.

    `rung` is the finest allowed now, None when the portion stays. `rules` are the ids that kept finer rungs
    back, `permits` those that allow `rung`. `asked` is the finer rung that `approvals`, still missing, would
    give; both are empty unless the category was asked for. `lifts_used` are approvals already given that
    `rung`, or `asked` where there is one, rests on. `obligations` hold for whatever leaves, now or when
    approved.
    """

    rung: Rung | None
    withheld_finer: bool
    rules: tuple[str, ...]
    permits: tuple[str, ...]
    asked: Rung | None = None
    approvals: frozenset[str] = frozenset()
    obligations: tuple[ObligationCode, ...] = ()
    lifts_used: tuple[str, ...] = ()
    encoded: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Verdicts are remembered and reused in thousands of decisions: their text is made once.
        object.__setattr__(self, "encoded", _canonical(self._members()))

    def _members(self) -> dict[str, object]:
        return {
            "approvals": sorted(self.approvals),
            "asked": self.asked.token if self.asked else "",
            "lifts": list(self.lifts_used),
            "obligations": [code.token for code in self.obligations],
            "permits": list(self.permits),
            "rules": list(self.rules),
            "rung": self.rung.token if self.rung else "withheld",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the rules say to one act on one thing: `held` is what the missing `approvals` would open."""

    outcome: Outcome
    approvals: frozenset[str]
    rules: tuple[str, ...]
    permits: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The verdict on one record for one recipient; `verdicts` stand in the order of the portions given.

    `approvals` are those still missing (non-empty exactly when held). `duties` are all approvals that the
    release rests on, given or missing, sorted. `rules` decided about the record as a whole; `reasons`
    explains every rule id that stands anywhere in the decision, sorted by id.
    """

    outcome: Outcome
    verdicts: tuple[PortionVerdict, ...]
    approvals: frozenset[str]
    duties: tuple[str, ...]
    obligations: tuple[ObligationCode, ...]
    policy_digest: bytes
    rules: tuple[str, ...]
    reasons: tuple[Reason, ...]
    _encoded: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        members = (
            ("approvals", _canonical(sorted(self.approvals))),
            ("duties", _canonical(list(self.duties))),
            ("obligations", _canonical([code.token for code in self.obligations])),
            ("outcome", _canonical(self.outcome.value)),
            ("policy", _canonical(self.policy_digest.hex())),
            ("rules", _canonical(list(self.rules))),
            ("v", "1"),
            ("verdicts", f"[{','.join(verdict.encoded for verdict in self.verdicts)}]"),
        )
        text = ",".join(f'"{name}":{value}' for name, value in members)
        object.__setattr__(self, "_encoded", f"{{{text}}}".encode())

    def encode(self) -> bytes:
        """Return the verdict as RFC 8785 JSON: what is stored, blinded and committed to in the ledger."""
        return self._encoded

    def reasons_for(self, rules: Sequence[str]) -> list[Reason]:
        """Return the reasons of these rule ids, in the order given."""
        by_rule = {reason.rule: reason for reason in self.reasons}
        return [by_rule[rule] for rule in rules if rule in by_rule]


def _canonical(value: object) -> str:
    # Every string in a verdict is ASCII by grammar, where this form and RFC 8785 agree.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
