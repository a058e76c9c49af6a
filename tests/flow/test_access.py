"""Access: who of the agency's own gets a certificate, what the ledger says of it, and what ends it."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from gateway.errors import GatewayError, Malformed, NotFound, VerificationFailed
from gateway.flow.access import (
    CONSOLE,
    Access,
    add_access,
    holding_serials,
    holds,
    list_access,
    revoke_access,
)
from gateway.tls.authority import CONSOLE_LIFE, GATEWAY_LIFE, ISSUED_LIFE_MAX
from gateway.tls.credential import Credential, new_request
from gateway.tls.identity import Identity, Role
from gateway.tls.verification import Verifier
from tests.flow import oracle
from tests.flow.federation import NL, RO, Homes

LIFE = timedelta(days=90)
SYSTEM = Identity(agency=NL, role=Role.SYSTEM, name="verzonnensysteem")


def _request(identity: Identity = SYSTEM) -> bytes:
    return new_request(identity)[1]


def _add(homes: Homes, role: str = "system", name: str = SYSTEM.name, request: bytes = b"") -> Access:
    return add_access(homes[NL], role, name, request_pem=request or _request(), life=LIFE, now=homes.now)[0]


def _holds(homes: Homes, access: Access, role: Role = Role.SYSTEM) -> bool:
    identity = Identity(agency=NL, role=role, name=access.name)
    return holds(identity, access.serial, LIFE, holding_serials(homes[NL]))


def _bound(homes: Homes, credential: Credential) -> tuple[Identity, str, timedelta]:
    """Return what a verifier that trusts this agency's authority finds in a certificate."""
    ca = x509.load_pem_x509_certificate(homes[NL].authority.certificate)
    der = ca.public_bytes(serialization.Encoding.DER)
    bound = Verifier(lambda _: [der]).verify(credential.certificate, homes.now)
    return bound.identity, bound.serial, bound.expires_at - bound.issued_at


def test_issued_certificate_names_its_holder_and_holds(homes: Homes) -> None:
    request = _request()

    access, files = add_access(
        homes[NL], "system", SYSTEM.name, request_pem=request, life=LIFE, now=homes.now
    )

    certificate, ca = x509.load_pem_x509_certificates(files)
    assert certificate.public_key() == x509.load_pem_x509_csr(request).public_key()
    certificate.verify_directly_issued_by(ca)
    assert access.serial == f"{certificate.serial_number:x}"
    assert access.expires_at == certificate.not_valid_after_utc == homes.now + LIFE
    assert (access.role, access.name, access.revoked_at) == ("system", SYSTEM.name, None)
    assert _holds(homes, access)


def test_ledger_says_that_a_key_got_access_and_never_whose_it_is(homes: Homes) -> None:
    size = oracle.size(homes.opened(NL))
    request = _request()

    access = _add(homes, "auditor", SYSTEM.name, request)
    revoke_access(homes[NL], "auditor", SYSTEM.name, homes.now)

    added, revoked = oracle.entries(homes.home(NL), size)
    key = x509.load_pem_x509_csr(request).public_key()
    digest = sha256(
        key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ).hexdigest()
    for entry, action in ((added, "added"), (revoked, "revoked")):
        assert set(entry) == {"v", "kind", "at", "action", "access", "key", "blind"}
        assert (entry["kind"], entry["action"], entry["access"]) == (36, action, "auditor")
        assert entry["key"] == digest
    assert access.key_id == digest[:32]
    ledger = json.dumps(oracle.entries(homes.home(NL))).encode()
    assert oracle.places([SYSTEM.name, access.serial], {"ledger": ledger}) == []


def test_every_certificate_is_listed_with_what_became_of_it(homes: Homes) -> None:
    first = _add(homes)
    homes.pass_time(hours=1)
    second, other = _add(homes), _add(homes, "operator", "a-1")

    homes.pass_time(hours=1)
    revoke_access(homes[NL], "operator", "a-1", homes.now)
    homes.close()

    listed = list_access(homes[NL])
    assert [one.serial for one in listed] == [first.serial, second.serial, other.serial]
    assert listed[:2] == [first, second]
    assert (listed[2].role, listed[2].name, listed[2].revoked_at) == ("operator", "a-1", homes.now)


def test_revoking_a_name_ends_all_its_certificates_and_nobody_elses(homes: Homes) -> None:
    mine = [_add(homes), _add(homes)]
    other, other_role = _add(homes, name="other"), _add(homes, "operator")
    size = oracle.size(homes.home(NL))

    revoked = revoke_access(homes[NL], "system", SYSTEM.name, homes.now)

    assert [one.serial for one in revoked] == [one.serial for one in mine]
    assert not any(_holds(homes, one) for one in mine)
    assert _holds(homes, other) and _holds(homes, other_role, Role.OPERATOR)
    rows = dict(oracle.query(homes.home(NL), "SELECT serial, closing_entry FROM accesses"))
    assert [rows[one.serial] for one in mine] == [size, size + 1]
    assert rows[other.serial] is None


def test_revoked_name_may_get_a_new_certificate_and_the_old_one_stays_revoked(homes: Homes) -> None:
    old = _add(homes)
    revoke_access(homes[NL], "system", SYSTEM.name, homes.now)

    new = _add(homes)
    again = revoke_access(homes[NL], "system", SYSTEM.name, homes.now)

    assert not _holds(homes, old)
    assert [one.serial for one in again] == [new.serial]


@pytest.mark.parametrize(("role", "name"), [("system", "other"), ("auditor", SYSTEM.name), ("system", "")])
def test_name_that_holds_nothing_cannot_be_revoked(homes: Homes, role: str, name: str) -> None:
    access = _add(homes)
    size = oracle.size(homes.home(NL))

    with pytest.raises(NotFound) as refused:
        revoke_access(homes[NL], role, name, homes.now)

    assert refused.value.code == "no-such-access"
    assert oracle.size(homes.home(NL)) == size
    assert _holds(homes, access)


def test_certificate_the_gateway_never_listed_gives_no_access(homes: Homes) -> None:
    """Its signature is good: whoever had the CA key made it, and the ledger knows nothing of it."""
    unlisted = _bound(homes, homes[NL].authority.credential(SYSTEM, homes.now, LIFE))
    gateways_own = _bound(
        homes,
        homes[NL].authority.credential(Identity(agency=NL, role=Role.GATEWAY), homes.now, GATEWAY_LIFE),
    )
    listed = _add(homes)

    for identity, serial, life in (unlisted, gateways_own):
        assert not holds(identity, serial, life, holding_serials(homes[NL]))
    assert _holds(homes, listed)


def test_console_needs_no_listing_and_lives_for_minutes_only(homes: Homes) -> None:
    console = Identity(agency=NL, role=Role.OPERATOR, name=CONSOLE)
    authority = homes[NL].authority

    usual = _bound(homes, authority.credential(console, homes.now, CONSOLE_LIFE))
    long = _bound(homes, authority.credential(console, homes.now, 2 * CONSOLE_LIFE))
    other = _bound(
        homes,
        authority.credential(Identity(agency=NL, role=Role.SYSTEM, name=CONSOLE), homes.now, CONSOLE_LIFE),
    )

    assert holds(*usual, frozenset())
    assert not holds(*long, frozenset())
    assert not holds(*other, frozenset())


@pytest.mark.parametrize("role", ["system", "auditor", "operator"])
def test_nobody_is_issued_the_name_of_the_console(homes: Homes, role: str) -> None:
    refused = _refused(homes, role, CONSOLE)

    assert isinstance(refused, Malformed)
    assert refused.code == "bad-name"


@pytest.mark.parametrize("role", ["gateway", "officer", "root", "", "SYSTEM"])
def test_role_that_is_not_issued_is_refused(homes: Homes, role: str) -> None:
    """A gateway's certificate is made in memory by the gateway itself; officers are enrolled another way."""
    refused = _refused(homes, role, "records")

    assert isinstance(refused, Malformed)
    assert refused.code == "bad-role"
    with pytest.raises(Malformed):
        revoke_access(homes[NL], role, "records", homes.now)


@pytest.mark.parametrize("name", ["", "A", "a.b", "a/b", "-a", "a" * 64, "ä", "a b"])
def test_name_that_is_no_dns_label_is_refused(homes: Homes, name: str) -> None:
    assert isinstance(_refused(homes, "system", name), Malformed)


@pytest.mark.parametrize("life", [timedelta(0), ISSUED_LIFE_MAX + timedelta(days=1)])
def test_life_out_of_bounds_is_refused(homes: Homes, life: timedelta) -> None:
    assert _refused(homes, "system", "records", life=life).code == "bad-life"


def test_request_that_shows_no_possession_is_refused(homes: Homes) -> None:
    request = x509.load_pem_x509_csr(_request()).public_bytes(serialization.Encoding.DER)
    broken = x509.load_der_x509_csr(request[:-1] + bytes([request[-1] ^ 1]))

    refused = _refused(homes, "system", "records", request=broken.public_bytes(serialization.Encoding.PEM))

    assert isinstance(refused, VerificationFailed)


def test_access_of_one_agency_is_none_at_another(homes: Homes) -> None:
    access = _add(homes)

    assert list_access(homes[RO]) == []
    assert access.serial not in holding_serials(homes[RO])


def _refused(
    homes: Homes, role: str, name: str, *, request: bytes = b"", life: timedelta = LIFE
) -> GatewayError:
    """Return why nothing is issued, and see that nothing was kept."""
    before = oracle.counts(homes.opened(NL))
    with pytest.raises(GatewayError) as refused:
        add_access(homes[NL], role, name, request_pem=request or _request(), life=life, now=homes.now)
    assert oracle.counts(homes.home(NL)) == before
    return refused.value
