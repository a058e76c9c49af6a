"""A message has its effect once, however often, however late and in whatever company it arrives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.flow.carry import pack, unpack
from gateway.flow.consult import arrivals
from gateway.flow.heads import own_roots
from gateway.flow.peers import peer_ledger
from gateway.flow.receive import admit
from gateway.ledger.entry import parse
from gateway.sealing.batch import (
    EnvelopeBatch,
    ReceiptBatch,
    parse_batch,
    parse_receipt,
    parse_receipt_batch,
)
from gateway.sealing.bundle import parse_bundle
from gateway.sealing.receipt import ExpectedReceipt, verify_receipt
from tests.flow import forge, oracle, records
from tests.flow.federation import NL, RO, TO_NL, Homes

AGES = {
    "now": 0,
    "after a restart": 0,
    "after its receipt was lost": 0,
    "after its deadline": 15,
    "after a year": 366,
}


def _envelopes(bundle: bytes) -> EnvelopeBatch:
    data = parse_bundle(bundle).envelopes
    assert data is not None
    return parse_batch(data)


def _receipts(reply: bytes | None) -> ReceiptBatch:
    assert reply is not None
    data = parse_bundle(reply).receipts
    assert data is not None
    return parse_receipt_batch(data)


def _check_fresh(homes: Homes, answer: ReceiptBatch, bundle: bytes) -> bytes:
    """Verify the one receipt of an answer as its sender would; return its entry's bytes."""
    (data,) = answer.receipts
    receipt = parse_receipt(data)
    (row,) = oracle.query(homes.home(NL), "SELECT exchange_id, message_id, envelope_digest FROM outbox")
    ledger = peer_ledger(homes[NL], RO, homes.now)
    assert ledger is not None
    expected = ExpectedReceipt(exchange=row[0], message=row[1], envelope=row[2], me=NL, peer=RO)
    own = own_roots(homes[NL])
    verify_receipt(
        receipt.entry, receipt.proof, answer.checkpoint, expected=expected, ledger=ledger, own_root=own
    )
    return receipt.entry


@pytest.mark.parametrize("age", AGES)
def test_replayed_envelope_has_one_effect_and_the_same_receipt(homes: Homes, age: str) -> None:
    homes.push(records.small())
    there, _ = pack(homes[NL], RO, homes.now)
    first = _check_fresh(homes, _receipts(unpack(homes[RO], there, homes.now).reply), there)
    before = oracle.counts(homes.home(RO))
    if age != "after its receipt was lost":
        homes.bring(there, RO)

    # Something else happens in between, so that an old proof would no longer be the newest.
    homes.push(records.small(2), TO_NL, sender=RO)
    grown = oracle.counts(homes.home(RO))
    if age == "after a restart":
        homes.close(RO)
    arrives = homes.now + timedelta(days=AGES[age])
    answer = _receipts(unpack(homes[RO], there, arrives).reply)

    assert _check_fresh(homes, answer, there) == first
    assert not answer.errors
    assert oracle.counts(homes.home(RO)) == grown
    assert grown["inbox"] == before["inbox"] == 1
    assert len(arrivals(homes[RO])) == 1


def test_the_same_envelope_twice_in_one_batch_is_received_once(homes: Homes) -> None:
    homes.push(records.small())
    there, _ = pack(homes[NL], RO, homes.now)
    batch = _envelopes(there)
    doubled = replace(batch, envelopes=batch.envelopes * 3).encode()

    answer = admit(homes[RO], doubled, NL, homes.now)

    assert len({parse_receipt(one).entry for one in answer.receipts}) == 1
    assert not answer.errors
    assert oracle.kinds(homes.home(RO)).count("received") == 1
    assert oracle.counts(homes.home(RO))["inbox"] == 1
    receipts = forge.reply(RO, NL, answer)
    assert {one.outcome for one in unpack(homes[NL], receipts, homes.now).acknowledged} == {"delivered"}
    assert oracle.kinds(homes.home(NL)).count("delivered") == 1


def test_lost_receipt_comes_again_when_the_envelope_is_carried_again(homes: Homes) -> None:
    (exchange,) = homes.push(records.small()).exchanges
    there, _ = pack(homes[NL], RO, homes.now)
    unpack(homes[RO], there, homes.now)  # the reply is lost on its way

    homes.pass_time(hours=2)
    again, leaving = pack(homes[NL], RO, homes.now)
    trip = homes.bring(again, RO)

    assert leaving.exchanges == (exchange.exchange_id,)
    assert trip.answered is not None
    assert [one.outcome for one in trip.answered.acknowledged] == ["delivered"]
    assert oracle.kinds(homes.home(RO)).count("received") == 1
    assert oracle.kinds(homes.home(NL)).count("delivered") == 1


def test_receipt_that_comes_twice_closes_once(homes: Homes) -> None:
    homes.push(records.small())
    there, _ = pack(homes[NL], RO, homes.now)
    reply = unpack(homes[RO], there, homes.now).reply
    assert reply is not None

    first = unpack(homes[NL], reply, homes.now).acknowledged
    before = oracle.counts(homes.home(NL))
    homes.close(NL)
    second = unpack(homes[NL], reply, homes.now).acknowledged

    assert [one.outcome for one in (*first, *second)] == ["delivered", "repeated"]
    assert oracle.counts(homes.home(NL)) == before


def test_record_sent_twice_in_two_exchanges_is_one_record_with_two_arrivals(homes: Homes) -> None:
    homes.push(records.small())
    (exchange,) = (row[0] for row in oracle.query(homes.home(NL), "SELECT exchange_id FROM exchanges"))
    body = forge.release_of(homes[NL], exchange)
    twice = [forge.announce(homes[NL], RO, body, homes.now) for _ in range(2)]

    carried = unpack(homes[RO], forge.sent(homes[NL], RO, *twice), homes.now)

    assert carried.receipts is not None
    assert len(carried.receipts.receipts) == 2
    assert oracle.counts(homes.home(RO))["records"] == 1
    assert len(arrivals(homes[RO])) == 2


def test_other_envelope_under_a_known_message_id_is_refused_as_a_conflict(homes: Homes) -> None:
    homes.push(records.small())
    (exchange,) = (row[0] for row in oracle.query(homes.home(NL), "SELECT exchange_id FROM exchanges"))
    body = forge.release_of(homes[NL], exchange)
    first = forge.announce(homes[NL], RO, body, homes.now)
    second = forge.announce(homes[NL], RO, body, homes.now, message_id=first.header.message_id)

    accepted = unpack(homes[RO], forge.sent(homes[NL], RO, first), homes.now)
    refused = unpack(homes[RO], forge.sent(homes[NL], RO, second), homes.now)
    size = oracle.size(homes.home(RO))
    again = unpack(homes[RO], forge.sent(homes[NL], RO, second, first), homes.now)

    assert accepted.receipts is not None and len(accepted.receipts.receipts) == 1
    assert refused.receipts is not None and again.receipts is not None
    assert [error.code for error in refused.receipts.errors] == ["conflict"]
    assert [error.code for error in again.receipts.errors] == ["conflict"]
    assert again.receipts.receipts and len(arrivals(homes[RO])) == 1
    assert oracle.kinds(homes.home(RO), size) == ["refused-summary"]


def test_two_envelopes_of_one_message_in_one_batch_give_one_arrival_and_one_conflict(homes: Homes) -> None:
    homes.push(records.small())
    (exchange,) = (row[0] for row in oracle.query(homes.home(NL), "SELECT exchange_id FROM exchanges"))
    body = forge.release_of(homes[NL], exchange)
    first = forge.announce(homes[NL], RO, body, homes.now)
    second = forge.announce(homes[NL], RO, body, homes.now, message_id=first.header.message_id)

    carried = unpack(homes[RO], forge.sent(homes[NL], RO, first, second), homes.now)

    assert carried.receipts is not None
    assert len(carried.receipts.receipts) == 1
    assert [error.code for error in carried.receipts.errors] == ["conflict"]
    assert len(arrivals(homes[RO])) == 1
    assert oracle.kinds(homes.home(RO))[-1] == "refused-summary"


def test_another_message_in_a_known_exchange_is_refused_as_a_conflict(homes: Homes) -> None:
    """An exchange is one record version going to one recipient, so one exchange has one release."""
    homes.push(records.small())
    (exchange,) = (row[0] for row in oracle.query(homes.home(NL), "SELECT exchange_id FROM exchanges"))
    body = forge.release_of(homes[NL], exchange)
    first = forge.announce(homes[NL], RO, body, homes.now)
    second = forge.announce(homes[NL], RO, body, homes.now, exchange_id=first.header.exchange_id)

    carried = unpack(homes[RO], forge.sent(homes[NL], RO, first, second), homes.now)
    again = unpack(homes[RO], forge.sent(homes[NL], RO, second), homes.now)

    assert carried.receipts is not None and again.receipts is not None
    assert len(carried.receipts.receipts) == 1
    assert [error.code for error in carried.receipts.errors] == ["conflict"]
    assert [error.code for error in again.receipts.errors] == ["conflict"]
    assert len(arrivals(homes[RO])) == 1


def _expired_and_resealed(homes: Homes, *, expired: int = 1) -> list[forge.Forged]:
    """Return three envelopes of one message; the deadline of the first, or the first two, has passed."""
    homes.push(records.small())
    (exchange,) = (row[0] for row in oracle.query(homes.home(NL), "SELECT exchange_id FROM exchanges"))
    body = forge.release_of(homes[NL], exchange)
    deadline_ms = int(homes.now.timestamp() * 1000) + 1
    made = [forge.announce(homes[NL], RO, body, homes.now, expires_at_ms=deadline_ms)]
    same: dict[str, Any] = {name: getattr(made[0].header, name) for name in ("message_id", "exchange_id")}
    for _ in range(expired - 1):
        made.append(forge.announce(homes[NL], RO, body, homes.now, expires_at_ms=deadline_ms, **same))
    homes.pass_time(seconds=5)
    return made + [forge.announce(homes[NL], RO, body, homes.now, **same) for _ in range(3 - expired)]


def _answered(homes: Homes, *envelopes: forge.Forged) -> tuple[list[bytes], list[str]]:
    """Bring envelopes; return the entries that answer them, and what was not accepted."""
    answer = unpack(homes[RO], forge.sent(homes[NL], RO, *envelopes), homes.now).receipts
    assert answer is not None
    return [parse_receipt(one).entry for one in answer.receipts], [error.code for error in answer.errors]


@pytest.mark.parametrize("restarted", [False, True])
def test_envelope_refused_before_its_message_was_judged_anew_keeps_its_own_receipt(
    homes: Homes, restarted: bool
) -> None:
    first, second, third = _expired_and_resealed(homes)
    refused, _ = _answered(homes, first)
    received, _ = _answered(homes, second)
    before = oracle.counts(homes.home(RO))
    if restarted:
        homes.close(RO)

    assert (_answered(homes, first), _answered(homes, second)) == ((refused, []), (received, []))
    assert _answered(homes, first, second, first) == ([*refused, *received, *refused], [])
    assert oracle.counts(homes.home(RO)) == before
    assert [parse(entry).kind.name for entry in (*refused, *received)] == ["REFUSED", "RECEIVED"]
    assert parse(refused[0]).envelope == first.sealed.digest
    assert _answered(homes, third) == ([], ["conflict"])


def test_envelope_refused_twice_under_one_message_keeps_either_receipt(homes: Homes) -> None:
    first, second, third = _expired_and_resealed(homes, expired=2)
    one, two, three = (_answered(homes, envelope)[0] for envelope in (first, second, third))
    size = oracle.size(homes.home(RO))

    assert [parse(entry).kind.name for entry in (*one, *two, *three)] == ["REFUSED", "REFUSED", "RECEIVED"]
    assert _answered(homes, first) == (one, [])
    assert _answered(homes, second) == (two, [])
    assert _answered(homes, third, second, first) == ([*three, *two, *one], [])
    assert oracle.size(homes.home(RO)) == size


def test_expired_envelope_and_the_one_made_anew_in_one_batch_get_a_receipt_each(homes: Homes) -> None:
    first, second, _ = _expired_and_resealed(homes)

    entries, errors = _answered(homes, first, second)

    assert not errors
    assert [parse(entry).envelope for entry in entries] == [first.sealed.digest, second.sealed.digest]
    assert [parse(entry).kind.name for entry in entries] == ["REFUSED", "RECEIVED"]
