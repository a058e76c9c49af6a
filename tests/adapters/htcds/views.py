"""Views of invented disclosures, and what a document of theirs says otherwise than they do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any

from google.protobuf.message import Message
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.htcds.format import Htcds
from adapters.htcds.render import lay_out
from adapters.loss import Effect, Loss
from gateway.record.portion import cut, entity_names, parse_portion
from gateway.record.schema import ENTITY_KINDS, KINDS
from gateway.record.ties import references
from gateway.record.view import merge
from gateway.record.vocabulary import Rung
from gateway.v1 import record_pb2 as pb
from tests.adapters.htcds.samples import TODAY
from tests.record.samples import counted_random
from tests.record.strategies import records

# What a document could get wrong: separators, formulas, words for "not recorded", lines the reader writes.
AWKWARD = (
    *("0", "-99", "00", "unknown", "N/A", "TRUE", "Other", "DebtBondage", "XX", "1988", "ron"),
    *("=1+1", "+40722", "@sum(a)", "-2", "'=1", "a;=b", "one; two", "a|b", "x,y", '"', " padded ", "\t=x"),
    *("first\n=second", "＝full width", "ends with\n", "Method of control as written: Hypnosis"),
    *("Method of control as written: DebtBondage\nIndustry as written: C13_Textiles", "Case comment"),
    *("Role as written: Lookout; Cook\nStands at the door.", "Type of event as written: Detention"),
    *("Role in the process", "Atlantis", "a" * 65_536, "é" * 70),
)
_GRAMMAR = frozenset({"country", "languages", "script", "amount", "currency", "expires", "given_on"})
_TOLD = [KINDS[name] for name in ("person", "person", "incident", "incident", "organisation", "narrative")]
_TOLD += [KINDS["document"], KINDS["relationship"], KINDS["relationship"], KINDS["vehicle"]]
_ROLES = (pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM, pb.ROLE_SUSPECT, pb.ROLE_VICTIM_AND_SUSPECT)
_LINKS = (pb.RELATION_KIND_VICTIM_IN, pb.RELATION_KIND_MEMBER_OF, pb.RELATION_KIND_SUSPECT_IN)


def view_of(record: pb.Record, *, rung: Rung = Rung.EXACT) -> View:
    """Return the view of a disclosure that shows everything, each field as coarse as `rung` or its ladder."""
    found = _portions(record)
    chosen: dict[Any, Any] = {}
    for piece in found:
        if piece.rung <= rung:
            chosen[piece.entity, piece.field] = piece
    return View(record=merge(parse_portion(piece.data) for piece in chosen.values()))


@st.composite
def views(draw: st.DrawFn) -> View:
    """Return a view of any record: some fields withheld, some coarser, some holding awkward texts."""
    record = draw(records(most=9, kinds=_TOLD))
    random = draw(st.randoms(use_true_random=False))
    for person in record.persons:
        if random.random() < 0.7:
            person.role = random.choice(_ROLES)
    for relationship in record.relationships:
        if random.random() < 0.8:
            relationship.link.kind = random.choice(_LINKS)
    for narrative in record.narratives:
        if random.random() < 0.5:
            narrative.title = "Role in the process"
    _make_awkward(record, random)
    return draw(shown(record))


@st.composite
def shown(draw: st.DrawFn, record: pb.Record) -> View:
    """Return a view of this record, at rungs that are drawn."""
    random = draw(st.randoms(use_true_random=False))
    pieces = _portions(record)
    withheld = random.random() / 2
    random.shuffle(pieces)
    chosen = {
        (piece.entity, piece.field): piece
        for piece in sorted(pieces, key=lambda piece: piece.rung, reverse=random.random() < 0.6)
        if random.random() >= withheld
    }
    return View(record=merge(parse_portion(piece.data) for piece in chosen.values()))


def _portions(record: pb.Record) -> list[Any]:
    names = entity_names(record, counted_random("names"))
    return cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)


def _make_awkward(message: Message, random: Random) -> None:
    for descriptor, value in message.ListFields():
        if descriptor.name in ("id", "marking", "retain_until") or descriptor.name in _GRAMMAR:
            continue
        if descriptor.message_type is not None:
            for one in value if descriptor.is_repeated else [value]:
                if descriptor.message_type.name != "Link":
                    _make_awkward(one, random)
        elif descriptor.type == descriptor.TYPE_STRING and descriptor.name not in _REFERENCES:
            if descriptor.is_repeated:
                value[:] = [random.choice(AWKWARD) if random.random() < 0.3 else one for one in value]
            elif random.random() < 0.3:
                setattr(message, descriptor.name, random.choice(AWKWARD))


_REFERENCES = {info.name for kind in ENTITY_KINDS for info in kind.references}


def reading(view: View, data: bytes, form: str) -> pb.Record:
    """Return what our reader makes of a document of one view, under the names of the view."""
    (draft,) = Htcds().parse(data, today=TODAY, exercise=False)
    record = draft.record
    record.header.ClearField("source")
    record.header.ClearField("exercise")
    names = lay_out(view, flat=form == "csv").names
    for kind in ENTITY_KINDS:
        for entity in getattr(record, kind.record_field):
            for one in references(kind, entity):
                _replace(entity, one, names.get(one, one))
            entity.id = names.get(entity.id, entity.id)
    ties = {_tie(one): one.id for one in reversed(view.record.relationships)}
    for relationship in record.relationships:
        relationship.id = ties.get(_tie(relationship), relationship.id)
    return record


def _replace(entity: Any, old: str, new: str) -> None:
    holder = entity.link if hasattr(entity, "link") else entity
    for descriptor, value in holder.ListFields():
        if descriptor.name == "id" or descriptor.type != descriptor.TYPE_STRING:
            continue
        if descriptor.is_repeated:
            value[:] = [new if one == old else one for one in value]
        elif value == old:
            setattr(holder, descriptor.name, new)


def _tie(one: pb.Relationship) -> tuple[str, str, int]:
    return getattr(one.link, "from"), one.link.to, one.link.kind


def undeclared(view: View, read: pb.Record, losses: tuple[Loss, ...]) -> list[str]:
    """Return every place where the reading differs from the view and no loss says so."""
    wrong = list(_undeclared(view.record.header, [read.header], "header", losses))
    paths = {(loss.path, loss.effect) for loss in losses}
    for kind in ENTITY_KINDS:
        collection = kind.record_field
        held = getattr(view.record, collection)
        for number, entity in enumerate(held):
            parts = [one for one in getattr(read, collection) if one.id == entity.id]
            path = f"{collection}[{number}]"
            wrong += _undeclared(entity, parts, path, losses)
            if len(parts) > 1 and kind.name != "relationship" and (path, Effect.INVENTED) not in paths:
                wrong.append(f"{path} is several")
        strange = {one.id for one in getattr(read, collection)} - {one.id for one in held}
        if strange and (collection, Effect.INVENTED) not in paths:
            wrong.append(f"{collection} has more")
    return wrong


def _undeclared(entity: Any, parts: list[Any], path: str, losses: tuple[Loss, ...]) -> Iterator[str]:
    read = {fact for part in parts for _, fact in _facts(part, "")}
    stated = {fact for _, fact in _facts(entity, "")}
    for place, fact in _facts(entity, ""):
        if fact not in read and not any(_within(f"{path}{place}", loss.path) for loss in losses):
            yield f"{path}{place} is gone"
    # Where a new value would stand in the view's lists nobody knows; an entity's own loss excuses none.
    said = {
        loss.path[len(path) :]
        for loss in losses
        if loss.path.startswith(f"{path}.") and loss.effect is not Effect.DROPPED
    }
    for bare, value in read - stated:
        if not any(_within(bare, _PLACE.sub("", one)) for one in said):
            yield f"{path}{bare} is new: {value!r:.80}"


def overdeclared(view: View, read: pb.Record, losses: tuple[Loss, ...]) -> list[str]:
    """Return every loss of a value that is not there, or that came through as it was."""
    wrong = []
    for loss in losses:
        match = re.fullmatch(r"(\w+)\[(\d+)\](\..*)", loss.path)
        if loss.effect is not Effect.DROPPED or match is None or loss.path.endswith(".age_status"):
            continue
        collection, number, rest = match.groups()
        entity = getattr(view.record, collection)[int(number)]
        found = {
            fact for part in getattr(read, collection) if part.id == entity.id for _, fact in _facts(part, "")
        }
        told = [(place, fact) for place, fact in _facts(entity, "") if _within(place, rest)]
        # Of one list several elements may be equal, so only what stands in none is certain.
        single = not any("[" in place for place, _ in told)
        if not told or (single and all(fact in found for _, fact in told)):
            wrong.append(loss.path)
    return wrong


_PLACE = re.compile(r"\[\d+\]")


def _within(place: str, path: str) -> bool:
    return place == path or place.startswith((f"{path}.", f"{path}["))


def _facts(message: Message, prefix: str) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Yield every value with its place, and as a pair of its path and itself; ids are none."""
    for descriptor, held in message.ListFields():
        if descriptor.name in ("id", "age_status"):
            continue
        for at, value in enumerate(held if descriptor.is_repeated else [held]):
            place = f"{prefix}.{descriptor.name}" + (f"[{at}]" if descriptor.is_repeated else "")
            if isinstance(value, Message):
                yield from _facts(value, place)
            else:
                yield place, (_PLACE.sub("", place), value)
