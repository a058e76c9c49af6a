"""What is not received though it is authentic: too late, erased, for a home of another sort, from a fork."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import GatewayError
from gateway.flow.carry import Carried, pack, unpack
from gateway.flow.consult import arrivals, show_arrival
from gateway.flow.deliver import outgoing
from gateway.flow.verify import verify
from gateway.ledger.entry import Draft, EntryKind, parse
from gateway.record.vocabulary import Fact
from gateway.sealing.batch import parse_receipt
from gateway.v1 import disclosure_pb2
from keys.directory import Directory
from tests.flow import forge, oracle, records
from tests.flow.federation import BANK, NL, RO, Homes

EMERGENCY = frozenset({Fact.BREAK_GLASS})


def _told(carried: Carried) -> list[tuple[str, str]]:
    assert carried.receipts is not None
    entries = [parse(parse_receipt(one).entry) for one in carried.receipts.receipts]
    found = [(entry.kind.name.lower(), entry.code or "") for entry in entries]
    return found + [("not accepted", error.code) for error in carried.receipts.errors]


FORBIDDEN = {
    "VP-01": (BANK, forge.only("person.name")),
    "VP-02": (RO, forge.only("person.name")),
    "VP-02 in an emergency without its officers": (RO, forge.only("person.name", facts=EMERGENCY)),
    "VP-08": (RO, forge.only("person.contact")),
    "VP-08 by an address": (RO, forge.only("person.address")),
    "VP-09": (RO, forge.only("person.shelter")),
    "VP-09 with every approval": (
        RO,
        forge.only("person.shelter", lifts=("CPO:2", "DUTY:2", "RLO:2", "VPO:2")),
    ),
    "everything": (RO, forge.everything),
}


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_release_that_breaks_the_own_floor_is_quarantined_and_never_shown(homes: Homes, rule: str) -> None:
    recipient, granting = FORBIDDEN[rule]
    record = records.small()
    records.mark(record.header.marking, recipient)
    record.persons[0].shelter.place.name = "Huis Nergens"
    record.persons[0].shelter.place.country = "NL"
    size = oracle.size(homes.opened(recipient))
    body = forge.release(homes[NL], record, recipient, homes.now, granting).encode()

    forged = forge.announce(homes[NL], recipient, body, homes.now)
    carried = unpack(homes[recipient], forge.sent(homes[NL], recipient, forged), homes.now)

    assert _told(carried) == [("quarantined", "floor-forbids")]
    assert oracle.kinds(homes.home(recipient), size) == ["quarantined"]
    (arrival,) = arrivals(homes[recipient])
    assert (arrival.outcome, arrival.record_id, arrival.originator) == ("quarantined", "", "")
    for answer in (
        lambda: show_arrival(
            homes[recipient], arrival.exchange_id, purpose="investigation", actor="a", now=homes.now
        ),
        lambda: verify(homes[recipient], arrival.exchange_id, homes.now),
    ):
        with pytest.raises(GatewayError) as refused:
            answer()
        assert refused.value.kind == "not-found"
    assert oracle.places([records.SECRET_NAME, records.SECRET_PHONE], {"reply": carried.reply or b""}) == []
    homes.close()
    assert oracle.places([records.SECRET_NAME, "Huis Nergens"], oracle.files_of(homes.home(recipient))) == []


def test_release_that_keeps_the_floor_is_received_from_the_same_sender(homes: Homes) -> None:
    body = forge.release(homes[NL], records.small(), RO, homes.now, forge.only("vehicle.identity")).encode()

    forged = forge.announce(homes[NL], RO, body, homes.now)

    assert _told(unpack(homes[RO], forge.sent(homes[NL], RO, forged), homes.now)) == [("received", "")]


def test_class_that_calls_a_victim_a_suspect_is_refused_as_a_contradiction(homes: Homes) -> None:
    """The floor judges by the classes, so the classes may not say less than the portions beside them show."""
    granting = forge.only("person.name", "person.role", "person.age-band")
    release = forge.release(homes[NL], records.small(), RO, homes.now, granting)
    disclosure = disclosure_pb2.Disclosure.FromString(release.disclosure)
    for protection in disclosure.classes:
        protection.role = disclosure_pb2.ROLE_CLASS_SUSPECT
    lying = replace(release, disclosure=disclosure.SerializeToString(deterministic=True))

    forged = forge.announce(homes[NL], RO, lying.encode(), homes.now)

    carried = unpack(homes[RO], forge.sent(homes[NL], RO, forged), homes.now)
    assert _told(carried) == [("refused", "disclosure-invalid")]


def test_quarantined_release_is_a_final_answer_that_closes_the_senders_exchange(homes: Homes) -> None:
    """The sender's policy was tampered with: it learns that the other side would not hold it."""
    homes.push(records.small())
    (row,) = oracle.query(homes.home(NL), "SELECT exchange_id FROM exchanges")
    body = forge.release(homes[NL], records.small(), RO, homes.now, forge.only("person.name")).encode()
    forged = forge.announce(homes[NL], RO, body, homes.now)
    carried = unpack(homes[RO], forge.sent(homes[NL], RO, forged), homes.now)

    again = unpack(homes[RO], forge.sent(homes[NL], RO, forged), homes.now)

    assert _told(carried) == _told(again) == [("quarantined", "floor-forbids")]
    assert row[0] not in str(carried.receipts)


def test_envelope_that_arrives_after_its_deadline_is_refused_for_good(homes: Homes) -> None:
    homes.push(records.small())
    there, _ = pack(homes[NL], RO, homes.now)
    # Nobody renewed the directory meanwhile, so that only the deadline is between them.
    for agency in (NL, RO):
        homes.close(agency)
    homes.now += timedelta(days=6)
    expires = oracle.query(homes.home(NL), "SELECT expires_at FROM outbox")[0][0]
    body = forge.release(homes[NL], records.small(), RO, homes.now, forge.only("vehicle.identity")).encode()
    ms = int(homes.now.timestamp() * 1000)
    late = forge.announce(homes[NL], RO, body, homes.now, created_at_ms=ms - 2, expires_at_ms=ms)
    just = forge.announce(homes[NL], RO, body, homes.now, created_at_ms=ms - 2, expires_at_ms=ms + 1)

    carried = unpack(homes[RO], forge.sent(homes[NL], RO, late, just), homes.now)

    assert _told(carried) == [("refused", "expired"), ("received", "")]
    assert expires > ms  # The honest one still has time.
    assert _told(unpack(homes[RO], there, homes.now)) == [("received", "")]


def test_envelope_past_its_deadline_does_not_leave(homes: Homes) -> None:
    (exchange,) = homes.push(records.small()).exchanges
    later = homes.now + timedelta(days=14)
    gateway = replace(homes[NL], directory=_fresh(homes))

    leaving = outgoing(gateway, RO, later)
    in_time = outgoing(gateway, RO, later - timedelta(seconds=1))

    assert leaving.batch is None
    assert leaving.held_back == ((exchange.exchange_id, "its delivery deadline has passed"),)
    assert in_time.exchanges == (exchange.exchange_id,)


def _fresh(homes: Homes) -> Directory:
    """Return the directory as if it had been renewed for years."""
    later = homes.now + timedelta(days=3650)
    directory = homes[NL].directory
    return replace(directory, expires_at=later, keys_expire=dict.fromkeys(directory.keys_expire, later))


def test_erased_record_that_arrives_again_is_refused_as_recalled(homes: Homes) -> None:
    answer = homes.push(records.small())
    homes.carry(RO)
    (exchange,) = (one.exchange_id for one in answer.exchanges)
    body = forge.release_of(homes[NL], exchange)
    erased = Draft(kind=EntryKind.ERASED, exchange=exchange)
    homes[RO].store.erase_record(NL, answer.record_id, 1, drafts=(erased,))

    forged = forge.announce(homes[NL], RO, body, homes.now)
    carried = unpack(homes[RO], forge.sent(homes[NL], RO, forged), homes.now)

    assert _told(carried) == [("refused", "recalled")]
    with pytest.raises(GatewayError):
        show_arrival(homes[RO], exchange, purpose="investigation", actor="a", now=homes.now)
    # Another record of the same originator still comes in.
    homes.push(records.small(2))
    assert homes.carry(RO).answered is not None
    assert arrivals(homes[RO])[-1].outcome == "received"


def test_other_statement_for_a_record_version_on_file_is_refused(homes: Homes) -> None:
    answer = homes.push(records.small())
    homes.carry(RO)
    other = forge.release(
        homes[NL], records.small(2), RO, homes.now, forge.only("vehicle.identity"), record_id=answer.record_id
    )

    forged = forge.announce(homes[NL], RO, other.encode(), homes.now)

    carried = unpack(homes[RO], forge.sent(homes[NL], RO, forged), homes.now)
    assert _told(carried) == [("refused", "statement-invalid")]


def test_envelope_to_a_sealing_key_unknown_here_may_come_again_under_a_known_one(homes: Homes) -> None:
    body = forge.release(homes[NL], records.small(), RO, homes.now, forge.only("vehicle.identity")).encode()
    lost = forge.announce(homes[NL], RO, body, homes.now, recipient_key_id="0" * 32)
    refused = unpack(homes[RO], forge.sent(homes[NL], RO, lost), homes.now)
    again = forge.announce(
        homes[NL],
        RO,
        body,
        homes.now,
        message_id=lost.header.message_id,
        exchange_id=lost.header.exchange_id,
    )

    carried = unpack(homes[RO], forge.sent(homes[NL], RO, again), homes.now)

    assert _told(refused) == [("refused", "unknown-sealing-key")]
    assert _told(carried) == [("received", "")]
    assert [one.outcome for one in arrivals(homes[RO])] == ["received"]
    # The first envelope keeps the answer it got, though its message was received in another one since.
    assert _told(unpack(homes[RO], forge.sent(homes[NL], RO, lost), homes.now)) == _told(refused)
