"""Telling: which portions that would leave narrow down who a protected person is, person by person."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from gateway.flow.decide import Verdicts
from gateway.flow.prepare import Submission
from gateway.flow.question import FieldKey
from gateway.record.schema import KINDS
from gateway.release.mosaic import Leaving
from gateway.release.selectivity import NOTHING, TELLING_KINDS, UNCOMMON_SEX, Detail, detail_of
from gateway.v1 import record_pb2 as pb
from policy.decision import Outcome, PortionVerdict

Told = Mapping[str, list[tuple[FieldKey, Leaving]]]
"""By the submitted id of each person: what would leave of it. Nothing stands in the order of the record."""

_UNCOMMON_SEXES = frozenset({pb.Sex.SEX_OTHER})
_UNCOMMON_GENDERS = frozenset(
    {
        pb.Gender.GENDER_TRANSGENDER_FEMININE,
        pb.Gender.GENDER_TRANSGENDER_MASCULINE,
        pb.Gender.GENDER_NON_CONFORMING,
    }
)


def told_of(submission: Submission, verdicts: Verdicts, persons: Collection[str]) -> Told:
    """Return what of these persons would leave: for a hold, what its approvals would let leave."""
    held = verdicts.decision.outcome is Outcome.HELD
    local, uncommon = {name: own for own, name in submission.names.items()}, _uncommon(submission)
    tells = dict(_telling(submission, persons))
    told: dict[str, list[tuple[FieldKey, Leaving]]] = {}
    for key, (attributes, verdict) in verdicts.by_field.items():
        of = tells.get(key[0])
        detail = _detail(key, attributes.category, verdict, held=held) if of else NOTHING
        if not of or not detail.grains:
            continue
        if key in uncommon:
            detail = Detail((UNCOMMON_SEX,))
        # By the submitted id: travelling names are drawn at random, and equal records are decided alike.
        leaving = Leaving((local[key[0]], key[1]), detail)
        for person in of:
            told.setdefault(person, []).append((key, leaving))
    return dict(sorted(told.items()))


def _detail(key: FieldKey, category: str, verdict: PortionVerdict, *, held: bool) -> Detail:
    rung = verdict.asked if held and verdict.asked is not None else verdict.rung
    return NOTHING if rung is None else detail_of(key[0].partition("/")[0], key[1], category, rung)


def _telling(submission: Submission, persons: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the travelling name of each entity that tells of some of these persons, and of which."""
    for kind, entity in submission.ties.entities:
        if kind.name not in TELLING_KINDS:
            continue
        of = {entity.id} if kind.name == "person" else submission.ties.persons_of(entity.id)
        if found := sorted(of.intersection(persons)):
            yield submission.names[entity.id], found


def _uncommon(submission: Submission) -> frozenset[FieldKey]:
    fields = {field.name: number for number, field in KINDS["person"].fields.items()}
    return frozenset(
        (submission.names[person.id], fields[name])
        for person in submission.record.persons
        for name, found in (
            ("sex", person.sex in _UNCOMMON_SEXES),
            ("gender", person.gender in _UNCOMMON_GENDERS),
        )
        if found
    )
