"""What is missing, empty or unknown denies, and the reason says what it is (THREATS A15, A17)."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from gateway.errors import GatewayError, Malformed
from gateway.record.vocabulary import AgeClass, Fact, Purpose, RoleClass, Rung
from policy.bundle import bundle_of
from policy.canary import CANARIES, HARMLESS
from policy.cell import Cell, Json, entities_of, request_of
from policy.decision import Outcome
from policy.engine import Engine
from policy.request import UNMARKED, MarkingFacts, ReleaseContext
from policy.vocabulary import UNKNOWN
from tests.policy import given

_ALONE = frozenset({Fact.COUNTRY_SAFE, Fact.CONSENT_VALID, Fact.SUPPORTS_SUBJECT, Fact.NOT_CURRENT})


def _cells() -> list[Cell]:
    """Return questions on both sides of every floor rule, at the record and at portions."""
    minor_with_both = Cell(
        "disclose", given.POLICE, given.ASKED, frozenset({"CPO:1", "VPO:1"}), given.NAME_OF_MINOR, Rung.EXACT
    )
    to_shelter = Cell(
        "disclose",
        given.SHELTER,
        replace(given.ASKED, purpose=Purpose.VICTIM_PROTECTION),
        frozenset(),
        replace(given.NAME, facts=_ALONE),
        Rung.EXACT,
    )
    return [
        *CANARIES.values(),
        HARMLESS,
        minor_with_both,
        to_shelter,
        Cell("disclose", given.POLICE, given.ASKED, frozenset(), given.ADDRESS, Rung.COARSE),
        Cell("disclose", given.POLICE, given.ASKED, frozenset(), given.BIRTH, Rung.GENERALISED),
        Cell("release", given.POLICE, given.ASKED, frozenset()),
        Cell(
            "release",
            given.POLICE,
            replace(given.ASKED, marking=given.MARKED._replace(notes=True)),
            frozenset(),
        ),
        Cell("forward", given.POLICE, replace(given.ASKED, originator="police.de"), frozenset()),
        Cell(
            "release",
            given.POLICE,
            replace(given.ASKED, marking=given.MARKED._replace(recipient_releasable=False)),
            frozenset(),
        ),
    ]


# Retyped and overflowing; a lane stands for a value of another closed list.
_BAD_VALUES: tuple[object, ...] = (
    None,
    "x",
    1,
    2**63,
    10**30,
    0.5,
    [],
    ["x"],
    {},
    {"__entity": {"type": "Comity::Lane", "id": "urgent"}},
    {"__entity": {"type": "Comity::Age", "id": "grown"}},
    {"__extn": {"fn": "unknown", "arg": "approvals"}},
)


def _mutations(cell: Cell) -> Iterator[tuple[str, Json, list[Json]]]:
    """Yield the question with each attribute removed, and with each replaced by each bad value."""
    request, entities = request_of(cell), entities_of(cell)
    places: list[tuple[str, Any]] = [("context", request["context"])]
    places += [(f"entity {number}", entity["attrs"]) for number, entity in enumerate(entities)]
    for where, attributes in places:
        for name in list(attributes):
            for value in ("removed", *_BAD_VALUES):
                kept = copy.deepcopy(attributes[name])
                if value == "removed":
                    del attributes[name]
                else:
                    attributes[name] = value
                yield f"{where}.{name} {value!r}", request, entities
                attributes[name] = kept
    for number in range(len(entities)):
        yield f"entity {number} gone", request, entities[:number] + entities[number + 1 :]


@cache
def _quiet(baseline: str) -> Engine:
    overlay = {"open.cedar": given.PERMIT_EVERYTHING}
    return Engine(bundle_of(baseline=baseline, local=overlay), alarm=lambda _: None)


@pytest.mark.parametrize("number", range(len(_cells())))
def test_removed_retyped_or_overflowing_attribute_never_permits_more(number: int) -> None:
    cell = _cells()[number]
    for engine in (_quiet(""), _quiet(given.baseline())):
        before = engine.rulebook.evaluate(request_of(cell), entities_of(cell))
        for what, request, entities in _mutations(cell):
            after = engine.rulebook.evaluate(request, entities)
            assert before.allowed or not after.allowed, what


def _outcome_with(**changed: Any) -> tuple[Outcome, set[str]]:
    context = replace(given.ASKED, **changed)
    decision = given.wide_open().decide(given.POLICE, context, [given.CAR], frozenset())
    return decision.outcome, {reason.rule for reason in decision.reasons}


def test_nothing_is_missing_so_the_car_is_released() -> None:
    assert _outcome_with() == (
        Outcome.RELEASE,
        {"BL-CASE", "BL-RELEASE-AUTHORITY", "LOCAL-PERMIT-EVERYTHING"},
    )


def test_missing_purpose_denies_even_where_everything_is_permitted() -> None:
    outcome, reasons = _outcome_with(purpose=None)

    assert outcome is Outcome.DENIED
    assert reasons == {"VP-42"}


def test_missing_legal_basis_denies_even_where_everything_is_permitted() -> None:
    outcome, reasons = _outcome_with(legal_basis=None)

    assert outcome is Outcome.DENIED
    assert reasons == {"VP-42L"}


@pytest.mark.parametrize("kind", ["", "unknown", "LEO", "leo ", "ngo\n"])
def test_recipient_of_missing_or_unknown_kind_is_denied(kind: str) -> None:
    decision = given.wide_open().decide(
        replace(given.POLICE, kind=kind), given.ASKED, [given.CAR], frozenset()
    )

    assert decision.outcome is Outcome.DENIED
    assert {reason.rule for reason in decision.reasons} == {"VP-42R"}


@pytest.mark.parametrize("regime", ["", "unknown", "LED"])
def test_recipient_of_missing_or_unknown_regime_is_denied(regime: str) -> None:
    decision = given.wide_open().decide(
        replace(given.POLICE, regime=regime), given.ASKED, [given.CAR], frozenset()
    )

    assert decision.outcome is Outcome.DENIED
    assert {reason.rule for reason in decision.reasons} == {"VP-33"}


@pytest.mark.parametrize(
    "changed",
    [
        {"category": ""},
        {"category": UNKNOWN},
        {"category": "person.Name"},
        {"classes": frozenset()},
        {"classes": frozenset({UNKNOWN})},
        {"classes": frozenset({"object", "objekt"})},
    ],
)
def test_portion_of_missing_or_unknown_category_or_class_stays(changed: dict[str, Any]) -> None:
    portion = replace(given.CAR, **changed)

    decision = given.wide_open().decide(given.POLICE, given.ASKED, [portion], frozenset())

    assert decision.outcome is Outcome.DENIED
    assert "VP-42C" in decision.verdicts[0].rules


@pytest.mark.parametrize("age", [AgeClass.UNKNOWN, AgeClass.MINOR])
def test_age_that_is_not_shown_to_be_adult_keeps_the_name(age: AgeClass) -> None:
    decision = given.wide_open().decide(
        given.POLICE, given.ASKED, [replace(given.NAME, age=age)], frozenset()
    )

    assert "VP-02" in decision.verdicts[0].rules
    assert decision.outcome is Outcome.DENIED


def test_unknown_role_is_protected_like_a_victims() -> None:
    of_unknown = replace(given.NAME, role=RoleClass.UNKNOWN)

    decisions = [
        given.shipped().decide(given.POLICE, given.ASKED, [portion], frozenset())
        for portion in (of_unknown, given.NAME)
    ]

    assert decisions[0].encode() == decisions[1].encode()


def test_absent_facts_count_as_false() -> None:
    protecting = replace(given.ASKED, purpose=Purpose.VICTIM_PROTECTION)
    cared_for = replace(given.NAME, facts=_ALONE)

    with_facts, *without = (
        given.shipped().decide(given.SHELTER, protecting, [portion], frozenset())
        for portion in (cared_for, *(replace(cared_for, facts=_ALONE - {fact}) for fact in sorted(_ALONE)))
    )

    assert with_facts.outcome is Outcome.RELEASE
    outcome_without = {fact: decision.outcome for fact, decision in zip(sorted(_ALONE), without, strict=True)}
    assert outcome_without.pop(Fact.NOT_CURRENT) is Outcome.RELEASE
    assert set(outcome_without.values()) == {Outcome.DENIED}


def test_empty_baseline_permits_nothing() -> None:
    engine = Engine(bundle_of(baseline=""))

    decision = engine.decide(given.POLICE, given.ASKED, [given.CAR], frozenset())

    assert decision.outcome is Outcome.DENIED
    assert [reason.rule for reason in decision.reasons] == ["default-deny"]


def test_no_portions_is_nothing_to_release() -> None:
    decision = given.shipped().decide(given.POLICE, given.ASKED, [], frozenset())

    assert decision.outcome is Outcome.DENIED
    assert decision.reasons


@pytest.mark.parametrize("name", ["self_id", "originator"])
@pytest.mark.parametrize("value", ["", "unknown", "Police.NL"])
def test_release_without_a_proper_agency_is_refused(name: str, value: str) -> None:
    changed: dict[str, Any] = {name: value}

    with pytest.raises(Malformed) as refused:
        replace(given.ASKED, **changed)

    assert refused.value.field == f"context.{name}"


@pytest.mark.parametrize(
    "token", ["", "VPO", "VPO:0", "VPO:4", "VPO:01", "vpo:1", "XPO:1", "VPO:1,CPO:1", "VPO:1 "]
)
def test_approval_outside_the_closed_list_is_refused(token: str) -> None:
    with pytest.raises(Malformed) as refused:
        replace(given.ASKED, approvals=frozenset({token}))

    assert refused.value.code == "unknown-approval"


def test_asking_for_a_category_outside_the_catalogue_is_refused() -> None:
    with pytest.raises(GatewayError) as refused:
        given.shipped().decide(given.POLICE, given.ASKED, [given.CAR], frozenset({"person.nmae"}))

    assert refused.value.code == "unknown-category"


@pytest.mark.parametrize("rungs", [(), (Rung.COARSE, Rung.EXACT), (Rung.EXACT, Rung.EXACT)])
def test_portion_without_rungs_in_order_is_refused(rungs: tuple[Rung, ...]) -> None:
    with pytest.raises(Malformed) as refused:
        replace(given.CAR, rungs=rungs)

    assert refused.value.code == "bad-rungs"


@pytest.mark.parametrize(
    "name",
    sorted(name for name in ReleaseContext.__dataclass_fields__ if name != "_hash"),
)
def test_no_circumstance_of_a_release_may_be_left_out(name: str) -> None:
    stated = {
        field: getattr(given.ASKED, field)
        for field in ReleaseContext.__dataclass_fields__
        if field != "_hash"
    }
    del stated[name]

    with pytest.raises(TypeError):
        ReleaseContext(**stated)


@pytest.mark.parametrize("name", MarkingFacts._fields)
def test_no_meaning_of_a_marking_may_be_left_out(name: str) -> None:
    stated = {field: getattr(UNMARKED, field) for field in MarkingFacts._fields if field != name}

    with pytest.raises(TypeError):
        MarkingFacts(**stated)
