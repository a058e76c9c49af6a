"""What the demo proves is proved: where a ledger lacks its part, or a file tells too much, it is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.evidence import Crossing, Export, changed_byte, crossings, leaks, verdict_on
from gateway.config import read_config
from gateway.flow.audit import read_export, trust_of
from gateway.ledger.checkpoint import ledger_origin
from gateway.ledger.entry import Entry, EntryKind, parse
from gateway.ledger.tile import bundle_bytes, split_bundle
from gateway.ledger.trust import Trust
from keys.mirror import Mirror
from tests.cli.conftest import Played
from tests.cli.doors import NGO, NL, RO, ok


@pytest.fixture
def exports(played: Played, tmp_path: Path) -> dict[str, Export]:
    """Return the exports of the three ledgers."""
    for agency in (NL, RO, NGO):
        ok("audit", "export", tmp_path / agency, "--home", played.homes / agency)
    return {agency: read_export(tmp_path / agency) for agency in (NL, RO, NGO)}


@pytest.fixture
def trust(first_play: Played) -> Trust:
    """Return what the federation's directory vouches for."""
    path = read_config(first_play.homes / RO).directory
    return trust_of(Mirror(path, (path / "pinned-root.json").read_bytes()).load())


def without(export: Export, drop: Callable[[Entry], bool]) -> Export:
    """Return an export whose entries lack some; its tree is another one then, which is not asked here."""
    (name,) = [path for path in export if path.startswith("tile/entries/")]
    kept = [data for data in split_bundle(export[name]) if not drop(parse(data))]
    return {**export, name: bundle_bytes(kept)}


def missing(found: list[Crossing]) -> list[tuple[str, str, str]]:
    """Return who lacks what."""
    return [(one.sender, one.recipient, one.missing) for one in found if one.missing]


def test_every_envelope_of_the_case_stands_in_both_ledgers(
    exports: dict[str, Export], played: Played
) -> None:
    found = crossings(exports)

    assert missing(found) == []
    assert {(one.exchange, one.sender, one.recipient) for one in found} == {
        (played.exchange(RO), NL, RO),
        (played.exchange(NGO), NL, NGO),
    }


def test_envelope_without_its_receipt_is_found(exports: dict[str, Export]) -> None:
    exports[RO] = without(exports[RO], lambda entry: entry.kind is EntryKind.RECEIVED)

    assert missing(crossings(exports)) == [(NL, RO, "its receipt")]


def test_receipt_that_closed_nothing_is_found(exports: dict[str, Export]) -> None:
    exports[NL] = without(exports[NL], lambda entry: entry.kind is EntryKind.DELIVERED and entry.peer == NGO)

    assert missing(crossings(exports)) == [(NL, NGO, "its closing")]


def test_receipt_of_what_nobody_released_is_found(exports: dict[str, Export]) -> None:
    exports[NL] = without(exports[NL], lambda entry: entry.kind is EntryKind.RELEASED and entry.peer == RO)

    assert missing(crossings(exports)) == [(NL, RO, "its release")]


def test_verdict_counts_the_other_witnesses(exports: dict[str, Export], trust: Trust) -> None:
    verdicts = [verdict_on(agency, export, trust) for agency, export in exports.items()]

    assert [trust.quorum_for(ledger_origin(agency, 1)) for agency in exports] == [2, 2, 2]
    assert [(one.agency, one.clean, one.witnesses) for one in verdicts] == [
        (NL, True, 2),
        (RO, True, 2),
        (NGO, True, 2),
    ]


def test_verdict_on_a_checkpoint_that_too_few_cosigned_is_not_clean(
    exports: dict[str, Export], trust: Trust
) -> None:
    lines = exports[NL]["checkpoint"].splitlines(keepends=True)
    bare = b"".join(line for line in lines if b"comity.witness/police.ro" not in line)

    verdict = verdict_on(NL, {**exports[NL], "checkpoint": bare}, trust)

    assert not verdict.clean


def test_changed_byte_is_found_with_its_place(exports: dict[str, Export], trust: Trust) -> None:
    findings = changed_byte(exports[NL], trust)

    assert any(found.file == "entries.jsonl" and found.index is not None for found in findings)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_text_in_clear_in_any_file_is_found(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log").write_bytes(b"\xff" + "Sânziana".encode(encoding) + b"\x00")
    (tmp_path / "clean").write_bytes(b"nothing")

    assert leaks(tmp_path, ["Sânziana"]) == (["log"], 2)
    assert leaks(tmp_path, ["Dochița"]) == ([], 2)
