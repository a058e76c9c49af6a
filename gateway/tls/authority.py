"""The agency's own certificate authority: its certificate, and what it issues.

P-256 throughout: the transport accepts no Ed25519 leaf. The private key lives in the keystore; what a gateway
or a person at the console uses for itself is made anew in memory and never written down.

Source: DESIGN section 9; RFC 5280.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.errors import Malformed, VerificationFailed
from gateway.tls.credential import UNREADABLE, Credential, pem_of_key, private_key, spki, subject
from gateway.tls.identity import Identity, Role

CA_LIFE: Final = timedelta(days=5 * 365)
GATEWAY_LIFE: Final = timedelta(days=7)
CONSOLE_LIFE: Final = timedelta(minutes=10)
ISSUED_LIFE_MAX: Final = timedelta(days=397)

_BACKDATED: Final = timedelta(minutes=5)
"""Clocks of two machines differ; a certificate must not seem to come from the future."""
_REQUEST_BYTES_MAX: Final = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate as it was issued; `serial` in hex, `key_digest` the SHA-256 of the key's SPKI DER."""

    identity: Identity
    serial: str
    key_digest: bytes
    expires_at: datetime
    certificate: bytes


def ca_certificate(agency: str, material: bytes, now: datetime) -> bytes:
    """Return a new self-signed CA certificate of an agency, DER."""
    key = private_key(material)
    name = subject(f"{agency} gateway authority")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(
            subject=name,
            issuer=name,
            public=key.public_key(),
            now=now,
            life=CA_LIFE,
            serial=x509.random_serial_number(),
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.DER)


class Authority:
    """Issues certificates of one agency."""

    def __init__(self, agency: str, material: bytes, certificate_der: bytes) -> None:
        """Take the agency, the keystore material of its CA key and the CA certificate.

        Raises:
            Malformed: the certificate is not one.
            VerificationFailed: code `wrong-ca`: it is of another key.
        """
        self.agency = agency
        self.certificate_der = certificate_der
        self._key = private_key(material)
        try:
            self._certificate = x509.load_der_x509_certificate(certificate_der)
        except UNREADABLE as exc:
            raise Malformed("is not a certificate", field="ca") from exc
        if spki(self._certificate.public_key()) != spki(self._key.public_key()):
            raise VerificationFailed("the CA certificate is of another key", code="wrong-ca")

    @property
    def certificate(self) -> bytes:
        """The CA certificate, PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def credential(self, identity: Identity, now: datetime, life: timedelta) -> Credential:
        """Return a fresh key with its certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        issued = self._issue(identity, key.public_key(), now, life)
        pem = pem_of_key(key)
        return Credential(identity=identity, key=pem, certificate=issued.certificate, ca=self.certificate)

    def server(self, hosts: Sequence[str], now: datetime, life: timedelta) -> tuple[bytes, bytes]:
        """Return a fresh key and a certificate for serving under these DNS names or addresses, both PEM.

        It names no identity of ours, so that it can call nobody.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        named = [_host_name(host) for host in hosts]
        certificate = self._signed(
            _builder(
                subject=subject(f"{self.agency} server"),
                issuer=self._certificate.subject,
                public=key.public_key(),
                now=now,
                life=life,
                serial=x509.random_serial_number(),
            ),
            key.public_key(),
            [ExtendedKeyUsageOID.SERVER_AUTH],
            named,
        )
        return pem_of_key(key), certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, identity: Identity, request_pem: bytes, now: datetime, life: timedelta) -> Issued:
        """Return a certificate for the key of a PKCS#10 request; nothing else of the request is taken over.

        Raises:
            Malformed: no request, another kind of key, or a life beyond 397 days (codes `bad-request`,
                `bad-key`, `bad-life`).
            VerificationFailed: code `no-possession`: its signature does not hold.
        """
        if not timedelta(0) < life <= ISSUED_LIFE_MAX:
            raise Malformed(f"is not 1 to {ISSUED_LIFE_MAX.days} days", field="days", code="bad-life")
        if identity.role is Role.GATEWAY or identity.agency != self.agency:
            raise Malformed("is not issued on request", field="role", code="bad-request")
        public = _requested(request_pem)
        return self._issue(identity, public, now, life)

    def _issue(
        self, identity: Identity, public: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
    ) -> Issued:
        serial = x509.random_serial_number()
        builder = _builder(
            subject=subject(identity.actor),
            issuer=self._certificate.subject,
            public=public,
            now=now,
            life=life,
            serial=serial,
        )
        names = [x509.UniformResourceIdentifier(identity.uri), x509.DNSName(identity.host)]
        certificate = self._signed(builder, public, _purposes(identity.role), names)
        return Issued(
            identity=identity,
            serial=f"{serial:x}",
            key_digest=sha256(spki(public)).digest(),
            expires_at=certificate.not_valid_after_utc,
            certificate=certificate.public_bytes(serialization.Encoding.PEM),
        )

    def _signed(
        self,
        builder: x509.CertificateBuilder,
        public: ec.EllipticCurvePublicKey,
        purposes: Sequence[x509.ObjectIdentifier],
        names: Sequence[x509.GeneralName],
    ) -> x509.Certificate:
        return (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_leaf_usage(), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _requested(request_pem: bytes) -> ec.EllipticCurvePublicKey:
    if len(request_pem) > _REQUEST_BYTES_MAX:
        raise Malformed("is larger than 16 KiB", field="request", code="too-large")
    try:
        request = x509.load_pem_x509_csr(request_pem)
        public = request.public_key()
        holds = request.is_signature_valid
    except UNREADABLE as exc:
        raise Malformed("is not a PKCS#10 request in PEM", field="request", code="bad-request") from exc
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise Malformed("is not for a P-256 key", field="request", code="bad-key")
    if not holds:
        raise VerificationFailed("is not signed by the key it is for", field="request", code="no-possession")
    return public


def _builder(
    *,
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta,
    serial: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + life)
    )


def _purposes(role: Role) -> list[x509.ObjectIdentifier]:
    # Whoever is no gateway cannot play one: its certificate answers nobody's call.
    if role is Role.GATEWAY:
        return [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return [ExtendedKeyUsageOID.CLIENT_AUTH]


def _leaf_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
