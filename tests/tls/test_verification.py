"""A01: a certificate counts only under the authority of the very agency it names, and only while it holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError, Malformed, VerificationFailed
from gateway.tls.authority import CA_LIFE
from gateway.tls.identity import Identity, Role
from gateway.tls.verification import Verifier
from tests.tls.issuing import (
    DAY,
    NL,
    NOW,
    RECORDS,
    RO,
    SERVER,
    armoured,
    authority,
    ca_of,
    leaf,
    pem,
)

BOTH = {NL: (ca_of(NL),), RO: (ca_of(RO),)}
GATEWAY_RO = Identity(agency=RO, role=Role.GATEWAY)


_GOOD = leaf()


def _verifier(listed: dict[str, Sequence[bytes]] | None = None) -> Verifier:
    directory = BOTH if listed is None else listed
    return Verifier(lambda agency: directory.get(agency, ()))


def _refused(certificate: bytes, now: datetime = NOW, *, verifier: Verifier | None = None) -> str:
    with pytest.raises(VerificationFailed) as refused:
        (verifier or _verifier()).verify(certificate, now)
    return refused.value.code


def test_certificate_of_its_agencys_own_authority_speaks_for_whom_it_names() -> None:
    issued = authority(RO).credential(GATEWAY_RO, NOW, DAY)

    bound = _verifier().verify(issued.certificate, NOW)

    assert bound.identity == GATEWAY_RO
    assert bound.serial == f"{x509.load_pem_x509_certificate(issued.certificate).serial_number:x}"
    assert bound.issued_at < NOW < bound.expires_at == NOW + DAY


def test_certificate_made_by_hand_in_the_same_form_is_good() -> None:
    """Every refusal below changes one thing of this one."""
    assert _verifier().verify(leaf(), NOW).identity == RECORDS


@pytest.mark.parametrize("name", ["gateway", "system/records", "operator/console"])
def test_authority_of_one_agency_cannot_vouch_for_another(name: str) -> None:
    """Both authorities are listed, so a transport that trusts either would let this pass."""
    forged = leaf(by=NL, uris=[f"spiffe://{RO}/{name}"])

    assert _refused(forged) == "wrong-certificate"
    assert _verifier().verify(leaf(by=RO, uris=[f"spiffe://{RO}/{name}"]), NOW).identity.agency == RO


def test_authority_with_the_right_name_and_another_key_vouches_for_nobody() -> None:
    """The name an authority gives itself stands in the certificate; only its key counts."""
    impostor = authority(NL, 2).credential(RECORDS, NOW, DAY)

    assert _refused(impostor.certificate) == "wrong-certificate"


def test_agency_without_a_listed_authority_is_no_member() -> None:
    assert _refused(leaf(), verifier=_verifier({RO: BOTH[RO]})) == "not-a-member"


def test_certificate_is_good_from_its_start_to_its_end_and_not_outside() -> None:
    certificate = leaf(start=NOW - DAY, end=NOW + DAY)
    second = timedelta(seconds=1)

    for inside in (NOW - DAY, NOW, NOW + DAY):
        assert _verifier().verify(certificate, inside).identity == RECORDS
    for outside in (NOW - DAY - second, NOW + DAY + second):
        assert _refused(certificate, outside) == "wrong-certificate"


@pytest.mark.parametrize("purposes", [(SERVER,), None], ids=["server only", "none stated"])
def test_certificate_not_made_for_clients_is_refused(
    purposes: Sequence[x509.ObjectIdentifier] | None,
) -> None:
    assert _refused(leaf(purposes=purposes)) == "wrong-certificate"


def test_self_signed_certificate_is_refused() -> None:
    assert _refused(leaf(self_signed=True)) == "wrong-certificate"


def test_certificate_issued_by_another_leaf_is_refused() -> None:
    """Whoever has a certificate has a key, and may not issue with it."""
    own = ec.generate_private_key(ec.SECP256R1())
    good = x509.load_pem_x509_certificate(leaf())
    builder = (
        x509.CertificateBuilder()
        .subject_name(good.subject)
        .issuer_name(good.subject)
        .public_key(own.public_key())
        .serial_number(7)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
    )
    for extension in good.extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)

    assert _refused(pem(builder.sign(own, hashes.SHA256()))) == "wrong-certificate"


@pytest.mark.parametrize(
    "uris",
    [
        (),
        (RECORDS.uri, GATEWAY_RO.uri),
        (RECORDS.uri, RECORDS.uri),
        ("https://police.nl/system/records",),
        ("spiffe://police.nl/system/records/more",),
    ],
    ids=["none", "two", "one twice", "no SPIFFE id", "off its form"],
)
def test_certificate_that_does_not_name_exactly_one_of_ours_is_refused(uris: Sequence[str]) -> None:
    with pytest.raises(Malformed):
        _verifier().verify(leaf(uris=uris), NOW)


def test_certificate_without_any_name_is_refused() -> None:
    with pytest.raises(Malformed):
        _verifier().verify(pem(x509.load_der_x509_certificate(ca_of(NL))), NOW)


@given(position=st.integers(0, 10_000), change=st.integers(1, 255))
def test_changed_certificate_is_refused_in_words_or_says_the_same(position: int, change: int) -> None:
    """One spare byte of a signature stands under none; every other one is refused, and in words."""
    good = x509.load_pem_x509_certificate(_GOOD)
    data = bytearray(good.public_bytes(serialization.Encoding.DER))
    data[position % len(data)] ^= change

    try:
        bound = _verifier().verify(armoured("CERTIFICATE", bytes(data)), NOW)
    except GatewayError:
        return
    assert (bound.identity, bound.serial) == (RECORDS, f"{good.serial_number:x}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"\x55\x1d\x13", b"\x55\x1d\x11"),
        (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07"),
    ],
    ids=["an extension twice", "a version there is none of"],
)
def test_certificate_no_library_reads_is_refused_in_words(one: bytes, other: bytes) -> None:
    data = x509.load_pem_x509_certificate(_GOOD).public_bytes(serialization.Encoding.DER)
    assert data.count(one) == 1

    with pytest.raises(Malformed):
        _verifier().verify(armoured("CERTIFICATE", data.replace(one, other)), NOW)


def test_remembered_certificate_falls_with_its_authority() -> None:
    listed: dict[str, Sequence[bytes]] = {NL: (ca_of(NL), ca_of(NL, 2)), RO: (ca_of(RO),)}
    verifier, certificate = _verifier(listed), leaf()
    remembered = verifier.verify(certificate, NOW)

    assert verifier.verify(certificate, NOW) is remembered
    listed[NL] = (ca_of(NL, 2),)
    assert _refused(certificate, verifier=verifier) == "wrong-certificate"
    listed[NL] = ()
    assert _refused(certificate, verifier=verifier) == "not-a-member"
    listed[NL] = (ca_of(NL), ca_of(NL, 2))
    assert verifier.verify(certificate, NOW) is remembered


def test_remembered_certificate_ends_with_its_own_life() -> None:
    verifier, certificate = _verifier(), leaf()
    verifier.verify(certificate, NOW)

    assert _refused(certificate, NOW + DAY + timedelta(seconds=1), verifier=verifier) == "wrong-certificate"


def test_remembered_certificate_ends_with_the_life_of_its_authority() -> None:
    made = NOW - CA_LIFE
    verifier, certificate = _verifier({NL: (ca_of(NL, made=made),)}), leaf(end=NOW + 30 * DAY)

    assert verifier.verify(certificate, NOW).identity == RECORDS
    assert _refused(certificate, NOW + DAY, verifier=verifier) == "wrong-certificate"
