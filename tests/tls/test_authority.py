"""What an agency's authority issues: to whom, for which key, for how long, and what for."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError, Malformed, VerificationFailed
from gateway.tls.authority import CONSOLE_LIFE, GATEWAY_LIFE, ISSUED_LIFE_MAX, Authority, Issued
from gateway.tls.credential import Credential, identity_of, new_request, read_credential
from gateway.tls.identity import Identity, Role
from tests.tls.issuing import (
    CLIENT,
    DAY,
    NL,
    NOW,
    RECORDS,
    RO,
    SERVER,
    armoured,
    authority,
    ca_of,
    material,
    pem,
    request,
)

KEY, REQUEST = new_request(RECORDS)


def _issue(request_pem: bytes = REQUEST, *, life: timedelta = DAY, identity: Identity = RECORDS) -> Issued:
    return authority().issue(identity, request_pem, NOW, life)


def _certificate(issued: Issued | Credential) -> x509.Certificate:
    return x509.load_pem_x509_certificate(issued.certificate)


def _purposes(certificate: x509.Certificate) -> list[x509.ObjectIdentifier]:
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def _hosts(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.DNSName)


def test_requested_key_gets_a_certificate_that_names_who_it_was_issued_to() -> None:
    issued = _issue()

    certificate = _certificate(issued)
    key = serialization.load_pem_private_key(KEY, password=None)
    assert certificate.public_key() == key.public_key()
    assert identity_of(certificate) == issued.identity == RECORDS
    assert issued.serial == f"{certificate.serial_number:x}"
    assert issued.expires_at == certificate.not_valid_after_utc == NOW + DAY
    spki = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert issued.key_digest == sha256(spki).digest()
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(ca_of(NL)))


def test_nothing_of_the_request_but_its_key_is_taken_over() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.UniformResourceIdentifier("spiffe://police.nl/gateway"), x509.DNSName(NL)]
    asked = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NL)]))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([SERVER]), critical=False)
        .sign(key, hashes.SHA256())
    )

    certificate = _certificate(_issue(pem(asked)))

    assert identity_of(certificate) == RECORDS
    assert _hosts(certificate) == ["records.system.police.nl"]
    assert _purposes(certificate) == [CLIENT]
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.GATEWAY])
def test_certificate_of_anybody_but_the_gateway_cannot_serve(role: Role) -> None:
    """Nor does it carry the name that peers expect of the agency's gateway."""
    gateway = authority().credential(Identity(agency=NL, role=Role.GATEWAY), NOW, GATEWAY_LIFE)
    other = authority().credential(Identity(agency=NL, role=role, name="records"), NOW, CONSOLE_LIFE)

    assert (_purposes(_certificate(gateway)), _hosts(_certificate(gateway))) == ([SERVER, CLIENT], [NL])
    assert _purposes(_certificate(other)) == [CLIENT]
    assert NL not in _hosts(_certificate(other))


def test_gateways_own_certificate_is_issued_to_nobody_on_request() -> None:
    with pytest.raises(Malformed) as refused:
        _issue(identity=Identity(agency=NL, role=Role.GATEWAY))

    assert refused.value.code == "bad-request"


def test_authority_issues_for_its_own_agency_only() -> None:
    with pytest.raises(Malformed) as refused:
        _issue(identity=Identity(agency=RO, role=Role.SYSTEM, name="records"))

    assert refused.value.code == "bad-request"


@pytest.mark.parametrize(
    "key",
    [
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
    ],
    ids=["Ed25519", "RSA", "P-384", "secp256k1"],
)
def test_key_of_another_kind_gets_no_certificate(key: object) -> None:
    signed = request(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())

    with pytest.raises(Malformed) as refused:
        _issue(pem(signed))

    assert refused.value.code == "bad-key"


def test_request_not_signed_by_its_own_key_gets_no_certificate() -> None:
    """Somebody else's public key must not get a certificate that names the asker."""
    theirs = request(ec.generate_private_key(ec.SECP256R1()))
    forged = bytearray(theirs.public_bytes(serialization.Encoding.DER))
    forged[-1] ^= 1
    unsigned = x509.load_der_x509_csr(bytes(forged))

    with pytest.raises(VerificationFailed) as refused:
        _issue(pem(unsigned))

    assert refused.value.code == "no-possession"


def test_request_larger_than_its_bound_is_not_read() -> None:
    padded = REQUEST + b"\n" * (16 * 1024 - len(REQUEST))

    assert _issue(padded).identity == RECORDS
    with pytest.raises(Malformed) as refused:
        _issue(padded + b"\n")

    assert refused.value.code == "too-large"


@pytest.mark.parametrize(
    "data",
    [b"", b"no PEM", KEY, ca_of(NL), b"\xff" * 99],
    ids=["nothing", "no PEM", "a key", "a certificate", "noise"],
)
def test_what_is_no_request_gets_no_certificate(data: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        _issue(data)

    assert refused.value.code == "bad-request"


@given(position=st.integers(0, 10_000), change=st.integers(1, 255))
def test_request_with_any_changed_byte_is_refused_in_words_or_is_for_the_same_key(
    position: int, change: int
) -> None:
    """One spare byte of a signature stands under none; every other one is refused, and in words."""
    data = bytearray(x509.load_pem_x509_csr(REQUEST).public_bytes(serialization.Encoding.DER))
    data[position % len(data)] ^= change

    try:
        issued = _issue(armoured("CERTIFICATE REQUEST", bytes(data)))
    except GatewayError:
        return
    assert issued.key_digest == _issue().key_digest


@pytest.mark.parametrize("life", [timedelta(0), -DAY, ISSUED_LIFE_MAX + timedelta(seconds=1)])
def test_life_out_of_bounds_is_refused(life: timedelta) -> None:
    with pytest.raises(Malformed) as refused:
        _issue(life=life)

    assert refused.value.code == "bad-life"


@pytest.mark.parametrize("life", [timedelta(seconds=1), ISSUED_LIFE_MAX])
def test_life_at_its_bounds_is_granted(life: timedelta) -> None:
    assert _issue(life=life).expires_at == NOW + life


def test_certificate_is_valid_a_little_before_it_was_made() -> None:
    assert NOW - timedelta(minutes=10) < _certificate(_issue()).not_valid_before_utc < NOW


def test_ca_certificate_signs_leaves_and_no_further_authority() -> None:
    certificate = x509.load_der_x509_certificate(ca_of(NL))

    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    assert usage.key_cert_sign and not usage.digital_signature


def test_authority_is_not_opened_with_the_certificate_of_another_key() -> None:
    with pytest.raises(VerificationFailed) as refused:
        Authority(NL, material(NL), ca_of(NL, 2))
    with pytest.raises(Malformed):
        Authority(NL, material(NL), b"no certificate")

    assert refused.value.code == "wrong-ca"


def test_credential_reads_back_from_its_one_file_and_hides_its_key() -> None:
    made = authority().credential(RECORDS, NOW, DAY)

    assert read_credential(made.encode()) == made
    assert repr(made.key) not in repr(made)


@pytest.mark.parametrize("part", ["key", "certificate", "CA"])
def test_credential_without_one_of_its_parts_is_refused(part: str) -> None:
    made = authority().credential(RECORDS, NOW, DAY)
    parts = {"key": made.key, "certificate": made.certificate, "CA": made.ca}
    del parts[part]

    with pytest.raises(Malformed):
        read_credential(b"".join(parts.values()))


def test_credential_with_a_key_of_another_kind_or_names_nobody_is_refused() -> None:
    made = authority().credential(RECORDS, NOW, DAY)
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    for data in (other + made.certificate + made.ca, made.key + made.ca + made.ca, b"", b"\xff"):
        with pytest.raises(Malformed):
            read_credential(data)
