"""Who calls: read from the connection's certificate at every request, and held to the one role that pulls.

Source: DESIGN sections 9 and 12; THREATS A01, A07.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.errors import Forbidden
from gateway.flow.gateway import Gateway
from gateway.tls.identity import Role
from gateway.tls.verification import Verifier


class Standing(Protocol):
    """What the door asks of the running gateway; all of it is in memory."""

    @property
    def gateway(self) -> Gateway:
        """The gateway as it is now."""
        ...

    @property
    def serials(self) -> frozenset[str]:
        """Serials of the certificates that hold."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a connection shows: its TLS version, and the leaf certificate in DER; empty where it has none."""

    tls: str
    leaf: bytes

    @classmethod
    def of(cls, connection: object) -> Shown:
        """Return what a connection's TLS object shows."""
        if not isinstance(connection, ssl.SSLObject):
            return cls(tls="", leaf=b"")
        return cls(tls=connection.version() or "", leaf=connection.getpeercert(binary_form=True) or b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A tool that may ask: its name, and the serial of its certificate."""

    name: str
    serial: str


class Door:
    """Tells who calls, and whether they may."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._verifier = Verifier(self._authorities_of)

    def admit(self, shown: Shown, now: datetime) -> Caller:
        """Return who calls.

        Raises:
            Forbidden: code `old-tls`, `no-certificate`, `wrong-port` or `revoked`.
            Malformed, VerificationFailed: the certificate; see `Verifier.verify`.
        """
        if shown.tls != "TLSv1.3":
            raise Forbidden("only TLS 1.3 is spoken here", code="old-tls")
        if not shown.leaf:
            raise Forbidden("show a certificate", code="no-certificate")
        bound = self._verifier.verify(ssl.DER_cert_to_PEM_cert(shown.leaf).encode(), now)
        identity = bound.identity
        if identity.agency != self._standing.gateway.me or identity.role is not Role.TAXII:
            raise Forbidden("this port is for tools registered to pull", code="wrong-port")
        if bound.serial not in self._standing.serials:
            raise Forbidden("the certificate was revoked, or is not on file", code="revoked")
        return Caller(name=identity.name, serial=bound.serial)

    def _authorities_of(self, agency: str) -> tuple[bytes, ...]:
        gateway = self._standing.gateway
        return (gateway.authority.certificate_der,) if agency == gateway.me else ()
