"""What a gateway knows of its rules beside what they decide: the agency's own as text, and what went wrong.

Source: THREATS A15, F27.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from gateway.errors import Malformed
from gateway.observe import counters, log
from keys.durable import sync_directory, write_private

OWN_RULES: Final = "rules.cedar"
"""What the agency's own rules are called in their digest, and in errors about them."""

_RULE: Final = re.compile(r"policy `([^`]+)`")
_NO_RULE: Final = "engine"
"""Stands for an evaluation that failed for no rule's sake."""


class Alarms:
    """Evaluations that failed since the gateway was opened, by rule; each of them was a denial.

    Told by the engine, on the one thread that works.
    """

    def __init__(self) -> None:
        self.by_rule: Counter[str] = Counter()

    def __call__(self, why: str) -> None:
        """Count and log a failure; of the engine's words only the rules' ids are kept."""
        counters["policy.alarms"] += 1
        for rule in sorted(set(_RULE.findall(why))) or [_NO_RULE]:
            self.by_rule[rule] += 1
            # A rule that fails may do so for every field of every record: each power of ten is told.
            if _is_power_of_ten(self.by_rule[rule]):
                log().error("policy.alarm", rule=rule)

    def carry_on(self, former: Alarms) -> None:
        """Go on counting where another left off; what was told while rules were proved is forgotten."""
        self.by_rule = former.by_rule


def _is_power_of_ten(count: int) -> bool:
    digits = str(count)
    return digits[0] == "1" and not digits[1:].strip("0")


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesStanding:
    """How the rules in force stand.

    `own` is the text of the agency's own rules, empty for none, and `file` where it is kept; `since` is when
    the rules came into force, as far as the store tells. `trouble` says why newer rules of the federation do
    not load, empty where nothing is wrong.
    """

    own: str
    file: Path
    since: datetime
    alarms: Alarms = field(default_factory=Alarms)
    trouble: str = ""

    def warnings(self, policy_digest: bytes) -> list[str]:
        """Return what a person should know of the rules, in sentences."""
        told = []
        if self.trouble:
            known = f"the rules of {policy_digest.hex()[:16]} stay in force since"
            told.append(
                f"The federation's newer rules do not load: {self.trouble}; "
                f"{known} {self.since:%Y-%m-%d %H:%M} UTC."
            )
        if not self._is_unchanged():
            told.append(
                f"{self.file.name} was changed on disk and is not in force: take it into force with "
                "`comity policy activate`, or put back what was there; the next start would load it."
            )
        if self.alarms.by_rule:
            count, rules = self.alarms.by_rule.total(), ", ".join(sorted(self.alarms.by_rule))
            told.append(f"Rules failed {count} times since the start, and each time it was denied: {rules}.")
        return told

    def _is_unchanged(self) -> bool:
        try:
            return read_own(self.file) == self.own
        except (Malformed, OSError):
            return False


def read_own(file: Path) -> str:
    """Return the agency's own rules as they stand on disk; empty where there are none.

    Raises:
        Malformed: code `bad-rule`: the file is not UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as exc:
        raise Malformed("is not UTF-8", field=file.name, code="bad-rule") from exc


@contextmanager
def kept(file: Path, own: str) -> Iterator[None]:
    """Have a file hold these rules, or be gone for none, durably; what fails inside puts back what was."""
    before = file.read_bytes() if file.exists() else b""
    _put(file, own.encode())
    try:
        yield
    except BaseException:
        _put(file, before)
        raise


def _put(file: Path, data: bytes) -> None:
    if data:
        write_private(file, data)
        return
    file.unlink(missing_ok=True)
    sync_directory(file.parent)
