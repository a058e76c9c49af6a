"""The history that rules go by: whom tags lead to, what was told of them, and how often more was asked."""

from __future__ import annotations

from gateway.store.changes import ForgetAsks
from gateway.store.rows import AskRow, PersonRow, ToldRow
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import commit, digest

A, B, C, D = (digest(name) for name in "ABCD")
POLICE, SHELTER = digest("police"), digest("shelter")


def _told(store: Store, *tags: bytes) -> set[tuple[bytes, bytes, str]]:
    return {
        (one.tag, one.agency, f"{one.dimension} {one.grain}")
        for one in store.read.heard(tags)
        if one.agency is not None
    }


def test_what_was_told_is_found_under_every_tag_of_the_person(store: Store) -> None:
    commit(store, Unit(rows=(PersonRow(A, A), PersonRow(B, A), ToldRow(A, POLICE, "sex", "stated"))))

    assert _told(store, B) == {(B, POLICE, "sex stated")}
    assert _told(store, C) == set()


def test_persons_with_a_tag_in_common_are_one_however_long_the_way(store: Store) -> None:
    commit(store, Unit(rows=(PersonRow(A, A), PersonRow(B, A), ToldRow(A, POLICE, "sex", "stated"))))
    commit(store, Unit(rows=(PersonRow(C, C), PersonRow(D, C), ToldRow(C, SHELTER, "age", "year"))))
    assert _told(store, D) == {(D, SHELTER, "age year")}

    commit(store, Unit(rows=(PersonRow(B, B), PersonRow(C, B))))

    everything = {(POLICE, "sex stated"), (SHELTER, "age year")}
    assert {one[1:] for one in _told(store, A)} == everything
    assert {one[1:] for one in _told(store, D)} == everything


def test_person_of_whom_nothing_was_told_is_found_too(store: Store) -> None:
    commit(store, Unit(rows=(PersonRow(A, A), PersonRow(B, A))))

    (one,) = store.read.heard([B])

    assert (one.tag, one.person, one.agency) == (B, A, None)


def test_what_was_said_before_may_be_said_again(store: Store) -> None:
    rows = (PersonRow(A, A), ToldRow(A, POLICE, "sex", "stated"))

    commit(store, Unit(rows=rows), Unit(rows=rows))
    commit(store, Unit(rows=rows))

    assert _told(store, A) == {(A, POLICE, "sex stated")}


def test_any_number_of_tags_is_asked_about_at_once(store: Store) -> None:
    tags = [digest(f"tag {number}") for number in range(600)]
    commit(store, Unit(rows=tuple(PersonRow(tag, tag) for tag in tags)))

    for some in (tags[:1], tags[:17], tags):
        assert {one.tag for one in store.read.heard(some)} == set(some)


def test_asks_count_by_tag_and_day_and_are_forgotten_by_day(store: Store) -> None:
    commit(
        store,
        Unit(rows=(AskRow(A, "2026-01-31", "x1"), AskRow(A, "2026-01-31", "x2"))),
        Unit(rows=(AskRow(A, "2026-02-01", "x3"), AskRow(B, "2026-01-31", "x4"))),
    )
    assert [store.read.asked(A, "2026-01-31"), store.read.asked(B, "2026-01-31")] == [2, 1]

    commit(store, Unit(rows=(ForgetAsks("2026-02-01"),)))

    assert [store.read.asked(A, "2026-01-31"), store.read.asked(A, "2026-02-01")] == [0, 1]


def test_asks_are_found_by_their_index(store: Store) -> None:
    with store.read.connection() as connection:
        plan = " ".join(
            str(row)
            for row in connection.exec_driver_sql(
                "EXPLAIN QUERY PLAN SELECT count(*) FROM asks WHERE tag = x'00' AND day = '2026-01-31'"
            )
        )

    assert "SEARCH" in plan
    assert "SCAN" not in plan
