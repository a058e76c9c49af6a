"""Faults of a record, each with its place: all of them at once, so that a submitter mends them in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import Malformed

MOST_FINDINGS: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault: the path of the field (`persons[0].birth.month`), the rule it breaks, and words for a
    person. Words never repeat what the field holds.
    """

    path: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidRecord(Malformed):
    """A record that was refused as a whole; `findings` says why, `code` and `field` are the first one's.

    `message` is given where the refusal comes from elsewhere and there were more findings than came along.
    """

    def __init__(self, findings: Sequence[Finding], message: str = "") -> None:
        first = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(message or first.message + more, code=first.rule, field=first.path)
        self.findings = tuple(findings)


class Report:
    """Findings as they are made; it stops listening after `MOST_FINDINGS`, which bounds a hostile record."""

    __slots__ = ("findings",)

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, path: str, rule: str, message: str) -> None:
        """Note one fault."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(path=path, rule=rule, message=message))

    def check(self, checker: Callable[[str, str], object], value: str, path: str) -> None:
        """Note what a checker of one text refuses."""
        try:
            checker(value, path)
        except Malformed as exc:
            self.add(exc.field, exc.code, exc.message)

    def close(self) -> None:
        """End the examination.

        Raises:
            InvalidRecord: there is a finding.
        """
        if self.findings:
            raise InvalidRecord(self.findings)
