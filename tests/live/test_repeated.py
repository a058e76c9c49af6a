"""What is delivered again, and at the same time on several streams, has one effect and one receipt (F18)."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from itertools import chain

from gateway import app
from gateway.errors import GatewayError
from gateway.flow.acknowledge import acknowledge
from gateway.flow.deliver import outgoing
from gateway.flow.gateway import Gateway
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import Addressee, PushItem, push
from gateway.ledger.entry import parse
from gateway.record.vocabulary import LegalBasis, Purpose
from gateway.sealing.batch import parse_receipt, parse_receipt_batch
from tests.live import account
from tests.live.account import Told
from tests.live.caller import calling, delivered
from tests.live.houses import NL, PASSPHRASE, RO, House, case

RECORDS = 24
PER_BATCH = 4
STREAMS = 3


def test_envelopes_delivered_up_to_five_times_at_once_have_one_effect_and_one_receipt(
    pair: dict[str, House],
) -> None:
    seed = 18
    chance = random.Random(seed)
    pair[RO].begin().gateway.notary.vouched()
    now = datetime.now(UTC)

    with app.open_gateway(pair[NL].config, PASSPHRASE, now) as nl:
        nl.notary.vouched()
        told = _pushed(nl, now)
        batches = _batches(nl, now)
        streams: list[list[bytes]] = [[] for _ in range(STREAMS)]
        for batch in batches.values():
            for _ in range(chance.randint(1, 5)):
                streams[chance.randrange(STREAMS)].append(batch)
        for stream in streams:
            chance.shuffle(stream)
        answers = asyncio.run(_delivered_at_once(pair, streams))
        for answer in answers:
            acknowledge(nl, answer, RO, datetime.now(UTC))

    told_there = [parse_receipt_batch(answer) for answer in answers]
    assert [one.errors for one in told_there if one.errors] == []
    entries = [parse_receipt(receipt).entry for one in told_there for receipt in one.receipts]
    by_message: dict[str | None, set[bytes]] = {}
    for entry in entries:
        by_message.setdefault(parse(entry).message, set()).add(entry)
    assert len(entries) == PER_BATCH * sum(map(len, streams))
    assert sorted(map(str, by_message)) == sorted(chain(*batches))
    assert {len(found) for found in by_message.values()} == {1}
    account.check(pair[NL].home, pair[RO].home, told)


async def _delivered_at_once(pair: dict[str, House], streams: list[list[bytes]]) -> list[bytes]:
    async with calling(pair[NL], pair[RO]) as channel:
        found = await asyncio.gather(*(delivered(channel, batches) for batches in streams if batches))
    return [answer for answers in found for answer in answers]


def _pushed(nl: Gateway, now: datetime) -> Told:
    to = Addressee(agency=RO, purpose=Purpose.INVESTIGATION, legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK)
    told = Told()
    items = [PushItem(record=case(), addressees=(to,), key=f"key-{n}") for n in range(RECORDS)]
    for item, answer in zip(items, push(nl, items, now), strict=True):
        assert isinstance(answer, PushAnswer) and not isinstance(answer, GatewayError)
        told.answers[item.key] = [(answer.record_id, tuple(one.exchange_id for one in answer.exchanges))]
    return told


def _batches(nl: Gateway, now: datetime) -> dict[tuple[str, ...], bytes]:
    """Return all that waits in batches of a few envelopes, by their messages."""
    found: dict[tuple[str, ...], bytes] = {}
    while (leaving := outgoing(nl, RO, now, but=set(chain(*found)), limit=PER_BATCH)).batch is not None:
        found[leaving.messages] = leaving.batch.encode()
    return found
