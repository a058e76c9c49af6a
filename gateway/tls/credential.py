"""A key with its certificate: how it is made, read and written, and whom a certificate names.

Source: DESIGN section 9; RFC 5280, RFC 2986.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.errors import GatewayError, Malformed
from gateway.tls.identity import Identity

UNREADABLE: Final = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises, without a common base, for a stranger's bytes that it cannot or will not read."""

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A key and the certificate for it, PEM; `ca` is the certificate of the agency that issued it."""

    identity: Identity
    key: bytes = field(repr=False)
    certificate: bytes
    ca: bytes

    def encode(self) -> bytes:
        """Return the one file a client is given: key, certificate, CA."""
        return self.key + self.certificate + self.ca


def private_key(material: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key of 32 bytes of keystore material."""
    return ec.derive_private_key(int.from_bytes(material, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def new_request(identity: Identity) -> tuple[bytes, bytes]:
    """Return a fresh private key and a request for a certificate of it, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(subject(identity.actor))
    return pem_of_key(key), request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def read_credential(data: bytes) -> Credential:
    """Return the credential of one file that holds key, certificate and CA, PEM, in this order.

    Raises:
        Malformed: it holds something else.
    """
    try:
        key = serialization.load_pem_private_key(data, password=None)
        certificate, ca = x509.load_pem_x509_certificates(data)
        identity = identity_of(certificate)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise Malformed("is no P-256 key", field="identity")
    except (*UNREADABLE, GatewayError) as exc:
        raise Malformed(
            "does not hold a key, its certificate and the CA's, in PEM", field="identity"
        ) from exc
    return Credential(
        identity=identity,
        key=pem_of_key(key),
        certificate=certificate.public_bytes(serialization.Encoding.PEM),
        ca=ca.public_bytes(serialization.Encoding.PEM),
    )


def identity_of(certificate: x509.Certificate) -> Identity:
    """Return whom a certificate names, unverified: exactly one URI among its names, and that one is ours.

    Raises:
        Malformed: anything else.
    """
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (*UNREADABLE, x509.ExtensionNotFound) as exc:
        raise Malformed("names nobody", field="certificate") from exc
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if len(uris) != 1:
        raise Malformed("does not name exactly one identity", field="certificate")
    return Identity.parse(uris[0])


def pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key in PEM, in clear: for memory, or for a file of its owner alone."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def spki(public: object) -> bytes:
    """Return the SPKI DER of a P-256 key; any other key is Malformed."""
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise Malformed("is no P-256 key", field="certificate")
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def subject(text: str) -> x509.Name:
    """Return the distinguished name that shows a text to people; nothing is decided by it."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])
