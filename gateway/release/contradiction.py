"""Contradictions: a protection class that says less than what is disclosed beside it shows.

A sender could call a victim's name a suspect's to get it past the recipient's floor. What is disclosed bounds
what may be claimed: stricter is allowed, for a text may name somebody else; less strict is not.

Source: PROTOCOL section 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from gateway.record.age import MINOR_BANDS, proven_age
from gateway.record.portion import Portion
from gateway.record.protection import possible_categories
from gateway.record.schema import KINDS, EntityKind, FieldInfo
from gateway.record.subject import stricter_age, stricter_role
from gateway.record.vocabulary import AgeClass, Fact, RoleClass
from gateway.release.attested import BELYING_FIELDS, Destination, check_attested
from gateway.release.link import Key, kind_of, persons_tied
from gateway.release.protection_class import ProtectionClass
from gateway.release.refusal import contradiction
from gateway.v1 import record_pb2 as pb

_REFUGES: Final = frozenset({pb.LocationKind.LOCATION_KIND_SHELTER, pb.LocationKind.LOCATION_KIND_SAFE_HOUSE})
_REFUGE_CATEGORIES: Final = frozenset({"person.shelter", "relation.link"})
_AGES: Final = {
    pb.AgeStatus.AGE_STATUS_MINOR: AgeClass.MINOR,
    pb.AgeStatus.AGE_STATUS_ADULT: AgeClass.ADULT,
}
_ABUSE: Final = pb.ImageContent.IMAGE_CONTENT_ABUSE_MATERIAL
_TELLING_FIELDS: Final = frozenset({"role", "age_status", "age_band", "birth"})


class Shown(NamedTuple):
    """The least a class must say of whom an entity tells of: what its own portions show."""

    role: RoleClass = RoleClass.NONE
    age: AgeClass = AgeClass.ADULT

    def with_other(self, other: Shown) -> Shown:
        """Return the stricter of both."""
        return Shown(stricter_role(self.role, other.role), stricter_age(self.age, other.age))


_NOTHING: Final = Shown()
_BY_ROLE: Final[Mapping[int, Shown]] = {role: Shown(role=role) for role in RoleClass}
_BY_AGE: Final = {age: Shown(age=age) for age in AgeClass}


class _FieldRule(NamedTuple):
    """What one field of one kind of entity can contradict; worked out once for all of them."""

    name: str
    categories: frozenset[str]
    person: bool
    tells: bool
    attests: bool
    refuge: bool
    belied: Fact | None


def _field_rule(kind: EntityKind, field: FieldInfo) -> _FieldRule:
    person = kind.name == "person"
    belied = {"Whereabouts": Fact.NOT_CURRENT, "Image": Fact.NOT_ABUSE_MATERIAL}
    return _FieldRule(
        name=field.name,
        categories=possible_categories(field),
        person=person,
        tells=person and field.name in _TELLING_FIELDS,
        attests=person and field.name in BELYING_FIELDS,
        refuge=kind.name == "location" and field.name == "kind",
        belied=belied.get(field.message.name) if field.message is not None else None,
    )


_RULES: Final = {
    (kind.name, number): _field_rule(kind, field)
    for kind in KINDS.values()
    for number, field in kind.fields.items()
}


def check_classes(
    portions: Sequence[Portion],
    classes: Sequence[ProtectionClass],
    ends: Mapping[Key, tuple[str, ...]],
    *,
    on: date,
    destination: Destination,
) -> None:
    """Pass only if no portion contradicts the class beside it, or that of an entity tied to it.

    `ends` names, for every link among the portions, the entities it ties; `on` is the day on which ages
    are reckoned; `destination` says for whom, what for and when facts are attested.

    Raises:
        VerificationFailed: code `contradiction`.
    """
    shown: dict[str, Shown] = {}
    refuges: set[str] = set()
    persons: dict[str, pb.Person] = {}
    for portion, protection in zip(portions, classes, strict=True):
        if portion.rung is not protection.rung:
            raise contradiction("rung")
        if portion.unknown_field:
            continue
        rule = _RULES[portion.entity.partition("/")[0], portion.field]
        _check_content(portion, protection, rule)
        if rule.tells:
            least = _shown_by(rule.name, pb.Person.FromString(portion.value), on)
            before = shown.get(portion.entity)
            shown[portion.entity] = least if before is None else before.with_other(least)
        elif rule.attests:
            persons.setdefault(portion.entity, pb.Person()).MergeFromString(portion.value)
        elif rule.refuge and pb.Location.FromString(portion.value).kind in _REFUGES:
            refuges.add(portion.entity)
    if shown:
        _spread(shown, ends)
    if shown or refuges:
        _check_least(portions, classes, shown, refuges)
    if persons:
        check_attested(portions, classes, persons, ends, destination)


def _check_least(
    portions: Sequence[Portion],
    classes: Sequence[ProtectionClass],
    shown: Mapping[str, Shown],
    refuges: set[str],
) -> None:
    """Check every class against the least that must be said of its entity."""
    for portion, protection in zip(portions, classes, strict=True):
        least = shown.get(portion.entity)
        if portion.entity in refuges and protection.category not in _REFUGE_CATEGORIES:
            raise contradiction("category")
        if least is None:
            continue
        if stricter_role(least.role, protection.role) is not protection.role:
            raise contradiction("role")
        if stricter_age(least.age, protection.age) is not protection.age:
            raise contradiction("age")


def _check_content(portion: Portion, protection: ProtectionClass, rule: _FieldRule) -> None:
    """Check what one portion alone can contradict."""
    if protection.category not in rule.categories:
        raise contradiction("category")
    if rule.person and protection.role is RoleClass.NONE:
        raise contradiction("role")
    if rule.belied is None or rule.belied not in protection.facts:
        return
    kind = kind_of(portion.entity)
    held = getattr(kind.message.FromString(portion.value), rule.name)
    for one in held if kind.fields[portion.field].repeated else (held,):
        if rule.belied is Fact.NOT_CURRENT and one.current:
            raise contradiction("facts")
        if rule.belied is Fact.NOT_ABUSE_MATERIAL and one.content == _ABUSE:
            raise contradiction("facts")


def _shown_by(name: str, person: pb.Person, on: date) -> Shown:
    if name == "role":
        return _BY_ROLE.get(person.role, _BY_ROLE[RoleClass.UNKNOWN])
    if name == "age_status":
        return _BY_AGE[_AGES.get(person.age_status, AgeClass.UNKNOWN)]
    minor = person.age_band in MINOR_BANDS or (
        name == "birth" and proven_age(person.birth, on) is AgeClass.MINOR
    )
    return _BY_AGE[AgeClass.MINOR if minor else AgeClass.ADULT]


def _spread(shown: dict[str, Shown], ends: Mapping[Key, tuple[str, ...]]) -> None:
    """Let whatever is tied to a person show at least what that person shows."""
    persons = {entity: least for entity, least in shown.items() if entity.startswith("person/")}
    for entity, person in persons_tied(ends):
        if person in persons:
            shown[entity] = shown.get(entity, _NOTHING).with_other(persons[person])
