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
from gateway.record.protection import effective_category, subjects
from gateway.record.schema import ENTITY_KINDS, KINDS, EntityKind, FieldInfo
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


def _pseudonym(person: pb.Person, pseudonym: str, path: str) -> Iterator[Loss]:
    if pseudonym and not person.foreign_pseudonym:
        person.foreign_pseudonym = pseudonym
        yield Loss(path=f"{path}.foreign_pseudonym", effect=Effect.INVENTED, why=_NAMED)
