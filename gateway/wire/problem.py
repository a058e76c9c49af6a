"""How a refusal crosses the wire: one mapping to a status with details, and back.

Source: google.rpc.Status, ErrorInfo and BadRequest; AIP-193.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, cast

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from gateway.errors import (
    Busy,
    Conflict,
    Corrupt,
    Forbidden,
    GatewayError,
    Incident,
    Kind,
    Locked,
    Malformed,
    Misconfigured,
    NotFound,
    Refused,
    Stale,
    Unreachable,
    VerificationFailed,
)
from gateway.record.findings import Finding, InvalidRecord

DOMAIN: Final = "comity"

_CODES: Final = {
    Kind.MALFORMED: grpc.StatusCode.INVALID_ARGUMENT,
    Kind.UNVERIFIED: grpc.StatusCode.PERMISSION_DENIED,
    Kind.REFUSED: grpc.StatusCode.FAILED_PRECONDITION,
    Kind.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Kind.CONFLICT: grpc.StatusCode.ABORTED,
    Kind.LOCKED: grpc.StatusCode.UNAVAILABLE,
    Kind.STALE: grpc.StatusCode.FAILED_PRECONDITION,
    Kind.CORRUPT: grpc.StatusCode.DATA_LOSS,
    Kind.MISCONFIGURED: grpc.StatusCode.FAILED_PRECONDITION,
    Kind.UNREACHABLE: grpc.StatusCode.UNAVAILABLE,
    Kind.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    Kind.BUSY: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Kind.INTERNAL: grpc.StatusCode.INTERNAL,
}

_ERRORS: Final[dict[Kind, type[GatewayError]]] = {
    error.kind: error
    for error in (
        Malformed,
        VerificationFailed,
        Refused,
        NotFound,
        Conflict,
        Locked,
        Stale,
        Corrupt,
        Misconfigured,
        Unreachable,
        Forbidden,
        Busy,
        Incident,
    )
}

_VIOLATIONS_MAX: Final = 16
"""In a status; an answer in band names them all."""
_FACTS_MAX: Final = 8
_TEXT_BYTES_MAX: Final = 300
_VIOLATIONS_BYTES_MAX: Final = 6 * 1024
"""Details travel in trailing metadata: beyond 16 KiB, base64 included, all that arrives is that it was."""

_REASON: Final = re.compile(r"[A-Z][A-Z0-9_]{0,62}", re.ASCII)
_FACT: Final = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_NO_FACTS: Final = frozenset({"self", "message", "code", "field", "kind"})
"""What an error is made of besides facts: a peer that names a fact so must not get at it."""


def status_code(kind: Kind) -> grpc.StatusCode:
    """Return the status a kind of refusal is told as."""
    return _CODES[kind]


def reason_of(code: str) -> str:
    """Return a reason code as `ErrorInfo.reason` spells it: `unknown-recipient` is `UNKNOWN_RECIPIENT`."""
    return code.upper().replace("-", "_")


def violations_of(error: GatewayError) -> list[Finding]:
    """Return every fault that a refusal names; none where it names no field.

    The rule is empty where the refusal is of one field, and no examination of a whole record.
    """
    found: Sequence[Finding] = getattr(error, "findings", ())
    if not found and error.field:
        return [Finding(path=error.field, rule="", message=error.message)]
    return list(found)


def to_status(error: GatewayError) -> grpc.Status:
    """Return a refusal as a status with `ErrorInfo` and, where fields are at fault, `BadRequest`."""
    status = status_pb2.Status(code=_CODES[error.kind].value[0], message=_clipped(str(error)))
    facts = {name: _clipped(value) for name, value in list(error.facts.items())[:_FACTS_MAX]}
    info = error_details_pb2.ErrorInfo(
        reason=reason_of(error.code), domain=DOMAIN, metadata={**facts, "kind": error.kind.value}
    )
    status.details.add().Pack(info)
    bad = error_details_pb2.BadRequest()
    for fault in violations_of(error)[:_VIOLATIONS_MAX]:
        one = bad.field_violations.add(
            field=_clipped(fault.path), description=_clipped(fault.message), reason=reason_of(fault.rule)
        )
        if bad.ByteSize() > _VIOLATIONS_BYTES_MAX:
            bad.field_violations.remove(one)
            break
    if bad.field_violations:
        status.details.add().Pack(bad)
    return rpc_status.to_status(status)


def _clipped(text: str) -> str:
    return text.encode(errors="replace")[:_TEXT_BYTES_MAX].decode(errors="ignore")


def error_of(call: grpc.RpcError) -> GatewayError:
    """Return the refusal that a failed call carries; a failure of the transport itself is Unreachable.

    A status without our details, or with details off their form, is told by its code alone:
    `transport-<status>`.
    """
    failed = cast("grpc.Call", call) if hasattr(call, "trailing_metadata") else None
    code = failed.code() if failed is not None else None
    if failed is not None:
        try:
            told_by = _told(failed)
        except (ValueError, DecodeError):
            # Who answers is a stranger until its answer makes sense: code and details contradict each other,
            # or the details are no messages.
            told_by = None
        if told_by is not None:
            return told_by
    told = code.name.lower().replace("_", "-") if code is not None else "failed"
    message = _clipped((failed.details() if failed is not None else "") or told)
    return Unreachable(f"the call failed: {message}", code=f"transport-{told}")


def _told(failed: grpc.Call) -> GatewayError | None:
    """Return the refusal in a call's details; None where there is none of ours."""
    status = rpc_status.from_call(failed)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details if status is not None else ():
        if detail.Is(info.DESCRIPTOR):
            detail.Unpack(info)
        elif detail.Is(bad.DESCRIPTOR):
            detail.Unpack(bad)
    return _refusal(status.message, info, bad) if status is not None and info.domain == DOMAIN else None


def _refusal(
    message: str, info: error_details_pb2.ErrorInfo, bad: error_details_pb2.BadRequest
) -> GatewayError:
    findings = [
        Finding(path=_clipped(one.field), rule=code_of(one.reason), message=_clipped(one.description))
        for one in bad.field_violations[:_VIOLATIONS_MAX]
    ]
    field = findings[0].path if findings else ""
    told = _clipped(message.removeprefix(f"{field}: ") if field else message)
    facts = info.metadata.items()
    return refusal(
        info.metadata.get("kind", ""),
        told,
        code=code_of(info.reason),
        field=field,
        findings=findings,
        facts=facts,
    )


def refusal(
    kind: str,
    message: str,
    *,
    code: str,
    field: str,
    findings: Sequence[Finding] = (),
    facts: Iterable[tuple[str, str]] = (),
) -> GatewayError:
    """Return the error that a refusal was before it crossed the wire; one of an unknown kind is Refused."""
    if findings and all(one.rule for one in findings):
        return InvalidRecord(findings, message)
    error = _ERRORS[Kind(kind)] if kind in set(Kind) else Refused
    kept = sorted((name, value) for name, value in facts if name not in _NO_FACTS)[:_FACTS_MAX]
    return error(
        message,
        code=code,
        field=field,
        **{name: _clipped(value) for name, value in kept if _FACT.fullmatch(name)},
    )


def code_of(reason: str) -> str:
    """Return the code that a reason spells; empty where it is none."""
    return reason.lower().replace("_", "-") if _REASON.fullmatch(reason) else ""
