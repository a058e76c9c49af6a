"""Plans: what policy grants leaves, nothing else does, and what stays leaves no trace."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from gateway.errors import Malformed
from gateway.record.marking import Level, PermittedAction
from gateway.record.vocabulary import Fact, LegalBasis, ObligationCode, Purpose, Rung
from gateway.release.disclosure import verify_disclosure
from gateway.release.link import dangling
from gateway.release.obligation import end_of_day_ms
from gateway.release.plan import Grant, Plan, build_release, plan
from gateway.release.release import parse_release
from gateway.v1 import record_pb2 as pb
from tests.release.case import (
    ALL_FIELDS,
    MARKING,
    POLICE,
    RETAIN_UNTIL,
    SHELTER,
    TO_SHELTER,
    Case,
    plain_case,
    record,
    released,
    signer,
    terms,
)

CASE = plain_case()


def planned(*chosen: tuple[str, int] | tuple[str, int, Rung], **changes: Any) -> Plan:
    return plan(CASE.cuts, CASE.grants(*chosen), terms(**changes))


def leaving(made: Plan) -> set[bytes]:
    return {data for _, data, _ in made.chosen}


def test_exactly_the_granted_rung_of_each_field_leaves() -> None:
    made = planned(("v", 3), ("v", 5, Rung.GENERALISED))

    assert leaving(made) == {CASE.cut("v", 3).data, CASE.cut("v", 5, Rung.GENERALISED).data}
    assert made.entities == {CASE.names["v"]}


def test_what_is_not_granted_or_granted_no_rung_stays() -> None:
    nothing = {key: Grant(None, (), frozenset()) for key in CASE.everything()}

    assert plan(CASE.cuts, {}, terms()).chosen == ()
    assert plan(CASE.cuts, nothing, terms()).chosen == ()


def test_a_rung_the_field_does_not_have_stays() -> None:
    assert planned(("v", 3, Rung.COARSE)).chosen == ()


def test_a_link_leaves_with_both_ends_and_stays_without() -> None:
    assert CASE.cut("r", 3).data in leaving(planned(("v", 3), ("s", 3), ("r", 3)))
    without = planned(("v", 3), ("r", 3))
    assert leaving(without) == {CASE.cut("v", 3).data}
    assert without.dropped == (CASE.key("r", 3),)


def test_leaving_out_one_link_leaves_out_those_that_stood_on_it() -> None:
    ends = {("a", 1): ("b",), ("b", 1): ("c",), ("c", 1): ("d",), ("e", 1): ("e",)}

    assert dangling([*ends], ends) == {("a", 1), ("b", 1), ("c", 1)}
    assert dangling([*ends, ("d", 9)], ends) == frozenset()


def test_portions_leave_in_the_order_of_their_leaves() -> None:
    made = planned(*ALL_FIELDS)

    assert [leaf for leaf, _, _ in made.chosen] == sorted(leaf for leaf, _, _ in made.chosen)


def test_a_class_says_what_the_portion_is_and_what_its_release_rests_on() -> None:
    grant = Grant(Rung.EXACT, ("VPO:1",), frozenset({Fact.CONSENT_VALID}))
    made = plan(CASE.cuts, {CASE.key("v", 3): grant}, terms(duties=("CPO:1",)))
    cut = CASE.cut("v", 3)

    ((_, _, protection),) = made.chosen

    assert (protection.role, protection.age, protection.category) == (cut.role, cut.age, "person.name")
    assert (protection.rung, protection.lifts, protection.facts) == grant
    assert made.duties_met == ("CPO:1", "VPO:1")


def test_the_marking_is_joined_over_what_leaves_and_nothing_else() -> None:
    stricter = replace(MARKING, act=PermittedAction.NONE)
    markings = {CASE.names["s"]: stricter}

    with_suspect = planned(("v", 3), ("s", 3), entity_markings=markings)
    without = planned(("v", 3), entity_markings=markings)

    assert with_suspect.marking.act is PermittedAction.NONE
    assert without.marking.act is PermittedAction.INTERNAL
    assert without.marking.level is Level.RESTRICTED
    assert without.marking.rel == frozenset({SHELTER})


def test_the_last_day_of_use_is_never_after_the_originators_or_the_markings() -> None:
    until = date(2026, 10, 1)

    assert planned(("v", 3)).expires_at == RETAIN_UNTIL
    assert planned(("v", 3), marking=replace(MARKING, expires=until)).expires_at == until
    assert planned(("v", 3), use_until=(until,)).expires_at == until


def test_obligations_of_the_decision_travel() -> None:
    made = planned(("v", 3), obligations=(ObligationCode.NO_REIDENTIFICATION,))

    assert [one.code for one in made.obligations] == [
        ObligationCode.NO_REIDENTIFICATION,
        ObligationCode.EXPIRE,
    ]


def test_what_expires_within_hours_is_due_then_and_not_at_the_end_of_that_day() -> None:
    released_at_ms = 1_790_000_000_000
    made = planned(
        ("v", 3), obligations=(ObligationCode.EXPIRE,), use_hours=72, released_at_ms=released_at_ms
    )

    (duty,) = made.obligations

    assert duty.due_at_ms == released_at_ms + 72 * 3_600_000
    assert made.expires_at == datetime.fromtimestamp(duty.due_at_ms / 1000, UTC).date()


def test_hours_never_lengthen_what_ends_before() -> None:
    released_at_ms = end_of_day_ms(RETAIN_UNTIL) - 3_600_000
    made = planned(("v", 3), use_hours=24, released_at_ms=released_at_ms)

    assert made.expires_at == RETAIN_UNTIL
    assert made.obligations[0].due_at_ms == end_of_day_ms(RETAIN_UNTIL)


def test_a_release_of_nothing_is_not_made() -> None:
    with pytest.raises(Malformed):
        released(CASE, {})


def test_pseudonyms_of_what_stays_stay() -> None:
    tokens = {CASE.names["v"]: "a" * 16, CASE.names["s"]: "b" * 16}

    made = build_release(
        planned(("v", 3)),
        CASE.signed,
        purpose=Purpose.INVESTIGATION,
        legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK,
        pseudonyms=tokens,
    )

    assert made.pseudonyms == ((CASE.names["v"], "a" * 16),)


_PAIRS = 200
_SHOWN = [("s", 3), ("s", 35), ("v", 35)]


def _view(case: Case) -> bytes:
    return released(case, case.grants(*_SHOWN)).encode()


def test_records_that_differ_only_in_what_is_withheld_give_views_of_one_length_and_shape() -> None:
    chance = random.Random(33)

    for number in range(_PAIRS):
        first, second = Case(label=f"first {number}"), Case(_changed(chance), label=f"second {number}")
        assert len(first.statement.leaves) == len(second.statement.leaves)
        views = [_view(first), _view(second)]
        shapes = [_shape(view, case) for view, case in zip(views, (first, second), strict=True)]
        assert len(views[0]) == len(views[1])
        assert shapes[0] == shapes[1]


def _changed(chance: random.Random) -> pb.Record:
    """Return the record with other withheld content: longer, shorter, more of it, or less."""
    made = record(name="N" * chance.randint(1, 300), town="T" * chance.randint(1, 300))
    if chance.random() < 0.5:
        made.persons[0].ClearField("nationalities")
    if chance.random() < 0.5:
        made.persons[0].languages.append("xx" * chance.randint(1, 50))
    if chance.random() < 0.5:
        made.vehicles[0].identity.description = "d" * chance.randint(1, 500)
    if chance.random() < 0.5:
        made.narratives.add(id="n", text="t" * chance.randint(1, 2000))
    return made


def _shape(view: bytes, case: Case) -> object:
    release = parse_release(view)
    public = signer(POLICE).public_key
    disclosure = verify_disclosure(release.disclosure, lambda *_asked: public, TO_SHELTER)
    return (
        sorted((p.entity.partition("/")[0], p.field, p.rung, p.value) for p in disclosure.portions),
        len(disclosure.statement.leaves),
        sorted(map(repr, disclosure.classes)),
        release.marking,
        release.obligations,
        release.expires_at,
        len(case.signed),
    )
