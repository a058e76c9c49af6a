"""The one error hierarchy: every exception this project raises on purpose derives from GatewayError."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """What went wrong, for the one place that turns errors into exit codes and RPC statuses."""

    MALFORMED = "malformed"
    UNVERIFIED = "unverified"
    REFUSED = "refused"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    LOCKED = "locked"
    STALE = "stale"
    CORRUPT = "corrupt"
    MISCONFIGURED = "misconfigured"
    UNREACHABLE = "unreachable"
    FORBIDDEN = "forbidden"
    BUSY = "busy"
    INTERNAL = "internal"


class GatewayError(Exception):
    """Base of all deliberate failures.

    `code` is a closed machine word (`malformed`, `proof-invalid` ...), `field` the path of the offending
    field, `facts` further non-personal facts. The message is for a person and never holds record content.
    """

    kind: ClassVar[Kind] = Kind.REFUSED

    def __init__(self, message: str, *, code: str = "", field: str = "", **facts: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.kind.value
        self.field = field
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class Malformed(GatewayError):
    """Bytes or values that break a rule of form; `field` names where."""

    kind = Kind.MALFORMED


class VerificationFailed(GatewayError):
    """A signature, proof, commitment or digest does not hold."""

    kind = Kind.UNVERIFIED


class Refused(GatewayError):
    """A well-formed request that a rule forbids; `code` says which."""

    kind = Kind.REFUSED


class NotFound(GatewayError):
    """The named thing is not here, or may not be known to be here."""

    kind = Kind.NOT_FOUND


class Conflict(GatewayError):
    """The same id with other content."""

    kind = Kind.CONFLICT


class Locked(GatewayError):
    """Another process holds what only one may hold."""

    kind = Kind.LOCKED


class Stale(GatewayError):
    """The directory, a checkpoint or a key is too old to act on."""

    kind = Kind.STALE


class Corrupt(GatewayError):
    """Stored bytes are not what was stored: stop, never repair silently."""

    kind = Kind.CORRUPT


class Misconfigured(GatewayError):
    """Configuration or environment that is refused at start."""

    kind = Kind.MISCONFIGURED


class Unreachable(GatewayError):
    """A peer or file that should answer does not."""

    kind = Kind.UNREACHABLE


class Forbidden(GatewayError):
    """The caller may not ask this, whoever is right about the rest."""

    kind = Kind.FORBIDDEN


class Busy(GatewayError):
    """A bound on work, size or number is reached; later, or in smaller parts, it may pass."""

    kind = Kind.BUSY


class Incident(GatewayError):
    """Something nobody foresaw; the fact `incident` names it in the log, and nothing more is said of it."""

    kind = Kind.INTERNAL
