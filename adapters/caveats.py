"""Warnings that must reach whoever reads the rest: without one, a document says more than the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from enum import StrEnum

from adapters.loss import Effect, Loss
from gateway.errors import Refused
from gateway.v1 import record_pb2


class Caveat(StrEnum):
    """One kind of warning."""

    HANDLING = "handling"
    """How the source says that its information may be handled."""

    EVALUATION = "evaluation"
    """How the source graded itself and its information, in its own scheme."""

    ANONYMITY = "anonymity"
    """That somebody was promised not to be named."""


def require_caveats(
    record: record_pb2.Record, losses: Iterable[Loss], *, where: str, allowed: Set[Caveat]
) -> None:
    """Refuse a document that drops a caveat which the record states and the caller has not allowed to go.

    Raises:
        Refused: code `caveat-lost`; `field` names the view and the path.
    """
    dropped = tuple(loss.path for loss in losses if loss.effect is Effect.DROPPED)
    for caveat, path in _stated(record):
        # Nobody is left unwarned of somebody who is not in the document at all. Of a caveat that has parts,
        # such as handling codes beside a classification, no part may be missing either.
        lost = any(
            path == one
            or ("." in one and path.startswith(f"{one}."))
            or one.startswith((f"{path}.", f"{path}["))
            for one in dropped
        )
        if lost and caveat not in allowed:
            raise Refused(
                f"would lose the caveat of {caveat}; whoever sends it must allow that",
                field=f"{where}.{path}",
                code="caveat-lost",
            )


def _stated(record: record_pb2.Record) -> Iterator[tuple[Caveat, str]]:
    if record.header.HasField("source_handling"):
        yield Caveat.HANDLING, "header.source_handling"
    if record.header.evaluation.original:
        yield Caveat.EVALUATION, "header.evaluation.original"
    for number, assessment in enumerate(record.assessments):
        if assessment.score.grade.original:
            yield Caveat.EVALUATION, f"assessments[{number}].score.grade.original"
    for number, person in enumerate(record.persons):
        if person.safety.anonymity_guaranteed:
            yield Caveat.ANONYMITY, f"persons[{number}].safety.anonymity_guaranteed"
