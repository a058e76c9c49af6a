"""Gradings of source and information, from one scheme into another; the original code always travels along.

A letter means another thing in every scheme, so a bare "B2" is never guessed at: a grading is
(scheme, source, information). Where a crosswalk is coarser, it says less, never more.

Source: Regulation (EU) 2016/794 Article 29 (4x4); UK 3x5x2 and 5x5x5; NATO Admiralty; `reference/formats.md`
section 1.4. The crosswalk is a proposal of this project, no official table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_Scheme = pb.EvaluationScheme

SCHEMES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "4x4": _Scheme.EVALUATION_SCHEME_EUROPOL_4X4,
        "3x5x2": _Scheme.EVALUATION_SCHEME_UK_3X5X2,
        "5x5x5": _Scheme.EVALUATION_SCHEME_UK_5X5X5,
        "admiralty": _Scheme.EVALUATION_SCHEME_ADMIRALTY,
    }
)
"""Names under which the schemes are written, as in `5x5x5:B2`."""

_CODES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"4x4": ("ABCX", "1234"), "3x5x2": ("123", "ABCDE"), "5x5x5": ("ABCDE", "12345")}
    | {"admiralty": ("ABCDEFG", "123456")}
)
_SOURCE_TO_4X4: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "4x4": {"A": "A", "B": "B", "C": "C", "X": "X"},
        "3x5x2": {"1": "A", "2": "X", "3": "C"},
        "5x5x5": {"A": "A", "B": "B", "C": "C", "D": "C", "E": "X"},
        "admiralty": {"A": "A", "B": "B", "C": "B", "D": "C", "E": "C", "F": "X", "G": "C"},
    }
)
_INFORMATION_TO_4X4: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "4x4": {"1": "1", "2": "2", "3": "3", "4": "4"},
        "3x5x2": {"A": "2", "B": "3", "C": "4", "D": "4", "E": "4"},
        "5x5x5": {"1": "1", "2": "2", "3": "3", "4": "4", "5": "4"},
        "admiralty": {"1": "1", "2": "3", "3": "4", "4": "4", "5": "4", "6": "4"},
    }
)
# Back into the Admiralty letters: the nearest that promises no more.
_SOURCE_TO_ADMIRALTY: Final[Mapping[str, str]] = MappingProxyType({"A": "A", "B": "C", "C": "D", "X": "F"})
_INFORMATION_TO_ADMIRALTY: Final[Mapping[str, str]] = MappingProxyType(
    {"1": "1", "2": "2", "3": "2", "4": "6"}
)


@dataclass(frozen=True, slots=True)
class Grade:
    """A grading in one scheme, by its codes."""

    source: str
    information: str


def scheme_name(evaluation: pb.Evaluation) -> str:
    """Return the name of a grading's scheme; nothing for one that is not stated or not known."""
    return next((name for name, number in SCHEMES.items() if number == evaluation.scheme), "")


def to_4x4(evaluation: pb.Evaluation) -> Grade | None:
    """Return a grading in Europol's 4x4; None where its scheme, or a code of it, is not known."""
    name = scheme_name(evaluation)
    if not name:
        return None
    source = _SOURCE_TO_4X4[name].get(evaluation.source)
    information = _INFORMATION_TO_4X4[name].get(evaluation.information)
    return Grade(source, information) if source and information else None


def to_admiralty(evaluation: pb.Evaluation) -> Grade | None:
    """Return a grading in the Admiralty scheme, through 4x4; None where it cannot be told."""
    if scheme_name(evaluation) == "admiralty" and _is_known("admiralty", evaluation):
        return Grade(evaluation.source, evaluation.information)
    grade = to_4x4(evaluation)
    if grade is None:
        return None
    return Grade(_SOURCE_TO_ADMIRALTY[grade.source], _INFORMATION_TO_ADMIRALTY[grade.information])


def write_original(evaluation: pb.Evaluation) -> str:
    """Return a grading in its own scheme, as `5x5x5:B2`; nothing where its scheme or a code is not known."""
    name = scheme_name(evaluation)
    return f"{name}:{evaluation.source}{evaluation.information}" if _is_known(name, evaluation) else ""


def read_original(text: str) -> pb.Evaluation | None:
    """Return the grading of `5x5x5:B2`; None where no scheme is named, for none is ever guessed."""
    name, colon, code = text.partition(":")
    if not colon or name not in SCHEMES or len(code) != 2:
        return None
    found = pb.Evaluation(source=code[0], information=code[1])
    found.scheme = _Scheme.ValueType(SCHEMES[name])
    return found if _is_known(name, found) else None


def graded(scheme: str, source: str, information: str, field: str) -> pb.Evaluation:
    """Return a grading in a named scheme.

    Raises:
        Malformed: code `bad-evaluation`: the scheme has no such code, such as a D in 4x4.
    """
    found = pb.Evaluation(source=source, information=information)
    found.scheme = _Scheme.ValueType(SCHEMES[scheme])
    if not _is_known(scheme, found):
        raise Malformed(f"is no grading of {scheme}", field=field, code="bad-evaluation")
    return found


def _is_known(name: str, evaluation: pb.Evaluation) -> bool:
    if name not in _CODES:
        return False
    sources, informations = _CODES[name]
    source, information = evaluation.source, evaluation.information
    return len(source) == len(information) == 1 and source in sources and information in informations
