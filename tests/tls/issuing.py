"""Authorities of invented agencies, and certificates as somebody would make them who means no good."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.tls.authority import Authority, ca_certificate
from gateway.tls.credential import private_key
from gateway.tls.identity import Identity, Role

NOW: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY: Final = timedelta(days=1)
NL: Final = "police.nl"
RO: Final = "police.ro"
RECORDS: Final = Identity(agency=NL, role=Role.SYSTEM, name="records")

CLIENT: Final = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER: Final = ExtendedKeyUsageOID.SERVER_AUTH


def material(agency: str, generation: int = 1) -> bytes:
    """Return the keystore material of an agency's CA key."""
    return sha256(f"{agency} {generation}".encode()).digest()


@cache
def ca_of(agency: str, generation: int = 1, made: datetime = NOW - 30 * DAY) -> bytes:
    """Return an agency's CA certificate, DER."""
    return ca_certificate(agency, material(agency, generation), made)


@cache
def authority(agency: str = NL, generation: int = 1) -> Authority:
    """Return an agency's authority."""
    return Authority(agency, material(agency, generation), ca_of(agency, generation))


def request(key: Any, algorithm: Any = hashes.SHA256()) -> x509.CertificateSigningRequest:  # noqa: B008
    """Return a request for a certificate of any kind of key, signed by it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "whoever")])
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, algorithm)


def pem(thing: x509.Certificate | x509.CertificateSigningRequest) -> bytes:
    """Return a certificate or request as PEM."""
    return thing.public_bytes(serialization.Encoding.PEM)


def armoured(label: str, der: bytes) -> bytes:
    """Return bytes as PEM, whether they are what the label says or not."""
    lines = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{lines}-----END {label}-----\n".encode()


def leaf(
    *,
    by: str = NL,
    uris: Sequence[str] = (RECORDS.uri,),
    purposes: Sequence[x509.ObjectIdentifier] | None = (CLIENT,),
    start: datetime = NOW - DAY,
    end: datetime = NOW + DAY,
    self_signed: bool = False,
) -> bytes:
    """Return a certificate that an agency's CA key signed, or its own key; PEM."""
    own = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.load_der_x509_certificate(ca_of(by))
    signer = own if self_signed else private_key(material(by))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "whoever")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name if self_signed else issuer.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if uris:
        names = [x509.UniformResourceIdentifier(uri) for uri in uris]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if purposes is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return pem(builder.sign(signer, hashes.SHA256()))
