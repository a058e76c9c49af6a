"""After any single byte of any file of an export is changed, added or removed, inspection says so."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pytest

from gateway.ledger import note, receipts, replay
from gateway.ledger.cosignature import verify_line
from gateway.ledger.entry import parse
from gateway.ledger.inspection import Report, Severity, inspect
from gateway.ledger.manifest import manifest_text
from gateway.ledger.note import sign_note
from tests.ledger.ledgers import OPENINGS, Pair

PAIR = Pair()
FILES = PAIR.export(OPENINGS)


@pytest.fixture(autouse=True)
def _remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember what pure functions answered for equal bytes: the same thousands of times over here."""
    monkeypatch.setattr(note, "verify_line", lru_cache(maxsize=None)(verify_line))
    for module in (replay, receipts):
        monkeypatch.setattr(module, "parse", lru_cache(maxsize=None)(parse))


def _changes(data: bytes) -> Iterator[tuple[int, bytes]]:
    for at in range(len(data)):
        bit = 1 << at % 8
        yield at, data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
        yield at, data[:at] + data[at + 1 :]
    for at in range(len(data) + 1):
        # A copy of the neighbour is the least visible byte to add.
        yield at, data[:at] + data[at - 1 : at or None] + data[at:]


def _named(report: Report) -> set[str]:
    return {found.file for found in report.findings if found.severity is Severity.FINDING}


def test_the_untouched_export_is_clean() -> None:
    report = inspect(FILES, PAIR.trust)
    assert report.exit_code == 0
    assert {found.code for found in report.findings} == {"unwitnessed"}


@pytest.mark.parametrize("path", sorted(FILES))
def test_every_byte_counts(path: str) -> None:
    for at, data in _changes(FILES[path]):
        if data == FILES[path]:
            continue
        report = inspect({**FILES, path: data}, PAIR.trust)
        assert report.exit_code == 1, f"{path} byte {at}"
        assert path in _named(report), f"{path} byte {at}"


@pytest.mark.parametrize("path", sorted(FILES.keys() - {"MANIFEST"}))
def test_every_byte_counts_even_when_the_agency_signs_the_manifest_again(path: str) -> None:
    nl, unsigned = PAIR.nl, {name: data for name, data in FILES.items() if name != "MANIFEST"}
    for at in range(len(FILES[path])):
        data = bytearray(FILES[path])
        data[at] ^= 1
        files = {**unsigned, path: bytes(data)}
        files["MANIFEST"] = sign_note(manifest_text(nl.origin, files), nl.vkey, nl.signer.sign).encode()
        report = inspect(files, PAIR.trust)
        assert report.exit_code == 1, f"{path} byte {at}"
        # A checkpoint that names an unknown ledger is itself no finding, but what contradicts it is.
        unjudged = {found.file for found in report.findings if found.code == "unknown-log"}
        assert path in _named(report) | unjudged, f"{path} byte {at}"


@pytest.mark.parametrize("path", sorted(FILES))
def test_every_file_counts(path: str) -> None:
    without = {name: data for name, data in FILES.items() if name != path}
    for files in (without, {**FILES, path: b""}):
        report = inspect(files, PAIR.trust)
        assert report.exit_code == 1
        assert path in _named(report)


@pytest.mark.parametrize("path", ["notes", "tile/0/001", "tile/1/000.p/1", "MANIFEST~", "tile/entries/000"])
def test_a_file_more_is_a_finding(path: str) -> None:
    report = inspect({**FILES, path: b""}, PAIR.trust)
    assert report.exit_code == 1
    assert path in _named(report)


def test_a_changed_entry_is_named_by_its_index() -> None:
    path = "tile/entries/000.p/10"
    start = 0
    for index in range(10):
        length = int.from_bytes(FILES[path][start : start + 2], "big")
        data = bytearray(FILES[path])
        data[start + length] ^= 1
        report = inspect({**FILES, path: bytes(data)}, PAIR.trust)
        assert index in {found.index for found in report.findings if found.file == path}
        start += 2 + length


@pytest.mark.parametrize("path", sorted(FILES))
def test_without_trust_there_is_no_verdict_but_contradictions_still_show(path: str) -> None:
    assert inspect(FILES, None).exit_code == 2
    report = inspect({**FILES, path: FILES[path][:-1]}, None)
    assert report.exit_code == 2
    assert _named(report)


def test_a_signature_line_of_the_manifest_added_once_more_is_found() -> None:
    manifest = FILES["MANIFEST"]
    line = manifest.rstrip(b"\n").rpartition(b"\n")[2] + b"\n"

    report = inspect({**FILES, "MANIFEST": manifest + line}, PAIR.trust)

    assert report.exit_code == 1
    assert "repeated-line" in {found.code for found in report.findings}
