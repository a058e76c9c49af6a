"""Certificates that nobody should accept: forged, stretched, or made by somebody else's authority."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.tls.authority import Authority, ca_certificate
from gateway.tls.credential import Credential, pem_of_key, subject
from gateway.tls.identity import Identity, Role

DAY = timedelta(days=1)
CLIENT = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH)


def foreign_authority(agency: str) -> Authority:
    """Return an authority that calls itself an agency's and is listed nowhere."""
    material = b"\x17" * 32
    return Authority(agency, material, ca_certificate(agency, material, datetime.now(UTC)))


def certified(
    authority: Authority,
    *uris: str,
    begins: timedelta = -DAY,
    ends: timedelta = DAY,
    usages: Sequence[x509.ObjectIdentifier] = CLIENT,
    self_signed: bool = False,
) -> Credential:
    """Return a key with a certificate that names these URIs, signed by an authority or by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri) for uri in uris]
    signer = key if self_signed else authority._key
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject("attacker"))
        .issuer_name(subject("attacker") if self_signed else authority._certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.SubjectAlternativeName([*names, x509.DNSName("attacker")]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    return Credential(
        identity=Identity(agency=authority.agency, role=Role.GATEWAY),
        key=pem_of_key(key),
        certificate=certificate.public_bytes(serialization.Encoding.PEM),
        ca=authority.certificate,
    )
