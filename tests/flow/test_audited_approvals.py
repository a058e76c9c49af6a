"""What an auditor sees of approvals in the export of a gateway that took them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from gateway.errors import Refused
from gateway.flow.audit import export_ledger, trust_of
from gateway.flow.erase import Why, erase
from gateway.flow.openings import openings_of
from gateway.flow.review.again import decide_again, end_hold, reconsidered
from gateway.flow.review.held import held
from gateway.ledger.commitment import CommitmentType
from gateway.ledger.entry import EntryKind
from gateway.ledger.export import OPENINGS_PATH, Opening, rows_of
from gateway.ledger.inspection import Report, Severity, inspect
from gateway.record.vocabulary import Duty
from gateway.release.hold import HoldEvent
from gateway.release.narrowing import Narrowing
from gateway.store.home import DATABASE
from keys.approval import Verdict, peek_approval
from tests.flow.federation import NL, TO_RO, Homes
from tests.flow.records import small
from tests.flow.review import Crew, crew, enrol, say


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender a while ago, for its ledger has a clock of its own."""
    made = crew()
    homes.pass_time(minutes=-4)
    enrol(homes, made)
    homes.pass_time(minutes=4)
    return made


def hold(homes: Homes) -> str:
    """Push a record whose name is asked for, and return the exchange that is held for CPO and VPO."""
    (exchange,) = homes.push(small(), TO_RO, ask=("person.name",)).exchanges
    return exchange.exchange_id


def release(homes: Homes, officers: Crew, exchange: str) -> None:
    say(homes, exchange, officers.anna, Duty.VPO)
    say(homes, exchange, officers.bob, Duty.CPO)


def audited(homes: Homes, *, openings: bool = True) -> Report:
    files = export_ledger(homes[NL], homes.now, openings=openings)
    return inspect(files, trust_of(homes[NL].directory))


def codes(report: Report, severity: Severity = Severity.FINDING) -> list[str]:
    return [found.code for found in report.findings if found.severity is severity]


def opened(homes: Homes, kind: EntryKind) -> list[Opening]:
    """Return what opens entries of a kind."""
    files = export_ledger(homes[NL], homes.now, openings=True)
    rows = [Opening.parse(row) for row in rows_of(files[OPENINGS_PATH], "openings")]
    return [row for row in rows if homes[NL].read.entry(row.index).kind == kind]


def test_an_approved_release_is_clean_with_openings_and_without(homes: Homes, officers: Crew) -> None:
    release(homes, officers, hold(homes))

    with_openings, without = audited(homes), audited(homes, openings=False)

    assert codes(with_openings) == codes(without) == []
    assert codes(with_openings, Severity.NOT_JUDGED) == ["payload-unopened"]
    assert sorted(codes(without, Severity.NOT_JUDGED)) == [
        "approval-signatures",
        "enrolments-unopened",
        "openings-absent",
    ]


def test_an_export_with_openings_shows_who_approved_what(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    release(homes, officers, exchange)

    rows = opened(homes, EntryKind.APPROVED)

    actors = [row.content.decode() for row in rows if row.type is CommitmentType.ACTOR]
    signed = [peek_approval(row.content) for row in rows if row.type is CommitmentType.JUSTIFICATION]
    assert actors == [one.officer for one in signed] == [officers.anna.key_id, officers.bob.key_id]
    assert {(one.exchange_id, one.verdict) for one in signed} == {(exchange, Verdict.APPROVE)}


def test_a_refusal_is_clean_and_opened(homes: Homes, officers: Crew) -> None:
    say(homes, hold(homes), officers.anna, Duty.VPO, refuse="more-than-needed")

    assert codes(audited(homes)) == []
    (signed,) = [row for row in opened(homes, EntryKind.REJECTED) if row.type is CommitmentType.JUSTIFICATION]
    assert peek_approval(signed.content).reason == "more-than-needed"


def test_a_word_that_did_not_count_leaves_the_ledger_clean(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    with pytest.raises(Refused):
        say(homes, exchange, officers.dirk, Duty.VPO)
    release(homes, officers, exchange)

    assert codes(audited(homes)) == []


def test_every_decision_of_a_hold_that_was_narrowed_is_opened(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    found = held(homes[NL], exchange)
    decide_again(
        homes[NL],
        found,
        reconsidered(homes[NL], found, homes.now),
        event=HoldEvent.NARROWING,
        why="less is enough",
        acting="anna",
        now=homes.now,
        narrowing=Narrowing(),
    )
    release(homes, officers, exchange)

    report = audited(homes)

    assert codes(report) == []
    assert codes(report, Severity.NOT_JUDGED) == ["payload-unopened"]
    decided = [row for row in opened(homes, EntryKind.DECIDED) if row.type is CommitmentType.DECISION]
    assert len({row.index for row in decided}) == len({row.content for row in decided}) == 2


def test_a_hold_that_ended_is_clean(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    homes.pass_time(days=8)
    end_hold(
        homes[NL],
        held(homes[NL], exchange),
        event=HoldEvent.EXPIRY,
        rule="hold-expired",
        why="nobody approved it in time",
        acting="gateway",
    )

    assert codes(audited(homes)) == []


def test_nothing_is_opened_of_what_was_erased(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    release(homes, officers, exchange)
    row = homes[NL].read.exchange(exchange)
    assert row is not None
    record = homes[NL].read.record(row.originator, row.record_id, row.version)
    assert record is not None
    erase(homes[NL], [record], Why.USE_ENDED)

    report = audited(homes)

    assert codes(report) == []
    assert codes(report, Severity.NOT_JUDGED) == ["approval-signatures"]
    assert opened(homes, EntryKind.APPROVED) == opened(homes, EntryKind.DECIDED) == []


def test_nothing_is_opened_that_the_exported_head_does_not_show_yet(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    release(homes, officers, exchange)
    kinds = [row.kind for row in homes[NL].read.entries(0, homes[NL].read.head().size)]
    size = kinds.index(EntryKind.APPROVED) + 1

    rows = openings_of(homes[NL], homes[NL].read.entries(0, size))

    assert max(row.index for row in rows) == size - 1


def test_a_decision_on_file_that_is_not_the_one_ledgered_is_found(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    release(homes, officers, exchange)
    database = homes.home(NL) / DATABASE
    homes.close()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE exchanges SET decision_digest = zeroblob(32)")
        connection.execute("UPDATE holds SET decision_digest = zeroblob(32)")

    assert "commitment-mismatch" in codes(audited(homes))
