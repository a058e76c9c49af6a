"""Purging destroys what makes a record readable and nothing else, once, whatever comes between (A39, A41)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.errors import GatewayError, NotFound, Refused
from gateway.flow import purge as purging
from gateway.flow.audit import export_ledger, trust_of
from gateway.flow.carry import pack, unpack
from gateway.flow.consult import show_arrival
from gateway.flow.deliver import outgoing
from gateway.flow.exchange import exchange_now, find_records
from gateway.flow.prepare import prepare
from gateway.flow.purge import purge, purge_all
from gateway.ledger.inspection import inspect
from gateway.record.moment import to_ms
from gateway.record.vocabulary import LegalBasis, ObligationCode, Purpose
from gateway.release.obligation import Obligation, end_of_day_ms
from gateway.release.plan import build_release
from gateway.release.release import Release
from gateway.store import sqlite
from gateway.store.home import DATABASE
from tests.flow import forge, oracle, records
from tests.flow.arrivals import taken
from tests.flow.federation import NL, RO, TO_NGO, TO_RO, Homes
from tests.flow.lasting import lasting, past_end
from tests.flow.seized import readable

CANARIES = (records.SECRET_NAME, records.SECRET_PHONE, records.SECRET_STREET, "A van stood at the corner")


def _secrets(homes: Homes, agency: str) -> list[bytes]:
    """Return the stored bytes that must be in no file once they are destroyed."""
    home = homes.home(agency)
    wrapped = [row[0] for row in oracle.query(home, "SELECT wrapped FROM record_keys")]
    wrapped += [row[0] for row in oracle.query(home, "SELECT wrapped FROM exchange_keys")]
    bodies = [row[0] for row in oracle.query(home, "SELECT ciphertext FROM bodies")]
    # Of a body that lies over several pages no more than a part stands in a file as one.
    return wrapped + [body[:48] for body in bodies]


def _remaining(homes: Homes, agency: str, pieces: list[bytes]) -> list[bytes]:
    files = oracle.files_of(homes.home(agency))
    data = b"\0".join(files[name] for name in sorted(files) if DATABASE in name)
    return [piece for piece in pieces if piece in data]


def _verdict(homes: Homes, agency: str, *, openings: bool = False) -> int:
    files = export_ledger(homes[agency], homes.now, openings=openings)
    return inspect(files, trust_of(homes[agency].directory)).exit_code


def _pushed(homes: Homes, *, days: int = 1, number: int = 1) -> str:
    (exchange,) = homes.push(lasting(homes, days=days, number=number)).exchanges
    return exchange.exchange_id


@pytest.mark.parametrize("agency", [NL, RO])
def test_nothing_that_was_kept_can_be_read_by_who_has_the_files_and_the_secret(
    homes: Homes, agency: str
) -> None:
    _pushed(homes)
    homes.carry(RO)
    pieces = _secrets(homes, agency)
    before = readable(homes, agency)
    assert (records.SECRET_NAME.encode() in before) is (agency == NL)
    assert b"A van stood" in before
    in_files = _remaining(homes, agency, pieces)
    assert len(in_files) > len(pieces) * 0.8

    purge(homes[agency], past_end(homes, days=1))

    assert readable(homes, agency) == b""
    assert _remaining(homes, agency, in_files) == []
    assert sqlite.wal_path(homes.home(agency) / DATABASE).stat().st_size == 0
    homes.close()
    assert _remaining(homes, agency, in_files) == []
    assert oracle.places(CANARIES, oracle.files_of(homes.home(agency))) == []


@pytest.mark.parametrize("agency", [NL, RO])
@pytest.mark.parametrize("openings", [False, True])
def test_ledger_of_a_purged_home_verifies_and_keeps_what_proves_the_exchange(
    homes: Homes, agency: str, openings: bool
) -> None:
    exchange = _pushed(homes)
    homes.carry(RO)
    size = oracle.size(homes.home(agency))
    kept = {
        table: oracle.query(homes.home(agency), f"SELECT * FROM {table}")
        for table in ("receipts", "sender_proofs", "inbox", "peer_heads")
    }
    digests = oracle.query(homes.home(agency), "SELECT statement_digest FROM records")

    purge(homes[agency], past_end(homes, days=1))

    assert {table: oracle.query(homes.home(agency), f"SELECT * FROM {table}") for table in kept} == kept
    assert oracle.query(homes.home(agency), "SELECT statement_digest FROM records") == digests
    (entry,) = oracle.entries(homes.home(agency), size)
    assert (entry["kind"], entry.get("exchange")) == (18, exchange if agency == RO else None)
    assert entry["about"] < size
    assert _verdict(homes, agency, openings=openings) == 0


def test_purging_twice_is_purging_once(homes: Homes) -> None:
    _pushed(homes)
    homes.carry(RO)
    end = past_end(homes, days=1)

    assert [purge(homes[agency], end) for agency in (NL, RO, NL, RO)] == [1, 1, 0, 0]

    sizes = [oracle.size(homes.home(agency)) for agency in (NL, RO)]
    homes.close()
    homes.now = end
    assert [oracle.size(homes.opened(agency)) for agency in (NL, RO)] == sizes


def test_what_waits_in_the_outbox_is_stopped_before_it_is_erased(homes: Homes) -> None:
    exchange = _pushed(homes)
    size = oracle.size(homes.home(NL))
    end = past_end(homes, days=1)

    purge(homes[NL], end)

    stopped, erased = oracle.entries(homes.home(NL), size)
    assert (stopped["kind"], stopped["exchange"], stopped["code"]) == (10, exchange, "expired")
    assert erased["kind"] == 18
    found = exchange_now(homes[NL], exchange)
    assert (found.state, found.open, found.code) == ("undeliverable", False, "expired")
    assert outgoing(homes[NL], RO, end) == outgoing(homes[NL], RO, end, but=("none",))
    assert outgoing(homes[NL], RO, end).batch is None
    assert oracle.query(homes.home(NL), "SELECT count(*) FROM outbox WHERE sealed IS NOT NULL") == [(0,)]
    assert _verdict(homes, NL) == 0


def test_what_may_be_used_no_more_does_not_leave_even_before_it_is_purged(homes: Homes) -> None:
    exchange = _pushed(homes)
    end = past_end(homes, days=1)

    in_time = outgoing(homes[NL], RO, end - timedelta(seconds=1))
    late = outgoing(homes[NL], RO, end)

    assert in_time.exchanges == (exchange,)
    assert late.batch is None
    assert [(one.row.exchange_id, one.code) for one in late.stopped] == [(exchange, "expired")]


def test_receipt_of_what_left_in_time_still_closes_it_after_the_purge(homes: Homes) -> None:
    exchange = _pushed(homes)
    there, _ = pack(homes[NL], RO, homes.now)
    arrived = unpack(homes[RO], there, homes.now)
    purge(homes[NL], past_end(homes, days=1))

    assert arrived.reply is not None
    answered = unpack(homes[NL], arrived.reply, homes.now)

    assert [(one.exchange_id, one.outcome) for one in answered.acknowledged] == [(exchange, "delivered")]
    assert exchange_now(homes[NL], exchange).state == "delivered"
    assert _verdict(homes, NL) == 0


def test_held_release_of_an_erased_record_waits_for_nobody(homes: Homes) -> None:
    (exchange,) = homes.push(lasting(homes, days=1), TO_RO, ask=("person.name",)).exchanges
    assert exchange_now(homes[NL], exchange.exchange_id).open

    purge(homes[NL], past_end(homes, days=1))

    found = exchange_now(homes[NL], exchange.exchange_id)
    assert (found.state, found.open, found.code) == ("erased", False, "")
    assert _verdict(homes, NL) == 0


def test_purged_record_is_found_by_nothing_that_told_of_it(homes: Homes) -> None:
    _pushed(homes)

    purge(homes[NL], past_end(homes, days=1))

    assert find_records(homes[NL], "X-1") == []


def test_only_what_has_ended_is_purged(homes: Homes) -> None:
    _pushed(homes, number=1)
    lasts = _pushed(homes, days=5, number=2)
    homes.carry(RO)
    end = past_end(homes, days=1)

    assert [purge(homes[agency], end) for agency in (NL, RO)] == [1, 1]

    assert records.SECRET_NAME.encode() in readable(homes, NL)
    assert show_arrival(homes[RO], lasts, purpose="investigation", actor="system/test", now=end).record


def _two_releases(homes: Homes) -> list[str]:
    """Let one record version arrive twice, for use until today and for longer; return the exchanges."""
    nl = homes[NL]
    submission = prepare(nl, records.small().SerializeToString(deterministic=True), homes.now)
    planned = forge.planned(submission, RO, homes.now, forge.only("vehicle.identity"))
    forged = []
    for purpose, days in ((Purpose.INVESTIGATION, 0), (Purpose.VICTIM_PROTECTION, 3)):
        made = build_release(
            planned,
            submission.signed,
            purpose=purpose,
            legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK,
            pseudonyms={},
        )
        body = _until(made, days, homes.now).encode()
        forged.append(forge.announce(nl, RO, body, homes.now))
        unpack(homes[RO], forge.sent(nl, RO, forged[-1]), homes.now)
    return [one.header.exchange_id for one in forged]


def _until(release: Release, days: int, now: datetime) -> Release:
    day = now.date() + timedelta(days=days)
    due = tuple(
        Obligation(code=one.code, due_at_ms=end_of_day_ms(day)) if one.code is ObligationCode.EXPIRE else one
        for one in release.obligations
    )
    return replace(release, expires_at=day, obligations=due)


def test_each_release_of_one_record_ends_on_its_own_day(homes: Homes) -> None:
    short, long = _two_releases(homes)
    assert oracle.kinds(homes.home(RO))[-2:] == ["received"] * 2
    first, second = past_end(homes, days=0), past_end(homes, days=3)

    def shown(exchange: str, purpose: str) -> str:
        try:
            show_arrival(homes[RO], exchange, purpose=purpose, actor="system/test", now=first)
        except GatewayError as exc:
            return exc.code
        return "shown"

    assert purge(homes[RO], first) == 1
    assert shown(short, "investigation") == "erased"
    assert [one.absent for one in taken(homes)] == ["erased"]
    assert shown(long, "victim-protection") == "shown"
    assert oracle.query(homes.home(RO), "SELECT exchange_id FROM exchange_keys") == [(long,)]
    assert purge(homes[RO], first) == 0
    assert purge(homes[RO], second) == 1
    assert oracle.counts(homes.home(RO))["bodies"] == oracle.counts(homes.home(RO))["record_keys"] == 0
    assert [one["exchange"] for one in oracle.entries(homes.home(RO)) if one["kind"] == 18] == [short, long]
    assert _verdict(homes, RO) == 0


def test_duty_of_deletion_that_is_due_before_the_end_of_the_day_is_kept(homes: Homes) -> None:
    release = forge.release(homes[NL], records.small(), RO, homes.now, forge.only("vehicle.identity"))
    due = homes.now + timedelta(minutes=5)
    duty = Obligation(code=ObligationCode.EXPIRE, due_at_ms=to_ms(due))
    others = tuple(one for one in release.obligations if one.code is not ObligationCode.EXPIRE)
    body = replace(release, obligations=tuple(sorted((duty, *others), key=lambda one: one.code))).encode()
    forged = forge.announce(homes[NL], RO, body, homes.now)
    unpack(homes[RO], forge.sent(homes[NL], RO, forged), homes.now)

    def show(now: datetime) -> object:
        exchange = forged.header.exchange_id
        return show_arrival(homes[RO], exchange, purpose="investigation", actor="system/test", now=now)

    assert show(due - timedelta(seconds=1))
    assert purge(homes[RO], due - timedelta(seconds=1)) == 0
    with pytest.raises(Refused) as ended:
        show(due)
    assert ended.value.code == "use-ended"
    assert purge(homes[RO], due) == 1
    with pytest.raises(NotFound):
        show(due)


def test_quarantined_content_is_purged_like_any_other(homes: Homes) -> None:
    record = lasting(homes, days=1)
    body = forge.release(homes[NL], record, RO, homes.now, forge.only("person.name")).encode()
    forged = forge.announce(homes[NL], RO, body, homes.now)
    unpack(homes[RO], forge.sent(homes[NL], RO, forged), homes.now)
    assert oracle.kinds(homes.home(RO))[-1] == "quarantined"
    assert records.SECRET_NAME.encode() in readable(homes, RO)

    assert purge(homes[RO], past_end(homes, days=1)) == 1

    assert readable(homes, RO) == b""
    with pytest.raises(NotFound):
        exchange_now(homes[RO], forged.header.exchange_id)


@pytest.mark.parametrize("batch", [1, 2, 64])
def test_any_number_is_purged_a_batch_at_a_time(
    homes: Homes, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "BATCH", batch)
    for number in range(5):
        _pushed(homes, number=number)
    homes.carry(RO)

    first = [purge(homes[agency], past_end(homes, days=1)) for agency in (NL, RO)]
    for agency in (NL, RO):
        purge_all(homes[agency], past_end(homes, days=1))

    assert first == [min(batch, 5)] * 2
    for agency in (NL, RO):
        assert oracle.kinds(homes.home(agency)).count("erased") == 5
        assert oracle.counts(homes.home(agency))["record_keys"] == 0


@contextmanager
def _stuck(homes: Homes, record_id: str) -> Iterator[None]:
    """Make the erasure of one record fail at its last step."""
    raw = sqlite3.connect(homes.home(NL) / DATABASE)
    try:
        raw.execute(
            f"CREATE TRIGGER stuck BEFORE DELETE ON record_keys WHEN OLD.record_id = '{record_id}' "
            "BEGIN SELECT RAISE(ABORT, 'stuck'); END"
        )
        raw.commit()
        yield
        raw.execute("DROP TRIGGER stuck")
        raw.commit()
    finally:
        raw.close()


def test_erasure_that_fails_leaves_its_record_whole_and_holds_up_no_other(
    homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "BATCH", 1)
    stuck = homes.push(lasting(homes, days=0, number=1))
    homes.push(lasting(homes, days=1, number=2))
    end = past_end(homes, days=1)
    size, rows = oracle.size(homes.home(NL)), oracle.counts(homes.home(NL))

    with _stuck(homes, stuck.record_id):
        purge_all(homes[NL], end)

    half = oracle.counts(homes.home(NL))
    assert (half["record_keys"], half["exchange_keys"]) == (1, 1)
    assert half["bodies"] * 2 == rows["bodies"]
    assert oracle.query(homes.home(NL), "SELECT record_id FROM records WHERE state = 'current'") == [
        (stuck.record_id,)
    ]
    assert oracle.kinds(homes.home(NL), size).count("erased") == 1
    assert purge(homes[NL], end) == 1
    assert oracle.counts(homes.home(NL))["bodies"] == 0


def test_log_that_a_reader_holds_is_scrubbed_by_the_next_purge(homes: Homes) -> None:
    _pushed(homes)
    pieces = _secrets(homes, NL)[:1]
    with homes[NL].store._writing.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    end = past_end(homes, days=1)

    with homes[NL].read.snapshot() as old:
        assert old.records("own")
        assert purge(homes[NL], end) == 1
    assert _remaining(homes, NL, pieces)
    assert purge(homes[NL], end) == 0

    assert _remaining(homes, NL, pieces) == []


def test_denied_record_is_purged_on_its_senders_side_too(homes: Homes) -> None:
    (exchange,) = homes.push(lasting(homes, days=1), TO_NGO).exchanges
    assert exchange.outcome.value == "denied"

    assert purge(homes[NL], past_end(homes, days=1)) == 1

    assert exchange_now(homes[NL], exchange.exchange_id).state == "denied"
    assert readable(homes, NL) == b""
