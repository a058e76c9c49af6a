"""Own rules taken into force while the gateway runs: between two decisions, whole, and told in its status."""

from __future__ import annotations

import io
import json
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import Malformed
from gateway.flow.activate import directory_digest
from gateway.serve import Running
from gateway.v1 import operation_pb2 as pb
from gateway.wire.methods import method
from gateway.worker.mirroring import Mirroring
from keys.federation import Federation
from policy.bundle import shipped_baseline
from tests.cli.doors import ok
from tests.flow.test_activation import FAILS_IN_ROMANIA, MISSPELT, NO_VEHICLES
from tests.live import account
from tests.live.houses import NL, PASSPHRASE, RO, TO_RO, House, Push, case, copy_houses, found

READ = "--i-have-read-it"
NO_ACCOUNTS = NO_VEHICLES.replace("LO-VEHICLES", "LO-ACCOUNTS").replace(
    "vehicle.identity", "account.identity"
)
ROUNDS = 12


@pytest.fixture(scope="module")
def quiet_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a closed federation of two that exchange by file."""
    folder = tmp_path_factory.mktemp("rules")
    found(folder, datetime.now(UTC).replace(microsecond=0), (NL, RO), reachable=False)
    return folder


@pytest.fixture
def nl(quiet_template: Path, tmp_path: Path) -> Iterator[House]:
    """Return a house whose gateway runs on a thread here."""
    folder = tmp_path / "rules"
    folder.mkdir()
    house = copy_houses(quiet_template, folder, NL)[NL]
    house.begin()
    yield house
    house.close()


def _activate(house: House, own: str) -> pb.ActivateRulesResponse:
    with house.console() as connection:
        request = pb.ActivateRulesRequest(rules=own)
        return connection.ask(method("Operation", "ActivateRules"), request, pb.ActivateRulesResponse)


def _rules(house: House) -> set[str]:
    answer = house.client().push_one(Push(record=case(), to=[TO_RO]))
    (exchange,) = answer.exchanges
    return {rule for rule, _ in exchange.reasons}


def test_command_reaches_the_gateway_that_runs(nl: House, tmp_path: Path) -> None:
    file = tmp_path / "mine.cedar"
    file.write_text(NO_ACCOUNTS, "utf-8")
    before = nl.status().policy_digest

    done = ok("policy", "activate", file, READ, "--home", nl.home)
    with_own = _rules(nl)
    gone = ok("policy", "activate", "--none", READ, "--home", nl.home)

    assert (done["old"], done["own"]) == (before.hex(), 1)
    assert "LO-ACCOUNTS" in with_own
    assert "LO-ACCOUNTS" not in _rules(nl)
    assert nl.status().policy_digest.hex() == gone["new"] == before.hex()


def test_rules_that_do_not_load_leave_the_gateway_as_it_was(nl: House) -> None:
    before = nl.status()

    with pytest.raises(Malformed) as refused:
        _activate(nl, MISSPELT)

    assert refused.value.field.startswith("rules.cedar:7:")
    assert nl.status().policy_digest == before.policy_digest
    assert nl.status().size == before.size
    assert not nl.config.local_rules.exists()


def test_each_decision_uses_one_whole_set_and_names_it_while_rules_change_under_load(nl: House) -> None:
    """F27: one set forbids accounts, the other vehicles; no exchange may be of both or of neither."""
    named = {}
    for own, rule in ((NO_ACCOUNTS, "LO-ACCOUNTS"), (NO_VEHICLES, "LO-VEHICLES")):
        named[_activate(nl, own).new] = rule
    done = threading.Event()

    def change() -> None:
        for turn in range(ROUNDS):
            _activate(nl, (NO_ACCOUNTS, NO_VEHICLES)[turn % 2])
        done.set()

    changing = threading.Thread(target=change)
    changing.start()
    decided: dict[str, set[str]] = {}
    while not done.is_set():
        pushes = (Push(record=case(), to=[TO_RO]) for _ in range(4))
        for answer in nl.client().push(pushes):
            assert answer.problem is None
            for one in answer.exchanges:
                decided[one.exchange_id] = {rule for rule, _ in one.reasons} & set(named.values())
    changing.join()

    rows = account.rows(nl.home, "SELECT exchange_id, policy_digest FROM exchanges WHERE direction = 'out'")
    digests = {name: bytes(digest) for name, digest in rows}
    assert decided.keys() <= digests.keys()
    assert {exchange: {named[digests[exchange]]} for exchange in decided} == decided
    assert len({digests[exchange] for exchange in decided}) == 2


def test_rule_that_fails_is_logged_by_its_id_counted_and_told(nl: House, events: io.StringIO) -> None:
    _activate(nl, FAILS_IN_ROMANIA)

    rules = _rules(nl)

    status = nl.status()
    told = [json.loads(line) for line in events.getvalue().splitlines()]
    alarms = [event for event in told if event["event"] == "policy.alarm"]
    assert "engine-error" in rules
    assert alarms
    assert {tuple(sorted(event)) for event in alarms} == {("event", "level", "rule", "timestamp")}
    assert {event["rule"] for event in alarms} == {"LO-FAILS"}
    assert {one.name: one.value for one in status.counters}["policy.alarms"] > 0
    assert any("Rules failed" in warning and "LO-FAILS" in warning for warning in status.warnings)


def test_newer_rules_that_do_not_load_are_told_until_others_do(nl: House, quiet_template: Path) -> None:
    def signed(baseline: str) -> Path:
        now = datetime.now(UTC).replace(microsecond=0)
        federation = Federation.open(nl.folder / "federation", PASSPHRASE, now, allow_cheap=True)
        federation.set_baseline(baseline)
        federation.publish()
        return federation.repository_path

    shutil.copytree(quiet_template / "federation", nl.folder / "federation")
    before, known = nl.status().policy_digest, _directory(nl)
    _fetch(nl, signed(shipped_baseline() + MISSPELT))
    troubled = nl.status()
    rules_then = _rules(nl)
    kept = _directory(nl)

    _fetch(nl, signed(shipped_baseline() + "\n// Mended.\n"))

    (told,) = [warning for warning in troubled.warnings if "do not load" in warning]
    assert "baseline.cedar:" in told
    assert before.hex()[:16] in told
    assert troubled.policy_digest == before
    assert rules_then
    assert kept == known
    mended = nl.status()
    assert not any("do not load" in warning for warning in mended.warnings)
    assert mended.policy_digest != before


def _directory(house: House) -> bytes:
    assert house.running is not None
    return directory_digest(house.running.gateway.directory)


def _fetch(house: House, source: Path) -> None:
    async def refresh(running: Running) -> bool:
        mirroring = Mirroring(running._worker, running._peers, running._mirror, source, running._renewed)
        return await mirroring.refresh()

    house.on_loop(refresh)
