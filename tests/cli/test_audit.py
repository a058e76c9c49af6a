"""`comity audit`: an export verifies by keys from outside it, and by nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Played
from tests.cli.doors import NGO, NL, RO, Answer, comity, ok


def verify(*arguments: str | Path) -> Answer:
    """Run the verification with --json, whatever its verdict."""
    return comity("audit", "verify", *arguments, "--json")


def vkeys_of(export: Path, path: Path) -> Path:
    """Write an auditor's own file of keys: comments, and the keys as they were told on another way."""
    path.write_text("# keys told by telephone\n" + (export / "vkeys").read_text())
    return path


def trusted(by: str, played: Played, export: Path, tmp_path: Path) -> tuple[str | Path, ...]:
    """Return the options that trust in one of the ways there are."""
    homes = played.homes
    return {
        "own home": ("--home", homes / NL),
        "peer's home": ("--home", homes / RO),
        "home named as trust": ("--trust", homes / RO),
        "home's directory": ("--trust", homes / RO / "directory"),
        "federation's folder": ("--trust", homes / "federation"),
        "federation's repository": ("--trust", homes / "federation" / "repository"),
        "file of keys": ("--trust", vkeys_of(export, tmp_path / "keys.txt")),
    }[by]


@pytest.mark.parametrize(
    "by",
    [
        *("own home", "peer's home", "home named as trust", "home's directory"),
        *("federation's folder", "federation's repository", "file of keys"),
    ],
)
def test_export_is_clean_by_every_kind_of_trust(
    by: str, played: Played, export: Path, tmp_path: Path
) -> None:
    answer = verify(export, *trusted(by, played, export, tmp_path))

    assert answer.code == 0
    assert answer.object["ok"] is True
    assert answer.object["verdict"] == "clean"
    assert answer.object["origin"] == "comity.ledger/police.nl/1"
    assert answer.object["size"] > 0
    assert len(answer.object["root"]) == 64


def test_without_trust_nothing_can_be_told(export: Path) -> None:
    answer = verify(export)

    assert answer.code == 2
    assert answer.object["ok"] is False
    assert answer.object["verdict"] == "cannot judge"
    assert "no-trust" in [found["code"] for found in answer.object["findings"]]


def test_trust_in_other_ledgers_only_tells_nothing(export: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.txt"
    lines = (export / "vkeys").read_text().splitlines()
    keys.write_text("\n".join(line for line in lines if "police.nl" not in line) + "\n")

    assert verify(export, "--trust", keys).code == 2


@pytest.mark.parametrize("name", ["checkpoint", "entries.jsonl", "vkeys", "MANIFEST", "receipts.jsonl"])
def test_changed_byte_is_found_and_its_file_named(name: str, played: Played, export: Path) -> None:
    path = export / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    answer = verify(export, "--home", played.homes / RO)

    assert answer.code == 1
    assert answer.object["verdict"] == "findings"
    assert name in [found["file"] for found in answer.object["findings"]]


def test_changed_entry_is_found_and_its_index_named(played: Played, export: Path) -> None:
    path = export / "entries.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[4]
    path.write_bytes(b"".join(lines))

    answer = verify(export, "--home", played.homes / RO)
    words = comity("audit", "verify", export, "--home", played.homes / RO).out

    assert answer.code == 1
    named = [(found["file"], found["index"]) for found in answer.object["findings"]]
    assert ("entries.jsonl", 3) in named
    assert "entries.jsonl, entry 3" in words


@pytest.mark.parametrize("change", ["file added", "file removed", "tile removed", "link added"])
def test_file_added_or_removed_is_found(change: str, played: Played, export: Path) -> None:
    changes: dict[str, Callable[[], object]] = {
        "file added": lambda: (export / "note.txt").write_text("hello"),
        "file removed": (export / "receipts.jsonl").unlink,
        "tile removed": lambda: shutil.rmtree(export / "tile" / "0"),
        "link added": lambda: (export / "link").symlink_to(export / "vkeys"),
    }

    changes[change]()

    answer = verify(export, "--home", played.homes / RO)
    assert answer.code == 1
    assert answer.object["ok"] is False


@pytest.fixture
def earlier(played_by_file: Played, tmp_path: Path) -> Path:
    """Return an export of a ledger that nobody has to cosign, so that its next export is a larger one."""
    out = tmp_path / "earlier"
    ok("audit", "export", out, "--home", played_by_file.homes / NL)
    return out


def test_ledger_that_grew_from_an_earlier_visit_is_clean(
    played_by_file: Played, earlier: Path, tmp_path: Path
) -> None:
    kept, later = tmp_path / "last-visit.checkpoint", tmp_path / "later"
    nl, ro = played_by_file.homes / NL, played_by_file.homes / RO
    shutil.copy(earlier / "checkpoint", kept)

    ok("audit", "export", later, "--home", nl)
    answer = verify(later, "--since", kept, "--home", ro)

    assert answer.code == 0
    assert answer.object["size"] > ok("audit", "verify", earlier, "--home", nl)["size"]


def test_ledger_that_shrank_since_the_earlier_visit_is_a_finding(
    played_by_file: Played, earlier: Path, tmp_path: Path
) -> None:
    later = tmp_path / "later"
    ok("audit", "export", later, "--home", played_by_file.homes / NL)

    answer = verify(earlier, "--since", later / "checkpoint", "--home", played_by_file.homes / RO)

    assert answer.code == 1


def test_export_of_a_witnessed_ledger_shows_the_last_cosigned_head_while_nothing_runs(
    played: Played, nl: Path, export: Path, tmp_path: Path
) -> None:
    ok("audit", "export", tmp_path / "again", "--home", nl)

    answer = verify(tmp_path / "again", "--since", export / "checkpoint", "--home", played.homes / RO)

    assert answer.code == 0
    checkpoint = (tmp_path / "again" / "checkpoint").read_text()
    told = next(one for one in played.result["ledgers"] if one["agency"] == NL)
    assert answer.object["size"] == told["size"]
    assert all(f"— comity.witness/{agency} " in checkpoint for agency in (RO, NGO))


def test_checkpoint_of_another_ledger_is_a_finding(played: Played, export: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    ok("audit", "export", other, "--home", played.homes / RO)

    assert verify(export, "--since", other / "checkpoint", "--home", played.homes / RO).code == 1


@pytest.mark.parametrize("what", ["export", "trust", "since", "home"])
def test_what_is_not_there_is_no_finding_about_the_ledger(
    what: str, nl: Path, export: Path, tmp_path: Path
) -> None:
    none = tmp_path / "none"
    arguments: dict[str, tuple[str | Path, ...]] = {
        "export": (none, "--home", nl),
        "trust": (export, "--trust", none),
        "since": (export, "--home", nl, "--since", none),
        "home": (export, "--home", none),
    }

    answer = verify(*arguments[what])

    assert answer.code == 2
    assert str(none) in f"{answer.object['field']} {answer.object['error']}"


@pytest.mark.parametrize("text", ["", "# nobody\n", "no key\n", "\x00"])
def test_trust_that_names_no_key_tells_nothing(text: str, export: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text(text)

    assert verify(export, "--trust", keys).code == 2


def test_tampered_directory_is_no_trust(played: Played, export: Path) -> None:
    metadata = played.homes / "federation" / "repository" / "metadata"
    for path in metadata.glob("*targets.json"):
        path.write_bytes(path.read_bytes().replace(b"police.nl", b"police.xx"))

    assert verify(export, "--trust", played.homes / "federation").code == 2


def test_export_never_mixes_with_other_files(nl: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")

    answer = comity("audit", "export", tmp_path, "--home", nl, "--json")

    assert answer.code == 1
    assert answer.object["code"] == "exists"


def test_openings_are_exported_only_when_asked_for(
    played: Played, nl: Path, export: Path, tmp_path: Path
) -> None:
    opened = tmp_path / "opened"

    ok("audit", "export", opened, "--openings", "--home", nl)

    assert not (export / "openings.jsonl").exists()
    assert (opened / "openings.jsonl").stat().st_size > 0
    assert verify(opened, "--home", played.homes / RO).code == 0


def test_export_holds_no_value_of_the_case(played: Played, export: Path) -> None:
    data = b"".join(path.read_bytes() for path in export.rglob("*") if path.is_file())

    for value in [*played.result["protected"], "Plăsmuitu", "XX 99 ZZZ", "XNL-2031-0000417"]:
        assert value.encode() not in data


def test_verdict_is_told_in_words(played: Played, export: Path) -> None:
    clean = comity("audit", "verify", export, "--home", played.homes / RO).out
    untold = comity("audit", "verify", export).out

    assert f"{export}: clean" in clean
    assert "not judged: export: no key from outside the files was given [no-trust]" in untold
