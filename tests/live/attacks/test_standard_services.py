"""Health on both ports, reflection on the own one only; both behind the guard, and both bounded."""

from __future__ import annotations

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from gateway.services.caller import Port
from gateway.tls.identity import Role
from tests.live.attacks.town import Town
from tests.live.attacks.wire import GARBAGE, Wire
from tests.live.houses import NL, RO

CHECK, WATCH = "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"
REFLECT = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
LIST = reflection_pb2.ServerReflectionRequest(list_services="").SerializeToString()
SERVING = health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING).SerializeToString()
NAMES = {
    Port.PEER: ["Peer", "Mirror", "Witness"],
    Port.LOCAL: ["Submission", "Operation", "Audit", "Explanation", "Forwarding"],
}


def _wire(town: Town, port: Port) -> Wire:
    return town.as_peer(RO) if port is Port.PEER else town.as_system(NL)


@pytest.mark.parametrize("port", list(Port))
def test_health_tells_of_every_service_of_its_port(town: Town, port: Port) -> None:
    wire = _wire(town, port)

    for name in ("", *(f"gateway.v1.{name}" for name in NAMES[port])):
        asked = health_pb2.HealthCheckRequest(service=name).SerializeToString()
        assert wire.call(CHECK, asked).answers == (SERVING,)
        assert wire.call(WATCH, asked, answers_max=1).answers == (SERVING,)


@pytest.mark.parametrize("port", list(Port))
def test_health_says_nothing_of_what_is_not_there(town: Town, port: Port) -> None:
    wire = _wire(town, port)
    other = NAMES[Port.LOCAL if port is Port.PEER else Port.PEER][0]

    asked = health_pb2.HealthCheckRequest(service=f"gateway.v1.{other}").SerializeToString()

    assert wire.call(CHECK, asked).status is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("path", [CHECK, WATCH, REFLECT])
def test_request_that_cannot_be_read_is_refused_as_malformed_and_not_as_an_accident(
    town: Town, path: str
) -> None:
    told = town.as_system().call(path, GARBAGE)

    assert (told.status, told.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "malformed")
    assert b"DecodeError" not in told.everything and b"Unexpected" not in told.everything


def test_reflection_lists_the_own_services_at_home(town: Town) -> None:
    (answer,) = town.as_system().call(REFLECT, LIST).answers

    found = reflection_pb2.ServerReflectionResponse.FromString(answer).list_services_response.service

    assert {one.name for one in found} >= {f"gateway.v1.{name}" for name in NAMES[Port.LOCAL]}
    assert not {one.name for one in found} & {f"gateway.v1.{name}" for name in NAMES[Port.PEER]}


def test_reflection_is_not_there_for_peers_nor_for_a_revoked_system(town: Town) -> None:
    assert town.as_peer(RO).call(REFLECT, LIST).status is grpc.StatusCode.UNIMPLEMENTED
    ghost = town.issued(NL, Role.SYSTEM, "ghost", filed=False)
    assert town.wire(Port.LOCAL, ghost).call(REFLECT, LIST).reason == "revoked"
