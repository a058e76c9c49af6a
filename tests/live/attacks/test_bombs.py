"""A42: messages too large and compressed bombs are refused before they cost anything."""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path
from threading import Thread

import grpc
import pytest

from gateway.services.caller import Port
from gateway.v1 import submission_pb2 as pb
from gateway.wire.limits import BATCH_BYTES_MAX, MESSAGE_BYTES_MAX
from tests.flow import oracle
from tests.live.attacks import http2
from tests.live.attacks.town import Town
from tests.live.houses import NL

MIB = 1024 * 1024
DELIVER, PUSH = "/gateway.v1.Peer/Deliver", "/gateway.v1.Submission/Push"
PATHS = {
    Port.PEER: (DELIVER, "/gateway.v1.Mirror/GetFile", "/grpc.health.v1.Health/Check"),
    Port.LOCAL: (PUSH, "/gateway.v1.Submission/Preview", "/grpc.health.v1.Health/Check"),
}
SIZES = (MIB, 4 * MIB, 16 * MIB, 64 * MIB)
CPU_S = 0.1
MEMORY = 64 * MIB


@cache
def _bomb(size: int) -> bytes:
    """Return a gzip stream that unpacks to so many zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.flush()


def _thrown(town: Town, port: Port, folder: Path, path: str, size: int) -> bytes:
    """Throw a bomb at a method, frame by frame; return what was answered."""
    with http2.Line(town.address(port), server=NL, shown=town.welcome(port), folder=folder) as line:
        block = http2.request(path, NL, http2.field("grpc-encoding", "gzip"))
        line.send(http2.frame(http2.HEADERS, http2.END_HEADERS, 1, block))
        said = line.send_body(1, http2.message(_bomb(size), compressed=True))
        return said + line.read_until(b"grpc-status\x0212", b"grpc-message")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("port", list(Port))
def test_compressed_request_is_refused_whatever_it_unpacks_to(
    besieged: Town, tmp_path: Path, port: Port, size: int
) -> None:
    before, memory = besieged.counts(), besieged.spent().memory_bytes

    answers = [_thrown(besieged, port, tmp_path, path, size) for path in PATHS[port]]

    assert all(b"grpc-status\x0212" in answer for answer in answers)  # 12: UNIMPLEMENTED
    assert besieged.spent().memory_bytes - memory < MEMORY
    assert besieged.counts() == before


@pytest.mark.parametrize("port", list(Port))
def test_compression_is_refused_to_an_ordinary_client_too(besieged: Town, port: Port) -> None:
    wire = besieged.wire(port, besieged.welcome(port))

    for path in PATHS[port]:
        told = wire.call(path, bytes(4 * MIB), compression=grpc.Compression.Gzip)
        assert (told.status, told.answers) == (grpc.StatusCode.UNIMPLEMENTED, ())


@pytest.mark.parametrize("port", list(Port))
def test_message_beyond_what_the_transport_takes_is_refused_unread(besieged: Town, port: Port) -> None:
    before, memory = besieged.counts(), besieged.spent().memory_bytes
    wire = besieged.wire(port, besieged.welcome(port))

    for path in PATHS[port]:
        for size in (MESSAGE_BYTES_MAX + 1, 16 * MIB, 64 * MIB):
            told = wire.call(path, bytes(size))
            assert (told.status, told.answers) == (grpc.StatusCode.RESOURCE_EXHAUSTED, ()), (path, size)

    assert besieged.spent().memory_bytes - memory < MEMORY
    assert besieged.counts() == before


def test_batch_beyond_the_contract_is_refused_although_the_transport_takes_it(besieged: Town) -> None:
    size = oracle.size(besieged.home())

    told = besieged.as_peer().call(DELIVER, bytes(BATCH_BYTES_MAX + 1))

    assert (told.status, told.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "too-large")
    assert oracle.size(besieged.home()) == size


def test_push_of_more_items_than_allowed_is_refused_whole(besieged: Town) -> None:
    before = besieged.counts()
    many = pb.PushRequest(items=[pb.PushItem(record=b"x", key=str(at)) for at in range(65)])

    told = besieged.wire(Port.LOCAL, besieged.welcome(Port.LOCAL)).call(PUSH, many.SerializeToString())

    assert (told.reason, told.answers) == ("too-many", ())
    assert besieged.counts() == before


def test_record_beyond_its_bound_is_refused_and_its_neighbours_are_not(besieged: Town) -> None:
    large = pb.PushItem(record=bytes(2 * MIB), key="large", recipients=[pb.Addressee(agency=NL)])
    other = pb.PushItem(record=b"x", key="other", recipients=[pb.Addressee(agency=NL)])
    request = pb.PushRequest(items=[large, other])

    told = besieged.wire(Port.LOCAL, besieged.welcome(Port.LOCAL)).call(PUSH, request.SerializeToString())

    answers = [one for data in told.answers for one in pb.PushResponse.FromString(data).answers]
    assert {one.key for one in answers} == {"large", "other"}
    assert all(one.problem.code and not one.record_id for one in answers)


def test_honest_records_go_through_while_bombs_fall(besieged: Town, tmp_path: Path) -> None:
    wire = besieged.as_peer()

    def throw() -> None:
        for _ in range(8):
            wire.call(DELIVER, bytes(32 * MIB))
            _thrown(besieged, Port.PEER, tmp_path, DELIVER, 16 * MIB)

    thrower = Thread(target=throw)
    thrower.start()
    went = [besieged.honest_call_works() for _ in range(3)]
    thrower.join(60)

    assert all(went) and not thrower.is_alive()


@pytest.mark.timed
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("port", list(Port))
def test_bomb_costs_less_than_a_tenth_of_a_second(
    besieged: Town, tmp_path: Path, port: Port, size: int
) -> None:
    """Ten of them are thrown, because the clock of /proc ticks a hundred times a second."""
    _thrown(besieged, port, tmp_path, PATHS[port][0], size)
    before = besieged.spent()

    for _ in range(10):
        assert b"grpc-status\x0212" in _thrown(besieged, port, tmp_path, PATHS[port][0], size)

    assert (besieged.spent().cpu_s - before.cpu_s) / 10 < CPU_S


@pytest.mark.deep
@pytest.mark.parametrize("port", list(Port))
def test_bomb_of_a_gibibyte_is_refused_like_any_other(besieged: Town, tmp_path: Path, port: Port) -> None:
    before = besieged.spent()

    answer = _thrown(besieged, port, tmp_path, PATHS[port][0], 1024 * MIB)

    after = besieged.spent()
    assert b"grpc-status\x0212" in answer
    assert after.memory_bytes - before.memory_bytes < MEMORY
    assert after.cpu_s - before.cpu_s < 1
