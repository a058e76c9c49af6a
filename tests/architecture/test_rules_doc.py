"""docs/rules.md is what its generator writes, and every rule reads as a lawyer and an officer need it."""

from __future__ import annotations

import re

import pytest

from docs.generate_rules import PAGE, page
from policy.rule import Rule
from tests.policy import given

_CODE = re.compile(r"[A-Z]{2,4}-[0-9]|resource\.|context\.|principal\.")


def test_the_page_is_what_its_generator_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


@pytest.mark.parametrize("rule", given.shipped().rules.values(), ids=lambda rule: rule.id)
def test_rule_has_a_sentence_a_reason_and_a_source_in_words(rule: Rule) -> None:
    assert rule.sentence[0].isupper() and rule.sentence.endswith(".")
    assert not rule.reason.endswith(".") and len(rule.reason) <= 240
    assert rule.source.strip()


@pytest.mark.parametrize("rule", given.shipped().rules.values(), ids=lambda rule: rule.id)
def test_sentence_of_a_rule_speaks_no_code(rule: Rule) -> None:
    told = _CODE.sub(lambda found: "" if found.group().startswith("VP-0") else found.group(), rule.sentence)

    assert not re.search(r"resource\.|context\.|principal\.|Comity::", told)
