"""What is in the inbox and may not be read any more comes without its record, and holds nothing up."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time, timedelta

import pytest

from gateway.errors import Unreachable
from gateway.flow import inbox
from gateway.flow.carry import unpack
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.vocabulary import Purpose
from gateway.store.home import DATABASE
from tests.flow import forge, oracle, records
from tests.flow.arrivals import received, taken
from tests.flow.federation import NL, RO, Homes


def _tamper(homes: Homes, statement: str) -> None:
    """Change one row of police.ro behind its gateway's back."""
    homes.close(RO)
    with sqlite3.connect(homes.home(RO) / DATABASE) as raw:
        assert raw.execute(statement).rowcount == 1
    raw.close()


def test_purpose_changed_in_the_store_opens_nothing(homes: Homes) -> None:
    """The release says what it was made for; a row that says otherwise was changed by somebody."""
    (exchange, _) = received(homes, 1, 2)
    _tamper(homes, f"UPDATE exchanges SET purpose = 'prosecution' WHERE exchange_id = '{exchange}'")
    size = oracle.size(homes.home(RO))

    (handed,) = taken(homes, purpose=Purpose.PROSECUTION)

    assert (handed.record, handed.absent) == (None, "unverified")
    assert oracle.size(homes.home(RO)) == size


def test_erased_record_comes_without_its_content_and_what_is_behind_it_still_comes(homes: Homes) -> None:
    first, second = received(homes, 1, 2)
    row = homes[RO].read.exchange(first)
    assert row is not None
    homes[RO].store.erase_record(NL, row.record_id, 1, drafts=(Draft(kind=EntryKind.ERASED, exchange=first),))
    size = oracle.size(homes.home(RO))

    erased, whole = taken(homes)

    assert (erased.exchange_id, erased.record, erased.absent) == (first, None, "erased")
    assert (erased.obligations, erased.rungs, erased.pseudonyms) == ((), (), {})
    assert whole.exchange_id == second and whole.record is not None
    assert [entry["exchange"] for entry in oracle.entries(homes.home(RO), size)] == [second]


@pytest.mark.parametrize("change", ["flipped", "gone", "of another", "key"])
def test_record_whose_stored_bytes_do_not_verify_comes_without_them(homes: Homes, change: str) -> None:
    """And never as erased: nobody erased it."""
    first, second = received(homes, 1, 2)
    one, other = (f"WHERE kind = 'release' AND part = '{exchange}'" for exchange in (first, second))
    changes = {
        "flipped": f"UPDATE bodies SET ciphertext = zeroblob(length(ciphertext)) {one}",
        "gone": f"DELETE FROM bodies {one}",
        "of another": f"UPDATE bodies SET ciphertext = (SELECT ciphertext FROM bodies {other}) {one}",
        "key": "UPDATE record_keys SET wrapped = zeroblob(60) WHERE record_id = "
        f"(SELECT record_id FROM exchanges WHERE exchange_id = '{first}')",
    }
    _tamper(homes, changes[change])
    size = oracle.size(homes.home(RO))

    broken, whole = taken(homes)

    assert (broken.exchange_id, broken.record, broken.absent) == (first, None, "unverified")
    assert whole.exchange_id == second and whole.record is not None
    assert [entry["exchange"] for entry in oracle.entries(homes.home(RO), size)] == [second]


def test_store_that_does_not_answer_is_no_verdict_on_a_record(
    homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that took it for one would go on past the record, for good."""
    received(homes, 1)

    def failing(*_: object) -> None:
        raise Unreachable("the store failed", code="store")

    with monkeypatch.context() as patch, pytest.raises(Unreachable):
        patch.setattr(inbox, "verify_received", failing)
        taken(homes)

    assert [one.absent for one in taken(homes)] == [""]


def test_record_is_handed_out_on_its_last_day_of_use_and_not_after(homes: Homes) -> None:
    received(homes, 1)
    (whole,) = taken(homes)
    last_day = datetime.combine(date.fromisoformat(whole.use_until), time.max, UTC)
    size = oracle.size(homes.home(RO))

    homes.now = last_day
    (in_time,) = taken(homes)
    homes.now = last_day + timedelta(microseconds=1)
    (late,) = taken(homes)

    assert in_time.record == whole.record is not None
    assert (late.record, late.absent, late.use_until) == (None, "use-ended", whole.use_until)
    assert oracle.kinds(homes.home(RO), size) == ["read"]


def test_quarantined_and_refused_envelopes_are_not_in_the_inbox(homes: Homes) -> None:
    body = forge.release(homes[NL], records.small(), RO, homes.now, forge.only("person.name")).encode()
    forged = [
        forge.announce(homes[NL], RO, body, homes.now),
        forge.announce(homes[NL], RO, b"none", homes.now),
    ]
    unpack(homes[RO], forge.sent(homes[NL], RO, *forged), homes.now)
    (good,) = received(homes, 2)

    handed = [one for purpose in Purpose for one in taken(homes, purpose=purpose)]

    assert {"quarantined", "refused"} <= set(oracle.kinds(homes.home(RO)))
    assert [one.exchange_id for one in handed] == [good]
