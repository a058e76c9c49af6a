"""At rest nothing is readable without the key, and what is erased is in no file any more (A39, A40)."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from gateway.errors import Conflict, Locked, NotFound
from gateway.ledger.entry import Draft, EntryKind
from gateway.store import sqlite, vault
from gateway.store.changes import EraseRecord
from gateway.store.rows import ExchangeKeyRow, RecordKeyRow
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import (
    OWN,
    body_row,
    commit,
    digest,
    exchange_key_row,
    exchange_row,
    key_row,
    outbox_row,
    record_row,
    record_unit,
    released,
    root_of_stored,
    submitted,
    uuid7,
)

CANARY = "Zora Kanarinka 1999-12-31"
SEALED = b"sealed to the recipient"
SECRET = bytes(range(32))
TAG = digest("our own reference")
# Long enough for overflow pages, which are freed by other code than cells.
LONG = CANARY.encode() * 1_000


def test_content_at_rest_is_unreadable_without_the_key(store: Store, home: Path) -> None:
    key, wrapped, ciphertext, _ = _sealed_record(store)

    found = _stored_bytes(home)

    for form in _forms(CANARY):
        assert form not in found
    assert key not in found
    assert wrapped in found and ciphertext[:256] in found
    body = store.read.body(OWN, uuid7(1), 1, "content")
    stored_key = store.read.record_key(OWN, uuid7(1), 1)
    assert body is not None and stored_key is not None
    opened = vault.unwrap(SECRET, vault.record_owner(OWN, uuid7(1), 1), stored_key.wrapped)
    assert vault.open_body(opened, vault.body_aad(*body[:5]), body.ciphertext) == LONG


def test_erased_record_is_in_no_file(store: Store, home: Path) -> None:
    _, wrapped, ciphertext, wrapped_k = _sealed_record(store)
    before = _stored_bytes(home)
    parts = [ciphertext[start : start + 32] for start in range(0, len(ciphertext), 32)]
    # A page may end within a part; then that part stands in no file as one.
    pieces = [wrapped, wrapped_k, TAG, SEALED, *(part for part in parts if part in before)]
    assert all(piece in before for piece in pieces)
    assert len(pieces) > len(parts) * 0.9

    done = store.erase_record(OWN, uuid7(1), 1, drafts=(Draft(kind=EntryKind.ERASED, exchange=uuid7(2)),))

    assert done is not None and done.first_index == 2
    after = _stored_bytes(home)
    assert [piece for piece in pieces if piece in after] == []
    assert sqlite.wal_path(home / "store.db").stat().st_size == 0


def test_erasing_leaves_the_ledger_and_the_statement_digest(store: Store, home: Path) -> None:
    _sealed_record(store)
    commit(store, record_unit(5))

    store.erase_record(OWN, uuid7(1), 1)

    record = store.read.record(OWN, uuid7(1), 1)
    assert record is not None
    assert (record.state, record.reference_tag) == ("erased", None)
    assert record.statement_digest == digest("statement 1.1")
    assert store.read.record_key(OWN, uuid7(1), 1) is None
    assert store.read.exchange_key(uuid7(2)) is None
    assert store.read.bodies(OWN, uuid7(1), 1) == []
    message = store.read.outbox(uuid7(2))
    assert message is not None and message.sealed is None
    assert root_of_stored(home) == store.writer.read_back(0, 3)


def test_erasing_touches_no_other_record(store: Store) -> None:
    _sealed_record(store)
    commit(
        store,
        record_unit(5),
        Unit(drafts=(submitted(),), rows=(exchange_row(6, record=5), exchange_key_row(6))),
    )

    store.erase_record(OWN, uuid7(1), 1)

    assert len(store.read.bodies(OWN, uuid7(5), 1)) == 1
    assert store.read.record_key(OWN, uuid7(5), 1) is not None
    assert store.read.exchange_key(uuid7(6)) is not None


def test_erasing_twice_is_done_once(store: Store) -> None:
    _sealed_record(store)
    entry = Draft(kind=EntryKind.ERASED)

    assert store.erase_record(OWN, uuid7(1), 1, drafts=(entry,)) is not None
    assert store.erase_record(OWN, uuid7(1), 1, drafts=(entry,)) is None
    (refused,) = store.writer.commit([Unit(rows=(EraseRecord(OWN, uuid7(1), 1),))])

    assert isinstance(refused, Conflict)
    assert store.read.head().size == 3


def test_unknown_record_is_not_erased(store: Store) -> None:
    with pytest.raises(NotFound):
        store.erase_record(OWN, uuid7(1), 1)


def test_body_cannot_come_back_after_erasure(store: Store) -> None:
    _sealed_record(store)
    store.erase_record(OWN, uuid7(1), 1)

    (refused,) = store.writer.commit([Unit(rows=(body_row(1, kind="late"),))])

    assert not hasattr(refused, "first_index")


def test_reader_in_the_way_is_said_and_the_second_call_finishes(
    store: Store, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, wrapped, _, _ = _sealed_record(store)
    with store._writing.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")

    with store.read.snapshot() as old:
        assert old.record(OWN, uuid7(1), 1) is not None
        with pytest.raises(Locked) as busy:
            store.erase_record(OWN, uuid7(1), 1)

    assert busy.value.code == "wal-busy"
    assert store.erase_record(OWN, uuid7(1), 1) is None
    assert wrapped not in _stored_bytes(home)


def _sealed_record(store: Store) -> tuple[bytes, bytes, bytes, bytes]:
    """Store record 1 with a canary in its body, and exchange 2; return key, wrapped key, body, wrapped K."""
    key = vault.new_key(os.urandom)
    body = body_row(1)
    ciphertext = vault.seal_body(key, vault.body_aad(*body[:5]), LONG, os.urandom(12))
    wrapped = vault.wrap(SECRET, vault.record_owner(OWN, uuid7(1), 1), key, os.urandom(12))
    wrapped_k = vault.wrap(SECRET, vault.exchange_owner(uuid7(2)), vault.new_key(os.urandom), os.urandom(12))
    rows = (
        record_row(1, tag=TAG),
        key_row(1)._replace(wrapped=wrapped),
        body._replace(ciphertext=ciphertext),
        exchange_row(2, record=1),
        ExchangeKeyRow(uuid7(2), wrapped_k),
        outbox_row(2, sealed=SEALED * 300)._replace(entry=1),
    )
    assert isinstance(rows[1], RecordKeyRow)
    commit(store, Unit(drafts=(submitted(), released(2)), rows=rows))
    return key, wrapped, ciphertext, wrapped_k


def _stored_bytes(home: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(home.iterdir()))


def _forms(text: str) -> list[bytes]:
    plain = text.encode()
    encoded = [base64.b64encode(b"\0" * shift + plain)[4:-4] for shift in range(3)]
    return [plain, text.encode("utf-16-le"), text.encode("utf-16-be"), plain.hex().encode(), *encoded]
