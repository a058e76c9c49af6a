"""Harmless details of one person, pushed one by one, end before they tell one recipient who it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.flow.preview import WITHHELD, Preview, preview
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import Addressee, push
from gateway.v1 import record_pb2 as pb
from policy.decision import Outcome
from tests.flow.federation import BORDER, NL, RO, TO_RO, Homes, item
from tests.flow.records import SECRET_PHONE, mark
from tests.keys.agencies import community

TO_BORDER = replace(TO_RO, agency=BORDER)
Tell = Callable[[pb.Person], None]


def _record(reference: str, *told: Tell, phone: str = SECRET_PHONE, person: str = "her") -> pb.Record:
    """Return a record of one adult victim, known again by her phone, that tells these details of her."""
    record = pb.Record()
    header = record.header
    header.own_reference, header.exercise, header.retain_until = reference, True, "2031-12-31"
    mark(header.marking, RO, BORDER)
    her = record.persons.add(id=person, role=pb.ROLE_VICTIM)
    her.contacts.add(kind=pb.CONTACT_KIND_PHONE, value=phone)
    for tell in told:
        tell(her)
    return record


def _town(her: pb.Person) -> None:
    place = her.addresses.add(current=False).place
    place.town, place.country = "Denkdorp", "NL"


def _year(her: pb.Person) -> None:
    her.birth.year = 2001


def _region(her: pb.Person) -> None:
    her.nationalities.add(country="RO")


def _sex(her: pb.Person) -> None:
    her.sex = pb.SEX_FEMALE


def _band(her: pb.Person) -> None:
    her.age_band = pb.AGE_BAND_24_26


SERIES = (_town, _year, _region)


def _withheld_as_mosaic(answer: PushAnswer) -> bool:
    return any(rule == "VP-43" for exchange in answer.exchanges for rule, _ in exchange.reasons)


def _tell(homes: Homes, number: int, *told: Tell, to: Addressee = TO_RO, ask: tuple[str, ...] = ()) -> bool:
    """Push one record; return whether something stayed because it would single her out."""
    return _withheld_as_mosaic(homes.push(_record(f"R-{number}", *told), to, ask=ask))


def test_third_detail_of_a_series_stays_at_home(homes: Homes) -> None:
    assert [_tell(homes, number, one) for number, one in enumerate(SERIES)] == [False, False, True]


@pytest.mark.parametrize("last", SERIES)
def test_each_detail_is_harmless_alone(homes: Homes, last: Tell) -> None:
    assert not _tell(homes, 1, last)


def test_asked_for_the_third_detail_is_held_for_both_officers(homes: Homes) -> None:
    _tell(homes, 1, _town)
    _tell(homes, 2, _year)

    answer = homes.push(_record("R-3", _region, _sex), ask=("person.nationality",))

    (exchange,) = answer.exchanges
    assert exchange.outcome is Outcome.HELD
    assert {"VPO:1", "DPO:1"} <= set(exchange.approvals)


def test_series_is_counted_for_each_recipient_apart(homes: Homes) -> None:
    _tell(homes, 1, _town)
    _tell(homes, 2, _year)

    assert not _tell(homes, 3, _region, to=TO_BORDER)

    assert _tell(homes, 4, _region)


def test_members_of_one_community_have_what_any_of_them_was_told(homes: Homes) -> None:
    federation = homes.federation()
    federation.add_community(community(RO, BORDER))
    federation.publish()
    homes.refresh(NL)
    _tell(homes, 1, _town)
    _tell(homes, 2, _year, to=TO_BORDER)

    assert _tell(homes, 3, _region, to=TO_BORDER)


def test_series_goes_on_after_a_restart(homes: Homes) -> None:
    _tell(homes, 1, _town)
    _tell(homes, 2, _year)

    homes.close()

    assert _tell(homes, 3, _region)


def test_records_of_one_batch_see_each_other(homes: Homes) -> None:
    items = [item(_record(f"R-{number}", one)) for number, one in enumerate(SERIES)]

    answers = push(homes[NL], items, homes.now)

    assert [isinstance(one, PushAnswer) and _withheld_as_mosaic(one) for one in answers] == [
        False,
        False,
        True,
    ]


def test_person_met_under_two_numbers_is_one_once_a_record_names_both(homes: Homes) -> None:
    other = "+999555008888"
    homes.push(_record("R-1", _town))
    homes.push(_record("R-2", _year, phone=other))

    both = _record("R-3")
    both.persons[0].contacts.add(kind=pb.CONTACT_KIND_PHONE, value=other)
    homes.push(both)

    assert _withheld_as_mosaic(homes.push(_record("R-4", _region, phone=other)))


def test_what_was_told_of_somebody_else_counts_for_nothing(homes: Homes) -> None:
    homes.push(_record("R-1", _town, phone="+999555008888"))
    homes.push(_record("R-2", _year, phone="+999555008888"))

    assert not _tell(homes, 3, _region)


def test_what_was_told_already_is_told_again(homes: Homes) -> None:
    _tell(homes, 1, _town)
    _tell(homes, 2, _year)

    assert not _tell(homes, 3, _year, _town)


def test_what_a_hold_asks_for_is_not_told_yet(homes: Homes) -> None:
    held = homes.push(_record("R-1", _town, _year), ask=("person.birth", "person.address", "person.contact"))
    assert held.exchanges[0].outcome is Outcome.HELD

    assert not _tell(homes, 2, _region)


def test_record_refused_for_another_recipient_told_nobody_anything(homes: Homes) -> None:
    nobody = replace(TO_RO, agency="nobody.xx")
    items = [item(_record("R-1", _town), TO_RO, nobody), item(_record("R-2", _year))]
    push(homes[NL], items, homes.now)

    assert not _tell(homes, 3, _region)


def test_usual_record_leaves_whole(homes: Homes) -> None:
    assert not _tell(homes, 1, _sex, _band, _region)


def test_uncommon_gender_tells_more(homes: Homes) -> None:
    def gender(her: pb.Person) -> None:
        her.gender = pb.GENDER_TRANSGENDER_FEMININE

    assert _tell(homes, 1, gender, _year, _region)


def test_home_in_a_small_place_holds_back_sooner(homes: Homes) -> None:
    with (homes.home(NL) / "comity.toml").open("a") as file:
        file.write("population = 20\n")

    assert _tell(homes, 1, _region)


def test_preview_shows_what_would_stay_and_changes_nothing(homes: Homes) -> None:
    _tell(homes, 1, _town)
    _tell(homes, 2, _year)

    found = [preview(homes[NL], item(_record("R-3", _region)), homes.now) for _ in range(2)]

    assert [_seen(one, "nationalities") for one in found] == [WITHHELD, WITHHELD]
    assert "VP-43" in found[0].rules
    assert "single out" in _why(found[0], "nationalities")


def test_preview_tells_nobody_anything(homes: Homes) -> None:
    preview(homes[NL], item(_record("R-1", _town, _year)), homes.now)

    assert not _tell(homes, 2, _region)


def test_what_stayed_for_the_series_leaves_as_decided(homes: Homes) -> None:
    for number, one in enumerate(SERIES):
        _tell(homes, number, one, _sex)
    homes.pass_time(days=1)

    trip = homes.carry(RO)

    assert trip.answered is not None
    assert [one.outcome for one in trip.answered.acknowledged] == ["delivered"] * len(SERIES)


def test_history_holds_nothing_in_clear(homes: Homes) -> None:
    _tell(homes, 1, _town, _sex)
    homes.close()

    with sqlite3.connect(homes.home(NL) / "store.db") as raw:
        kept = repr([*raw.execute("SELECT * FROM persons"), *raw.execute("SELECT * FROM told")])

    assert "'town'" in kept
    for word in (RO, "Denkdorp", SECRET_PHONE[-9:], "R-1"):
        assert word not in kept


def _seen(found: Preview, field: str) -> str:
    return next(line.seen[RO].rung for line in found.lines if line.field == field)


def _why(found: Preview, field: str) -> str:
    return next(line.seen[RO].why for line in found.lines if line.field == field)
