"""Gradings: every code of every scheme maps, its original survives, no scheme is guessed from its letters."""

from __future__ import annotations

import json

import pytest

from adapters.evaluation import (
    SCHEMES,
    graded,
    read_original,
    scheme_name,
    to_4x4,
    to_admiralty,
    write_original,
)
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb
from tests.reference import reference

CODES = {
    "4x4": ("ABCX", "1234"),
    "3x5x2": ("123", "ABCDE"),
    "5x5x5": ("ABCDE", "12345"),
    "admiralty": ("ABCDEFG", "123456"),
}
EVERY = [
    (scheme, source, information)
    for scheme, (sources, informations) in CODES.items()
    for source in sources
    for information in informations
]


@pytest.mark.parametrize(("scheme", "source", "information"), EVERY)
def test_every_code_of_every_scheme_maps_and_its_original_survives(
    scheme: str, source: str, information: str
) -> None:
    stated = graded(scheme, source, information, "evaluation")

    assert read_original(write_original(stated)) == stated
    assert scheme_name(stated) == scheme
    assert to_4x4(stated) is not None
    assert to_admiralty(stated) is not None


def test_crosswalk_is_the_published_proposal() -> None:
    published = json.loads(reference("europol-like/evaluation-codes.json").read_text(encoding="utf-8"))

    walk = published["crosswalk_to_4x4"]
    for scheme, source, information in EVERY:
        assert set(published[scheme]["source"]) | {"G"} >= {source}
        grade = to_4x4(graded(scheme, source, information, "evaluation"))
        assert grade is not None
        if scheme != "4x4":
            assert grade.source == walk["source"][scheme][source]
            assert grade.information == walk["information"][scheme][information]


def test_crosswalk_there_and_back_never_promises_more() -> None:
    for source in "ABCX":
        for information in "1234":
            stated = graded("4x4", source, information, "evaluation")
            there = to_admiralty(stated)
            assert there is not None
            back = to_4x4(graded("admiralty", there.source, there.information, "evaluation"))
            assert back is not None
            assert "ABCX".index(back.source) >= "ABCX".index(source)
            assert back.information >= information


@pytest.mark.parametrize("text", ["B2", "", "5x5x5:", "5x5x5:B", "5x5x5:22", "4x4:D1", "6x6:B2", "5x5x5:B22"])
def test_no_scheme_is_guessed(text: str) -> None:
    assert read_original(text) is None


@pytest.mark.parametrize(
    ("scheme", "source", "information"), [("4x4", "D", "1"), ("3x5x2", "A", "1"), ("4x4", "", "")]
)
def test_code_of_another_scheme_is_refused(scheme: str, source: str, information: str) -> None:
    with pytest.raises(Malformed) as refusal:
        graded(scheme, source, information, "evaluation")
    assert (refusal.value.code, refusal.value.field) == ("bad-evaluation", "evaluation")


def test_grading_without_a_known_scheme_maps_to_nothing() -> None:
    for unknown in (
        pb.Evaluation(source="B", information="2"),
        pb.Evaluation(scheme=pb.EVALUATION_SCHEME_OTHER, source="B", information="2"),
        pb.Evaluation(scheme=pb.EVALUATION_SCHEME_EUROPOL_4X4, source="D", information="1"),
    ):
        assert to_4x4(unknown) is None
        assert to_admiralty(unknown) is None
        assert write_original(unknown) == ""


def test_every_scheme_of_the_record_but_other_has_a_name() -> None:
    named = set(SCHEMES.values())
    numbers = set(pb.EvaluationScheme.values())

    assert numbers - named == {pb.EVALUATION_SCHEME_UNSPECIFIED, pb.EVALUATION_SCHEME_OTHER}
