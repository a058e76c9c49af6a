"""The status says what waits for officers, who is left to act, and whether the clock can be trusted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.flow.review.enrol import add_officers, disable_officer, note_absence
from gateway.flow.status import status_of
from gateway.observe import counters
from gateway.record.moment import to_ms
from gateway.store.record_queries import RecordQueries
from gateway.store.review_rows import ReviewRow
from gateway.store.unit import Unit
from tests.flow.federation import NL, Homes
from tests.flow.review import Crew, Person, crew, enrol
from tests.flow.test_approving import hold


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(homes, made)
    return made


def _told(homes: Homes, word: str) -> list[str]:
    return [one for one in status_of(homes[NL], homes.now).warnings if word in one]


def test_status_counts_what_waits_and_what_ends_within_a_day(homes: Homes, officers: Crew) -> None:
    assert _told(homes, "for officers") == []
    hold(homes, 1)
    homes.pass_time(days=6)
    hold(homes, 2)

    assert _told(homes, "for officers") == ["2 holds wait for officers; 1 ends within a day."]


def test_status_counts_reviews_that_are_overdue(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    due_ms = to_ms(homes.now + timedelta(hours=72))
    entry = homes[NL].read.head().size - 1
    review = ReviewRow(exchange, bytes(32), due_ms, "due", entry, None)
    homes[NL].store.writer.commit_one(Unit(rows=(review,)))
    assert _told(homes, "overdue") == []

    homes.pass_time(hours=72, seconds=1)

    assert [one.partition(":")[0] for one in _told(homes, "overdue")] == [
        "1 emergency release waits for a review that is overdue"
    ]


def test_home_without_officers_says_that_nobody_can_approve(homes: Homes) -> None:
    assert len(_told(homes, "No officer is enrolled")) == 1


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ([], ""),
        (["dirk", "eva"], ""),
        (["carla", "dirk", "eva"], "2 officers may act now: if one is lost, nobody new can be enrolled."),
        (
            ["bob", "carla", "dirk", "eva"],
            "1 officer may act now: nobody new can be enrolled, because 2 must countersign.",
        ),
        (
            ["anna", "bob", "carla", "dirk", "eva"],
            "0 officers may act now: nobody new can be enrolled, because 2 must countersign.",
        ),
    ],
)
def test_status_says_when_too_few_officers_are_left(
    homes: Homes, officers: Crew, gone: list[str], said: str
) -> None:
    for handle in gone:
        disable_officer(homes[NL], handle, homes.now)
    homes.pass_time(minutes=1)

    assert _told(homes, "may act now") == ([said] if said else [])


def test_officer_who_is_away_may_not_act_now(homes: Homes, officers: Crew) -> None:
    for handle in ("carla", "dirk", "eva"):
        note_absence(homes[NL], handle, homes.now, homes.now + timedelta(days=3), homes.now)
    homes.pass_time(minutes=1)
    away = _told(homes, "may act now")

    homes.pass_time(days=3)

    assert len(away) == 1
    assert _told(homes, "may act now") == []


def test_two_keys_of_one_person_are_one_officer(homes: Homes, officers: Crew) -> None:
    anna = officers.anna
    second = Person(handle="anna", name=anna.name, duties=anna.duties, person=anna.person)
    add_officers(homes[NL], [second.file(homes.now, officers.bob, officers.carla)], homes.now)
    homes.pass_time(minutes=1)

    for handle in ("carla", "dirk", "eva"):
        disable_officer(homes[NL], handle, homes.now)
    homes.pass_time(minutes=1)

    assert _told(homes, "may act now")[0].startswith("2 officers")


def test_status_says_when_enrolments_end_soon_unless_they_were_renewed(homes: Homes, officers: Crew) -> None:
    homes.pass_time(days=334)
    early = _told(homes, "can be used for less than")
    homes.pass_time(days=2)

    assert early == []
    (told,) = _told(homes, "can be used for less than")
    assert told.startswith("5 officer keys can be used for less than 30 days more, the first until ")
    add_officers(
        homes[NL], [officers.anna.file(homes.now, officers.bob, officers.carla, request=False)], homes.now
    )
    assert _told(homes, "can be used for less than")[0].startswith("4 officer keys")


def test_status_says_when_notices_were_lost(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(counters, "notices.given_up", 2)
    monkeypatch.setitem(counters, "notices.dropped", 1)

    (told,) = _told(homes, "could not be told")

    assert told.startswith("3 notices of what waits for officers")


def test_status_opens_no_record_and_names_nobody(
    homes: Homes, officers: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(homes)
    opened: list[object] = []
    for name in ("body", "record_key", "bodies"):
        monkeypatch.setattr(RecordQueries, name, lambda *given, **named: opened.append(given), raising=False)
    homes.pass_time(days=336)

    said = " ".join(status_of(homes[NL], homes.now).warnings)

    assert opened == []
    assert not any(one.name in said or one.handle in said for one in vars(officers).values())
