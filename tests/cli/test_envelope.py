"""`comity envelope` and `comity inbox`: carrying by file, and what has come in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Played
from tests.cli.doors import MINORS_NAME, NGO, NL, RO, TO_NGO, TO_RO, carry, comity, ok, write_case


@pytest.fixture
def played(played_by_file: Played) -> Played:
    """Carry between homes without addresses: those are what goes by file, and signs with nothing running."""
    return played_by_file


@pytest.fixture
def pushed(played: Played, nl: Path, tmp_path: Path) -> str:
    """Push the case to police.ro once more, and return the exchange."""
    told = ok("record", "push", write_case(tmp_path / "case.json"), "--to", TO_RO, "--home", nl)
    return str(told["records"][0]["exchanges"][0]["id"])


@pytest.fixture
def there(pushed: str, nl: Path, tmp_path: Path) -> Path:
    """Export what waits for police.ro."""
    out = tmp_path / "there.bundle"
    told = ok("envelope", "export", RO, out, "--home", nl)
    assert told["exchanges"] == [pushed]
    return out


def states(played: Played, nl: Path, exchange: str) -> set[str]:
    """Return the states of an exchange, as its sender tells them."""
    found = set()
    for agency in (RO, NGO):
        for item in ok("inbox", "list", "--home", played.homes / agency)["items"]:
            if item["exchange"] == exchange:
                shown = ok("record", "show", item["record"], "--purpose", "investigation", "--home", nl)
                found |= {row["state"] for row in shown["exchanges"] if row["exchange"] == exchange}
    return found


def test_envelope_goes_out_and_its_receipt_comes_back(
    played: Played, nl: Path, there: Path, pushed: str, tmp_path: Path
) -> None:
    back = tmp_path / "back.bundle"

    taken = ok("envelope", "import", there, "--receipts", back, "--home", played.homes / RO)
    closed = ok("envelope", "import", back, "--home", nl)

    assert taken["received"] == [{"exchange": pushed, "outcome": "received", "code": ""}]
    assert taken["receipts"] == str(back)
    assert closed["closed"] == [{"exchange": pushed, "outcome": "delivered", "code": ""}]
    assert closed["receipts"] is None
    assert states(played, nl, pushed) == {"delivered"}


def test_envelope_waits_until_its_receipt_is_back(nl: Path, there: Path, pushed: str, tmp_path: Path) -> None:
    again = ok("envelope", "export", RO, tmp_path / "again.bundle", "--home", nl)

    assert again["exchanges"] == [pushed]


def test_nothing_waits_after_the_receipt(played: Played, nl: Path, pushed: str, tmp_path: Path) -> None:
    carry(played.homes, NL, RO, tmp_path)

    answer = comity("envelope", "export", RO, tmp_path / "more.bundle", "--home", nl, "--json")

    assert answer.code == 1
    assert answer.object["code"] == "nothing-waits"
    assert not (tmp_path / "more.bundle").exists()


def test_importing_twice_admits_once_and_gives_the_receipt_again(
    played: Played, there: Path, pushed: str, tmp_path: Path
) -> None:
    ro = played.homes / RO

    first = comity("envelope", "import", there, "--home", ro)
    ok("envelope", "import", there, "--receipts", tmp_path / "back.bundle", "--home", ro)

    assert "No receipts were written" in first.out
    items = ok("inbox", "list", "--home", ro)["items"]
    assert [item["exchange"] for item in items].count(pushed) == 1
    assert (tmp_path / "back.bundle").stat().st_size > 0


def test_only_the_exchanges_named_are_exported(nl: Path, pushed: str, tmp_path: Path) -> None:
    case = write_case(tmp_path / "case.json")
    more = ok("record", "push", case, "--to", TO_RO, "--home", nl)["records"][0]["exchanges"][0]["id"]

    told = ok("envelope", "export", RO, tmp_path / "one.bundle", "--exchange", more, "--home", nl)

    assert told["exchanges"] == [more]


def test_what_left_for_the_shelter_never_holds_the_minors_name(
    played: Played, nl: Path, tmp_path: Path
) -> None:
    ok("record", "push", write_case(tmp_path / "case.json"), "--to", TO_NGO, "--home", nl)
    (tmp_path / "case.json").unlink()

    carry(played.homes, NL, NGO, tmp_path)

    shown = comity(
        *("inbox", "show", played.exchange(NGO)),
        *("--purpose", "victim-protection", "--home", played.homes / NGO),
    )
    assert shown.code == 0
    assert "Dochița" in shown.out
    for name in MINORS_NAME:
        assert name not in shown.out
        for file in [*tmp_path.glob("*.bundle"), *(played.homes / NGO).rglob("*")]:
            assert not file.is_file() or name.encode() not in file.read_bytes()


def test_file_for_another_agency_is_refused(played: Played, there: Path) -> None:
    answer = comity("envelope", "import", there, "--home", played.homes / NGO, "--json")

    assert answer.code == 1
    assert answer.object["code"] == "not-addressed-to-us"


def test_file_that_is_no_bundle_is_refused_by_its_name(nl: Path, tmp_path: Path) -> None:
    file = tmp_path / "holiday.jpg"
    file.write_bytes(b"\xff\xd8\xff\xe0 no bundle")

    answer = comity("envelope", "import", file, "--home", nl)

    assert answer.code == 1
    assert "holiday.jpg: is no file of envelopes or receipts" in answer.err


def test_changed_envelope_is_not_accepted_and_nothing_comes_in(played: Played, there: Path) -> None:
    data = bytearray(there.read_bytes())
    data[len(data) // 2] ^= 1
    there.write_bytes(data)
    before = ok("inbox", "list", "--home", played.homes / RO)["items"]

    answer = comity("envelope", "import", there, "--home", played.homes / RO, "--json")

    assert answer.code == 1
    assert answer.object["ok"] is False
    after = ok("inbox", "list", "--home", played.homes / RO)["items"]
    assert [item for item in after if item["outcome"] == "received"] == before


@pytest.mark.parametrize("command", ["export", "import"])
def test_no_file_is_ever_overwritten(
    command: str, played: Played, nl: Path, there: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    arguments: dict[str, tuple[str | Path, ...]] = {
        "export": ("export", RO, mine, "--home", nl),
        "import": ("import", there, "--receipts", mine, "--home", played.homes / RO),
    }

    answer = comity("envelope", *arguments[command], "--json")

    assert answer.code == 1
    assert answer.object["code"] == "exists"
    assert mine.read_text() == "mine"


def test_exported_file_is_readable_by_its_owner_only(there: Path) -> None:
    assert there.stat().st_mode & 0o777 == 0o600


def test_recipient_that_is_no_agency_is_wrong_usage(nl: Path, tmp_path: Path) -> None:
    assert comity("envelope", "export", "Police RO", tmp_path / "out", "--home", nl).code == 2


def test_inbox_lists_what_came_with_ids_to_copy(played: Played) -> None:
    ro = played.homes / RO

    (item,) = ok("inbox", "list", "--home", ro)["items"]
    words = comity("inbox", "list", "--home", ro).out

    assert set(item) == {
        *("exchange", "sender", "originator", "record"),
        *("outcome", "code", "purpose", "use_until"),
    }
    assert item["exchange"] == played.exchange(RO)
    assert item["exchange"] in words and item["record"] in words
    assert max(map(len, words.splitlines())) <= 100


def test_empty_inbox_says_so(nl: Path) -> None:
    assert ok("inbox", "list", "--home", nl)["items"] == []
    assert comity("inbox", "list", "--home", nl).out == "Nothing has come in.\n"


def test_arrival_is_shown_with_its_precision_and_its_duties_in_words(played: Played) -> None:
    arguments = (
        "inbox",
        "show",
        played.exchange(RO),
        "--purpose",
        "investigation",
        "--home",
        played.homes / RO,
    )

    shown, words = ok(*arguments), comity(*arguments).out

    assert "no-reidentification" in shown["obligations"]
    assert "do not try to find out who a person is" in words
    assert "birth: 2014 (generalised)" in words
    assert "nationalities: region: eastern-europe (coarse)" in words
    assert "Only for investigation; kept until 2031-12-31." in words
    for name in MINORS_NAME:
        assert name not in words


def test_reading_for_another_purpose_is_refused(played: Played) -> None:
    answer = comity(
        *("inbox", "show", played.exchange(RO), "--purpose", "prosecution"),
        *("--home", played.homes / RO, "--json"),
    )

    assert answer.code == 1
    assert answer.object["code"] == "other-purpose"
    assert "investigation only" in answer.object["error"]


def test_what_did_not_come_here_cannot_be_shown(played: Played) -> None:
    answer = comity(
        *("inbox", "show", played.exchange(NGO), "--purpose", "victim-protection"),
        *("--home", played.homes / RO, "--json"),
    )

    assert answer.code == 1
    assert answer.object["code"] == "no-such-exchange"
