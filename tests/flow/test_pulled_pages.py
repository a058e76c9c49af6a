"""Pages of a collection: every object once, in order, whatever the limit and whatever is added meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.flow.pulling import page as paging
from gateway.flow.pulling.bookmark import GIVEN_MAX, START, Bookmark, read_bookmark, write_bookmark
from gateway.flow.pulling.objects import added_at, moment_of
from tests.flow.federation import NGO, NL, RO, Homes
from tests.flow.pulling import Tool, own, released

FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def stocked(quiet: Homes) -> Iterator[Tool]:
    """Return a tool of police.ro, to which five records were released; tests add more."""
    tool = Tool(quiet)
    released(quiet, *range(4))
    yield tool


@FEW
@given(limit=st.integers(1, 40), scanned=st.integers(1, 7))
def test_every_object_comes_once_whatever_the_limit(stocked: Tool, limit: int, scanned: int) -> None:
    whole = stocked.pull()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "AT_ONCE", scanned)

        pages = stocked.pages(limit=limit)

    assert [item for page in pages for item in page.items] == whole
    assert all(len(page.items) <= limit for page in pages)
    assert len({item.id for item in whole}) == len(whole)


@settings(FEW, max_examples=5)
@given(limit=st.integers(1, 12), after=st.integers(0, 4))
def test_what_is_added_while_pages_are_pulled_comes_behind_them(
    stocked: Tool, limit: int, after: int
) -> None:
    before = stocked.pull()
    pages = [stocked.page(limit=limit)]

    while (mark := pages[-1].next) is not None:
        if len(pages) == after + 1:
            released(stocked.homes, 1)
        pages.append(stocked.page(mark, limit=limit))

    found = [item for page in pages for item in page.items]
    assert found[: len(before)] == before
    assert len({item.id for item in found}) == len(found)
    assert found == stocked.pull() or found == before


def test_pull_from_the_last_date_gives_what_came_since_and_nothing_twice(stocked: Tool) -> None:
    before = stocked.pull()
    released(stocked.homes, 1, 2)

    fresh = stocked.pull(added_after=before[-1].added)

    assert {item.id for item in own(fresh)}.isdisjoint(item.id for item in before)
    assert own([*before, *fresh]) == own(stocked.pull())
    assert stocked.pull(added_after=stocked.pull()[-1].added) == []


@settings(FEW, max_examples=40)
@given(
    first=st.tuples(st.integers(0, 3_000_000), st.integers(0, 2_000_000_000)),
    further=st.tuples(st.integers(1, 2_000_000), st.integers(0, 10)),
)
def test_dates_of_the_ledger_grow_strictly(first: tuple[int, int], further: tuple[int, int]) -> None:
    later = (first[0] + further[0], first[1] + further[1])

    assert added_at(*first) < added_at(*later)


def test_page_holds_no_more_than_it_may_weigh(stocked: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = stocked.pull()
    monkeypatch.setattr(paging, "PAGE_BYTES_MAX", 1)

    pages = stocked.pages()

    assert [item for page in pages for item in page.items] == whole
    assert all(len(page.items) <= 1 for page in pages)


def test_objects_are_found_by_what_they_are(stocked: Tool) -> None:
    whole = stocked.pull()
    one = whole[5]

    assert stocked.pull(ids=frozenset({one.id, "x--none"})) == [one]
    assert stocked.pull(types=frozenset({"x-vehicle"})) == [
        item for item in whole if item.type == "x-vehicle"
    ]
    dated = moment_of(one.version)
    assert dated is not None
    assert stocked.pull(versions=frozenset({dated})) == [
        item for item in whole if item.version == one.version
    ]
    assert stocked.pull(versions=frozenset({dated + timedelta(days=1)})) == []


@given(position=st.integers(0, 2**63), number=st.integers(-1, 2**32 - 2), given_=st.integers(0, GIVEN_MAX))
@FEW
def test_bookmark_reads_as_it_was_written(stocked: Tool, position: int, number: int, given_: int) -> None:
    mark = Bookmark(
        position=position, number=number, given=tuple(one.to_bytes(8, "big") for one in range(given_))
    )
    place = (stocked.asked, stocked.client(), stocked.collection())

    text = write_bookmark(*place, mark)

    assert read_bookmark(*place, text) == mark
    assert text.isascii() and "=" not in text


def test_bookmark_is_no_use_to_another_tool_or_elsewhere(stocked: Tool) -> None:
    homes = stocked.homes
    second = Tool(homes, "second", RO, ("investigation", "prosecution"))
    other = Tool(homes, "other", NGO)
    text = write_bookmark(stocked.asked, stocked.client(), stocked.collection(), START)

    for tool, purpose in ((second, "investigation"), (second, "prosecution"), (other, "investigation")):
        with pytest.raises(Malformed):
            read_bookmark(homes[NL], tool.client(), tool.collection(purpose), text)


@pytest.mark.parametrize("text", ["", "x", "é", "A" * 2_000, "====", "' OR 1=1 --", "AAAA\n", "%00", "../.."])
def test_what_is_no_bookmark_is_refused(text: str, stocked: Tool) -> None:
    with pytest.raises(Malformed):
        read_bookmark(stocked.asked, stocked.client(), stocked.collection(), text)


def test_bookmark_that_was_changed_is_refused(stocked: Tool) -> None:
    place = (stocked.asked, stocked.client(), stocked.collection())
    text = write_bookmark(*place, Bookmark(position=7, number=3))

    for at in range(len(text) - 1):
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        with pytest.raises(Malformed):
            read_bookmark(*place, changed)
