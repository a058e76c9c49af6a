"""Telling: which portions that would leave narrow down who a protected person is, person by person."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from gateway.flow.decide import Verdicts
from gateway.flow.prepare import Submission
from gateway.flow.question import FieldKey
from gateway.release.mosaic import Leaving
from gateway.release.selectivity import NOTHING, TELLING_KINDS, UNCOMMON_SEX, Detail, detail_of
from gateway.v1 import record_pb2 as pb
from policy.decision import Outcome, PortionVerdict

Told = Mapping[str, list[tuple[FieldKey, Leaving]]]
"""By the submitted id of each person: what would leave of it. Nothing stands in the order of the record."""

_SEX = pb.Person.DESCRIPTOR.fields_by_name["sex"].number
_GENDER = pb.Person.DESCRIPTOR.fields_by_name["gender"].number
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
    tells = {name: (own, of) for name, own, of in _telling(submission, persons)}
    uncommon = _uncommon(submission)
    told: dict[str, list[tuple[FieldKey, Leaving]]] = {}
    for key, (attributes, verdict) in verdicts.by_field.items():
        if key[0] not in tells:
            continue
        own, of = tells[key[0]]
        detail = _detail(key, attributes.category, verdict, held=held)
        if not detail.grains:
            continue
        if key in uncommon:
            detail = Detail((UNCOMMON_SEX,))
        # By the submitted id: travelling names are drawn at random, and equal records are decided alike.
        leaving = Leaving((own, key[1]), detail)
        for person in of:
            told.setdefault(person, []).append((key, leaving))
    return dict(sorted(told.items()))


def _detail(key: FieldKey, category: str, verdict: PortionVerdict, *, held: bool) -> Detail:
    rung = verdict.asked if held and verdict.asked is not None else verdict.rung
    return NOTHING if rung is None else detail_of(key[0].partition("/")[0], key[1], category, rung)


def _telling(submission: Submission, persons: Collection[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield, of each entity that tells of some of these persons, travelling name, own id and of whom."""
    for kind, entity in submission.ties.entities:
        if kind.name not in TELLING_KINDS:
            continue
        of = {entity.id} if kind.name == "person" else submission.ties.persons_of(entity.id)
        if found := sorted(of.intersection(persons)):
            yield submission.names[entity.id], entity.id, found


def _uncommon(submission: Submission) -> frozenset[FieldKey]:
    found = set()
    for person in submission.record.persons:
        if person.sex in _UNCOMMON_SEXES:
            found.add((submission.names[person.id], _SEX))
        if person.gender in _UNCOMMON_GENDERS:
            found.add((submission.names[person.id], _GENDER))
    return frozenset(found)
