"""What exists between two members a third one cannot find out: one answer, of one size, after the same work.

A35, VP-44: the third is a member with valid keys and connections that probes with ids it should not know.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from gateway.errors import GatewayError, NotFound
from gateway.flow import receive
from gateway.flow.acknowledge import acknowledge
from gateway.flow.carry import pack
from gateway.flow.consult import arrivals, show_arrival
from gateway.flow.cosign import cosign_for, seen_of
from gateway.flow.deliver import outgoing
from gateway.flow.receive import admit
from gateway.ledger.entry import parse
from gateway.record.text import uuid7
from gateway.release.release import parse_release
from gateway.sealing.batch import (
    InBandError,
    ReceiptBatch,
    parse_batch,
    parse_receipt,
    parse_receipt_batch,
)
from tests.flow import forge, oracle, records
from tests.flow.federation import BORDER, NL, RO, TO_NGO, TO_RO, Homes

PROBES: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """What police.nl and police.ro share, and border.xx has no part in."""

    exchange: str
    message: str
    record: str


@pytest.fixture
def between(homes: Homes) -> Between:
    """Let a record go from police.nl to police.ro, a minute before anybody probes."""
    answer = homes.push(records.small(), TO_RO)
    homes.carry(RO)
    (exchange,) = answer.exchanges
    ((message,),) = oracle.query(homes.home(NL), "SELECT message_id FROM outbox")
    # An id older than every exchange there is would be told from others by its date alone.
    homes.pass_time(minutes=1)
    return Between(exchange=exchange.exchange_id, message=message, record=answer.record_id)


def _unknown(homes: Homes) -> str:
    return uuid7(int(homes.now.timestamp() * 1000) - 5_000, homes[BORDER].random(10))


def _own_body(homes: Homes, door: str, record_id: str = "") -> bytes:
    """Return a release of a record of the third member's own; `record_id` is the id it gives it."""
    record = records.small(7)
    records.mark(record.header.marking, door)
    granting = forge.only("vehicle.identity")
    return forge.release(homes[BORDER], record, door, homes.now, granting, record_id=record_id).encode()


def _exchange(homes: Homes, door: str, of: Between | None) -> forge.Forged:
    chosen = of.exchange if of else _unknown(homes)
    return forge.announce(homes[BORDER], door, _own_body(homes, door), homes.now, exchange_id=chosen)


def _exchange_of_what_is_refused(homes: Homes, door: str, of: Between | None) -> forge.Forged:
    chosen = of.exchange if of else _unknown(homes)
    return forge.announce(homes[BORDER], door, b"no release at all", homes.now, exchange_id=chosen)


def _message(homes: Homes, door: str, of: Between | None) -> forge.Forged:
    chosen = of.message if of else _unknown(homes)
    return forge.announce(homes[BORDER], door, _own_body(homes, door), homes.now, message_id=chosen)


def _both(homes: Homes, door: str, of: Between | None) -> forge.Forged:
    ids = (of.exchange, of.message) if of else (_unknown(homes), _unknown(homes))
    body = _own_body(homes, door)
    return forge.announce(homes[BORDER], door, body, homes.now, exchange_id=ids[0], message_id=ids[1])


def _record(homes: Homes, door: str, of: Between | None) -> forge.Forged:
    body = _own_body(homes, door, of.record if of else _unknown(homes))
    return forge.announce(homes[BORDER], door, body, homes.now)


Probe = Callable[[Homes, str, Between | None], forge.Forged]
ENVELOPES: dict[str, Probe] = {
    "exchange": _exchange,
    "exchange, refused": _exchange_of_what_is_refused,
    "message": _message,
    "exchange and message": _both,
    "record": _record,
}


def _answered(homes: Homes, door: str, kept: Path, envelope: bytes) -> tuple[object, ...]:
    """Return all that a probe brings about: the answer's shape and size, and what it adds at the door."""
    homes.put_back(door, kept)
    batch = forge.batch(homes[BORDER], envelope)
    before = oracle.counts(homes.opened(door))
    answer = admit(homes[door], batch, BORDER, homes.now)
    after = oracle.counts(homes.home(door))
    entries = [parse(parse_receipt(one).entry) for one in answer.receipts]
    return (
        [(entry.kind, entry.code, len(one)) for entry, one in zip(entries, answer.receipts, strict=True)],
        [(error.code, error.message_id is None) for error in answer.errors],
        len(answer.encode()),
        {name: after[name] - before[name] for name in after},
    )


@pytest.mark.parametrize("door", [RO, NL])
@pytest.mark.parametrize("probe", ENVELOPES.values(), ids=list(ENVELOPES))
def test_envelope_with_an_id_of_others_is_answered_like_one_with_an_id_of_nobody(
    homes: Homes, between: Between, door: str, probe: Probe
) -> None:
    """At the recipient's door and at the sender's."""
    probes = [probe(homes, door, between), probe(homes, door, None)]
    envelopes = [forge.envelope(homes[BORDER], one) for one in probes]
    kept = homes.keep(door)

    of_others, of_nobody = (_answered(homes, door, kept, envelope) for envelope in envelopes)

    assert of_others == of_nobody
    assert of_others[0]


def test_what_came_under_a_taken_id_is_kept_under_another_and_the_first_is_untouched(
    homes: Homes, between: Between
) -> None:
    forged = _exchange(homes, RO, between)
    rows = oracle.query(homes.home(RO), f"SELECT * FROM exchanges WHERE exchange_id = '{between.exchange}'")

    for _ in range(2):
        answer = admit(
            homes[RO], forge.batch(homes[BORDER], forge.envelope(homes[BORDER], forged)), BORDER, homes.now
        )

    assert [parse(parse_receipt(one).entry).exchange for one in answer.receipts] == [between.exchange]
    first, second = arrivals(homes[RO])
    assert (first.sender, first.exchange_id) == (NL, between.exchange)
    assert second.sender == BORDER and second.exchange_id != between.exchange
    for one, originator in ((first, NL), (second, BORDER)):
        shown = show_arrival(
            homes[RO], one.exchange_id, purpose="investigation", actor="system/test", now=homes.now
        )
        assert shown.originator == originator
    again = oracle.query(homes.home(RO), f"SELECT * FROM exchanges WHERE exchange_id = '{between.exchange}'")
    assert again == rows


def test_message_refused_once_and_judged_anew_never_lands_in_an_exchange_of_others(homes: Homes) -> None:
    """Between its two envelopes another member's exchange took the id that it claims."""
    (exchange,) = homes.push(records.small(), TO_RO).exchanges
    ms = int(homes.now.timestamp() * 1000)
    late = forge.announce(
        homes[BORDER],
        RO,
        _own_body(homes, RO),
        homes.now,
        exchange_id=exchange.exchange_id,
        created_at_ms=ms - 10,
        expires_at_ms=ms - 1,
    )
    admit(homes[RO], forge.batch(homes[BORDER], forge.envelope(homes[BORDER], late)), BORDER, homes.now)
    homes.carry(RO)
    fresh = forge.announce(
        homes[BORDER],
        RO,
        _own_body(homes, RO),
        homes.now,
        exchange_id=exchange.exchange_id,
        message_id=late.header.message_id,
    )

    admit(homes[RO], forge.batch(homes[BORDER], forge.envelope(homes[BORDER], fresh)), BORDER, homes.now)

    for one in arrivals(homes[RO]):
        if one.outcome == "received":
            shown = show_arrival(
                homes[RO], one.exchange_id, purpose="investigation", actor="system/test", now=homes.now
            )
            assert shown.originator == one.sender


def test_record_passed_on_without_consent_is_refused_whether_or_not_it_is_known_there(homes: Homes) -> None:
    """border.xx was given both records; police.ro has only one of them."""
    bodies = []
    for number, others in ((1, (RO,)), (2, ())):
        record = records.small(number)
        records.mark(record.header.marking, RO, BORDER)
        recipients = [replace(TO_RO, agency=agency) for agency in (BORDER, *others)]
        answer = homes.push(record, *recipients)
        for agency in (BORDER, *others):
            homes.carry(agency)
        mine = next(one for one in answer.exchanges if one.recipient == BORDER)
        release = parse_release(forge.release_of(homes[BORDER], mine.exchange_id))
        marking = replace(release.marking, rel=frozenset({RO}))
        bodies.append(replace(release, recipient=RO, marking=marking).encode())
    forged = [forge.announce(homes[BORDER], RO, body, homes.now) for body in bodies]
    envelopes = [forge.envelope(homes[BORDER], one) for one in forged]
    kept = homes.keep(RO)

    known, unknown = (_answered(homes, RO, kept, envelope) for envelope in envelopes)

    assert known == unknown
    assert known[0] and "consent-missing" in str(known[0])


def _receipt(homes: Homes, of: Between | None) -> ReceiptBatch:
    ids = (of.exchange, of.message) if of else (_unknown(homes), _unknown(homes))
    return forge.acknowledgement(homes[BORDER], NL, exchange=ids[0], message=ids[1])


def _error(homes: Homes, of: Between | None) -> ReceiptBatch:
    error = InBandError(code="quota", message_id=of.message if of else _unknown(homes))
    return ReceiptBatch(checkpoint=b"", consistency=None, receipts=(), errors=(error,))


@pytest.mark.parametrize("answer", [_receipt, _error])
def test_receipt_for_what_went_to_another_does_what_one_for_nothing_does(
    homes: Homes, between: Between, answer: Callable[[Homes, Between | None], ReceiptBatch]
) -> None:
    batches = [answer(homes, between), answer(homes, None)]
    states = oracle.query(homes.home(NL), "SELECT * FROM outbox")
    sizes: list[int] = [oracle.size(homes.opened(NL))]
    told = []

    for batch in batches:
        assert parse_receipt_batch(batch.encode()) == batch
        told.append(acknowledge(homes[NL], batch.encode(), BORDER, homes.now))
        sizes.append(oracle.size(homes.home(NL)))

    assert told[0] == told[1]
    assert [(one.exchange_id, one.outcome) for one in told[0]] == [("", "not-accepted")]
    assert len(set(sizes)) == 1
    assert oracle.query(homes.home(NL), "SELECT * FROM outbox") == states


def test_ledger_of_others_is_vouched_for_and_told_of_like_one_of_nobody(
    homes: Homes, between: Between
) -> None:
    """police.ro has seen a head of police.nl's ledger; border.xx may not learn which, or whether."""
    assert homes[RO].read.exchange(between.exchange) is not None
    seen, unseen = homes[NL].origin, "comity.ledger/police.nl/9"
    note = homes[NL].notary.sign_head().note
    notes = [note.encode(), note.replace(seen, unseen).encode()]

    def refusal(ask: Callable[[], object]) -> tuple[str, str, str]:
        with pytest.raises(GatewayError) as refused:
            ask()
        return refused.value.kind.value, refused.value.code, str(refused.value)

    told = {refusal(lambda one=one: seen_of(homes[RO], BORDER, one, homes.now)) for one in (seen, unseen)}  # type: ignore[misc]
    cosigned = {
        refusal(lambda one=one: cosign_for(homes[RO], BORDER, one, None, homes.now))  # type: ignore[misc]
        for one in notes
    }

    assert len(told) == len(cosigned) == 1


def test_push_that_is_denied_gives_its_recipient_no_byte(homes: Homes) -> None:
    (exchange,) = homes.push(records.small(), TO_NGO).exchanges
    assert exchange.outcome.value == "denied"
    gateway = homes[NL]

    assert outgoing(gateway, TO_NGO.agency, homes.now).batch is None
    assert not gateway.read.anything_queued(TO_NGO.agency)
    assert gateway.read.waiting_peers() == []
    with pytest.raises(NotFound) as nothing:
        pack(gateway, TO_NGO.agency, homes.now)
    assert nothing.value.code == "nothing-waits"
    assert oracle.counts(homes.home(NL))["outbox"] == 0
    assert not [one for one in oracle.entries(homes.home(NL)) if "pair_seq" in one]


def _welch(first: Sequence[float], second: Sequence[float]) -> float:
    spread = statistics.variance(first) / len(first) + statistics.variance(second) / len(second)
    return float((statistics.fmean(first) - statistics.fmean(second)) / spread**0.5)


def _cropped(measured: list[list[int]]) -> list[list[float]]:
    """Return the measures without the slowest tenth of all: what other programs did to them."""
    limit = sorted(value for values in measured for value in values)[int(len(measured[0]) * 2 * 0.9)]
    return [[float(value) for value in values if value <= limit] for values in measured]


@pytest.mark.timed
@pytest.mark.parametrize("probe", [_exchange, _message, _record])
def test_probe_for_what_exists_takes_no_other_time_than_one_for_what_does_not(
    homes: Homes, between: Between, probe: Probe
) -> None:
    """From the batch to the verdict; what is written then is the same number of rows in the same tables."""
    forged = [probe(homes, RO, between), probe(homes, RO, None)]
    batch = forge.batch(homes[BORDER], *(forge.envelope(homes[BORDER], one) for one in forged))
    parsed = parse_batch(batch)
    alone = [replace(parsed, envelopes=(one,)) for one in parsed.envelopes]
    measured: list[list[int]] = [[], []]
    order = random.Random(35)

    with homes[RO].at_one_moment() as same:
        gc.disable()
        try:
            for _ in range(PROBES + 100):
                for which in order.sample((0, 1), 2):
                    start = time.perf_counter_ns()
                    seen = receive._seen(same, alone[which], BORDER, homes.now)
                    receive._verdict(same, alone[which].envelopes[0], alone[which], seen, homes.now)
                    measured[which].append(time.perf_counter_ns() - start)
        finally:
            gc.enable()

    first, second = _cropped([values[100:] for values in measured])
    assert abs(_welch(first, second)) < 4.5, (statistics.fmean(first), statistics.fmean(second))
