"""A04: a batch damaged on its way is refused, whatever was damaged; what stands beside it goes through."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import datetime

import grpc
import pytest

from gateway.flow.gateway import Gateway
from gateway.ledger.entry import parse
from gateway.sealing.batch import parse_receipt, parse_receipt_batch
from gateway.v1 import envelope_pb2
from tests.flow import forge, oracle, records
from tests.live.attacks import canaries
from tests.live.attacks.town import Town
from tests.live.attacks.wire import Stream
from tests.live.houses import NL, RO

DELIVER = "/gateway.v1.Peer/Deliver"
SAMPLE = 300
PLAIN = (records.SECRET_NAME, "Fictief", "XX-1-Y")


def _batch(gateway: Gateway, now: datetime) -> bytes:
    """Return a batch with one sound release for police.nl."""
    release = forge.release(gateway, records.small(), NL, now, forge.only("vehicle.identity"))
    return forge.batch(gateway, forge.envelope(gateway, forge.announce(gateway, NL, release.encode(), now)))


def _damaged(data: bytes, seed: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield what was done to a batch, and what is left of it."""
    for _ in range(SAMPLE):
        at = seed.randrange(len(data))
        how = seed.choice(["flip", "cut", "drop", "insert", "swap", "append"])
        if how == "flip":
            yield f"{how} {at}", data[:at] + bytes((data[at] ^ 1 << seed.randrange(8),)) + data[at + 1 :]
        elif how == "cut":
            yield f"{how} {at}", data[:at]
        elif how == "drop":
            yield f"{how} {at}", data[:at] + data[at + seed.randint(1, 64) :]
        elif how == "insert":
            yield f"{how} {at}", data[:at] + seed.randbytes(seed.randint(1, 16)) + data[at:]
        elif how == "swap":
            other = seed.randrange(len(data))
            low, high = sorted((at, other))
            yield f"{how} {low} {high}", data[:low] + data[high:] + data[low:high]
        else:
            yield how, data + seed.randbytes(seed.randint(1, 16))


def _received(answer: bytes) -> list[str]:
    told = parse_receipt_batch(answer)
    return [parse(parse_receipt(one).entry).kind.name.lower() for one in told.receipts]


@pytest.fixture(scope="module")
def seed() -> int:
    """Return the seed of this run; name it in COMITY_SEED to have the same run again."""
    number = int(os.environ.get("COMITY_SEED", "4"))
    print(f"seed {number}")
    return number


def test_damaged_batch_is_never_received_and_says_nothing(town: Town, seed: int) -> None:
    data = town.work(RO, _batch)
    size, inbox = oracle.size(town.home()), oracle.counts(town.home())["inbox"]
    wire, answers, received = town.as_peer(RO), {}, []

    for what, damaged in _damaged(data, random.Random(seed)):
        if damaged == data:
            continue
        told = wire.call(DELIVER, damaged)
        assert told.status is grpc.StatusCode.OK or told.reason, (what, told)
        assert told.kind != "internal", (what, told)
        answers[what] = told.everything
        received += [(what, kind) for answer in told.answers for kind in _received(answer)]

    assert received == []
    assert oracle.counts(town.home())["inbox"] == inbox
    assert set(oracle.kinds(town.home(), size)) <= {"refused-summary"}
    assert canaries.found(PLAIN, answers) == []
    (answer,) = wire.call(DELIVER, data).answers
    assert _received(answer) == ["received"]


def test_stream_of_another_peer_goes_on_beside_damage(town: Town) -> None:
    """Every damaged batch of one peer stands between two sound ones of the other's own stream."""
    data = town.work(RO, _batch)
    hostile = town.as_peer(RO)
    assert town.houses[NL].running is not None

    for at in range(0, len(data), max(1, len(data) // 5)):
        hostile.call(DELIVER, data[:at] + b"\x00" + data[at + 1 :])
        assert town.honest_call_works()


def test_one_bad_envelope_does_not_keep_its_neighbours_out(town: Town) -> None:
    def three(gateway: Gateway, now: datetime) -> bytes:
        release = forge.release(gateway, records.small(), NL, now, forge.only("vehicle.identity")).encode()
        made = [forge.announce(gateway, NL, release, now) for _ in range(3)]
        good, bad, last = (forge.envelope(gateway, one) for one in made)
        return forge.batch(gateway, good, bad[:-9] + b"\x00" * 9, last)

    (answer,) = town.as_peer(RO).call(DELIVER, town.work(RO, three)).answers

    told = parse_receipt_batch(answer)
    assert len(told.errors) == 1
    assert _received(answer) == ["received", "received"]


def test_damaged_message_ends_its_stream_and_no_other(town: Town) -> None:
    wire = town.as_peer(RO)
    first, second = Stream(wire, DELIVER), Stream(wire, DELIVER)
    data = town.work(RO, _batch)

    told = first.refused(data[:-1])

    assert told.kind == "malformed" and not told.answers
    assert _received(second.ask(data)) == ["received"]
    second.end()


def test_answer_is_the_same_for_every_damage_to_the_seal(town: Town) -> None:
    """One opaque answer: nobody learns how far an envelope got before it failed."""
    batch = envelope_pb2.EnvelopeBatch.FromString(town.work(RO, _batch))
    wire, codes = town.as_peer(RO), set()
    (envelope,) = batch.envelopes
    sealed = envelope_pb2.Envelope.FromString(envelope)

    for at in range(0, len(sealed.sealed), max(1, len(sealed.sealed) // 40)):
        data = bytearray(sealed.sealed)
        data[at] ^= 1
        changed = envelope_pb2.Envelope.FromString(envelope)
        changed.sealed = bytes(data)
        del batch.envelopes[:]
        batch.envelopes.append(changed.SerializeToString(deterministic=True))
        (answer,) = wire.call(DELIVER, batch.SerializeToString(deterministic=True)).answers
        codes |= {error.code for error in parse_receipt_batch(answer).errors}
        assert not _received(answer)

    assert codes == {"entry-invalid"}
