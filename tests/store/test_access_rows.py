"""What own systems and people have here: known pushes, places in the inbox, certificates."""

from __future__ import annotations

import pytest

from gateway.errors import Conflict, GatewayError
from gateway.store.changes import AccessRevoked, Change, CursorMoved, ForgetPushes
from gateway.store.place import EntryAt
from gateway.store.rows import AccessRow, CursorRow, PushRow, Row
from gateway.store.sequence import Committed
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import commit, digest, release_unit, submitted, uuid7

READER = ("system/records", "investigation")


def push_row(number: int, *, created_at: int = 1, content: str = "content") -> PushRow:
    return PushRow(digest(f"tag {number}"), digest(content), uuid7(number), created_at)


def access_row(number: int, *, role: str = "system", name: str = "records") -> AccessRow:
    return AccessRow(f"{number:x}", role, name, digest(f"key {number}"), 1, 2, None, EntryAt(0), None)


def _refused(store: Store, *rows: Row | Change) -> GatewayError:
    """Return why a unit of these rows is refused, and see that its neighbour is not."""
    refused, done = store.writer.commit([Unit(drafts=(submitted(),), rows=rows), release_unit(99)])
    assert isinstance(refused, GatewayError) and isinstance(done, Committed)
    assert store.read.head().size == done.first_index + 1
    return refused


def test_rows_come_back_as_they_were_written(store: Store) -> None:
    rows = (push_row(1), CursorRow(*READER, 7), access_row(1))

    commit(store, Unit(drafts=(submitted(),), rows=rows))

    assert store.read.known_pushes([push_row(1).tag]) == {push_row(1).tag: push_row(1)}
    assert store.read.cursor(*READER) == 7
    assert store.read.access("1") == access_row(1)._replace(entry=0)


def test_what_is_not_here_is_none(store: Store) -> None:
    assert store.read.known_pushes([digest("tag 1")]) == store.read.known_pushes([]) == {}
    assert store.read.cursor(*READER) is None
    assert store.read.access("1") is None
    assert store.read.accesses() == store.read.accesses_of("system", "records") == []


def test_known_pushes_are_found_together_and_no_others(store: Store) -> None:
    rows = [push_row(number) for number in range(200)]
    commit(store, Unit(rows=tuple(rows)))

    known = store.read.known_pushes([row.tag for row in rows[50:150]] + [digest("unknown")])

    assert known == {row.tag: row for row in rows[50:150]}


def test_push_is_remembered_once(store: Store) -> None:
    """Of two that come at the same time one is kept, and the other learns of it."""
    commit(store, Unit(rows=(push_row(1),)))

    refused = _refused(store, push_row(1, content="other"))

    assert isinstance(refused, Conflict)
    assert store.read.known_pushes([push_row(1).tag])[push_row(1).tag].content == digest("content")


@pytest.mark.parametrize("row", [push_row(1)._replace(tag=b"short"), push_row(1)._replace(content=b"")])
def test_mark_of_another_length_is_refused(store: Store, row: PushRow) -> None:
    _refused(store, row)

    assert store.read.known_pushes([row.tag]) == {}


def test_pushes_before_a_time_are_forgotten_and_the_others_stay(store: Store) -> None:
    rows = [push_row(number, created_at=number) for number in range(1, 6)]
    commit(store, Unit(rows=tuple(rows)))

    commit(store, Unit(rows=(ForgetPushes(4),)))

    assert set(store.read.known_pushes([row.tag for row in rows])) == {rows[3].tag, rows[4].tag}


def test_nothing_to_forget_is_no_refusal(store: Store) -> None:
    commit(store, Unit(rows=(ForgetPushes(4),)), release_unit(1))

    assert store.read.head().size == 1


def test_place_moves_only_from_where_it_was_expected(store: Store) -> None:
    commit(store, Unit(rows=(CursorRow(*READER, 3),)))

    refused = _refused(store, CursorMoved(*READER, 2, 9))
    commit(store, Unit(rows=(CursorMoved(*READER, 3, 5),)))

    assert isinstance(refused, Conflict)
    assert store.read.cursor(*READER) == 5


def test_places_of_readers_and_purposes_are_apart(store: Store) -> None:
    other = [("system/other", READER[1]), (READER[0], "prosecution")]
    commit(store, Unit(rows=tuple(CursorRow(*one, number) for number, one in enumerate([READER, *other]))))

    commit(store, Unit(rows=(CursorMoved(*READER, 0, 9),)))

    assert [store.read.cursor(*one) for one in [READER, *other]] == [9, 1, 2]
    assert isinstance(_refused(store, CursorRow(*READER, 1)), Conflict)


def test_certificates_are_listed_oldest_first_and_by_name(store: Store) -> None:
    rows = [access_row(9), access_row(2, name="other"), access_row(5), access_row(7, role="auditor")]
    for row in rows:
        commit(store, Unit(drafts=(submitted(),), rows=(row,)))

    assert [row.serial for row in store.read.accesses()] == ["9", "2", "5", "7"]
    assert [row.serial for row in store.read.accesses_of("system", "records")] == ["9", "5"]


def test_certificate_is_revoked_once_and_names_the_entry_that_did(store: Store) -> None:
    commit(store, Unit(drafts=(submitted(),), rows=(access_row(1),)))
    revoking = AccessRevoked("1", 8, EntryAt(0))

    commit(store, Unit(drafts=(submitted(),), rows=(revoking,)))
    refused = _refused(store, revoking._replace(revoked_at=9))

    row = store.read.access("1")
    assert row == access_row(1)._replace(entry=0, revoked_at=8, closing_entry=1)
    assert isinstance(refused, Conflict)


def test_certificate_never_issued_cannot_be_revoked(store: Store) -> None:
    assert isinstance(_refused(store, AccessRevoked("1", 8, EntryAt(0))), Conflict)


@pytest.mark.parametrize(
    "row",
    [access_row(1, name="other"), access_row(2, role="gateway"), access_row(3)._replace(key_digest=b"short")],
    ids=["serial twice", "gateway", "short digest"],
)
def test_serial_is_issued_once_and_only_for_a_known_role_and_a_whole_digest(
    store: Store, row: AccessRow
) -> None:
    commit(store, Unit(drafts=(submitted(),), rows=(access_row(1),)))

    _refused(store, row)

    assert [known.name for known in store.read.accesses()] == ["records"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM pushes WHERE tag IN (x'00', x'01')",
        "DELETE FROM pushes WHERE created_at < 5",
        "SELECT * FROM cursors WHERE reader = 'r' AND purpose = 'p'",
        "SELECT * FROM accesses WHERE serial = 's'",
    ],
)
def test_no_question_reads_or_sorts_a_whole_table(store: Store, query: str) -> None:
    with store.read.connection() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]

    assert not [step for step in plan if "TEMP B-TREE" in step or step.startswith("SCAN")]
