"""What an inspection finds: where, what, how grave; and the verdict that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_UNJUDGEABLE: Final = frozenset({"no-trust", "unknown-log"})


class Severity(StrEnum):
    """A finding fails the export; a notice does not; what is not judged needs more than the export holds."""

    FINDING = "finding"
    NOTICE = "notice"
    NOT_JUDGED = "not-judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One observation. `index` is the entry it concerns, `line` counts from 1, `byte` from 0."""

    severity: Severity
    code: str
    message: str
    file: str = ""
    index: int | None = None
    line: int | None = None
    byte: int | None = None

    @property
    def where(self) -> str:
        """The place in words, for people."""
        parts = [("entry", self.index), ("line", self.line), ("byte", self.byte)]
        return ", ".join([self.file or "export", *(f"{word} {n}" for word, n in parts if n is not None)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of an inspection, and the ledger head it is about (as far as it could be read)."""

    findings: tuple[Finding, ...]
    origin: str = ""
    size: int | None = None
    root: bytes | None = None

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings, 2 cannot judge: without any trust always, else for want of a key."""
        if any(found.code == "no-trust" for found in self.findings):
            return 2
        if any(found.severity is Severity.FINDING for found in self.findings):
            return 1
        return 2 if any(found.code in _UNJUDGEABLE for found in self.findings) else 0


class Findings:
    """Collects observations in the order they are made."""

    def __init__(self) -> None:
        self._found: list[Finding] = []

    def add(
        self,
        code: str,
        message: str,
        *,
        severity: Severity = Severity.FINDING,
        file: str = "",
        index: int | None = None,
        line: int | None = None,
        byte: int | None = None,
    ) -> None:
        """Record something that must not be, or what `severity` says."""
        self._found.append(
            Finding(
                severity=severity, code=code, message=message, file=file, index=index, line=line, byte=byte
            )
        )

    def notice(self, code: str, message: str, *, file: str) -> None:
        """Record something a person should know."""
        self.add(code, message, severity=Severity.NOTICE, file=file)

    def not_judged(self, code: str, message: str, *, file: str = "", index: int | None = None) -> None:
        """Record a question the material leaves open."""
        self.add(code, message, severity=Severity.NOT_JUDGED, file=file, index=index)

    def all(self) -> tuple[Finding, ...]:
        """Return everything recorded."""
        return tuple(self._found)
