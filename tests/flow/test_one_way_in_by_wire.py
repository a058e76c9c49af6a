"""The port for peers is one more way in: what it refuses it refuses again, and a file does after it (A48)."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.delivery.channel import PeerChannel
from gateway.flow.carry import unpack
from gateway.flow.consult import arrivals
from gateway.ledger.entry import parse
from gateway.sealing.batch import ReceiptBatch, parse_receipt, parse_receipt_batch
from gateway.services.caller import Door, Port
from gateway.services.guard import Guard
from gateway.services.peer import peer_services
from gateway.services.server import Listener
from gateway.tls.identity import Identity, Role
from gateway.worker.worker import Worker
from tests.flow import forge, oracle
from tests.flow.corpus import bad_envelopes
from tests.flow.federation import NL, RO, Homes
from tests.live.caller import delivered
from tests.live.houses import free_port

HOUR = timedelta(hours=1)


@pytest.fixture
def reachable(reachable_template: tuple[Path, datetime], tmp_path: Path) -> Iterator[Homes]:
    """Return homes that can be called, and that sign because somebody vouched for them."""
    source, made = reachable_template
    folder = tmp_path / "homes"
    folder.mkdir()
    homes = Homes(source, folder, made + timedelta(minutes=1))
    for agency in (NL, RO):
        homes[agency].notary.vouched()
    yield homes
    homes.close()
    shutil.rmtree(folder)


def _told(answer: ReceiptBatch) -> Counter[tuple[str, str]]:
    entries = [parse(parse_receipt(one).entry) for one in answer.receipts]
    found = [(entry.kind.name.lower(), entry.code or "") for entry in entries]
    return Counter(found + [("not accepted", error.code) for error in answer.errors])


async def _by_wire(homes: Homes, *batches: bytes) -> list[ReceiptBatch]:
    """Return what the peer port of police.ro answers to these batches of police.nl, a stream each."""
    gateway, sender = homes[RO], homes[NL]
    worker = Worker(gateway, lambda: homes.now)
    me = Identity(agency=RO, role=Role.GATEWAY)
    own = gateway.authority.credential(me, homes.now, HOUR)
    door = Door(Port.PEER, SimpleNamespace(gateway=gateway, serials=frozenset()))
    address = f"127.0.0.1:{free_port()}"
    listener = Listener(
        address,
        lambda: (own, sender.authority.certificate),
        Guard(door, lambda: homes.now, lambda _: None),
        peer_services(worker, lambda _: None),
        names=(),
        reflected=False,
    )
    await listener.start()
    caller = sender.authority.credential(Identity(agency=NL, role=Role.GATEWAY), homes.now, HOUR)
    channel = PeerChannel(RO, address, [gateway.authority.certificate], caller)
    try:
        answers = [await delivered(channel, [batch]) for batch in batches]
    finally:
        await channel.close()
        await listener.drain(1)
        await worker.stop()
    return [parse_receipt_batch(one) for each in answers for one in each]


def test_bad_envelope_is_refused_by_the_wire_and_again_and_by_file_afterwards(reachable: Homes) -> None:
    bad, _ = bad_envelopes(reachable)
    wanted = Counter((one.outcome, one.code) for one in bad)
    batch = forge.batch(reachable[NL], *(one.envelope for one in bad))
    before = oracle.counts(reachable.home(RO))

    first, second = asyncio.run(_by_wire(reachable, batch, batch))
    by_file = unpack(reachable[RO], forge.bundle(NL, RO, batch), reachable.now).receipts

    assert by_file is not None
    assert _told(first) == _told(second) == _told(by_file) == wanted
    final = sum(outcome != "not accepted" for outcome, _ in wanted.elements())
    assert oracle.counts(reachable.home(RO))["inbox"] == before["inbox"] + final
    assert all(one.outcome != "received" for one in arrivals(reachable[RO]))
