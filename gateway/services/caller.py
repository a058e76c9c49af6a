"""Who calls: read from the connection's certificate alone, and held to what that role may ask on that port.

What is not allowed here is refused: a method is called only by a role that stands beside its name.

Source: DESIGN sections 9 and 12; THREATS A01, A07.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

import grpc

from gateway.errors import Forbidden
from gateway.flow.access import holds
from gateway.flow.gateway import Gateway
from gateway.tls.identity import Identity, Role
from gateway.tls.verification import Bound, Verifier
from gateway.wire.methods import METHODS


class Port(StrEnum):
    """Which of the two listeners."""

    PEER = "peer"
    LOCAL = "local"


CALLER: ContextVar[Identity] = ContextVar("caller")
"""Whose call is being served."""
ADMIT_AGAIN: ContextVar[Callable[[], object]] = ContextVar("admit_again")
"""Asks again whether that caller may call, and raises where not: for whoever waits long in between."""

_PEERS: Final = frozenset({Role.GATEWAY})
_SYSTEMS: Final = frozenset({Role.SYSTEM, Role.OPERATOR})
_OPERATORS: Final = frozenset({Role.OPERATOR})
_AUDITORS: Final = frozenset({Role.AUDITOR, Role.OPERATOR})
_REVIEWERS: Final = frozenset({Role.OFFICER, Role.OPERATOR})
_ANYBODY: Final = frozenset({Role.SYSTEM, Role.OFFICER, Role.AUDITOR, Role.OPERATOR})

_HEALTH: Final = ("/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch")
_REFLECTION: Final = ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",)

_BY_SERVICE: Final[Mapping[Port, Mapping[str, frozenset[Role]]]] = {
    Port.PEER: {"Peer": _PEERS, "Mirror": _PEERS, "Witness": _PEERS},
    Port.LOCAL: {
        "Submission": _SYSTEMS,
        "Operation": _OPERATORS,
        "Audit": _AUDITORS,
        "Explanation": _OPERATORS,
        "Review": _REVIEWERS,
        "Forwarding": _SYSTEMS,
        "Documents": _SYSTEMS,
    },
}
_OTHERWISE: Final[Mapping[str, frozenset[Role]]] = {
    # Who approves is decided by signatures; an operator hands them in, and an officer has no need to.
    "Review/AddOfficers": _OPERATORS,
    "Review/DisableOfficer": _OPERATORS,
    "Explanation/ExplainExchange": _REVIEWERS,
}
"""Methods that others may call than the rest of their service."""

ALLOWED: Final[Mapping[Port, Mapping[str, frozenset[Role]]]] = {
    port: {
        **{
            path: _OTHERWISE.get(f"{service}/{method.name}", roles)
            for path, method in METHODS.items()
            for service, roles in services.items()
            if method.service == f"gateway.v1.{service}"
        },
        **dict.fromkeys(_HEALTH, _PEERS if port is Port.PEER else _ANYBODY),
        **(dict.fromkeys(_REFLECTION, _ANYBODY) if port is Port.LOCAL else {}),
    }
    for port, services in _BY_SERVICE.items()
}
"""Who may call what on which port; what is absent nobody may."""


class Standing(Protocol):
    """What the door asks of the running gateway; all of it is in memory."""

    @property
    def gateway(self) -> Gateway:
        """The gateway as it is now."""
        ...

    @property
    def serials(self) -> frozenset[str]:
        """Serials of the certificates that hold at the local port."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a connection shows: TLS version, identities named, leaf certificate."""

    tls: str
    identities: int
    leaf_pem: bytes

    @classmethod
    def of(cls, context: grpc.aio.ServicerContext[Any, Any]) -> Credentials:
        """Return what the connection of a call shows; what is missing is empty."""
        shown = {name: list(values) for name, values in context.auth_context().items()}
        leaf = shown.get("x509_pem_cert", [])
        version = shown.get("ssl_tls_version", [])
        return cls(
            tls=version[0].decode("ascii", "replace") if len(version) == 1 else "",
            identities=len(shown.get("peer_spiffe_id", [])),
            leaf_pem=leaf[0] if len(leaf) == 1 else b"",
        )


class Door:
    """Tells who calls on one port, and whether they may."""

    def __init__(self, port: Port, standing: Standing) -> None:
        self.port = port
        self._standing = standing
        self._verifier = Verifier(self._authorities_of)

    def admit(self, path: str, shown: Credentials, now: datetime) -> Identity:
        """Return who calls a method.

        Raises:
            Forbidden: code `old-tls`, `no-certificate`, `wrong-port`, `revoked`, `not-allowed`.
            Malformed, VerificationFailed: the certificate; see `Verifier.verify`.
        """
        if shown.tls != "TLSv1.3":
            raise Forbidden("only TLS 1.3 is spoken here", code="old-tls")
        if not shown.leaf_pem or shown.identities != 1:
            raise Forbidden("show a certificate that names exactly one identity", code="no-certificate")
        bound = self._verifier.verify(shown.leaf_pem, now)
        self._check_belongs(bound)
        if bound.identity.role not in ALLOWED[self.port].get(path, frozenset()):
            called, role = path.rpartition("/")[2], bound.identity.role.value
            raise Forbidden(f"{called} is not open to the role {role}", code="not-allowed", method=path)
        return bound.identity

    def _check_belongs(self, bound: Bound) -> None:
        identity, me = bound.identity, self._standing.gateway.me
        if self.port is Port.PEER:
            if identity.agency == me or identity.role is not Role.GATEWAY:
                raise Forbidden("this port is for the gateways of other members", code="wrong-port")
            return
        if identity.agency != me or identity.role is Role.GATEWAY:
            raise Forbidden("this port is for this agency's own", code="wrong-port")
        if not holds(identity, bound.serial, bound.expires_at - bound.issued_at, self._standing.serials):
            raise Forbidden("the certificate was revoked, or is not on file", code="revoked")

    def _authorities_of(self, agency: str) -> tuple[bytes, ...]:
        gateway = self._standing.gateway
        if self.port is Port.LOCAL:
            return (gateway.authority.certificate_der,) if agency == gateway.me else ()
        if agency not in gateway.directory.active:
            return ()
        return gateway.directory.keys_of(agency).tls_ca
