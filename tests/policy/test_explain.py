"""Every decision explains itself in sentences that can be read aloud."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.record.vocabulary import Purpose, Rung
from policy.explain import approvals_in_words, explain, headline
from policy.request import PortionAttributes
from tests.policy import given


def _lines(*portions: PortionAttributes, ask: frozenset[str] = frozenset(), **changed: object) -> list[str]:
    context = replace(given.ASKED, **changed)  # type: ignore[arg-type]
    decision = given.shipped().decide(given.POLICE, context, portions, ask)
    return [line.why for line in explain(decision, portions)]


def test_what_stays_names_the_rule_and_who_could_agree() -> None:
    (line,) = _lines(given.NAME_OF_MINOR)

    assert line.startswith("withheld: ")
    assert (
        "identity of a minor, or of a person whose age is not known (VP-03), "
        "needs a child protection officer and a victim protection officer (VP-02)"
    ) in line


def test_what_was_asked_for_says_whose_agreement_would_release_it() -> None:
    (line,) = _lines(given.NAME_OF_MINOR, ask=frozenset({"person.name"}))

    assert line.endswith(
        "; would be released exactly with a child protection officer and a victim protection officer"
    )


def test_what_goes_out_coarser_says_why_not_finer() -> None:
    (line,) = _lines(given.BIRTH)

    assert line.startswith("released generalised: generalised details of a protected person may go to ")
    assert "; finer withheld: exact details of a protected person need a victim protection officer" in line


def test_what_goes_out_whole_names_the_rule_that_permits_it() -> None:
    (line,) = _lines(given.CAR)

    assert line == (
        "released exactly: information about suspects, networks, objects and the case may go to authorities "
        "(BL-CASE)"
    )


def test_what_was_approved_says_by_whom() -> None:
    (line,) = _lines(given.NAME, ask=frozenset({"person.name"}), approvals=frozenset({"VPO:1"}))

    assert line.endswith("; approved by a victim protection officer")


def test_what_no_rule_permits_says_so() -> None:
    method = replace(given.NAME, category="method.investigative", classes=frozenset({"method"}))

    (line,) = _lines(method)

    assert line == (
        "withheld: no rule permits this information to this recipient for this purpose (default-deny)"
    )


def test_lines_stand_in_the_order_of_the_portions() -> None:
    portions = [given.NAME, given.CAR, given.ADDRESS]
    decision = given.shipped().decide(given.POLICE, given.ASKED, portions, frozenset())

    lines = explain(decision, portions)

    assert [line.category for line in lines] == ["person.name", "vehicle.identity", "person.address"]
    assert [line.rung for line in lines] == [None, Rung.EXACT, Rung.COARSE]


def test_portions_of_another_decision_are_not_explained() -> None:
    decision = given.shipped().decide(given.POLICE, given.ASKED, [given.CAR], frozenset())

    with pytest.raises(ValueError, match="zip"):
        explain(decision, [given.CAR, given.NAME])


def test_headline_says_what_becomes_of_the_exchange() -> None:
    engine = given.shipped()

    released = engine.decide(given.POLICE, given.ASKED, [given.CAR], frozenset())
    held = engine.decide(
        given.POLICE,
        replace(given.ASKED, marking=given.MARKED._replace(notes=True)),
        [given.CAR],
        frozenset(),
    )
    refused = engine.decide(given.POLICE, replace(given.ASKED, purpose=None), [given.CAR], frozenset())
    empty = engine.decide(given.POLICE, given.ASKED, [given.NAME], frozenset())

    assert headline(released) == "may be released"
    assert headline(held) == "held for a releasing liaison officer"
    assert headline(refused) == "denied: no purpose is stated (VP-42)"
    assert headline(empty) == "denied: nothing in it may go to this recipient"


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ([], ""),
        (["VPO:1"], "a victim protection officer"),
        (["DUTY:1", "DUTY:2"], "two different senior duty officers"),
        (
            ["VPO:1", "CPO:1", "RLO:3"],
            "a child protection officer, three different releasing liaison officers and "
            "a victim protection officer",
        ),
    ],
)
def test_approvals_are_told_as_people(tokens: list[str], words: str) -> None:
    assert approvals_in_words(tokens) == words


def test_every_rule_has_words_that_can_stand_in_a_sentence() -> None:
    for rule in given.shipped().rules.values():
        assert rule.reason == rule.reason.strip() and not rule.reason.endswith(".")
        assert rule.reason[:1].islower()


def test_reason_for_every_purpose_can_be_given() -> None:
    for purpose in Purpose:
        for line in _lines(given.CAR, given.NAME, given.ADDRESS, purpose=purpose):
            assert "(" in line and "None" not in line
