"""How a refusal crosses the wire: one mapping to a status with details, and back.

Source: google.rpc.Status, ErrorInfo and BadRequest; AIP-193.
"""

from __future__ import annotations

import re
from typing import Final, cast

import grpc
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

_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
"""What a reason code is; another gateway's word goes into logs and counters only as one."""
_VIOLATIONS_MAX: Final = 16
_TEXT_MAX: Final = 300
"""Details travel in trailing metadata, which is small."""


def status_code(kind: Kind) -> grpc.StatusCode:
    """Return the status a kind of refusal is told as."""
    return _CODES[kind]


def reason_of(code: str) -> str:
    """Return a reason code as `ErrorInfo.reason` spells it: `unknown-recipient` is `UNKNOWN_RECIPIENT`."""
    return code.upper().replace("-", "_")


def violations_of(error: GatewayError) -> list[tuple[str, str]]:
    """Return every (field, rule) of a refusal, at most 16; none where it names no field."""
    findings = [(finding.path, finding.message) for finding in getattr(error, "findings", ())]
    if not findings and error.field:
        findings = [(error.field, error.message)]
    return findings[:_VIOLATIONS_MAX]


def to_status(error: GatewayError) -> grpc.Status:
    """Return a refusal as a status with `ErrorInfo` and, where fields are at fault, `BadRequest`."""
    status = status_pb2.Status(code=_CODES[error.kind].value[0], message=str(error)[:_TEXT_MAX])
    facts = {name: value[:_TEXT_MAX] for name, value in error.facts.items()}
    info = error_details_pb2.ErrorInfo(
        reason=reason_of(error.code), domain=DOMAIN, metadata={**facts, "kind": error.kind.value}
    )
    status.details.add().Pack(info)
    violations = violations_of(error)
    if violations:
        bad = error_details_pb2.BadRequest()
        for field, message in violations:
            bad.field_violations.add(field=field[:_TEXT_MAX], description=message[:_TEXT_MAX])
        status.details.add().Pack(bad)
    return rpc_status.to_status(status)


def error_of(call: grpc.RpcError) -> GatewayError:
    """Return the refusal that a failed call carries; a failure of the transport itself is Unreachable.

    A status without our details is told by its code alone: `transport-<status>`.
    """
    failed = cast("grpc.Call", call) if hasattr(call, "trailing_metadata") else None
    code = failed.code() if failed is not None else None
    status = rpc_status.from_call(failed) if failed is not None else None
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details if status is not None else ():
        if detail.Is(info.DESCRIPTOR):
            detail.Unpack(info)
        elif detail.Is(bad.DESCRIPTOR):
            detail.Unpack(bad)
    if info.domain == DOMAIN and status is not None:
        return _refusal(status.message, info, bad)
    told = code.name.lower().replace("_", "-") if code is not None else "failed"
    message = (failed.details() if failed is not None else "") or told
    return Unreachable(f"the call failed: {message}", code=f"transport-{told}")


def _refusal(
    message: str, info: error_details_pb2.ErrorInfo, bad: error_details_pb2.BadRequest
) -> GatewayError:
    facts = dict(info.metadata)
    kind = facts.pop("kind", "")
    error = _ERRORS[Kind(kind)] if kind in set(Kind) else Refused
    field = bad.field_violations[0].field if bad.field_violations else ""
    code = info.reason.lower().replace("_", "-")
    return error(
        message.removeprefix(f"{field}: ") if field else message,
        code=code if _CODE.fullmatch(code) else "bad-answer",
        field=field,
        **{name: value for name, value in facts.items() if name.isidentifier()},
    )
