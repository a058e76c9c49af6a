"""Five hundred hostile ids: refused at the edge, or the decision is what it was (THREATS A16)."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from gateway.errors import Malformed
from gateway.record.vocabulary import Rung
from policy.bundle import bundle_of
from policy.cell import Cell, Json, entities_of, request_of, uid
from policy.decision import Outcome
from policy.engine import Engine
from policy.procedure import Answer
from tests.policy import given

_HOSTILE_PARTS = (
    '"',
    "'",
    "::",
    "\\",
    "\n",
    "\r",
    "\x00",
    "\x1b[2J",
    "\u202e",
    "\u200b",
    "\u200d",
    '"}',
    "//",
    ";",
    "*",
    "%",
    "${x}",
    " ",
    "é",
    "а",
    'Comity::Agency::"police.nl"',
    "permit(principal,action,resource);",
    "police.nl",
    "POLICE.NL",
    "..",
    "-",
)


def _hostile_ids() -> list[str]:
    chosen = random.Random("hostile ids")
    made = {"", ".", "a", "a" * 300 + ".nl", "police.nl\n", " police.nl", "police..nl", "police.nl."}
    while len(made) < 500:
        parts = chosen.choices(_HOSTILE_PARTS, k=chosen.randint(1, 4))
        made.add("police.ro" * chosen.randint(0, 1) + "".join(parts))
    return sorted(made)


def test_hostile_id_is_refused_wherever_an_id_is_given() -> None:
    proper = {"police.nl", "police.ropolice.nl"}

    for hostile in _hostile_ids():
        if hostile in proper:
            continue
        with pytest.raises(Malformed):
            replace(given.POLICE, id=hostile)
        with pytest.raises(Malformed):
            replace(given.ASKED, originator=hostile)
        with pytest.raises(Malformed):
            replace(given.ASKED, approvals=frozenset({hostile}))


def test_hostile_id_that_came_past_the_edge_still_names_nobody_else() -> None:
    local = (
        '@id("LOCAL-1") @layer("local") @reason("all to one") @source("s") '
        'permit (principal == Comity::Agency::"police.nl", action, resource);'
    )
    engine = Engine(bundle_of(baseline="", local={"local.cedar": local}))
    cell = Cell("disclose", given.POLICE, given.ASKED, frozenset(), given.CAR, Rung.EXACT)
    before = engine.rulebook.answer(cell)

    for hostile in _hostile_ids():
        request, entities = request_of(cell), entities_of(cell)
        request["principal"] = entities[0]["uid"] = uid("Agency", hostile)
        after = engine.rulebook.evaluate(request, entities)
        assert after == before or hostile == "police.nl", hostile

    as_named: list[Json] = entities_of(cell)
    as_named[0]["uid"] = uid("Agency", "police.nl")
    named = engine.rulebook.evaluate({**request_of(cell), "principal": uid("Agency", "police.nl")}, as_named)
    assert before == Answer(allowed=False, rules=("default-deny",))
    assert named == Answer(allowed=True, rules=("LOCAL-1",))


def test_hostile_category_class_and_kind_are_unknown_and_nothing_else() -> None:
    engine = given.wide_open()

    for hostile in _hostile_ids()[:100]:
        verdict = engine.decide(
            replace(given.POLICE, kind=hostile, functions=frozenset({hostile})),
            given.ASKED,
            [
                replace(given.CAR, category=hostile),
                replace(given.CAR, classes=frozenset({"object", hostile})),
            ],
            frozenset(),
        )
        assert verdict.outcome is Outcome.DENIED
        assert verdict.rules == ("VP-42R",)
