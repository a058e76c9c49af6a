"""A release that may not leave any more is closed for good: void means void, and the ledger says so."""

from __future__ import annotations

import pytest

from gateway.errors import NotFound
from gateway.flow.audit import export_ledger, trust_of
from gateway.flow.carry import pack, unpack
from gateway.ledger.inspection import inspect
from policy.bundle import shipped_baseline
from tests.flow import oracle, records
from tests.flow.federation import NL, RO, Homes


def _change_rules(homes: Homes, baseline: str) -> None:
    federation = homes.federation()
    federation.set_baseline(baseline)
    federation.publish()
    homes.refresh(NL)


def _states(homes: Homes) -> list[tuple[str, str]]:
    sql = "SELECT o.state, e.state FROM outbox o JOIN exchanges e ON e.exchange_id = o.exchange_id"
    return oracle.query(homes.home(NL), sql)


def _void(homes: Homes) -> None:
    homes.pass_time(seconds=2)
    _change_rules(homes, shipped_baseline() + "\n// The rules were changed.\n")
    with pytest.raises(NotFound, match="the rules changed"):
        pack(homes[NL], RO, homes.now)


def test_release_decided_under_older_rules_is_closed_as_undeliverable(homes: Homes) -> None:
    (exchange,) = homes.push(records.small()).exchanges

    _void(homes)

    (entry,) = [e for e in oracle.entries(homes.home(NL)) if e["kind"] == 10]
    assert (entry["exchange"], entry["code"], entry["peer"]) == (exchange.exchange_id, "rules", RO)
    assert _states(homes) == [("undeliverable", "undeliverable")]
    assert oracle.query(homes.home(NL), "SELECT count(*) FROM outbox WHERE sealed IS NOT NULL") == [(0,)]


def test_rules_that_change_back_do_not_revive_what_they_voided(homes: Homes) -> None:
    homes.push(records.small())
    _void(homes)

    homes.pass_time(seconds=2)
    _change_rules(homes, shipped_baseline())

    with pytest.raises(NotFound, match="nothing waits"):
        pack(homes[NL], RO, homes.now)


def test_receipt_of_an_envelope_that_had_left_before_it_was_stopped_still_counts(homes: Homes) -> None:
    homes.push(records.small())
    there, _ = pack(homes[NL], RO, homes.now)
    reply = unpack(homes[RO], there, homes.now).reply
    _void(homes)

    done = unpack(homes[NL], reply or b"", homes.now).acknowledged

    assert [one.outcome for one in done] == ["delivered"]
    assert _states(homes) == [("delivered", "delivered")]


def test_ledger_with_a_stopped_release_verifies(homes: Homes) -> None:
    homes.push(records.small())
    _void(homes)

    report = inspect(export_ledger(homes[NL], homes.now), trust_of(homes[NL].directory))

    assert report.exit_code == 0, report.findings
