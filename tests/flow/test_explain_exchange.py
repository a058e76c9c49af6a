"""A stored decision explained: what was decided then, by which rules, and what became of it since."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from gateway.errors import NotFound
from gateway.flow.explain_exchange import explain_exchange
from gateway.flow.keeping import DECISION, owner_of, read_body
from gateway.flow.recheck import BLIND_BYTES
from policy.bundle import bundle_of, shipped_baseline
from policy.engine import Engine
from tests.flow import oracle, records
from tests.flow.federation import NL, RO, TO_NGO, TO_RO, Homes


def _pushed(homes: Homes) -> str:
    (exchange,) = homes.push(records.small()).exchanges
    return exchange.exchange_id


def test_stored_decision_is_told_field_by_field(homes: Homes) -> None:
    exchange_id = _pushed(homes)

    found = explain_exchange(homes[NL], exchange_id)

    told = {(row["entity"], row["field"]): row["rung"] for row in found.rows}
    assert told["victim", "names"] == "withheld"
    assert told["van", "identity"] == "exact"
    assert found.exchange["policy_in_force"] is True
    assert found.exchange["acknowledged"] == ""
    assert found.exchange["obligations"]
    assert found.notes == []


def test_stored_verdicts_are_those_on_file(homes: Homes) -> None:
    exchange_id = _pushed(homes)
    gateway = homes[NL]
    row = gateway.read.exchange(exchange_id)
    assert row is not None
    record = gateway.read.record(row.originator, row.record_id, row.version)
    assert record is not None
    stored = json.loads(read_body(gateway, owner_of(gateway, record), DECISION, exchange_id)[:-BLIND_BYTES])

    found = explain_exchange(gateway, exchange_id)

    assert {one["rung"] for one in stored["verdicts"]} == {row["rung"] for row in found.rows}
    assert found.policy == stored["policy"]


def test_receipt_of_the_recipient_is_told(homes: Homes) -> None:
    exchange_id = _pushed(homes)
    homes.carry(RO)

    found = explain_exchange(homes[NL], exchange_id)

    assert (found.exchange["state"], found.exchange["acknowledged"]) == ("delivered", "received")


def test_denied_exchange_has_no_release_and_still_its_reasons(homes: Homes) -> None:
    (exchange,) = homes.push(records.small(), TO_NGO).exchanges

    found = explain_exchange(homes[NL], exchange.exchange_id)

    assert (found.outcome, found.exchange["use_until"]) == ("denied", "")
    assert {row["rung"] for row in found.rows} == {"withheld"}


def test_other_rules_than_then_give_ids_without_words(homes: Homes) -> None:
    exchange_id = _pushed(homes)
    rule = (
        '@id("LOCAL-NONE") @layer("local") @reason("nothing") @source("test")\n'
        "forbid (principal, action, resource) when { false };"
    )
    engine = Engine(bundle_of(baseline=shipped_baseline(), local={"rules.cedar": rule}))
    gateway = replace(homes[NL], engine=engine, policy_digest=engine.policy_digest)

    found = explain_exchange(gateway, exchange_id)

    assert found.exchange["policy_in_force"] is False
    assert "the rules have changed since" in found.notes[0]
    assert "VP-02" in found.rules
    assert {rule["text"] for name, rule in found.rules.items() if name != "default-deny"} == {""}
    assert found.rows


def test_other_directory_than_then_leaves_fields_untold_and_says_so(homes: Homes) -> None:
    exchange_id = _pushed(homes)
    federation = homes.federation()
    federation.set_baseline(shipped_baseline() + "\n// another text\n")
    federation.publish()
    homes.refresh(NL)

    found = explain_exchange(homes[NL], exchange_id)

    assert found.rows == []
    assert "cannot be told any more: the directory has changed since" in found.notes[-1]
    assert "VP-02" in found.rules


def test_explaining_changes_nothing(homes: Homes) -> None:
    exchange_id = _pushed(homes)
    before = oracle.counts(homes.home(NL))

    told = json.dumps(asdict(explain_exchange(homes[NL], exchange_id)))

    assert oracle.counts(homes.home(NL)) == before
    assert records.SECRET_NAME not in told


def test_what_came_from_others_is_no_release_of_ours(homes: Homes) -> None:
    exchange_id = _pushed(homes)
    homes.carry(RO)

    for agency, name in ((RO, exchange_id), (NL, "0199d0a0-0000-7000-8000-000000000000")):
        with pytest.raises(NotFound) as refused:
            explain_exchange(homes[agency], name)
        assert refused.value.code == "no-such-exchange"


def test_erased_record_is_not_explained(homes: Homes) -> None:
    answer = homes.push(records.small(), TO_RO)
    homes[NL].store.erase_record(NL, answer.record_id, 1)

    with pytest.raises(NotFound) as refused:
        explain_exchange(homes[NL], answer.exchanges[0].exchange_id)

    assert refused.value.code == "erased"
