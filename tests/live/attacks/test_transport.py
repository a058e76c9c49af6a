"""A44: many streams, floods, garbage, half-open connections and slow readers cost a bounded amount."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.client import reading
from gateway.sealing.batch import EnvelopeBatch
from gateway.services.caller import Port
from gateway.services.peer import STREAMS_PER_PEER_MAX
from gateway.v1 import submission_pb2 as pb
from gateway.wire.limits import METADATA_BYTES_MAX, STREAMS_MAX
from tests.live.attacks import http2
from tests.live.attacks.town import Town
from tests.live.attacks.wire import GARBAGE, Stream, Wire
from tests.live.houses import NL, RO, TO_RO, Push, case

CHECK = "/grpc.health.v1.Health/Check"
DELIVER, PUSH = "/gateway.v1.Peer/Deliver", "/gateway.v1.Submission/Push"
MEMORY = 64 * 1024 * 1024
BOTH = pytest.mark.parametrize("port", list(Port))


def _wire(town: Town, port: Port, **options: Any) -> Wire:
    return town.wire(port, town.welcome(port), NL, **options)


def _line(town: Town, port: Port, folder: Path) -> http2.Line:
    return http2.Line(town.address(port), server=NL, shown=town.welcome(port), folder=folder)


@pytest.fixture(autouse=True)
def _bounded(besieged: Town) -> Iterator[None]:
    """See after every attack that it cost little, changed nothing, and that the gateway still serves."""
    before, spent = besieged.counts(), besieged.spent()
    yield
    assert besieged.spent().memory_bytes - spent.memory_bytes < MEMORY
    after = besieged.counts()
    assert {name: after[name] for name in ("inbox", "accesses")} == {
        name: before[name] for name in ("inbox", "accesses")
    }
    for port in Port:
        assert _wire(besieged, port).call(CHECK, b"").status is grpc.StatusCode.OK
    assert besieged.honest_call_works()
    log = (besieged.home() / "gateway.log").read_text().splitlines()
    told = [json.loads(line) for line in log if not line.startswith("warning: ")]
    assert [line for line in told if line["event"] in {"incident", "library.logged", "task.failed"}] == []


@BOTH
def test_no_connection_holds_more_streams_than_allowed(besieged: Town, tmp_path: Path, port: Port) -> None:
    """Whoever opens more is reset, or cut off; the others are served."""
    path = DELIVER if port is Port.PEER else PUSH
    block = http2.request(path, NL)
    with _line(besieged, port, tmp_path) as line:
        opened = [
            http2.frame(http2.HEADERS, http2.END_HEADERS, 2 * at + 1, block) for at in range(4 * STREAMS_MAX)
        ]
        line.send(*opened)
        said = line.read_until(http2.frame(http2.RST_STREAM, 0, 2 * STREAMS_MAX + 1)[3:9])

    refused = [
        at
        for at in range(STREAMS_MAX, 4 * STREAMS_MAX)
        if http2.frame(http2.RST_STREAM, 0, 2 * at + 1, bytes(4))[:9] in said
    ]
    assert refused or http2.frame(http2.GOAWAY, 0, 0)[3:] in said


def test_peer_has_few_deliveries_at_a_time_and_gets_them_back(besieged: Town) -> None:
    wire = besieged.as_peer(RO)
    batch = EnvelopeBatch(checkpoint=b"none", consistency=None, envelopes=(b"junk",)).encode()
    for _ in range(3):
        streams = [Stream(wire, DELIVER) for _ in range(STREAMS_PER_PEER_MAX)]
        assert all(stream.ask(batch) for stream in streams)

        assert wire.call(DELIVER, batch).reason == "quota"

        for stream in streams:
            stream.end()
            assert list(stream.call) == []


@BOTH
def test_metadata_beyond_its_bound_is_refused(besieged: Town, port: Port) -> None:
    wire = _wire(besieged, port)

    for size in (3 * METADATA_BYTES_MAX, 1024 * 1024):
        told = wire.call(CHECK, b"", metadata=[("x-long", "a" * size)])
        assert told.status in {grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE}
        assert not told.answers
    many = [(f"x-{at}", "a" * 16) for at in range(10_000)]
    assert not wire.call(CHECK, b"", metadata=many).answers


@BOTH
@pytest.mark.parametrize("path", ["/", "/x", "//", "/gateway.v1.Peer/", "/gateway.v1.Peer/deliver", "/a/b/c"])
def test_method_that_does_not_exist_is_unimplemented(besieged: Town, port: Port, path: str) -> None:
    told = _wire(besieged, port).call(path, GARBAGE)

    assert (told.status, told.answers) == (grpc.StatusCode.UNIMPLEMENTED, ())


@BOTH
def test_calls_without_a_deadline_that_are_given_up_leave_nothing(besieged: Town, port: Port) -> None:
    wire = _wire(besieged, port)
    begun: Any = wire.channel.stream_stream(DELIVER if port is Port.PEER else PUSH)
    files = besieged.spent().files

    for _ in range(300):
        call: Any = begun(iter(()))
        call.cancel()

    assert wire.call(CHECK, b"").status is grpc.StatusCode.OK
    assert besieged.spent().files - files < 32


@BOTH
def test_streams_reset_as_fast_as_they_are_opened_are_survived(
    besieged: Town, tmp_path: Path, port: Port
) -> None:
    """Rapid reset: CVE-2023-44487."""
    block = http2.request(CHECK, NL)
    with _line(besieged, port, tmp_path) as line:
        for start in range(0, 4_000, 200):
            frames = [
                one
                for at in range(start, start + 200)
                for one in (
                    http2.frame(http2.HEADERS, http2.END_HEADERS, 2 * at + 1, block),
                    http2.frame(http2.RST_STREAM, 0, 2 * at + 1, http2.CANCEL),
                )
            ]
            if not line.send(*frames):
                break


@BOTH
@pytest.mark.parametrize(
    "flood",
    [
        http2.frame(http2.PING, 0, 0, bytes(8)),
        http2.frame(http2.SETTINGS, 0, 0),
        http2.frame(http2.CONTINUATION, 0, 1, http2.field("x-more", "a" * 100)),
        http2.frame(http2.DATA, 0, 1, b""),
        http2.frame(99, 0, 0, bytes(64)),
    ],
    ids=["ping", "settings", "continuation", "empty data", "unknown frames"],
)
def test_flood_of_frames_is_cut_off_or_swallowed(
    besieged: Town, tmp_path: Path, port: Port, flood: bytes
) -> None:
    block = http2.request(CHECK, NL)
    with _line(besieged, port, tmp_path) as line:
        line.send(http2.frame(http2.HEADERS, 0 if flood[3] == http2.CONTINUATION else 4, 1, block))
        for _ in range(100):
            if not line.send(flood * 100):
                break


@BOTH
@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00" + bytes(64), b"\xff" * 4_096]
)
def test_garbage_and_silence_on_the_socket_keep_nobody_out(besieged: Town, port: Port, said: bytes) -> None:
    host, _, number = besieged.address(port).rpartition(":")
    with ExitStack() as stack:
        for _ in range(60):
            line = stack.enter_context(socket.create_connection((host, int(number)), 10))
            line.sendall(said)
        assert _wire(besieged, port).call(CHECK, b"").status is grpc.StatusCode.OK


@BOTH
def test_handshake_left_in_the_middle_keeps_nobody_out(besieged: Town, port: Port) -> None:
    host, _, number = besieged.address(port).rpartition(":")
    with ExitStack() as stack:
        for _ in range(60):
            inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
            context = ssl.create_default_context()
            begun = context.wrap_bio(inward, outward, server_hostname=NL)
            with pytest.raises(ssl.SSLWantReadError):
                begun.do_handshake()
            line = stack.enter_context(socket.create_connection((host, int(number)), 10))
            line.sendall(outward.read())
        assert _wire(besieged, port).call(CHECK, b"").status is grpc.StatusCode.OK


def test_system_that_pushes_and_never_reads_is_held_back(besieged: Town) -> None:
    """The gateway takes no more than a bound ahead of the answers, whatever is written."""
    wire = besieged.wire(Port.LOCAL, besieged.houses[NL].credential())
    item = reading.item(Push(record=case()[:-7], to=[TO_RO]))
    body = pb.PushRequest(items=[item] * 32).SerializeToString()
    begun: Any = wire.channel.stream_stream(PUSH)

    call: Any = begun((body for _ in range(2_000)), timeout=1)
    with pytest.raises(grpc.RpcError) as ended:
        call.result()

    assert ended.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
