"""Taking own rules into force: whole or not at all, durable, ledgered, and made good after a crash."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from gateway import app
from gateway.config import read_config
from gateway.errors import GatewayError, Malformed, Misconfigured
from gateway.flow import activate as activation
from gateway.flow.activate import Activated, activate_own
from gateway.flow.gateway import Gateway
from gateway.flow.status import status_of
from gateway.flow.submit import push
from keys.mirror import Mirror, file_source
from policy.bundle import shipped_baseline
from policy.decision import Outcome
from tests.flow import oracle, records
from tests.flow.federation import NL, PASSPHRASE, TO_RO, Homes, item

NO_VEHICLES = """/// Vehicles stay in the house for now.
@id("LO-VEHICLES")
@layer("local")
@reason("vehicles stay in the house for now")
@source("standing order 4")
forbid (principal, action == Comity::Action::"disclose", resource is Comity::Portion)
when { resource.category == Comity::Category::"vehicle.identity" };
"""
SILENCE = NO_VEHICLES.replace("LO-VEHICLES", "LO-SILENCE").replace(
    'when { resource.category == Comity::Category::"vehicle.identity" }', ""
)
MISSPELT = NO_VEHICLES.replace('"vehicle.identity"', '"vehicle.identify"')
FAILS_IN_ROMANIA = NO_VEHICLES.replace("LO-VEHICLES", "LO-FAILS").replace(
    'resource.category == Comity::Category::"vehicle.identity"',
    'principal.country == "RO" && 9223372036854775807 + 1 > 0',
)


def _rules(homes: Homes, gateway: Gateway) -> tuple[Outcome, set[str]]:
    (answer,) = push(gateway, [item(records.small(), TO_RO)], homes.now)
    assert not isinstance(answer, GatewayError)
    (one,) = answer.exchanges
    return one.outcome, {rule for rule, _ in one.reasons}


def _changes(home: Path, since: int) -> list[tuple[str, str]]:
    return [
        (entry.get("old", ""), entry["policy"])
        for entry in oracle.entries(home, since)
        if oracle.KINDS.get(entry["kind"]) == "policy-changed"
    ]


def _rest(homes: Homes, own: str) -> Activated:
    homes.close(NL)
    return app.activate_at_rest(read_config(homes.home(NL)), PASSPHRASE, own, homes.now)


def test_own_rules_decide_from_then_on_and_stand_in_the_ledger(homes: Homes) -> None:
    gateway, size = homes[NL], oracle.size(homes.opened(NL))

    fresh, done = activate_own(gateway, NO_VEHICLES, homes.now)

    assert done == Activated(old=gateway.policy_digest, new=fresh.policy_digest, own=1)
    assert "LO-VEHICLES" in _rules(homes, fresh)[1]
    assert (homes.home(NL) / "rules.cedar").read_text("utf-8") == NO_VEHICLES
    assert len(_changes(homes.home(NL), size)) == 1


def test_activated_rules_are_those_of_the_next_start(homes: Homes) -> None:
    fresh, _ = activate_own(homes[NL], NO_VEHICLES, homes.now)
    homes.close(NL)
    size = oracle.size(homes.home(NL))

    opened = homes[NL]

    assert opened.policy_digest == fresh.policy_digest
    assert _changes(homes.home(NL), size) == []


def test_going_without_own_rules_brings_back_what_was(homes: Homes) -> None:
    before = homes[NL]
    with_own, _ = activate_own(before, NO_VEHICLES, homes.now)

    without, done = activate_own(with_own, "", homes.now)

    assert without.policy_digest == before.policy_digest
    assert (done.old, done.own) == (with_own.policy_digest, 0)
    assert not (homes.home(NL) / "rules.cedar").exists()
    assert "LO-VEHICLES" not in _rules(homes, without)[1]


def test_rules_that_load_and_are_wrong_all_the_same_change_nothing(homes: Homes) -> None:
    everything = NO_VEHICLES.replace("forbid", "permit").split("when")[0] + ";"
    gateway, size = homes[NL], oracle.size(homes.opened(NL))

    with pytest.raises(Malformed) as refused:
        activate_own(gateway, everything, homes.now)

    assert refused.value.code == "bad-rule"
    assert "permits without any condition" in refused.value.message
    assert oracle.size(homes.home(NL)) == size
    assert not (homes.home(NL) / "rules.cedar").exists()


def test_same_rules_again_change_nothing(homes: Homes) -> None:
    fresh, _ = activate_own(homes[NL], NO_VEHICLES, homes.now)
    size = oracle.size(homes.home(NL))

    again, done = activate_own(fresh, NO_VEHICLES, homes.now)

    assert done.old == done.new == again.policy_digest
    assert oracle.size(homes.home(NL)) == size


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        (MISSPELT, "bad-rule", "rules.cedar:7:"),
        (NO_VEHICLES + "permit (principal", "bad-rule", "rules.cedar:8"),
        (NO_VEHICLES.replace('"local"', '"floor"'), "bad-rule", "rules.cedar:2"),
        (NO_VEHICLES + NO_VEHICLES, "bad-rule", "rules.cedar:"),
        (NO_VEHICLES.replace("LO-VEHICLES", "VP-09"), "bad-rule", "rules.cedar:"),
        ("// Nothing yet.\n", "no-rule", "rules.cedar"),
        (" " * (activation.OWN_CHARS_MAX + 1), "too-large", "rules.cedar"),
    ],
    ids=["misspelt", "unfinished", "wrong layer", "id twice", "id of the floor", "no rule", "too large"],
)
def test_rules_that_do_not_load_change_nothing(homes: Homes, text: str, code: str, field: str) -> None:
    fresh, _ = activate_own(homes[NL], NO_VEHICLES, homes.now)
    size = oracle.size(homes.home(NL))

    with pytest.raises(Malformed) as refused:
        activate_own(fresh, text, homes.now)
    homes.close(NL)
    with pytest.raises(Malformed) as at_rest:
        _rest(homes, text)

    assert {refused.value.code, at_rest.value.code} == {code}
    assert refused.value.field.startswith(field)
    assert at_rest.value.field.startswith(field)
    assert (homes.home(NL) / "rules.cedar").read_text("utf-8") == NO_VEHICLES
    assert oracle.size(homes.home(NL)) == size


def test_rules_that_fail_a_canary_change_nothing(homes: Homes) -> None:
    """A rule that errs on what the floor must deny would hide the floor."""
    fails = NO_VEHICLES.replace(
        'resource.category == Comity::Category::"vehicle.identity"',
        "9223372036854775807 + 1 > 0",
    )

    with pytest.raises(Misconfigured) as refused:
        activate_own(homes[NL], fails, homes.now)

    assert refused.value.code == "floor-canary"
    assert not (homes.home(NL) / "rules.cedar").exists()
    # They never were in force, so nobody was denied by them.
    assert not homes[NL].rules.alarms.by_rule


def test_ledger_that_refuses_the_change_leaves_the_old_rules_on_disk(
    homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, _ = activate_own(homes[NL], NO_VEHICLES, homes.now)

    def refuse(*_: object) -> None:
        raise Misconfigured("the store is full", code="store-full")

    monkeypatch.setattr(activation, "activate", refuse)
    with pytest.raises(Misconfigured):
        activate_own(fresh, SILENCE, homes.now)
    with pytest.raises(Misconfigured):
        activate_own(fresh, "", homes.now)

    assert (homes.home(NL) / "rules.cedar").read_text("utf-8") == NO_VEHICLES


_DIES = """
import os, sys
from datetime import datetime
from pathlib import Path
from gateway import app
from gateway.config import read_config
app.activate = lambda gateway, now: os._exit(7)
home, own, now = sys.argv[1:]
app.activate_at_rest(read_config(Path(home)), {passphrase!r}, own, datetime.fromisoformat(now))
"""


def test_crash_between_file_and_ledger_is_made_good_at_the_next_start(homes: Homes) -> None:
    before = homes[NL].policy_digest
    homes.close(NL)
    home, size = homes.home(NL), oracle.size(homes.home(NL))
    died = subprocess.run(
        [sys.executable, "-c", _DIES.format(passphrase=PASSPHRASE), home, NO_VEHICLES, homes.now.isoformat()],
        check=False,
    )
    ledgered_then = _changes(home, size)

    opened = homes[NL]

    assert (died.returncode, ledgered_then) == (7, [])
    assert "LO-VEHICLES" in opened.engine.rules
    assert opened.policy_digest != before
    assert len(_changes(home, size)) == 1


def test_home_whose_own_rules_do_not_load_opens_for_nobody_until_others_are_activated(homes: Homes) -> None:
    homes.close(NL)
    (homes.home(NL) / "rules.cedar").write_text(MISSPELT, "utf-8")
    with pytest.raises(Malformed) as refused, homes._gateway(NL):
        pass

    done = _rest(homes, NO_VEHICLES)

    assert refused.value.field.startswith("rules.cedar:7:")
    assert done.own == 1
    assert "LO-VEHICLES" in homes[NL].engine.rules


def test_own_rules_that_are_no_text_refuse_the_start(homes: Homes) -> None:
    homes.close(NL)
    (homes.home(NL) / "rules.cedar").write_bytes(b"\xff\xfe")

    with pytest.raises(Malformed) as refused:
        homes[NL]

    assert (refused.value.code, refused.value.field) == ("bad-rule", "rules.cedar")


def test_baseline_that_does_not_load_refuses_the_start(homes: Homes) -> None:
    _sign(homes, shipped_baseline() + MISSPELT)

    with pytest.raises(Malformed) as refused:
        homes.refresh(NL)

    assert refused.value.field.startswith("baseline.cedar:")


def _sign(homes: Homes, baseline: str) -> None:
    federation = homes.federation()
    federation.set_baseline(baseline)
    federation.publish()


def _newer(homes: Homes, now: datetime) -> Gateway:
    """Fetch the directory anew for a gateway that stays open."""
    config = read_config(homes.home(NL))
    source = file_source(homes.federation().repository_path)
    directory = Mirror(config.directory, app.pinned_root(config)).refresh(source)
    return app.renewed(config, homes[NL], directory, now)


def test_newer_baseline_that_does_not_load_leaves_everything_as_it_was(homes: Homes) -> None:
    size = oracle.size(homes.opened(NL))
    _sign(homes, shipped_baseline() + MISSPELT)

    with pytest.raises(Misconfigured) as refused:
        _newer(homes, homes.now)

    assert refused.value.code == "newer-rules"
    assert "baseline.cedar:" in refused.value.message
    assert oracle.size(homes.home(NL)) == size
    assert _rules(homes, homes[NL])[0] is Outcome.RELEASE


def test_newer_directory_brings_no_own_rules_that_were_not_activated(homes: Homes) -> None:
    """Whoever edits the file has decided nothing yet."""
    gateway = homes[NL]
    (homes.home(NL) / "rules.cedar").write_text(SILENCE, "utf-8")
    _sign(homes, shipped_baseline() + "\n// Reviewed.\n")

    fresh = _newer(homes, homes.now)

    assert "LO-SILENCE" not in fresh.engine.rules
    assert fresh.policy_digest != gateway.policy_digest
    assert any("rules.cedar was changed on disk" in one for one in status_of(fresh, homes.now).warnings)


@pytest.mark.parametrize("on_disk", [SILENCE.encode(), b"\xff", b""], ids=["other", "no text", "gone"])
def test_file_that_differs_from_the_rules_in_force_is_told(homes: Homes, on_disk: bytes) -> None:
    fresh, _ = activate_own(homes[NL], NO_VEHICLES, homes.now)
    quiet = status_of(fresh, homes.now).warnings
    (homes.home(NL) / "rules.cedar").write_bytes(on_disk)

    told = status_of(fresh, homes.now).warnings

    assert not any("rules.cedar" in one for one in quiet)
    assert any("rules.cedar was changed on disk and is not in force" in one for one in told)


def test_trouble_with_newer_rules_is_told_with_what_stays_in_force(homes: Homes) -> None:
    gateway = homes[NL]
    troubled = replace(gateway, rules=replace(gateway.rules, trouble="baseline.cedar:3:1: does not parse"))

    told = status_of(troubled, homes.now).warnings

    (sentence,) = [one for one in told if "do not load" in one]
    assert "baseline.cedar:3:1: does not parse" in sentence
    assert gateway.policy_digest.hex()[:16] in sentence
    assert f"{gateway.rules.since:%Y-%m-%d %H:%M}" in sentence


def test_rule_that_fails_when_asked_denies_and_is_counted_by_its_id(homes: Homes) -> None:
    fresh, _ = activate_own(homes[NL], FAILS_IN_ROMANIA, homes.now)
    quiet = status_of(fresh, homes.now).warnings

    outcome, rules = _rules(homes, fresh)
    told = status_of(fresh, homes.now).warnings

    assert outcome is Outcome.DENIED
    assert "engine-error" in rules
    assert set(fresh.rules.alarms.by_rule) == {"LO-FAILS"}
    assert not any("failed" in one for one in quiet)
    assert any(one.startswith("Rules failed ") and one.endswith(": LO-FAILS.") for one in told)
