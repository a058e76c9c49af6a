"""`comity inbox export` and `comity adapt certificate`: a document of what came, proof of what it lost."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.cli.conftest import Played
from tests.cli.doors import NL, RO, comity, ok

LOSSY = ("--allow", "handling", "--allow", "evaluation", "--allow", "anonymity")


def _export(played: Played, out: Path, *more: str) -> list[str | Path]:
    exchange = played.exchange(RO)
    words: list[str | Path] = [
        "inbox",
        "export",
        exchange,
        "--format",
        "htcds",
        "--form",
        "json",
        "--out",
        out,
    ]
    return [*words, "--purpose", "investigation", "--home", played.homes / RO, *more]


def test_document_and_certificate_stand_side_by_side_for_their_owner_alone(
    played: Played, tmp_path: Path
) -> None:
    out = tmp_path / "case.json"

    told = ok(*_export(played, out, *LOSSY))

    beside = tmp_path / "case.json.certificate"
    assert (told["path"], told["certificate"]) == (str(out), str(beside))
    assert {stat.S_IMODE(path.stat().st_mode) for path in (out, beside)} == {0o600}
    assert told["allowed"] == ["anonymity", "evaluation", "handling"]
    (record,) = told["records"]
    assert record["exchange"] == played.exchange(RO)
    assert all(set(loss) == {"path", "effect", "why"} for loss in record["losses"])


def test_nobody_protected_stands_in_the_document(played: Played, tmp_path: Path) -> None:
    out = tmp_path / "case.json"
    ok(*_export(played, out, *LOSSY))

    data = out.read_bytes() + (tmp_path / "case.json.certificate").read_bytes()
    assert played.result["protected"]
    assert [word for word in played.result["protected"] if word.encode() in data] == []


def test_certificate_is_verified_at_either_agency(played: Played, tmp_path: Path) -> None:
    out = tmp_path / "case.json"
    told = ok(*_export(played, out, *LOSSY))

    for home in (RO, NL):
        checked = ok("adapt", "certificate", out, "--home", played.homes / home)
        assert (checked["agency"], checked["key"]) == (RO, told["key"])
        assert checked["records"] == told["records"]
    words = comity("adapt", "certificate", out, "--home", played.homes / RO).out
    assert "not changed since" in words
    assert "Allowed to lose or show: anonymity, evaluation, handling." in words


def test_changed_document_is_found_out(played: Played, tmp_path: Path) -> None:
    out = tmp_path / "case.json"
    ok(*_export(played, out, *LOSSY))
    out.write_bytes(out.read_bytes().replace(b"{", b"{ ", 1))

    answer = comity("adapt", "certificate", out, "--home", played.homes / RO)

    assert answer.code == 1
    assert "was changed since" in answer.err


def test_caveat_is_kept_unless_it_is_let_go_by_name(played: Played, tmp_path: Path) -> None:
    out = tmp_path / "case.json"

    answer = comity(*_export(played, out))

    assert answer.code == 1
    assert "would lose the caveat of handling" in answer.err
    assert played.exchange(RO) in answer.err
    assert list(tmp_path.glob("case.json*")) == []


def test_what_stands_there_is_never_overwritten(played: Played, tmp_path: Path) -> None:
    out = tmp_path / "case.json"
    (tmp_path / "case.json.certificate").write_text("mine")

    answer = comity(*_export(played, out, *LOSSY))

    assert (answer.code, out.exists()) == (1, False)
    assert "exists already" in answer.err


def test_wrong_words_are_wrong_usage(played: Played, tmp_path: Path) -> None:
    out = tmp_path / "case.json"

    assert comity(*_export(played, out, "--allow", "everything")).code == 2
    assert comity(*[*_export(played, out)[:4], "unheard-of", *_export(played, out)[5:]]).code == 2


def test_who_lets_identities_stand_is_told_what_that_means(played: Played, tmp_path: Path) -> None:
    out = tmp_path / "case.json"

    answer = comity(*_export(played, out, *LOSSY, "--allow", "identity"))

    assert answer.code == 0
    assert "Protected persons may stand in it" in answer.out
