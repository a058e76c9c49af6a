"""A01, A07: certificates that are forged, stretched, stale or made by somebody else's authority."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.errors import GatewayError
from gateway.services.caller import ALLOWED, Credentials, Door, Port
from gateway.tls.authority import Authority
from gateway.tls.credential import Credential
from gateway.tls.identity import Role
from tests.flow import oracle
from tests.live.attacks import http2
from tests.live.attacks.papers import DAY, certified, foreign_authority
from tests.live.attacks.town import Town
from tests.live.attacks.wire import Wire
from tests.live.houses import NGO, NL, RO

CHECK = "/grpc.health.v1.Health/Check"
AGENCY = {Port.PEER: RO, Port.LOCAL: NL}
ME = {Port.PEER: f"spiffe://{RO}/gateway", Port.LOCAL: f"spiffe://{NL}/operator/console"}
_Made = Callable[[Authority, str], Credential | None]

# What the transport itself refuses: nothing of ours is ever asked.
AT_THE_HANDSHAKE: dict[str, _Made] = {
    "no certificate": lambda _, __: None,
    "expired": lambda ca, me: certified(ca, me, begins=-9 * DAY, ends=-DAY),
    "not yet valid": lambda ca, me: certified(ca, me, begins=DAY, ends=2 * DAY),
    "self-signed": lambda ca, me: certified(ca, me, self_signed=True),
    "of an authority nobody listed": lambda ca, me: certified(foreign_authority(ca.agency), me),
    "not for clients": lambda ca, me: certified(ca, me, usages=[ExtendedKeyUsageOID.SERVER_AUTH]),
}

# What passes the handshake, for the authority is a good one, and is turned away at the door.
AT_THE_DOOR: dict[str, tuple[Port, tuple[str, ...], str]] = {
    "two identities": (Port.PEER, (ME[Port.PEER], f"spiffe://{NGO}/gateway"), "no-certificate"),
    "the same identity twice": (Port.PEER, (ME[Port.PEER],) * 2, "no-certificate"),
    "an identity and another name": (Port.PEER, (ME[Port.PEER], "https://police.ro/"), "no-certificate"),
    "no identity": (Port.PEER, (), "no-certificate"),
    "a name that is no identity": (Port.PEER, ("https://police.ro/gateway",), "no-certificate"),
    "another member": (Port.PEER, (f"spiffe://{NGO}/gateway",), "wrong-certificate"),
    "the gateway called": (Port.PEER, (f"spiffe://{NL}/gateway",), "wrong-certificate"),
    "nobody's member": (Port.PEER, ("spiffe://police.zz/gateway",), "not-a-member"),
    "a role that is none": (Port.PEER, (f"spiffe://{RO}/root",), "malformed"),
    "a gateway with a name": (Port.PEER, (f"spiffe://{RO}/gateway/x",), "malformed"),
    "a system among the peers": (Port.PEER, (f"spiffe://{RO}/system/records",), "wrong-port"),
    "an operator among the peers": (Port.PEER, (f"spiffe://{RO}/operator/console",), "wrong-port"),
    "a peer at home": (Port.LOCAL, (f"spiffe://{RO}/system/records",), "not-a-member"),
    "the gateway at home": (Port.LOCAL, (f"spiffe://{NL}/gateway",), "wrong-port"),
    "a system nobody filed": (Port.LOCAL, (f"spiffe://{NL}/system/records",), "revoked"),
    "a console that lasts": (Port.LOCAL, (f"spiffe://{NL}/operator/console",), "revoked"),
}


def _calls(wire: Wire, port: Port) -> list[tuple[str, str]]:
    """Return how the methods of a port answer."""
    told = [wire.call(path, b"") for path in ALLOWED[port]]
    assert not any(one.answers for one in told)
    return [(one.status.name, one.reason) for one in told]


@pytest.mark.parametrize("port", list(Port))
@pytest.mark.parametrize("what", list(AT_THE_HANDSHAKE))
def test_certificate_no_listed_authority_vouches_for_passes_no_handshake(
    town: Town, port: Port, what: str
) -> None:
    before = town.counts()
    shown = AT_THE_HANDSHAKE[what](town.authority(AGENCY[port]), ME[port])

    told = _calls(town.wire(port, shown), port)

    assert set(told) == {("UNAVAILABLE", "")}
    assert town.counts() == before


@pytest.mark.parametrize("what", list(AT_THE_DOOR))
def test_certificate_that_claims_what_its_authority_may_not_say_is_refused_by_every_method(
    town: Town, what: str
) -> None:
    before, size = town.counts(), oracle.size(town.home())
    port, uris, reason = AT_THE_DOOR[what]
    shown = certified(town.authority(AGENCY[port]), *uris)

    told = _calls(town.wire(port, shown), port)

    assert {code for _, code in told} == {reason}
    assert {status for status, _ in told} <= {"PERMISSION_DENIED", "INVALID_ARGUMENT"}
    assert (town.counts(), oracle.size(town.home())) == (before, size)


@pytest.mark.parametrize("agency", [NL, RO, NGO])
def test_authority_of_a_member_vouches_for_no_other_member(town: Town, agency: str) -> None:
    """The trick of A01: a certificate that the transport trusts, and that names somebody else."""
    shown = town.issued(agency, Role.GATEWAY, by=RO)

    told = town.wire(Port.PEER, shown).call(CHECK, b"")

    assert told.short == ("OK" if agency == RO else "wrong-certificate")


def test_certificate_that_ends_while_the_connection_stays_open_is_refused_from_then_on(town: Town) -> None:
    shown = certified(town.authority(RO), ME[Port.PEER])
    door = Door(Port.PEER, town.running())
    seen = Credentials(tls="TLSv1.3", identities=1, leaf_pem=shown.certificate)
    now = datetime.now(UTC)
    assert door.admit(CHECK, seen, now).agency == RO

    with pytest.raises(GatewayError) as refused:
        door.admit(CHECK, seen, now + 2 * DAY)

    assert refused.value.code == "wrong-certificate"


@pytest.mark.parametrize("version", ["", "TLSv1.2", "TLSv1.1", "TLSv1.30", "tlsv1.3", "TLSv1.3,TLSv1.2"])
@pytest.mark.parametrize("port", list(Port))
def test_door_speaks_one_version_of_tls_only(town: Town, port: Port, version: str) -> None:
    role = Role.GATEWAY if port is Port.PEER else Role.OPERATOR
    shown = town.issued(AGENCY[port], role, "" if port is Port.PEER else "duty")
    door = Door(port, town.running())

    with pytest.raises(GatewayError) as refused:
        door.admit(
            CHECK, Credentials(tls=version, identities=1, leaf_pem=shown.certificate), datetime.now(UTC)
        )

    assert (refused.value.code, refused.value.kind) == ("old-tls", "forbidden")


@pytest.mark.parametrize("port", list(Port))
@pytest.mark.parametrize(
    ("newest", "said"),
    [
        (ssl.TLSVersion.TLSv1_2, b"only TLS 1.3 is spoken here"),
        (ssl.TLSVersion.TLSv1_3, http2.message(b"\x08\x01")),
    ],
)
def test_tls_1_2_is_refused_on_the_wire(
    town: Town, tmp_path: Path, port: Port, newest: ssl.TLSVersion, said: bytes
) -> None:
    """The other version is asked the same way, so that it is the version that is refused."""
    role = Role.GATEWAY if port is Port.PEER else Role.OPERATOR
    shown = town.issued(AGENCY[port], role, "" if port is Port.PEER else "duty")

    with http2.Line(town.address(port), server=NL, shown=shown, folder=tmp_path, newest=newest) as line:
        line.send(
            http2.frame(http2.HEADERS, http2.END_HEADERS, 1, http2.request(CHECK, NL)),
            http2.frame(http2.DATA, http2.END_STREAM, 1, http2.message(b"")),
        )
        found = line.read_until(said)

    assert said in found


def test_connection_shows_what_it_shows_and_no_metadata_counts(town: Town) -> None:
    """Headers that claim to be somebody are nobody's identity."""
    claims = [
        ("x-forwarded-client-cert", f"URI=spiffe://{NL}/operator/console"),
        ("x-agency", NL),
        ("authorization", "Bearer operator"),
        ("peer_spiffe_id", f"spiffe://{NL}/operator/console"),
    ]
    wire = town.as_peer(RO)

    told = wire.call("/gateway.v1.Operation/GetStatus", b"", metadata=claims)

    assert told.status is grpc.StatusCode.UNIMPLEMENTED and not told.answers
    assert wire.call(CHECK, b"", metadata=claims).status is grpc.StatusCode.OK
