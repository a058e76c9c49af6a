"""Gradings cross into 4x4, and the grading that was made travels beside it; no scheme is guessed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.adapter import View
from adapters.caveats import Caveat
from adapters.europol.umf import EuropolUmf
from adapters.evaluation import SCHEMES
from adapters.loss import Effect
from gateway.errors import Malformed, Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.europol.samples import HANDLING, PARTIES, effects, lost, read, umf, written
from tests.reference import reference

_CODES = {
    "4x4": ("ABCX", "1234"),
    "3x5x2": ("123", "ABCDE"),
    "5x5x5": ("ABCDE", "12345"),
    "admiralty": ("ABCDEFG", "123456"),
}
_EVERY = [
    (scheme, source, information)
    for scheme, (sources, informations) in _CODES.items()
    for source in sources
    for information in informations
]


def _graded(scheme: str, source: str, information: str, original: str = "") -> pb.Record:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_SUSPECT)
    evaluation = record.header.evaluation
    evaluation.scheme = pb.EvaluationScheme.ValueType(SCHEMES[scheme])
    evaluation.source, evaluation.information = source, information
    if original:
        evaluation.original = original
    return record


def _attributes(element: Any) -> dict[str, str]:
    return dict(element.attrib)


def _read(attributes: str) -> tuple[pb.Evaluation, dict[str, Effect]]:
    draft = read(umf(head=f"{PARTIES}{HANDLING}<Evaluation {attributes}/>"))
    return draft.record.header.evaluation, effects(draft)


@pytest.mark.parametrize(("scheme", "source", "information"), _EVERY)
@pytest.mark.parametrize("original", ["", "B2", "as the officer wrote it"])
def test_every_code_of_every_scheme_comes_back_as_it_was(
    scheme: str, source: str, information: str, original: str
) -> None:
    record = _graded(scheme, source, information, original)

    element = written(record).find(".//{*}Evaluation")

    assert element is not None
    attributes = " ".join(f"{name!s}='{value!s}'" for name, value in element.attrib.items())
    assert _read(attributes) == (record.header.evaluation, {})


@pytest.mark.parametrize(("scheme", "source", "information"), _EVERY)
def test_crosswalk_is_the_published_one(scheme: str, source: str, information: str) -> None:
    table: Any = json.loads(reference("europol-like/evaluation-codes.json").read_text())["crosswalk_to_4x4"]

    element = written(_graded(scheme, source, information)).find(".//{*}Evaluation")

    assert element is not None
    expected = (source, information)
    if scheme != "4x4":
        expected = (table["source"][scheme][source], table["information"][scheme][information])
    assert (element.get("source"), element.get("information")) == expected


def test_grading_that_suspects_a_lie_keeps_saying_so_beside_its_4x4() -> None:
    element = written(_graded("5x5x5", "E", "5")).find(".//{*}Evaluation")

    assert element is not None
    assert _attributes(element) == {"source": "X", "information": "4", "original": "5x5x5:E5"}


@pytest.mark.parametrize("text", ["B2", "b2", "5x5x5", "5x5x5:Z9", "6x6:B2", "5x5x5 B2", "admiralty-B2"])
def test_no_scheme_is_guessed_from_letters(text: str) -> None:
    evaluation, _ = _read(f"source='B' information='2' original='{text}'")

    assert evaluation.scheme == pb.EVALUATION_SCHEME_EUROPOL_4X4
    assert (evaluation.source, evaluation.information, evaluation.original) == ("B", "2", text)


def test_original_that_contradicts_the_4x4_is_kept_as_words_and_declared() -> None:
    evaluation, losses = _read("source='A' information='1' original='5x5x5:E5'")

    assert (evaluation.source, evaluation.information, evaluation.original) == ("A", "1", "5x5x5:E5")
    assert evaluation.scheme == pb.EVALUATION_SCHEME_EUROPOL_4X4
    assert losses == {"Header.Evaluation.original": Effect.KEPT_AS_EXTENSION}


def test_source_code_of_another_scheme_is_no_4x4() -> None:
    with pytest.raises(Malformed) as refusal:
        _read("source='D' information='2'")

    assert refusal.value.code == "breaks-schema"


def test_grading_of_an_unknown_scheme_is_written_as_not_assessable_with_its_words() -> None:
    record = _graded("4x4", "B", "2", "own scale: good")
    record.header.evaluation.scheme = pb.EVALUATION_SCHEME_OTHER

    element = written(record).find(".//{*}Evaluation")

    assert element is not None
    assert (element.get("source"), element.get("information")) == ("X", "4")
    assert str(element.get("original")).endswith("own scale: good")


def test_grading_without_a_scheme_and_words_is_left_out_and_words_alone_are_a_caveat() -> None:
    record = _graded("4x4", "B", "2")
    record.header.evaluation.ClearField("scheme")

    assert written(record).find(".//{*}Evaluation") is None


def test_grading_of_an_entity_is_an_assessment_of_it() -> None:
    graded = (
        "<Person id='p1'><Evaluation source='B' information='2' original='5x5x5:B2'/>"
        "<Role>SUSPECT</Role></Person>"
    )
    tie = "<Connection id='x' from='p1' to='p2' kind='USES'>{}</Connection>"
    tie = tie.format("<Evaluation source='A' information='1'/>")

    record = read(umf(graded + "<Location id='p2'/>", tie)).record

    assert [(one.id, one.subject) for one in record.assessments] == [("p1.grade", "p1"), ("x.grade", "x")]
    assert record.assessments[0].score.grade.scheme == pb.EVALUATION_SCHEME_UK_5X5X5


def test_assessment_that_claims_something_does_not_become_the_grading_of_its_subject() -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_SUSPECT)
    plain = record.assessments.add(id="assessment/aaaaaaaaaa", subject="person/aaaaaaaaaa")
    plain.score.grade.CopyFrom(_graded("4x4", "B", "2").header.evaluation)
    claim = record.assessments.add(id="assessment/bbbbbbbbbb", subject="person/aaaaaaaaaa")
    claim.score.CopyFrom(plain.score)
    claim.score.hypothesis = "Runs the place."

    assert lost(record) == {"assessments[1]": Effect.DROPPED}
    del record.assessments[0]
    assert written(record).find(".//{*}Evaluation") is None


def test_original_that_the_message_cannot_hold_is_a_caveat_that_must_be_allowed_to_go() -> None:
    record = _graded("4x4", "B", "2", " ")

    with pytest.raises(Refused) as refusal:
        EuropolUmf().render([View(record=record)], form="xml")

    assert refusal.value.code == "caveat-lost"
    allowed = {Caveat.EVALUATION, Caveat.HANDLING}
    assert EuropolUmf().render([View(record=record)], form="xml", allowed=allowed).data
