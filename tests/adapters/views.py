"""Views of invented disclosures, what a reader makes of their documents, and whether every loss is declared.

`check_round_trip` is the law of every format: parsing a rendered view gives it minus exactly the losses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from random import Random
from typing import Any, Protocol

from google.protobuf.message import Message
from hypothesis import strategies as st

from adapters.adapter import Adapter, Rendered, Renderer, View
from adapters.caveats import Caveat
from adapters.loss import Effect, Loss
from adapters.measure import renamed_reading
from gateway.errors import Refused
from gateway.record.portion import cut, entity_names, parse_portion
from gateway.record.schema import ENTITY_KINDS, EntityKind
from gateway.record.view import merge
from gateway.record.vocabulary import Rung
from gateway.v1 import record_pb2 as pb
from tests.record.samples import counted_random
from tests.record.strategies import records

TODAY = date(2026, 6, 1)
EVERY = frozenset(Caveat)

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


class Format(Adapter, Renderer, Protocol):
    """A format that is both read and written."""


def view_of(record: pb.Record, *, rung: Rung = Rung.EXACT) -> View:
    """Return the view of a disclosure that shows everything, each field as coarse as `rung` or its ladder."""
    found = _portions(record)
    chosen: dict[Any, Any] = {}
    for piece in found:
        if piece.rung <= rung:
            chosen[piece.entity, piece.field] = piece
    return View(record=merge(parse_portion(piece.data) for piece in chosen.values()))


@st.composite
def views(
    draw: st.DrawFn, *, kinds: Sequence[EntityKind] = ENTITY_KINDS, most: int = 9, awkward: bool = True
) -> View:
    """Return a view of any record: some fields withheld, some coarser, some holding awkward texts."""
    record = draw(records(most=most, kinds=list(kinds)))
    if awkward:
        make_awkward(record, draw(st.randoms(use_true_random=False)))
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


def make_awkward(message: Message, random: Random) -> None:
    """Put awkward texts into some free-text fields of a message."""
    for descriptor, value in message.ListFields():
        if descriptor.name in ("id", "marking", "retain_until") or descriptor.name in _GRAMMAR:
            continue
        if descriptor.message_type is not None:
            for one in value if descriptor.is_repeated else [value]:
                if descriptor.message_type.name != "Link":
                    make_awkward(one, random)
        elif descriptor.type == descriptor.TYPE_STRING and descriptor.name not in _REFERENCES:
            if descriptor.is_repeated:
                value[:] = [random.choice(AWKWARD) if random.random() < 0.3 else one for one in value]
            elif random.random() < 0.3:
                setattr(message, descriptor.name, random.choice(AWKWARD))


_REFERENCES = {info.name for kind in ENTITY_KINDS for info in kind.references}


def check_round_trip(
    format_: Format, view: View, form: str, *, derived: Collection[str] = ()
) -> Rendered | None:
    """Render a view, read it again and assert that exactly the declared losses lie between; None where the
    format can say nothing of it. `derived` are names of fields that the reader works out by itself.
    """
    try:
        rendered = format_.render([view], form=form, allowed=EVERY)
    except Refused as exc:
        assert exc.code == "nothing-to-render"
        return None
    read = reading(format_, view, rendered)
    (losses,) = rendered.losses
    assert undeclared(view, read, losses, derived=derived) == []
    assert overdeclared(view, read, losses, derived=derived) == []
    return rendered


def reading(format_: Adapter, view: View, rendered: Rendered) -> pb.Record:
    """Return what our reader makes of a document of one view, under the names of the view."""
    (draft,) = format_.parse(rendered.data, today=TODAY, exercise=False)
    (names,) = rendered.names
    return renamed_reading(view.record, draft.record, names)


def lost_paths(losses: Iterable[Loss], effect: Effect | None = None) -> set[str]:
    """Return the paths of losses without places, such as `persons.names.family`."""
    return {_PLACE.sub("", loss.path) for loss in losses if effect in (None, loss.effect)}


def carried_lost(losses: Iterable[Loss], carried: Iterable[str]) -> set[str]:
    """Return which of these paths, or what lies under or above them, a loss speaks of; extensions count as
    lost too, because a foreign reader ignores them. A whole entity that is dropped counts for all of it.
    """
    told = lost_paths(loss for loss in losses if loss.effect is not Effect.INVENTED)
    return {
        path
        for path in carried
        if any(one == path or one.startswith(f"{path}.") or path.startswith(f"{one}.") for one in told)
    }


def undeclared(
    view: View, read: pb.Record, losses: tuple[Loss, ...], *, derived: Collection[str] = ()
) -> list[str]:
    """Return every place where the reading differs from the view and no loss says so."""
    told = tuple(loss for loss in losses if loss.effect is not Effect.KEPT_AS_EXTENSION)
    wrong = list(_undeclared(view.record.header, [read.header], "header", told, derived))
    paths = {(loss.path, loss.effect) for loss in told}
    for kind in ENTITY_KINDS:
        collection = kind.record_field
        held = getattr(view.record, collection)
        for number, entity in enumerate(held):
            parts = [one for one in getattr(read, collection) if one.id == entity.id]
            path = f"{collection}[{number}]"
            wrong += _undeclared(entity, parts, path, told, derived)
            if not parts and not any(_within(path, loss.path) for loss in told):
                wrong.append(f"{path} is gone")
            if len(parts) > 1 and kind.name != "relationship" and (path, Effect.INVENTED) not in paths:
                wrong.append(f"{path} is several")
        strange = {one.id for one in getattr(read, collection)} - {one.id for one in held}
        if strange and (collection, Effect.INVENTED) not in paths:
            wrong.append(f"{collection} has more")
    return wrong


def _undeclared(
    entity: Any, parts: list[Any], path: str, losses: tuple[Loss, ...], derived: Collection[str]
) -> Iterator[str]:
    read = {fact for part in parts for _, fact in _facts(part, "", derived)}
    stated = {fact for _, fact in _facts(entity, "", derived)}
    for place, fact in _facts(entity, "", derived):
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


def overdeclared(
    view: View, read: pb.Record, losses: tuple[Loss, ...], *, derived: Collection[str] = ()
) -> list[str]:
    """Return every loss of a value that is not there, or that came through as it was; and every value that is
    said to be kept in an extension and did not come through.
    """
    wrong = []
    for loss in losses:
        match = re.fullmatch(r"(\w+)\[(\d+)\](\..*)", loss.path)
        if match is None or loss.path.endswith(tuple(f".{one}" for one in derived)):
            continue
        if loss.effect not in (Effect.DROPPED, Effect.KEPT_AS_EXTENSION):
            continue
        collection, number, rest = match.groups()
        entity = getattr(view.record, collection)[int(number)]
        found = {
            fact
            for part in getattr(read, collection)
            if part.id == entity.id
            for _, fact in _facts(part, "", derived)
        }
        told = [(place, fact) for place, fact in _facts(entity, "", derived) if _within(place, rest)]
        came = bool(told) and all(fact in found for _, fact in told)
        if loss.effect is Effect.KEPT_AS_EXTENSION:
            wrong += [] if came else [loss.path]
            continue
        # Of one list several elements may be equal, so only what stands in none is certain.
        single = not any("[" in place for place, _ in told)
        if not told or (single and came):
            wrong.append(loss.path)
    return wrong


_PLACE = re.compile(r"\[\d*\]")


def _within(place: str, path: str) -> bool:
    return place == path or place.startswith((f"{path}.", f"{path}["))


def _facts(message: Message, prefix: str, derived: Collection[str]) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Yield every value with its place, and as a pair of its path and itself; ids are none."""
    for descriptor, held in message.ListFields():
        if descriptor.name == "id" or descriptor.name in derived:
            continue
        for at, value in enumerate(held if descriptor.is_repeated else [held]):
            place = f"{prefix}.{descriptor.name}" + (f"[{at}]" if descriptor.is_repeated else "")
            if isinstance(value, Message):
                yield from _facts(value, place, derived)
            else:
                yield place, (_PLACE.sub("", place), value)
