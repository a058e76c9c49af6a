"""Strip first: what a protected person is spared in a document whose markings its reader may ignore.

A marking binds whoever understands it. A foreign tool may not, so what would find or name a victim is taken
out before the marking is put on: a pseudonym and an age band stand for her, and what is tied to her is told
at its coarsest. Nobody asks who else might be meant: where a view shows a protected person, a place or an
account that is tied to nobody counts as hers.

Source: `reference/formats.md` section 0 rule 5 and section 12.3; DESIGN section 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from adapters.loss import Effect, Loss
from gateway.record.generalise import climb, ladder_of
from gateway.record.naming import Matcher, matcher_of
from gateway.record.protection import effective_category, subjects
from gateway.record.schema import ENTITY_KINDS, HEADER_KIND, KINDS, EntityKind, FieldInfo
from gateway.record.subject import NOBODY, SOMEBODY
from gateway.record.ties import entities, references
from gateway.v1 import record_pb2 as pb

SPARED: Final = frozenset(
    {
        "person.role",
        "person.age-band",
        "person.sex",
        "person.nationality",
        "person.consent",
        "person.safety",
        "relation.link",
        "incident.act",
        "artefact.hash",
        "organisation.activity",
    }
)
"""Categories of a protected person that neither name nor find her: they stay as policy let them out."""

_NEVER: Final = frozenset({"person.statement", "person.image"})
"""Categories whose coarsest rung still is her words or her picture: of these nothing stays."""

WITHHELD: Final = "finds or names a protected person, and a foreign reader may ignore its marking"
"""Why something was taken out, or told at its coarsest."""

_NAMED: Final = "stands for a protected person, whose name is taken out"


def strip(
    record: pb.Record, *, pseudonyms: Mapping[str, str], today: date
) -> tuple[pb.Record, tuple[Loss, ...]]:
    """Return a view's record without what names or finds a protected person, and what was taken out.

    `pseudonyms` are those that travelled with the release, by entity; `today` is the day on which ages are
    reckoned, where a birth date becomes an age band.
    """
    stripped = pb.Record()
    stripped.CopyFrom(record)
    whole = _whole(record)
    told = subjects(whole, on=today)
    untied = SOMEBODY if any(told[person.id].protected for person in whole.persons) else NOBODY
    losses: list[Loss] = []
    for kind in ENTITY_KINDS:
        for number, entity in enumerate(getattr(stripped, kind.record_field)):
            subject = told[entity.id]
            if subject is NOBODY:
                subject = untied
            if not (subject.protected or subject.shelter):
                continue
            path = f"{kind.record_field}[{number}]"
            # A field's category may hang on another field: all are found before any is taken out.
            decided = [(one, effective_category(kind, one, subject, entity)) for one in kind.fields.values()]
            for field, category in decided:
                losses += _coarsen((kind, field), entity, category, path, today)
            if kind.name == "person":
                losses += _pseudonym(entity, pseudonyms.get(entity.id, ""), path)
    losses += _unname(stripped, matcher_of(whole, told))
    return stripped, tuple(losses)


def _whole(record: pb.Record) -> pb.Record:
    """Return the record with whatever its references name and it does not show, of which nothing is known:
    an unknown person is protected, and so is what is hers.
    """
    whole = pb.Record()
    whole.CopyFrom(record)
    found = list(entities(whole))
    shown = {entity.id for _, entity in found}
    named = {one for kind, entity in found for one in references(kind, entity) if one}
    for absent in sorted(named - shown):
        getattr(whole, KINDS[absent.partition("/")[0]].record_field).add(id=absent)
    return whole


def _coarsen(
    place: tuple[EntityKind, FieldInfo], entity: Any, category: str, path: str, today: date
) -> Iterator[Loss]:
    kind, field = place
    held = getattr(entity, field.name)
    stated = bool(held) if field.repeated else entity.HasField(field.name)
    if not stated or category in SPARED:
        return
    before = kind.message.FromString(entity.SerializeToString())
    steps = [] if category in _NEVER else climb(ladder_of(kind.name, field.number, category), entity, today)
    entity.ClearField(field.name)
    if steps:
        entity.MergeFromString(steps[-1][1])
        if getattr(entity, field.name) == getattr(before, field.name):
            return
    effect = Effect.GENERALISED if steps else Effect.DROPPED
    yield Loss(path=f"{path}.{field.name}", effect=effect, why=WITHHELD)


def _unname(record: pb.Record, matcher: Matcher | None) -> Iterator[Loss]:
    """Take out whatever text still names a protected person or a refuge: a narrative about a suspect, a
    caption, a title. It is found as the rules find it, in other spellings and scripts too.
    """
    if matcher is None:
        return
    for kind in KINDS.values():
        held = getattr(record, kind.record_field)
        for number, entity in enumerate([held] if kind.name == HEADER_KIND else held):
            path = kind.record_field if kind.name == HEADER_KIND else f"{kind.record_field}[{number}]"
            for field in kind.fields.values():
                if field.is_reference or not _names_somebody(kind, field, entity, matcher):
                    continue
                within = ""
                if kind.name == "relationship":
                    # That there is a tie is spared; what is said of it is not.
                    entity.link.ClearField("description")
                    within = ".description"
                else:
                    entity.ClearField(field.name)
                yield Loss(path=f"{path}.{field.name}{within}", effect=Effect.DROPPED, why=WITHHELD)


def _names_somebody(kind: EntityKind, field: FieldInfo, entity: Any, matcher: Matcher) -> bool:
    held = getattr(entity, field.name)
    if not (bool(held) if field.repeated else entity.HasField(field.name)):
        return False
    if field.name == "foreign_pseudonym":
        return False
    alone: Any = kind.message()
    if field.repeated:
        getattr(alone, field.name).extend(held)
    elif field.message is not None:
        getattr(alone, field.name).CopyFrom(held)
    else:
        setattr(alone, field.name, held)
    # Families share names: a part of one is no finding in the names of somebody else.
    return bool(matcher.hits(alone, about="", parts=field.category != "person.name"))


def _pseudonym(person: pb.Person, pseudonym: str, path: str) -> Iterator[Loss]:
    if pseudonym and not person.foreign_pseudonym:
        person.foreign_pseudonym = pseudonym
        yield Loss(path=f"{path}.foreign_pseudonym", effect=Effect.INVENTED, why=_NAMED)
