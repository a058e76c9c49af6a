"""A38, A39: what who takes a disk finds, and what a recipient finds of the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.client import Arrived
from gateway.v1 import operation_pb2 as op
from tests.flow import forge, oracle
from tests.live.attacks import canaries
from tests.live.attacks.town import Town, living
from tests.live.houses import NGO, NL, RO, TO_NGO, TO_RO, Push, case

SEEN = ("Plăsmuitu", "XX 99 ZZZ", "Club Luchtkasteel")
"""What was released, and must not stand in clear on anybody's disk either."""
WORDS = (*canaries.planted()[1], canaries.KEY, canaries.REFERENCE, *SEEN)


@dataclass
class Seized:
    """Two records went from a process to two recipients; files as they were meanwhile, and after kill -9."""

    town: Town
    exchanges: dict[str, str]
    arrived: dict[str, Arrived]
    alive: dict[str, bytes]
    killed: dict[str, bytes]


@pytest.fixture(scope="module")
def seized(live_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seized]:
    """Have records travel, and the gateways killed; their temporary files have a folder of their own."""
    folder = tmp_path_factory.mktemp("seized")
    temporary = folder / "temporary"
    temporary.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        with living(live_template, folder / "houses", NL, RO) as town:
            exchanges = _sent(town)
            arrived = {
                agency: next(iter(town.houses[agency].client().inbox(purpose)))
                for agency, purpose in ((RO, "investigation"), (NGO, "victim-protection"))
            }
            alive = _files(town, temporary)
            for agency in (NL, RO):
                town.houses[agency].kill()
            yield Seized(
                town=town,
                exchanges=exchanges,
                arrived=arrived,
                alive=alive,
                killed=_files(town, temporary),
            )


def _sent(town: Town) -> dict[str, str]:
    """Push the case as it is, with canaries, badly and to wait; return the exchanges of the first."""
    client = town.houses[NL].client()
    planted, _ = canaries.planted()
    first = client.push_one(Push(record=case(), to=[TO_RO, TO_NGO])).exchanges
    second = client.push_one(Push(record=planted, to=[TO_RO, TO_NGO], key=canaries.KEY)).exchanges
    for one in (*first, *second):
        states = [seen.state for seen in client.watch(one.exchange_id, timeout_s=60)]
        assert states[-1] == "delivered"
    held = client.push_one(Push(record=planted, to=[TO_RO], ask=["person.name"]))
    assert held.exchanges
    refused = client.push_one(Push(record=next(canaries.spoilt()), to=[TO_RO]))
    assert refused.problem is not None
    assert client.find(canaries.REFERENCE)
    return {one.recipient: one.exchange_id for one in first}


def _files(town: Town, *more: Path) -> dict[str, bytes]:
    """Return every file of the homes but those that keep the passphrase, and of these folders."""
    return oracle.files_of(*(house.home for house in town.houses.values()), *more)


@pytest.mark.parametrize("when", ["alive", "killed"])
def test_nothing_of_a_record_stands_in_clear_on_any_disk(seized: Seized, when: str) -> None:
    """Database, free pages, write-ahead log, gateway.log and temporary files, without the keys."""
    files = seized.alive if when == "alive" else seized.killed

    assert sum(name.endswith("store.db") for name in files) == 3
    assert sum(name.endswith("gateway.log") for name in files) == 2
    assert canaries.found(WORDS, files) == []


def test_process_logs_one_json_object_a_line_after_its_warnings(seized: Seized) -> None:
    for agency in (NL, RO):
        lines = seized.killed[f"{agency}/gateway.log"].decode().splitlines()
        warnings = [line for line in lines if line.startswith("warning: ")]
        assert lines[: len(warnings)] == warnings and len(warnings) == 2
        assert all("event" in json.loads(line) for line in lines[len(warnings) :])
        assert len(lines) > len(warnings)


def test_payload_of_one_recipient_says_nothing_of_the_other(seized: Seized) -> None:
    gateway = seized.town.running(NGO).gateway
    secrets = {
        other: [
            other,
            seized.exchanges[other],
            *(key.key_id for key in gateway.directory.keys_of(other).keys),
            *gateway.directory.keys_of(other).endpoints,
            gateway.directory.member(other).display_name,
        ]
        for other in (RO, NGO)
    }
    body = forge.release_of(gateway, seized.exchanges[NGO])

    for one, other in ((RO, NGO), (NGO, RO)):
        arrived = seized.arrived[one]
        assert arrived.record is not None
        told = repr(arrived).encode() + arrived.record.SerializeToString(deterministic=True)
        assert canaries.found(tuple(secrets[other]), {one: told}) == []
    assert canaries.found(tuple(secrets[RO]), {NGO: body}) == []
    assert not any(key.public in body for key in gateway.directory.keys_of(RO).keys)


def test_no_call_of_a_peer_tells_who_else_received_anything(seized: Seized) -> None:
    """The shelter asks its own gateway for all it has: nothing there names the exchange of the others."""
    told = b""
    wire = seized.town.as_operator(NGO)
    for path in ("ListArrivals", "GetStatus", "ListAccess"):
        told += b"".join(wire.call(f"/gateway.v1.Operation/{path}", b"").answers)
    show = op.ShowRecordRequest(exchange_id=seized.exchanges[NGO], purpose="victim-protection")
    told += b"".join(wire.call("/gateway.v1.Operation/ShowRecord", show.SerializeToString()).answers)

    assert seized.exchanges[NGO].encode() in told
    assert canaries.found((seized.exchanges[RO],), {"told": told}) == []
    inbox = json.dumps(oracle.query(seized.town.home(NGO), "SELECT * FROM exchanges"), default=repr)
    assert seized.exchanges[RO] not in inbox
