"""A43: what is deep, many or unknown is refused by a bounded look at the bytes, before they are parsed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cache

import grpc
import pytest

from gateway.services.caller import Port
from gateway.v1 import submission_pb2 as pb
from tests.live.attacks.town import Town
from tests.live.attacks.wire import Told, Wire
from tests.live.houses import RO

DEPTHS = (100, 1_000, 10_000, 100_000)
MANY = 1_000_000
REFUSED_S = 0.05
MEMORY = 64 * 1024 * 1024


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))


def _held(number: int, body: bytes) -> bytes:
    """Return a length-delimited field."""
    return _varint(number << 3 | 2) + _varint(len(body)) + body


@cache
def nested(number: int, depth: int) -> bytes:
    """Return messages within messages; built from the inside, its parts joined once."""
    parts, size = [], 0
    for _ in range(depth):
        head = _varint(number << 3 | 2) + _varint(size)
        parts.append(head)
        size += len(head)
    return b"".join(reversed(parts))


@cache
def hostile(number: int) -> dict[str, bytes]:
    """Return bodies that stuff the field of a number, and fields that do not exist."""
    tag = _varint(number << 3 | 2)
    made = {f"{depth} deep": nested(number, depth) for depth in DEPTHS}
    made |= {f"{depth} unknown deep": nested(999, depth) for depth in DEPTHS}
    made |= {f"{depth} groups deep": b"\x0b" * depth + b"\x0c" * depth for depth in DEPTHS}
    made |= {
        "a million empty ones": (tag + b"\x00") * MANY,
        "half a million of one byte": (tag + b"\x01\x00") * (MANY // 2),
        "unknown fields": (_varint(999 << 3) + b"\x01") * (MANY // 4),
        "unknown fields of every kind": b"\xf8\x07\x01\xf9\x07" + bytes(8) + b"\xfd\x07" + bytes(4),
        "numbers packed": tag + _varint(MANY) + b"\x01" * MANY,
        "long numbers packed": tag + _varint(MANY) + b"\xff" * MANY,
        "length of everything": tag + b"\xff\xff\xff\xff\x7f",
        "endless tag": b"\xff" * 1_000,
        "field zero": b"\x00" * 1_000,
    }
    return made


def _push(wire: Wire, body: bytes) -> Told:
    return wire.call("/gateway.v1.Submission/Push", body)


def _record(wire: Wire, body: bytes) -> Told:
    item = pb.PushItem(record=body, key="k", recipients=[pb.Addressee(agency=RO)])
    return wire.call("/gateway.v1.Submission/Push", pb.PushRequest(items=[item]).SerializeToString())


def _method(path: str) -> Callable[[Wire, bytes], Told]:
    return lambda wire, body: wire.call(path, body)


# Where the body goes, by which port, and the field of it that holds messages, texts or bytes.
TARGETS: dict[str, tuple[Port, int, Callable[[Wire, bytes], Told]]] = {
    "PushRequest": (Port.LOCAL, 1, _push),
    "PushItem.record": (Port.LOCAL, 3, _record),
    "PushItem.record header": (Port.LOCAL, 1, _record),
    "PreviewRequest": (Port.LOCAL, 1, _method("/gateway.v1.Submission/Preview")),
    "WatchExchangeRequest": (Port.LOCAL, 1, _method("/gateway.v1.Submission/WatchExchange")),
    "UnpackEnvelopesRequest": (Port.LOCAL, 1, _method("/gateway.v1.Operation/UnpackEnvelopes")),
    "EnvelopeBatch": (Port.PEER, 3, _method("/gateway.v1.Peer/Deliver")),
    "EnvelopeBatch growth": (Port.PEER, 2, _method("/gateway.v1.Peer/Deliver")),
    "AddCheckpointRequest": (Port.PEER, 2, _method("/gateway.v1.Witness/AddCheckpoint")),
    "GetFileRequest": (Port.PEER, 1, _method("/gateway.v1.Mirror/GetFile")),
    "HealthCheckRequest": (Port.PEER, 1, _method("/grpc.health.v1.Health/Check")),
}


def _attacks(town: Town, target: str) -> Iterator[tuple[str, Told, float]]:
    port, number, send = TARGETS[target]
    wire = town.wire(port, town.welcome(port))
    wire.call("/grpc.health.v1.Health/Check", b"")
    for what, body in hostile(number).items():
        begun = time.perf_counter()
        told = send(wire, body)
        yield what, told, time.perf_counter() - begun


def _refusal(target: str, told: Told) -> str:
    """Return the reason of a refusal, of the call or in band; empty where it went through."""
    if told.status is not grpc.StatusCode.OK or not target.startswith("Push"):
        return told.short if told.status is not grpc.StatusCode.OK else ""
    answers = [one for data in told.answers for one in pb.PushResponse.FromString(data).answers]
    assert len(answers) == 1 and not answers[0].record_id
    return answers[0].problem.code


@pytest.mark.parametrize("target", list(TARGETS))
def test_hostile_bytes_are_refused_and_change_nothing(besieged: Town, target: str) -> None:
    before, memory = besieged.counts(), besieged.spent().memory_bytes

    found = {what: (_refusal(target, told), told.kind) for what, told, _ in _attacks(besieged, target)}

    assert {what: one for what, one in found.items() if one[1] == "internal" or one[0] == "internal"} == {}
    # A field of bytes or text may hold anything; what stands in it is examined where it is read.
    harmless = {"UnpackEnvelopesRequest", "GetFileRequest", "HealthCheckRequest"}
    if target not in harmless:
        assert [what for what, (reason, _) in found.items() if not reason] == []
    assert besieged.spent().memory_bytes - memory < MEMORY
    assert besieged.counts() == before


def test_gateway_serves_as_before_after_all_of_it(besieged: Town) -> None:
    for target in ("PushRequest", "EnvelopeBatch"):
        for _ in _attacks(besieged, target):
            pass

    assert besieged.honest_call_works()


@pytest.mark.timed
@pytest.mark.parametrize("target", list(TARGETS))
def test_refusal_takes_less_than_fifty_milliseconds(besieged: Town, target: str) -> None:
    """The best of three tries: a machine has other things to do."""
    tries = [{what: took for what, _, took in _attacks(besieged, target)} for _ in range(3)]

    best = {what: min(one[what] for one in tries) for what in tries[0]}

    assert {what: took for what, took in best.items() if took >= REFUSED_S} == {}
