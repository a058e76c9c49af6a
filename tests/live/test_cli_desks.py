"""Every command on an agency's own data, on the stopped home and through the running gateway: the same."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, zip_longest
from pathlib import Path

import pytest

from gateway.errors import Malformed
from gateway.flow.audit import write_export
from tests.cli.doors import Answer, comity, ok, write_case
from tests.live.houses import NL, RO, House, copy_houses, found
from tests.project import ROOT

TO = f"{RO}:investigation:law-enforcement-task"
ROWS = ROOT / "examples" / "htcds_case.csv"
UNKNOWN = "0199d0a0-0000-7000-8000-000000000000"

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.+]+")
_HEX = re.compile(r"\b[0-9a-f]{32,40}\b")
_TOKEN = re.compile(r"\b[a-z-]+/[a-z0-9]{3,10}\b…?")  # what an entity is called in one disclosure only

STATED = "--target others --necessity medical"


Told = tuple[int, str, str]
"""Exit code, standard output, standard error."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Copies of the same homes, some stopped and some running, and what the commands are given."""

    stopped: Path
    running: Path
    given: dict[str, str]
    numbers: Iterator[int]

    def both(self, agency: str, words: str) -> tuple[Told, Told]:
        """Run a command on both, and return what they left, without what must differ."""
        out = f"out{next(self.numbers)}"
        return self._told(self.stopped, agency, words, out), self._told(self.running, agency, words, out)

    def _told(self, folder: Path, agency: str, words: str, out: str) -> Told:
        given = {**self.given, "OUT": str(folder / out)}
        arguments = [given.get(word, word) for word in words.split()]
        answer = comity(*arguments, "--home", folder / agency)
        told = self._same(answer.out, folder)
        if words.startswith("policy simulate"):
            told = _sorted(told)
        return answer.code, told, self._same(_without_warnings(answer), folder)

    def _same(self, text: str, folder: Path) -> str:
        text = text.replace(str(folder), "FOLDER")
        for pattern in (_TIME, _HEX, _TOKEN):
            text = pattern.sub("…", text)
        kept = set(self.given.values())
        return _ID.sub(lambda one: one[0] if one[0] in kept else "ID", text)


def _sorted(told: str) -> str:
    """Return what tells of several exchanges in an order of its own: those of one millisecond have none."""
    if not told.startswith("{"):
        return "\n".join(sorted(told.splitlines()))
    held = json.loads(told)
    rows = sorted(held.get("exchanges", []), key=json.dumps)
    return json.dumps({**held, "exchanges": rows}, sort_keys=True, indent=1)


def _apart(stopped: Told, running: Told) -> list[tuple[str, str]]:
    """Return the lines that differ; comparing the texts as wholes takes long to tell."""
    found = [(str(stopped[0]), str(running[0]))] if stopped[0] != running[0] else []
    for one, other in zip(stopped[1:], running[1:], strict=True):
        lines = zip_longest(str(one).splitlines(), str(other).splitlines(), fillvalue="")
        found += [(left, right) for left, right in lines if left != right]
    return found


def _without_warnings(answer: Answer) -> str:
    return "\n".join(line for line in answer.err.splitlines() if not line.startswith("warning: "))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Return closed homes: one record that went to police.ro and is receipted, one on its way in a file."""
    folder = tmp_path_factory.mktemp("filing")
    found(folder, datetime.now(UTC).replace(microsecond=0), (NL, RO), reachable=False)
    case = write_case(folder / "case.json")
    header = json.loads(case.read_text("utf-8"))["header"]
    bad = write_case(folder / "bad.json", header={**header, "retain_until": "2001-01-01", "author": ""})
    there, back, waiting = (folder / name for name in ("there.bundle", "back.bundle", "waiting.bundle"))
    nl, ro = folder / NL, folder / RO
    pushed = ok("record", "push", case, "--to", TO, "--home", nl)["records"][0]
    ok("envelope", "export", RO, there, "--home", nl)
    ok("envelope", "import", there, "--receipts", back, "--home", ro)
    ok("envelope", "import", back, "--home", nl)
    ok("record", "push", case, "--to", TO, "--home", nl)
    ok("envelope", "export", RO, waiting, "--home", nl)
    empty = folder / "empty.json"
    empty.write_text("{}")
    for layer in ("local", "baseline"):
        (folder / layer).write_text(
            f'@id("CLOSED") @layer("{layer}") @reason("the house is closed") @source("test")\n'
            'forbid (principal, action == Comity::Action::"release", resource is Comity::Record);\n'
        )
    return folder, {
        "CASE": str(case),
        "PROPOSED": str(folder / "local"),
        "BASELINE": str(folder / "baseline"),
        "PERSON": json.loads(case.read_text("utf-8"))["persons"][0]["id"],
        "BAD": str(bad),
        "EMPTY": str(empty),
        "ROWS": str(ROWS),
        "WAITING": str(waiting),
        "RECORD": pushed["record_id"],
        "EXCHANGE": pushed["exchanges"][0]["id"],
    }


@pytest.fixture(scope="module")
def ways(
    events: io.StringIO, template: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ways]:
    folder, given = template
    stopped, running = (tmp_path_factory.mktemp(name) for name in ("stopped", "running"))
    copy_houses(folder, stopped, NL, RO)
    houses: dict[str, House] = copy_houses(folder, running, NL, RO)
    for house in houses.values():
        house.begin()
    yield Ways(stopped, running, given, count())
    for house in houses.values():
        house.close()
    shutil.rmtree(running)


COMMANDS = [
    (NL, 0, "record preview CASE --to police.ro:investigation:law-enforcement-task"),
    (NL, 0, "record preview ROWS --format htcds --to police.ro:investigation:law-enforcement-task"),
    (NL, 1, "record preview BAD --to police.ro"),
    (NL, 1, "record preview CASE --to police.xx"),
    (NL, 0, "record push CASE --to police.ro:investigation:law-enforcement-task"),
    (NL, 0, "record push CASE --to police.ro --ask person.name"),
    (NL, 0, "record push ROWS --format htcds --to police.ro:investigation:law-enforcement-task"),
    (NL, 1, "record push BAD --to police.ro"),
    (NL, 1, "record push EMPTY --to police.ro"),
    (NL, 1, "record push CASE --to police.xx"),
    (NL, 1, "record push CASE --to police.nl"),
    (NL, 2, "record push nowhere.json --to police.ro"),
    (NL, 0, "record preview CASE --to police.ro/UNIT:investigation:law-enforcement-task"),
    (NL, 0, f"record push CASE --to police.ro/unit:investigation --lane urgent {STATED}"),
    (NL, 0, "record push CASE --to police.ro --threat violence"),
    (NL, 1, "record preview CASE --to police.ro/nowhere"),
    (NL, 1, "record push CASE --to police.ro/nowhere"),
    (NL, 2, "record push CASE --to police.ro/"),
    (NL, 2, "record push CASE --to police.ro --target everybody"),
    (NL, 2, "record push CASE --to police.ro --lane slow"),
    (NL, 0, "record show RECORD --purpose investigation"),
    (NL, 2, "record show RECORD --purpose curiosity"),
    (NL, 1, f"record show {UNKNOWN} --purpose investigation"),
    (NL, 0, "record verify RECORD"),
    (RO, 0, "record verify EXCHANGE"),
    (NL, 1, "record verify nonsense"),
    (NL, 0, "envelope export police.ro OUT"),
    (NL, 1, "envelope export police.xx OUT"),
    (RO, 1, "envelope export police.nl OUT"),
    (NL, 1, f"envelope export police.ro OUT --exchange {UNKNOWN}"),
    (RO, 0, "envelope import WAITING --receipts OUT"),
    (RO, 0, "envelope import WAITING"),
    (NL, 1, "envelope import WAITING"),
    (NL, 1, "envelope import CASE"),
    (NL, 0, "inbox list"),
    (RO, 0, "inbox list"),
    (RO, 0, "inbox show EXCHANGE --purpose investigation"),
    (RO, 1, "inbox show EXCHANGE --purpose victim-protection"),
    (RO, 1, f"inbox show {UNKNOWN} --purpose investigation"),
    (NL, 0, "policy explain CASE --to police.ro:investigation:law-enforcement-task"),
    (NL, 0, "policy explain RECORD --to police.ro/unit:victim-protection --ask person.name"),
    (NL, 0, "policy explain CASE --to police.ro --act judicial-use"),
    (NL, 0, "policy explain CASE --to police.ro:victim-identification --act deconflict"),
    (NL, 0, "policy explain RECORD --to police.ro --act request-interview --person PERSON --sessions"),
    (NL, 1, "policy explain CASE --to police.ro --act request-interview --person nobody"),
    (NL, 1, "policy explain CASE --to police.xx"),
    (NL, 1, "policy explain BAD --to police.ro"),
    (NL, 1, f"policy explain {UNKNOWN} --to police.ro"),
    (NL, 0, "release explain EXCHANGE"),
    (RO, 1, "release explain EXCHANGE"),
    (NL, 1, f"release explain {UNKNOWN}"),
    (NL, 0, "policy simulate PROPOSED --last 20"),
    (NL, 0, "policy simulate --baseline BASELINE --last 50"),
    (NL, 1, "policy simulate EMPTY"),
    (NL, 0, "audit export OUT"),
    (NL, 0, "audit export OUT --openings"),
    (NL, 0, "access add auditor anna --new-key --out OUT"),
    (NL, 1, "access add operator console --new-key --out OUT"),
    (NL, 1, "access add system other --request CASE --out OUT"),
    (NL, 0, "access list"),
    (NL, 1, "access revoke system nobody"),
    (NL, 0, "access revoke auditor anna"),
]


@pytest.mark.parametrize("form", ["", " --json"], ids=["words", "json"])
@pytest.mark.parametrize(("agency", "code", "words"), COMMANDS, ids=[words for _, _, words in COMMANDS])
def test_command_says_the_same_of_a_stopped_home_and_of_a_running_gateway(
    agency: str, code: int, words: str, form: str, ways: Ways
) -> None:
    if words == "access revoke auditor anna":
        ways.both(agency, "access add auditor anna --new-key --out OUT")

    stopped, running = ways.both(agency, words + form)

    assert _apart(stopped, running) == []
    assert stopped[0] == code


def test_both_ways_write_an_export_that_verifies(ways: Ways, tmp_path: Path) -> None:
    for folder in (ways.stopped, ways.running):
        out = tmp_path / folder.name
        told = ok("audit", "export", out, "--home", folder / NL)

        assert ok("audit", "verify", out, "--trust", folder / RO)["verdict"] == "clean"
        assert told["origin"] == f"comity.ledger/{NL}/1"


def test_long_list_of_arrivals_comes_in_pages(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    ways.both(RO, "envelope import WAITING")
    monkeypatch.setattr("gateway.services.operation._ARRIVALS", 1)

    stopped, running = ways.both(RO, "inbox list --json")

    assert _apart(stopped, running) == []
    assert len(json.loads(running[1])["items"]) >= 2


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", ".hidden", "a//b", "a\\b", ""])
def test_export_that_would_be_written_elsewhere_is_refused_whole(path: str, tmp_path: Path) -> None:
    """What a gateway sends names the files; whoever answers there must not choose where they land."""
    with pytest.raises(Malformed) as refused:
        write_export({"checkpoint": b"", path: b"x"}, tmp_path / "out")

    assert refused.value.code == "bad-path"
    assert list(tmp_path.rglob("*")) == []
