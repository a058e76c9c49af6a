"""The sweep: every question of the closed lists, what must hold of all of them, and the outcomes as kept."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from gateway.errors import Malformed
from policy.authoring.catalogue import PERMIT_EVERYTHING
from policy.authoring.difference import grouped
from policy.authoring.invariants import INVARIANTS
from policy.authoring.matrix import changes, decode, encode
from policy.authoring.survey import AGREEMENT, OVERLAY, UNKNOWNS, Survey, survey_of
from policy.authoring.sweep import KINDS, PURPOSES, SITUATIONS, Block, blocks, cells_in_matrix
from policy.bundle import bundle_of, shipped_baseline
from policy.rulebook import Rulebook
from policy.statement import RuleFile
from tests.policy import given

_GOLDEN = Path(__file__).resolve().parent / "golden" / "matrix.txt.gz"
_AGAIN = "the rules changed: read `comity policy sweep --golden FILE`, then `make golden`"


@cache
def _whole() -> Survey:
    return survey_of(given.shipped().rulebook)


def _some(book: Rulebook) -> Survey:
    """Return the survey of police that investigate and protect, and of everybody without a purpose."""
    return survey_of(
        book,
        lambda all_: [b for b in all_ if b.name[1:] in (("leo", "investigation"), ("ngo", "unknown"))],
    )


def _with(local: RuleFile) -> Rulebook:
    return Rulebook(bundle_of(baseline=shipped_baseline(), local={local.name: local.text}))


def test_all_that_must_hold_holds_of_a_hundred_thousand_outcomes() -> None:
    survey = _whole()

    assert survey.cells == cells_in_matrix() >= 100_000
    assert survey.breaches == {}
    assert survey.asserted.keys() == {*INVARIANTS, AGREEMENT, OVERLAY, UNKNOWNS}
    assert min(survey.asserted.values()) > 1_000
    assert {"released", "withheld", "held for VPO:1"} <= survey.outcomes.keys()


def test_outcomes_are_those_that_were_read_and_kept() -> None:
    changed = list(changes(decode(_GOLDEN.read_bytes()), _whole().matrix))

    assert [group.text for group in grouped(changed)][:5] == [], _AGAIN


def test_every_kind_purpose_and_situation_is_swept_once() -> None:
    names = [block.name for block in blocks()]

    assert len(names) == len(set(names)) == len(KINDS) * len(PURPOSES) * len(SITUATIONS)


def test_rules_that_permit_everything_break_only_what_the_floor_leaves_to_others() -> None:
    text = PERMIT_EVERYTHING.text.replace("LOCAL-PERMIT-EVERYTHING", "LOCAL-WIDE-OPEN")

    survey = _some(_with(RuleFile(name="own.cedar", text=text)))

    assert OVERLAY not in survey.breaches
    assert AGREEMENT not in survey.breaches
    assert UNKNOWNS not in survey.breaches
    assert "shelters and therapy never leave" not in survey.breaches


def test_a_rule_that_treats_unknown_ages_otherwise_is_found() -> None:
    spared = RuleFile(
        name="own.cedar",
        text="""
        @id("OUR-1") @layer("local") @reason("r") @source("s")
        forbid (principal, action, resource is Comity::Portion)
        unless { resource.age != Comity::Age::"minor" };
        """,
    )

    survey = _some(_with(spared))

    assert list(survey.breaches) == ["a person of unknown age is treated as a minor"]
    assert not survey.ok
    assert survey.breaches["a person of unknown age is treated as a minor"][0].endswith("| unknown")


def test_matrix_reads_back_and_equal_ones_have_equal_bytes() -> None:
    matrix = _some(given.shipped().rulebook).matrix

    data = encode(matrix)

    assert decode(data) == matrix
    assert encode(dict(reversed(matrix.items()))) == data


@pytest.mark.parametrize("data", [b"", b"no gzip", encode({})[:-4]])
def test_what_is_no_matrix_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        decode(data)

    assert caught.value.code == "bad-matrix"


def test_block_names_the_unknown_purpose() -> None:
    assert Block(SITUATIONS[0], "leo", None).name == ("nothing attested", "leo", "unknown")
