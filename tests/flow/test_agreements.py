"""Agreements: rules are made of those this agency is a party of, and hold while the agreement does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gateway.errors import Malformed
from gateway.flow.submit import Addressee
from gateway.record.vocabulary import LegalBasis, Purpose, Rung
from gateway.v1 import record_pb2 as pb
from keys.agreement import Agreement
from policy.decision import Outcome
from policy.rule import Layer
from tests.flow import oracle, records
from tests.flow.federation import BANK, NGO, NL, RO, Homes

TO_BANK = Addressee(agency=BANK, purpose=Purpose.INVESTIGATION, legal_basis=LegalBasis.AGREEMENT)


def _agreement(*parties: str, until: date, name: str = "bank-nl", **changed: object) -> Agreement:
    made = Agreement(
        id=name,
        title='Accounts "of interest" \\ payment services',
        parties=parties,
        purposes=(Purpose.INVESTIGATION,),
        legal_bases=(LegalBasis.AGREEMENT,),
        categories=("account.identity",),
        classes=(),
        rungs=(Rung.GENERALISED, Rung.COARSE),
        onward=False,
        safeguards=True,
        clients=(),
        valid_from=date(2020, 1, 1),
        valid_until=until,
        articles=("Article 4",),
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def _signed(homes: Homes, *agreements: Agreement) -> None:
    federation = homes.federation()
    for agreement in agreements:
        federation.add_agreement(agreement)
    federation.publish()
    homes.refresh(NL)


def _suspects_account() -> pb.Record:
    record = records.small()
    records.mark(record.header.marking, BANK)
    account = record.accounts.add(id="purse", holder="suspect")
    account.identity.kind, account.identity.value = pb.ACCOUNT_KIND_PHONE, "+999555009999"
    return record


def _pushed(homes: Homes) -> tuple[Outcome, set[str]]:
    (answer,) = homes.push(_suspects_account(), TO_BANK).exchanges
    return answer.outcome, {rule for rule, _ in answer.reasons}


def test_agreement_between_two_lets_what_it_names_go_and_is_named_in_the_ledger(homes: Homes) -> None:
    _signed(homes, _agreement(NL, BANK, until=homes.now.date()))

    outcome, rules = _pushed(homes)

    assert outcome is Outcome.RELEASE
    assert "AG-bank-nl-DISCLOSE" in rules
    decided = [entry for entry in oracle.entries(homes.home(NL)) if "AG-bank-nl-DISCLOSE" in str(entry)]
    assert len(decided) == 1


def test_nothing_goes_without_an_agreement(homes: Homes) -> None:
    outcome, rules = _pushed(homes)

    assert outcome is Outcome.DENIED
    assert not any(rule.startswith("AG-") for rule in rules)


def test_agreement_past_its_last_day_is_as_if_absent(homes: Homes) -> None:
    _signed(homes, _agreement(NL, BANK, until=homes.now.date() + timedelta(days=1)))
    homes.pass_time(days=1)
    on_the_last_day, _ = _pushed(homes)
    rules_then = homes[NL].policy_digest
    homes.pass_time(days=1)

    day_after, rules = _pushed(homes)

    assert (on_the_last_day, day_after) == (Outcome.RELEASE, Outcome.DENIED)
    assert not any(rule.startswith("AG-") for rule in rules)
    # The rules are the same on every day; it is the agreement that is not in force.
    assert homes[NL].policy_digest == rules_then


def test_agreement_of_others_makes_no_rule_here(homes: Homes) -> None:
    until = homes.now.date()
    before = homes[NL].policy_digest
    _signed(homes, _agreement(RO, BANK, until=until))

    outcome, _ = _pushed(homes)

    assert outcome is Outcome.DENIED
    assert [rule for rule in homes[NL].engine.rules.values() if rule.layer is Layer.AGREEMENT] == []
    assert homes[NL].policy_digest == before


def test_agreement_with_another_partner_opens_nothing_for_this_one(homes: Homes) -> None:
    _signed(homes, _agreement(NL, NGO, until=homes.now.date()))

    outcome, _ = _pushed(homes)

    assert outcome is Outcome.DENIED


def test_newly_signed_agreement_changes_the_rules_and_the_ledger_says_so(homes: Homes) -> None:
    before, size = homes[NL].policy_digest, oracle.size(homes.opened(NL))

    _signed(homes, _agreement(NL, BANK, until=homes.now.date()))

    assert homes[NL].policy_digest != before
    assert "policy-changed" in oracle.kinds(homes.home(NL), size)


def test_agreement_that_does_not_load_keeps_the_gateway_from_starting(homes: Homes) -> None:
    odd = _agreement(NL, BANK, until=homes.now.date(), categories=("person.shoe-size",))

    with pytest.raises(Malformed) as refused:
        _signed(homes, odd)

    assert refused.value.field.startswith("agreements/bank-nl.cedar:")
