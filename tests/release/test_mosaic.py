"""The mosaic: harmless details that together would tell who a protected person is stay at home."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.record.categories import CATEGORIES
from gateway.record.schema import KINDS
from gateway.record.vocabulary import Rung
from gateway.release.mosaic import FEWEST, Leaving, expected, is_known, singled_out
from gateway.release.selectivity import (
    COUNTED,
    IDENTITY,
    NOT_COUNTED,
    SHARES,
    TELLING_KINDS,
    Detail,
    Grain,
    detail_of,
)

LARGE_TOWN = 100_000
SEX, BAND, YEAR = Grain("sex", "stated"), Grain("age", "band"), Grain("age", "year")
REGION, COUNTRY = Grain("origin", "region"), Grain("place", "country")
TOWN, SECTOR, NAME = Grain("place", "town"), Grain("work", "sector"), Grain(IDENTITY, "name")
USUAL = (SEX, BAND, REGION, COUNTRY)

_VICTIM = {
    "victim-identifying",
    "victim-locating",
    "victim-family",
    "victim-sensitive",
    "victim-imagery",
    "victim-statement",
    "victim-immigration",
    "victim-own-offence",
    "sexual-history",
    "cooperation-status",
}


def _leaving(*details: Grain | Detail) -> list[Leaving]:
    return [
        Leaving(("person", number), one if isinstance(one, Detail) else Detail((one,)))
        for number, one in enumerate(details)
    ]


def _flagged(told: set[Grain], *details: Grain | Detail, population: int = LARGE_TOWN) -> list[int]:
    return sorted(number for _, number in singled_out(population, told, _leaving(*details)))


def test_usual_record_singles_nobody_out() -> None:
    assert _flagged(set(), *USUAL) == []

    assert _flagged(set(), *USUAL, YEAR) == []


def test_detail_that_would_leave_fewer_than_eleven_is_the_one_that_stays() -> None:
    flagged = _flagged(set(), *USUAL, YEAR, SECTOR)

    assert flagged == [4], "the birth year tells most of these"


@pytest.mark.parametrize("last", range(5))
def test_last_of_a_series_stays_whichever_it_is(last: int) -> None:
    series = [SEX, REGION, SECTOR, TOWN, YEAR]

    assert _flagged(set(series) - {series[last]}, series[last]) == [0]
    assert _flagged(set(), series[last]) == []


def test_what_the_recipient_has_already_is_never_among_those_that_stay() -> None:
    told = {*USUAL, YEAR, SECTOR, TOWN}

    assert _flagged(told, *USUAL, YEAR, SECTOR, TOWN, BAND) == []


def test_coarser_grain_of_what_is_known_tells_nothing_new() -> None:
    assert expected(LARGE_TOWN, [YEAR, BAND]) == expected(LARGE_TOWN, [YEAR])

    assert _flagged({*USUAL, YEAR, SECTOR}, BAND, Grain("age", "minor-or-adult")) == []


def test_details_that_rules_of_their_own_decide_on_are_left_to_them() -> None:
    exact = detail_of("person", 5, "person.birth", Rung.EXACT)

    assert exact.own_rule
    assert _flagged({*USUAL, SECTOR, TOWN}, exact) == []


def test_exact_detail_told_earlier_counts_for_all_that_follows() -> None:
    assert _flagged({Grain("age", "date")}, SEX) == [0]


def test_nobody_is_singled_out_to_whom_the_name_is_known() -> None:
    assert _flagged({*USUAL, NAME}, YEAR, SECTOR, TOWN) == []
    assert is_known({NAME})

    assert _flagged({*USUAL}, YEAR, SECTOR, TOWN) != []


def test_grain_of_no_table_counts_as_the_finest() -> None:
    assert expected(LARGE_TOWN, [Grain("gait", "stated")]) == 0


def test_home_among_fewer_people_holds_back_sooner() -> None:
    assert _flagged(set(), *USUAL, population=FEWEST) == [0, 1, 2, 3]
    assert _flagged(set(), *USUAL, population=0) == [0, 1, 2, 3]


_GRAINS = st.sampled_from(sorted(SHARES))
_DETAILS = st.lists(
    st.builds(Detail, st.lists(_GRAINS, min_size=1, max_size=2).map(tuple), st.booleans()), max_size=8
)


@given(st.sets(_GRAINS), st.sets(_GRAINS))
def test_number_of_people_never_grows_by_telling_more(some: set[Grain], more: set[Grain]) -> None:
    assert expected(LARGE_TOWN, some | more) <= expected(LARGE_TOWN, some)


@given(st.sets(_GRAINS), _DETAILS, st.randoms())
def test_what_stays_depends_on_no_order(told: set[Grain], details: list[Detail], random: object) -> None:
    leaving = [Leaving(("person", number), detail) for number, detail in zip(count(), details, strict=False)]
    shuffled, history = list(leaving), sorted(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(history)  # type: ignore[attr-defined]

    assert singled_out(LARGE_TOWN, told, leaving) == singled_out(LARGE_TOWN, history, shuffled)


@given(st.sets(_GRAINS), st.sets(_GRAINS), _DETAILS)
def test_less_history_never_holds_back_what_more_would_let_leave(
    told: set[Grain], more: set[Grain], details: list[Detail]
) -> None:
    leaving = [Leaving(("person", number), detail) for number, detail in enumerate(details)]

    with_less = singled_out(LARGE_TOWN, told, leaving)
    with_more = singled_out(LARGE_TOWN, told | more, leaving)

    # But what the recipient would then have anyway, of which nothing new is told.
    had = (
        told
        | more
        | {
            grain
            for order, detail in leaving
            if order not in with_more and not detail.own_rule
            for grain in detail.grains
        }
    )
    nothing_new = {order for order, detail in leaving if _shares(had | set(detail.grains)) == _shares(had)}
    assert with_less - with_more <= nothing_new


def _shares(grains: set[Grain]) -> dict[str, int]:
    finest: dict[str, int] = {}
    for grain in grains:
        finest[grain.dimension] = max(SHARES[grain].one_in, finest.get(grain.dimension, 1))
    return finest


@given(st.sets(_GRAINS), _DETAILS)
def test_what_leaves_after_all_leaves_one_of_eleven_or_is_no_news(
    told: set[Grain], details: list[Detail]
) -> None:
    details = [Detail(detail.grains) for detail in details]
    leaving = [Leaving(("person", number), detail) for number, detail in enumerate(details)]

    staying = singled_out(LARGE_TOWN, told, leaving)

    left = {grain for order, detail in leaving if order not in staying for grain in detail.grains}
    assert expected(LARGE_TOWN, told | left) >= FEWEST or _shares(told | left) == _shares(told)


def test_every_category_that_may_tell_of_a_protected_person_is_counted_or_it_is_said_why_not() -> None:
    telling = {name for name, one in CATEGORIES.items() if one.when_protected in _VICTIM}

    assert telling <= COUNTED | NOT_COUNTED.keys()
    assert not COUNTED & NOT_COUNTED.keys()
    assert NOT_COUNTED.keys() <= CATEGORIES.keys()


def test_every_rung_of_what_is_counted_is_counted() -> None:
    for kind in TELLING_KINDS:
        for number, field in KINDS[kind].fields.items():
            if field.category in COUNTED:
                ladder = zip((Rung.GENERALISED, Rung.COARSE), CATEGORIES[field.category].ladder, strict=True)
                for rung in (Rung.EXACT, *(rung for rung, way in ladder if way)):
                    grains = detail_of(kind, number, field.category, rung).grains
                    assert all(grain in SHARES or grain.dimension == IDENTITY for grain in grains)


def test_every_share_is_a_part_and_says_why() -> None:
    for share in SHARES.values():
        assert share.one_in >= 2
        assert len(share.why) > 10
