"""Binding a certificate to the agency that issued it.

A transport that trusts several agencies' authorities lets each of them vouch for any name. So a certificate
counts only under the authority of the very agency it names.

Source: DESIGN section 9; RFC 5280 section 6; THREATS A01.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from gateway.errors import Malformed, VerificationFailed
from gateway.tls.credential import UNREADABLE, identity_of
from gateway.tls.identity import Identity

AuthoritiesOf = Callable[[str], Sequence[bytes]]
"""Returns the CA certificates, DER, that the directory lists for an agency now; none for a stranger."""

_REMEMBERED_MAX: Final = 4_096


class Bound:
    """A certificate that was found good: whom it speaks for, its serial, and when it ends."""

    __slots__ = ("expires_at", "identity", "issued_at", "serial")

    def __init__(self, identity: Identity, certificate: x509.Certificate) -> None:
        self.identity = identity
        self.serial = f"{certificate.serial_number:x}"
        self.issued_at = certificate.not_valid_before_utc
        self.expires_at = certificate.not_valid_after_utc


class Verifier:
    """Verifies leaf certificates, and remembers the good ones for as long as the same authorities hold."""

    def __init__(self, authorities_of: AuthoritiesOf) -> None:
        self._authorities_of = authorities_of
        self._known: dict[tuple[bytes, tuple[bytes, ...]], tuple[Bound, datetime]] = {}

    def verify(self, leaf_pem: bytes, now: datetime) -> Bound:
        """Return whom a leaf certificate speaks for, issued by that agency's own authority and valid now.

        Raises:
            Malformed: no certificate, or it names no identity of ours.
            VerificationFailed: code `not-a-member` (no authority is listed for the agency it names) or
                `wrong-certificate` (expired, of another authority, not for clients).
        """
        digest = sha256(leaf_pem).digest()
        try:
            leaf = x509.load_pem_x509_certificate(leaf_pem)
        except UNREADABLE as exc:
            raise Malformed("is not a certificate", field="certificate") from exc
        identity = identity_of(leaf)
        authorities = tuple(self._authorities_of(identity.agency))
        if not authorities:
            raise VerificationFailed(
                f"{identity.agency} is not a member with a listed authority", code="not-a-member"
            )
        known = self._known.get((digest, authorities))
        if known is not None and now < known[1]:
            return known[0]
        ends_at = _checked_until(leaf, authorities, now)
        bound = Bound(identity, leaf)
        if len(self._known) >= _REMEMBERED_MAX:
            self._known.clear()
        self._known[digest, authorities] = bound, ends_at
        return bound


def _checked_until(leaf: x509.Certificate, authorities: Sequence[bytes], now: datetime) -> datetime:
    """Return until when a good certificate may be believed unseen: it may outlive its authority's own."""
    try:
        store = Store([x509.load_der_x509_certificate(der) for der in authorities])
        verified = PolicyBuilder().store(store).time(now).build_client_verifier().verify(leaf, [])
        # The library takes a certificate that states no purpose at all for one of every purpose.
        purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
            raise VerificationError("states no client purpose")
        return min(certificate.not_valid_after_utc for certificate in verified.chain)
    except (VerificationError, x509.ExtensionNotFound, *UNREADABLE) as exc:
        raise VerificationFailed(
            "the certificate is not of its agency's authority, or not valid now", code="wrong-certificate"
        ) from exc


def pem_of(certificate_der: bytes) -> bytes:
    """Return a certificate in PEM."""
    return x509.load_der_x509_certificate(certificate_der).public_bytes(serialization.Encoding.PEM)
