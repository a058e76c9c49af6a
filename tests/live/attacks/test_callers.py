"""A01: who one is follows from the certificate alone, and what one may ask from that alone."""

from __future__ import annotations

from datetime import UTC, datetime

import grpc
import pytest

from gateway.errors import GatewayError
from gateway.flow.gateway import Gateway
from gateway.sealing.batch import parse_receipt_batch
from gateway.services.caller import ALLOWED, Credentials, Door, Port
from gateway.tls.identity import Role
from gateway.v1 import peer_pb2
from gateway.wire.methods import METHODS
from tests.flow import forge, oracle
from tests.live.attacks.town import Town
from tests.live.attacks.wire import GARBAGE
from tests.live.houses import NGO, NL, RO

STANDARD = (
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
)
EVERY = (*METHODS, *STANDARD)

# Written out once more: a table that is only compared with itself proves nothing.
_BY_SERVICE = {
    "gateway.v1.Peer": (Port.PEER, {Role.GATEWAY}),
    "gateway.v1.Mirror": (Port.PEER, {Role.GATEWAY}),
    "gateway.v1.Witness": (Port.PEER, {Role.GATEWAY}),
    "gateway.v1.Submission": (Port.LOCAL, {Role.SYSTEM, Role.OPERATOR}),
    "gateway.v1.Operation": (Port.LOCAL, {Role.OPERATOR}),
    "gateway.v1.Audit": (Port.LOCAL, {Role.AUDITOR, Role.OPERATOR}),
    "gateway.v1.Explanation": (Port.LOCAL, {Role.OPERATOR}),
    "gateway.v1.Forwarding": (Port.LOCAL, {Role.SYSTEM, Role.OPERATOR}),
    "gateway.v1.Documents": (Port.LOCAL, {Role.SYSTEM, Role.OPERATOR}),
    "gateway.v1.Review": (Port.LOCAL, {Role.OFFICER, Role.OPERATOR}),
    "grpc.reflection.v1alpha.ServerReflection": (Port.LOCAL, set(Role) - {Role.GATEWAY, Role.TAXII}),
}
_BY_METHOD = {
    "/gateway.v1.Review/AddOfficers": {Role.OPERATOR},
    "/gateway.v1.Review/DisableOfficer": {Role.OPERATOR},
    "/gateway.v1.Explanation/ExplainExchange": {Role.OFFICER, Role.OPERATOR},
}


def _answer(port: Port, role: Role, path: str, *, own: bool) -> str:
    """Return how garbage on a method must be answered: only whoever may ask hears what is wrong with it."""
    service = path.split("/")[1]
    at_home = port if service == "grpc.health.v1.Health" else _BY_SERVICE[service][0]
    if at_home is not port:
        return "UNIMPLEMENTED"
    if own != (port is Port.LOCAL) or (role is Role.GATEWAY) != (port is Port.PEER):
        return "wrong-port"
    allowed = set(Role) - {Role.TAXII} if service == "grpc.health.v1.Health" else _BY_SERVICE[service][1]
    allowed = _BY_METHOD.get(path, allowed)
    return "malformed" if role in allowed else "not-allowed"


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("port", list(Port))
def test_every_method_is_open_to_its_roles_on_its_port_and_to_nobody_else(
    town: Town, port: Port, role: Role
) -> None:
    before, ledger = town.counts(), oracle.kinds(town.home())
    name = "" if role is Role.GATEWAY else "somebody"
    # Own certificates pass no handshake at the port for peers, nor peers' at the own: see below.
    wire = town.wire(port, town.issued(NL if port is Port.LOCAL else RO, role, name))

    told = {path: wire.call(path, GARBAGE) for path in EVERY}

    expected = {path: _answer(port, role, path, own=port is Port.LOCAL) for path in EVERY}
    assert {path: one.short for path, one in told.items()} == expected
    assert all(not one.answers for one in told.values())
    kinds = {"wrong-port": "forbidden", "not-allowed": "forbidden", "malformed": "malformed"}
    assert {one.kind for one in told.values()} == {kinds.get(said, "") for said in expected.values()}
    assert town.counts() == before and oracle.kinds(town.home()) == ledger


def test_the_table_of_the_product_says_the_same() -> None:
    for port in Port:
        for path in EVERY:
            for role in Role:
                said = _answer(port, role, path, own=port is Port.LOCAL)
                assert (role in ALLOWED[port].get(path, ())) == (said == "malformed"), (port, path, role)


@pytest.mark.parametrize(("agency", "port"), [(NL, Port.PEER), (RO, Port.LOCAL)])
@pytest.mark.parametrize("role", list(Role))
def test_certificate_of_the_other_port_passes_no_handshake(
    town: Town, agency: str, port: Port, role: Role
) -> None:
    name = "" if role is Role.GATEWAY else "somebody"
    wire = town.wire(port, town.issued(agency, role, name))

    told = wire.call("/grpc.health.v1.Health/Check", b"")

    assert (told.status, told.reason) == (grpc.StatusCode.UNAVAILABLE, "")
    assert not told.answers


@pytest.mark.parametrize(
    ("port", "agency", "role"),
    [(Port.PEER, NL, Role.GATEWAY), (Port.PEER, NL, Role.OPERATOR), (Port.LOCAL, RO, Role.SYSTEM)],
)
def test_door_turns_the_other_port_away_even_behind_the_handshake(
    town: Town, port: Port, agency: str, role: Role
) -> None:
    shown = town.issued(agency, role, "" if role is Role.GATEWAY else "somebody")
    door = Door(port, town.running())
    path = next(iter(ALLOWED[port]))

    with pytest.raises(GatewayError) as refused:
        door.admit(
            path,
            Credentials(tls="TLSv1.3", identities=1, leaf_pem=shown.certificate),
            datetime.now(UTC),
        )

    assert refused.value.code == ("wrong-port" if port is Port.PEER else "not-a-member")


def test_batch_that_names_another_sender_is_refused_and_summed_up_in_one_entry(town: Town) -> None:
    before, size = town.counts(), oracle.size(town.home())

    def forged(gateway: Gateway, now: datetime) -> bytes:
        lie = forge.announce(gateway, NL, b"not mine", now, sender=NGO)
        return forge.batch(gateway, forge.envelope(gateway, lie))

    (answer,) = town.as_peer(RO).call("/gateway.v1.Peer/Deliver", town.work(RO, forged)).answers

    told = parse_receipt_batch(answer)
    assert [error.code for error in told.errors] == ["wrong-sender"] and not told.receipts
    assert oracle.kinds(town.home(), size) == ["refused-summary"]
    (entry,) = oracle.entries(town.home(), size)
    assert entry["peer"] == RO
    assert {**town.counts(), "entries": 0} == {**before, "entries": 0}


def test_peer_asks_for_no_ledger_but_its_own(town: Town) -> None:
    """The message names a ledger; whose it is is compared with who calls."""
    origins = {agency: town.running(agency).gateway.origin for agency in (NL, RO, NGO)}
    asked = "/gateway.v1.Witness/GetCheckpoint"
    wire = town.as_peer(RO)

    told = {agency: wire.call(asked, _named(origin)).short for agency, origin in origins.items()}

    assert told == {NL: "other-ledger", RO: "OK", NGO: "other-ledger"}


def test_peer_has_no_checkpoint_cosigned_but_its_own(town: Town) -> None:
    before = town.counts()

    def note(gateway: Gateway, _: datetime) -> bytes:
        return gateway.notary.sign_head().note.encode()

    request = peer_pb2.AddCheckpointRequest(checkpoint=town.work(NGO, note)).SerializeToString()
    told = town.as_peer(RO).call("/gateway.v1.Witness/AddCheckpoint", request)

    assert told.status in {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.INVALID_ARGUMENT}
    assert told.kind in {"unverified", "forbidden", "malformed"} and not told.answers
    assert town.counts() == before


def _named(origin: str) -> bytes:
    return peer_pb2.GetCheckpointRequest(origin=origin).SerializeToString()
