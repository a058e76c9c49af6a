"""What each portion counts as: category, classes, and the strictest person it tells of or names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from gateway.record.generalise import Ladder, ladder_of
from gateway.record.naming import IDENTIFYING, REFUGE, Matcher, matcher_of
from gateway.record.protection import Standing, counts_as, standing_of
from gateway.record.schema import KINDS, EntityKind, FieldInfo
from gateway.record.subject import NOBODY, Subject, strictest_told
from gateway.record.ties import Ties
from gateway.record.vocabulary import AgeClass, Fact, RoleClass
from gateway.record.wording import FREE_TEXT, has_harmful_wording
from gateway.v1 import record_pb2 as pb

_STATEMENT = frozenset({"victim-statement", IDENTIFYING})


class Classification(NamedTuple):
    """What decisions need to know of one portion, beside its rung. `harmful_wording` marks free text that
    should be read again before it leaves; `graded` is false for an assessment without grade, model version
    or caveat, and true for everything else.

    Source: rules VP-20, VP-35.
    """

    category: str
    classes: frozenset[str]
    role: RoleClass
    age: AgeClass
    facts: frozenset[Fact]
    harmful_wording: bool
    graded: bool


class Classifier:
    """Classifies the portions of one record: who is protected and what to look for is found out once."""

    __slots__ = ("_matcher", "_protects", "subjects")

    def __init__(self, record: pb.Record, ties: Ties, told: Mapping[str, Subject]) -> None:
        self.subjects = told
        self._matcher = matcher_of(record, told, ties)
        self._protects = any(told[person.id].protected for person in record.persons)

    def of_entity(self, kind: EntityKind, entity: Any, local: str, encoded: bytes) -> EntityClassifier:
        """Return the classifier of one entity's fields; `local` is empty for the header."""
        matcher = self._matcher
        if matcher is not None:
            matcher = matcher.within(encoded, _names(kind, entity), about=local)
        return EntityClassifier(kind, entity, local, self.subjects, matcher, protects=self._protects)


class FieldPlan(NamedTuple):
    """What a field comes to before its content is looked at: what it `counts` as, and its coarser rungs.
    Where `tells` is set its content can change that; where `named`, it holds a name in parts.
    """

    counts: Classification
    ladder: Ladder
    tells: bool
    named: bool


class EntityClassifier:
    """Classifies the fields of one entity, whose `plans` stand by number. `matcher` is set only where its
    text may name somebody, and `protects` where the record holds anybody whom rules protect.
    """

    __slots__ = ("_entity", "_kind", "_local", "_protects", "_subject", "_subjects", "matcher", "plans")

    def __init__(
        self,
        kind: EntityKind,
        entity: Any,
        local: str,
        known: Mapping[str, Subject],
        matcher: Matcher | None,
        *,
        protects: bool,
    ) -> None:
        self._kind = kind
        self._protects = protects
        self._entity = entity
        self._local = local
        self._subjects = known
        self._subject = subject = known.get(local, NOBODY)
        standing = standing_of(kind, subject, entity)
        self.plans = _plans(kind.name, subject.protected, standing, subject.role, subject.age)
        self.matcher = matcher

    def of_field(self, number: int) -> Classification:
        """Return what a field counts as by what it holds, before its text is searched for names."""
        plan = self.plans[number]
        if not plan.tells:
            return plan.counts
        field, counts = self._kind.fields[number], plan.counts
        facts = facts_of(field, self._entity)
        harmful, graded = self._is_harmful(field, counts.role), is_graded(field, self._entity)
        if not facts and not harmful and graded is counts.graded:
            return counts
        return counts._replace(facts=facts, harmful_wording=harmful, graded=graded)

    def _is_harmful(self, field: FieldInfo, role: RoleClass) -> bool:
        """Tell whether free text about a protected person is worded harmfully. Text tied to nobody tells of
        those the record protects, whether or not it names them.
        """
        about = role.protected or (role is RoleClass.NONE and self._protects)
        return (
            about and field.category in FREE_TEXT and has_harmful_wording(getattr(self._entity, field.name))
        )

    def of_rungs(
        self, matcher: Matcher, number: int, base: Classification, rungs: Sequence[bytes]
    ) -> list[Classification]:
        """Return what each rung of a field counts as, the exact one first, once its text is read.

        A value that is gone on a coarser rung adds nothing there, except that of a shelter: where it lies
        must not be told even as a town.

        Source: rule VP-09.
        """
        # The parts of a name may stand in bytes otherwise than they are written, so a name is read always.
        named = self.plans[number].named
        parts = self._kind.fields[number].category != "person.name"
        refuge: set[str] = set()
        result = []
        for value in rungs:
            if not named and not matcher.may_hit(value):
                result.append(self._with_names(base, refuge, set()) if refuge else base)
                continue
            hits = matcher.hits(self._kind.message.FromString(value), about=self._local, parts=parts)
            if not (hits or refuge):
                result.append(base)
                continue
            added = {hit.adds for hit in hits}
            refuge |= added & {REFUGE}
            result.append(self._with_names(base, added | refuge, {hit.person for hit in hits}))
        return result

    def _with_names(self, base: Classification, added: set[str], persons: set[str]) -> Classification:
        if not added:
            return base
        classes = base.classes | added
        if base.category == "narrative.text" and IDENTIFYING in added:
            classes = (classes - base.classes) | _STATEMENT
        role, age = strictest_told([self._subject, *(self._subjects.get(one, NOBODY) for one in persons)])
        return Classification(
            base.category, classes, role, age, base.facts, base.harmful_wording, base.graded
        )


@cache
def _plans(
    kind: str, protected: bool, standing: Standing, role: RoleClass, age: AgeClass
) -> Mapping[int, FieldPlan]:
    """Return what each field of a kind comes to for such a subject, its facts and its text left aside."""
    plans = {}
    for number in KINDS[kind].fields:
        category, classes = counts_as(kind, number, protected, standing)
        plans[number] = FieldPlan(
            counts=Classification(
                category, classes, role, age, _NOTHING, harmful_wording=False, graded=category != _SCORE
            ),
            ladder=ladder_of(kind, number, category),
            tells=category in _TELLING,
            named=(kind, number) in _NAME_FIELDS,
        )
    return plans


# What holds a name in parts.
_NAMES = (pb.Name.DESCRIPTOR, pb.FamilyMember.DESCRIPTOR)
_NAME_FIELDS = frozenset(
    (kind.name, number)
    for kind in KINDS.values()
    for number, field in kind.fields.items()
    if field.message in _NAMES
)


def _names(kind: EntityKind, entity: Any) -> Sequence[pb.Name]:
    if kind.name != "person":
        return ()
    return [*entity.names, *entity.aliases, *(relative.name for relative in entity.family)]


_NOTHING: frozenset[Fact] = frozenset()
_NOT_CURRENT = frozenset({Fact.NOT_CURRENT})
_NOT_ABUSE = frozenset({Fact.NOT_ABUSE_MATERIAL})
_WHEREABOUTS = pb.Whereabouts.DESCRIPTOR
_IMAGE = pb.Image.DESCRIPTOR


_SCORE = "assessment.score"
# Effective categories whose content tells more than whom it is about.
_TELLING = FREE_TEXT | {"person.address", "person.location", "person.image", "journey.route", _SCORE}


def is_graded(field: FieldInfo, entity: Any) -> bool:
    """Tell whether an assessment says by which model, on what source and with what caveat it was made; true
    of every other field.

    Source: rule VP-35.
    """
    if field.category != _SCORE:
        return True
    score = entity.score
    said = (score.model_version, score.grade.source, score.grade.information, score.caveat)
    return all(text.strip() for text in said)


def facts_of(field: FieldInfo, entity: Any) -> frozenset[Fact]:
    """Return the facts a field's own content states. What is not stated outright is no fact: a place is past
    only where every value says so, a picture harmless only where every one is called ordinary.
    """
    if field.message is _WHEREABOUTS:
        held = getattr(entity, field.name)
        places = held if field.repeated else (held,)
        past = all(place.HasField("current") and not place.current for place in places)
        return _NOT_CURRENT if past else _NOTHING
    if field.message is _IMAGE:
        ordinary = pb.ImageContent.IMAGE_CONTENT_ORDINARY
        return _NOT_ABUSE if all(image.content == ordinary for image in entity.images) else _NOTHING
    if field.category == "journey.route":
        over = entity.HasField("in_progress") and not entity.in_progress
        return _NOT_CURRENT if over else _NOTHING
    return _NOTHING
