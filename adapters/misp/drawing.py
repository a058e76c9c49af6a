"""Reading the attributes of a MISP object into an entity, by the shape the two have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from adapters.codelist import CodeList
from adapters.countries import alpha2
from adapters.loss import Effect
from adapters.misp.found import Found, FoundObject
from adapters.misp.machine_tags import UNSTATED
from adapters.misp.paths import Path, path, put_code
from adapters.misp.shapes import Shape
from adapters.values import read_date, read_instant
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_NO_CODE: Final = "is no code that its field may have"
_NAIVE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?")


def draw(found: FoundObject, shape: Shape, entity: Any) -> None:
    """Set the fields of an entity from what an object has of its shape.

    Raises:
        Malformed: an attribute of a typed field does not read; `field` names it.
    """
    for relation, where in shape.texts.items():
        one = found.first(relation)
        if one is not None:
            path(where).put(entity, one.value)
            draw_comment(found, one, shape, entity)
    for relation, (where, codes) in shape.words.items():
        draw_word(found, relation, codes, entity, path(where))
    for relation, where in shape.instants.items():
        one = found.first(relation)
        moment = read_time(found, one.value, one.path) if one else None
        draw_moment(found, moment, path(where), entity)
    if shape.seen:
        draw_moment(found, observed(found), path(shape.seen), entity)
    draw_tags(found, shape.tags, entity)


def draw_tags(found: FoundObject, paths: Iterable[str], entity: Any) -> None:
    """Set the fields that only our tags tell."""
    for where in paths:
        for code in found.own.get(path(where).predicate, ()):
            if not put_code(entity, path(where), code):
                found.lose(f"{found.path}.Tag", Effect.DROPPED, _NO_CODE)


def draw_own(found: FoundObject, one: Found, predicate: str, message: Any, name: str) -> None:
    """Set a field from a tag of ours on one attribute, where it has one that states something."""
    code = one.own.get(predicate, "")
    if code and code != UNSTATED and not put_code(message, path(name), code):
        found.lose(f"{one.path}.Tag", Effect.DROPPED, _NO_CODE)


def draw_comment(found: FoundObject, one: Found, shape: Shape, entity: Any) -> None:
    """Set the text that stands as a comment beside another one, where a tag of ours says so."""
    where = shape.comments.get(one.relation)
    if where and one.comment and one.own.get("comment") == path(where).predicate:
        path(where).put(entity, one.comment)
    elif one.comment:
        one.own.pop("comment", None)


def draw_word(found: FoundObject, relation: str, codes: CodeList[Any], entity: Any, where: Path) -> str:
    """Set a code from its spelling; return the word as it stands where that is not exact."""
    one = found.first(relation)
    if one is None:
        return ""
    known = codes.find(one.value)
    member = codes.other if known is None else known[0]
    if member is not None:
        where.put(entity, member)
    if known is not None and known[1]:
        return ""
    effect = Effect.DROPPED if member is None else Effect.GENERALISED
    found.lose(f"{one.path}.value", effect, "the word has no equal")
    return one.value


def draw_moment(found: FoundObject, moment: pb.Moment | None, where: Path, entity: Any) -> None:
    """Set a moment, and its date from a tag of ours where the instant alone would not tell it."""
    stated = next((read_day(code) for code in found.own.get(where.predicate, ())), None)
    if moment is None:
        moment = pb.Moment(date=stated) if stated is not None else None
    elif stated is not None and moment.HasField("at") and _is_near(stated, moment.date):
        moment.date.CopyFrom(stated)
    if moment is not None:
        where.put(entity, moment)


def _is_near(one: pb.PartialDate, other: pb.PartialDate) -> bool:
    """Tell whether a date is that of an instant somewhere on earth."""
    if not one.day:
        return False
    there, here = date(one.year, one.month, one.day), date(other.year, other.month, other.day)
    return abs((there - here).days) <= 1


def read_day(code: str) -> pb.PartialDate | None:
    """Return the date of a tag; None for one that is none."""
    try:
        return read_date(code, "tag")
    except Malformed:
        return None


def read_date_of(found: FoundObject, one: Found) -> pb.PartialDate | None:
    """Return the date of an attribute as far as it is told; a time of day beside it is left out.

    Raises:
        Malformed: code `bad-date`.
    """
    day, time, _ = one.value.partition("T")
    if time:
        found.lose(f"{one.path}.value", Effect.GENERALISED, "the time of day is left out")
    return read_date(day, f"{one.path}.value")


def read_time(found: FoundObject, text: str, where: str) -> pb.Moment | None:
    """Return a moment as far as it is told; a time without an offset tells the date alone.

    Raises:
        Malformed: code `bad-date`.
    """
    if naive := _NAIVE.fullmatch(text):
        found.lose(where, Effect.GENERALISED, "a time without an offset from UTC tells the date alone")
        text = naive[1]
    if ":" in text:
        return read_instant(text, where)
    known = read_date(text, where)
    return None if known is None else pb.Moment(date=known)


def observed(found: FoundObject | Found, losses: FoundObject | None = None) -> pb.Moment | None:
    """Return when something was last seen, or first where that alone is told."""
    holder = losses if losses is not None else found
    assert isinstance(holder, FoundObject)
    first, last = found.times()
    if first and last and first != last:
        holder.lose(f"{found.path}.first_seen", Effect.DROPPED, "one time of observation is kept, the last")
    text = last or first
    return read_time(holder, text, f"{found.path}.last_seen") if text else None


def draw_country(found: FoundObject, relation: str, holder: Any, name: str = "country") -> None:
    """Set a country from its code or name; one that is not known is left out, and declared."""
    one = found.first(relation)
    if one is None:
        return
    country = alpha2(one.value)
    if country is None:
        found.lose(f"{one.path}.value", Effect.DROPPED, "is no country known here")
    else:
        setattr(holder, name, country)
