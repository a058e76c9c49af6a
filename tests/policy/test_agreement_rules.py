"""Rules made from agreements: they permit what the parties agreed on, nothing else, and inside the floor."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.record.categories import CATEGORIES
from gateway.record.vocabulary import LegalBasis, Purpose, RoleClass, Rung
from policy.agreement_rules import AgreementTerms, agreement_rules, quoted, rule_id
from policy.bundle import bundle_of, shipped_baseline
from policy.canary import CANARIES
from policy.cell import CLASSES, Cell
from policy.decision import Decision, Outcome
from policy.engine import Engine
from policy.request import PortionAttributes, Recipient, ReleaseContext
from policy.rule import Layer
from policy.rulebook import Rulebook
from policy.vocabulary import UNKNOWN
from tests.policy import given

TERMS = AgreementTerms(
    id="bank-nl",
    title="Indicators for payment services",
    articles=("Article 3", "Article 7(2)"),
    purposes=(Purpose.INVESTIGATION,),
    legal_bases=(LegalBasis.AGREEMENT,),
    categories=("account.identity",),
    classes=(),
    rungs=(Rung.EXACT, Rung.GENERALISED),
)
EVERYTHING = replace(
    TERMS,
    id="everything",
    purposes=tuple(Purpose),
    legal_bases=tuple(LegalBasis),
    categories=tuple(CATEGORIES),
    classes=tuple(sorted(CLASSES - {UNKNOWN})),
    rungs=tuple(Rung),
)
BANK = replace(
    given.POLICE,
    id="bank.private",
    kind="private",
    country="NL",
    functions=frozenset({"analysis"}),
    agreements=frozenset({TERMS.id}),
    safeguards=True,
)
ASKED = replace(given.ASKED, legal_basis=LegalBasis.AGREEMENT)
ACCOUNT = replace(
    given.NAME,
    category="account.identity",
    classes=frozenset({"object"}),
    role=RoleClass.SUSPECT,
    rungs=given.ALL_RUNGS,
)


@cache
def _engine(*terms: AgreementTerms) -> Engine:
    texts = {f"agreements/{one.id}.cedar": agreement_rules(one) for one in terms}
    return Engine(bundle_of(baseline=shipped_baseline(), agreements=texts))


def _decided(
    portion: PortionAttributes,
    recipient: Recipient = BANK,
    context: ReleaseContext = ASKED,
    terms: AgreementTerms = TERMS,
) -> Decision:
    return _engine(terms).decide(recipient, context, [portion], frozenset())


def test_private_partner_gets_an_account_generalised_under_an_agreement_with_safeguards() -> None:
    decision = _decided(ACCOUNT)

    (verdict,) = decision.verdicts
    assert (decision.outcome, verdict.rung) == (Outcome.RELEASE, Rung.GENERALISED)
    assert "AG-bank-nl-DISCLOSE" in verdict.permits


@pytest.mark.parametrize(
    "recipient",
    [
        replace(BANK, agreements=frozenset()),
        replace(BANK, agreements=frozenset({"bank-n", "bank-nl.2"})),
        replace(BANK, safeguards=False),
    ],
    ids=["no agreement in force", "other agreements", "no safeguards"],
)
def test_private_partner_without_that_agreement_gets_nothing(recipient: Recipient) -> None:
    decision = _decided(ACCOUNT, recipient)

    assert decision.outcome is Outcome.DENIED


def test_private_partner_never_gets_an_account_exactly_whatever_the_agreement_says() -> None:
    terms = replace(TERMS, rungs=(Rung.EXACT,))

    decision = _decided(ACCOUNT, terms=terms)

    assert decision.outcome is Outcome.DENIED
    assert "VP-30R" in {reason.rule for reason in decision.reasons}


@pytest.mark.parametrize("role", [RoleClass.VICTIM, RoleClass.WITNESS, RoleClass.UNKNOWN])
def test_private_partner_never_gets_a_protected_persons_account(role: RoleClass) -> None:
    classes = given.classes_of("account.identity", role)

    decision = _decided(replace(ACCOUNT, role=role, classes=classes))

    assert decision.outcome is Outcome.DENIED


@pytest.mark.parametrize(
    "context",
    [
        replace(ASKED, purpose=Purpose.PROSECUTION),
        replace(ASKED, legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK),
    ],
    ids=["purpose", "legal basis"],
)
def test_agreement_permits_for_its_purposes_and_on_its_grounds_alone(context: ReleaseContext) -> None:
    decision = _decided(ACCOUNT, context=context)

    assert decision.outcome is Outcome.DENIED


def test_agreement_permits_at_its_rungs_alone() -> None:
    decision = _decided(ACCOUNT, terms=replace(TERMS, rungs=(Rung.COARSE,)))

    assert [verdict.rung for verdict in decision.verdicts] == [Rung.COARSE]


def test_class_that_the_content_shows_beyond_its_category_is_not_covered() -> None:
    """An account whose holder's name the scan found in it tells of somebody too."""
    decision = _decided(replace(ACCOUNT, classes=frozenset({"object", "suspect"})))

    assert decision.outcome is Outcome.DENIED


def test_class_that_the_agreement_names_is_covered_beside_a_category() -> None:
    decision = _decided(
        replace(ACCOUNT, classes=frozenset({"object", "suspect"})), terms=replace(TERMS, classes=("suspect",))
    )

    assert decision.outcome is Outcome.RELEASE


def test_portion_of_no_class_at_all_is_not_covered() -> None:
    terms = replace(EVERYTHING, id=TERMS.id)

    decision = _decided(replace(ACCOUNT, classes=frozenset()), terms=terms)

    assert decision.outcome is Outcome.DENIED


def test_class_of_an_agreement_covers_every_category_that_carries_nothing_else() -> None:
    terms = replace(TERMS, categories=(), classes=("object",))
    car = replace(given.CAR, rungs=(Rung.GENERALISED,))

    decision = _decided(car, terms=terms)

    assert decision.outcome is Outcome.RELEASE


@pytest.mark.parametrize("rule", sorted(CANARIES))
def test_agreement_over_everything_opens_nothing_that_the_floor_forbids(rule: str) -> None:
    cell: Cell = CANARIES[rule]
    party = replace(cell.recipient, agreements=frozenset({EVERYTHING.id}), safeguards=True)

    answer = _engine(EVERYTHING).rulebook.answer(cell._replace(recipient=party))

    assert not answer.allowed
    assert rule in answer.rules


def test_agreement_over_everything_changes_nothing_for_those_outside_it() -> None:
    for recipient in (given.POLICE, given.SHELTER, replace(BANK, agreements=frozenset({"other"}))):
        for portion in (given.NAME, given.ADDRESS, given.BIRTH, given.CAR):
            inside = _engine(EVERYTHING).decide(recipient, ASKED, [portion], frozenset())
            without = given.shipped().decide(recipient, ASKED, [portion], frozenset())

            assert inside.verdicts == without.verdicts
            assert inside.outcome is without.outcome


def test_agreement_makes_two_rules_that_permit_and_name_their_ground() -> None:
    rules = [rule for rule in _engine(TERMS).rules.values() if rule.layer is Layer.AGREEMENT]

    assert [rule.id for rule in rules] == ["AG-bank-nl-RELEASE", "AG-bank-nl-DISCLOSE"]
    assert {rule.effect for rule in rules} == {"permit"}
    assert {rule.source for rule in rules} == {"Article 3; Article 7(2)"}
    assert all(TERMS.title in rule.reason and TERMS.title in rule.sentence for rule in rules)


@pytest.mark.parametrize("name", [{"categories": ("person.shoe-size",)}, {"classes": ("victimish",)}])
def test_agreement_over_what_the_catalogue_does_not_know_does_not_load(name: dict[str, tuple[str]]) -> None:
    with pytest.raises(Malformed) as refused:
        _engine(replace(TERMS, **name))  # type: ignore[arg-type]

    assert refused.value.code == "bad-rule"
    assert refused.value.field.startswith("agreements/bank-nl.cedar:")


_TITLES = st.text(min_size=1, max_size=40) | st.text('"\\;/}\n\r\u2028\x85 {permit', min_size=1, max_size=40)


@hypothesis_given(title=_TITLES, article=_TITLES)
def test_no_title_or_article_can_leave_its_place_in_the_rule(title: str, article: str) -> None:
    """What the federation signed is text between quotes, whatever it looks like."""
    terms = replace(TERMS, title=f"T{title}", articles=(f"A{article}",))
    bundle = bundle_of(baseline="", agreements={"agreements/a.cedar": agreement_rules(terms)})

    rules = [rule for rule in Rulebook(bundle).rules.values() if rule.layer is Layer.AGREEMENT]

    assert [rule.id for rule in rules] == ["AG-bank-nl-RELEASE", "AG-bank-nl-DISCLOSE"]
    assert {rule.reason for rule in rules} == {f"the agreement T{title} permits this"}
    assert {rule.source for rule in rules} == {f"A{article}"}
    assert {rule.effect for rule in rules} == {"permit"}


def test_quotes_and_backslashes_are_escaped() -> None:
    assert quoted('a "b" \\ c\nd') == '"a \\"b\\" \\\\ c\\u{a}d"'


_IN_A_LEDGER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")
_AGREEMENTS = st.from_regex(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?", fullmatch=True)


@hypothesis_given(_AGREEMENTS)
def test_rule_id_of_any_agreement_fits_rules_and_ledger(agreement: str) -> None:
    named = rule_id(agreement, "DISCLOSE")

    texts = {"agreements/a.cedar": agreement_rules(replace(TERMS, id=agreement))}
    rules = Rulebook(bundle_of(baseline="", agreements=texts)).rules
    assert named in rules
    assert _IN_A_LEDGER.fullmatch(named)


@hypothesis_given(_AGREEMENTS, _AGREEMENTS)
def test_rule_ids_of_different_agreements_differ(one: str, other: str) -> None:
    assert (rule_id(one, "RELEASE") == rule_id(other, "RELEASE")) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"), [("a--b", "a-x-b"), ("a..b", "a.-b"), ("a-b", "a.b"), ("q" * 90 + "1", "q" * 90 + "2")]
)
def test_rule_ids_of_agreements_that_look_alike_differ(one: str, other: str) -> None:
    assert rule_id(one, "RELEASE") != rule_id(other, "RELEASE")
