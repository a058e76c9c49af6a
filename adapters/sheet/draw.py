"""One row of a sheet becomes one record: every cell where its column says, every error by its column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from adapters.document import MAX_TEXT_BYTES, clean_text
from adapters.loss import Effect, Loss
from adapters.sheet.cells import UnknownWord, read_cell
from adapters.sheet.column import Column, Kind
from adapters.sheet.column_map import ColumnMap, Constant
from adapters.sheet.paths import HEADER, Target, Way, entity_id
from gateway.errors import Malformed
from gateway.record.content_walk import ContentWalk
from gateway.record.findings import Finding, Report
from gateway.v1 import record_pb2 as pb

_FAULTS: Final = 8
_NOUGHT: Final = re.compile(r"[-+]?0+(\.0*)?")
_NOTHING: Final = "says nothing of any person, incident or anything else that the column map knows"


class BadRow(Malformed):
    """A row that does not read; `column` is the heading of the first cell at fault, "" for the whole row."""

    def __init__(self, message: str, *, where: str, column: str, code: str) -> None:
        super().__init__(message, field=f"{where}.{column}" if column else where, code=code)
        self.where = where
        self.column = column


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with one cell, or with the row where there is no heading."""

    heading: str
    message: str
    code: str


@dataclass(slots=True)
class Drawing:
    """A record on its way out of a row: the messages made so far by their way, and what each column wrote."""

    where: str
    record: pb.Record = field(default_factory=pb.Record)
    losses: list[Loss] = field(default_factory=list)
    made: dict[Way, tuple[Any, str]] = field(default_factory=dict)
    written: list[tuple[str, Column]] = field(default_factory=list)

    def holder(self, way: Way) -> tuple[Any, str]:
        """Return the message at a way, made now where it is not there yet, and its path in the record."""
        if way in self.made:
            return self.made[way]
        step = way[-1]
        if len(way) == 1:
            outer, before = self.record, ""
        else:
            outer, inner = self.holder(way[:-1])
            before = f"{inner}."
        held = getattr(outer, step.name)
        if not step.label:
            found = held, f"{before}{step.name}"
        elif len(way) == 1:
            found = held.add(id=entity_id(step)), f"{step.name}[{len(held) - 1}]"
        else:
            found = held.add(), f"{before}{step.name}[{len(held) - 1}]"
        self.made[way] = found
        return found

    def put(self, target: Target, values: Sequence[Any], column: Column | None = None) -> None:
        """Write values to where they go; `column` is what they stood in."""
        holder, path = self.holder(target.way)
        name = target.field.name
        if target.field.is_repeated:
            getattr(holder, name).extend(values)
        elif target.field.message_type is not None:
            getattr(holder, name).CopyFrom(values[0])
        else:
            setattr(holder, name, values[0])
        if column is not None:
            self.written.append((f"{path}.{name}", column))

    def lose(self, column: Column, effect: Effect, why: str) -> None:
        """Note that a cell did not come through as it was."""
        self.losses.append(Loss(path=f"{self.where}.{column.heading}", effect=effect, why=why))


def draw(
    column_map: ColumnMap, cells: Sequence[tuple[Column, str]], where: str, *, exercise: bool
) -> Drawing:
    """Return what the cells of a row say; whether a record may hold it is for `check` to tell.

    Raises:
        BadRow: a cell does not read, or the row says nothing; all cells at fault are named.
    """
    drawing = Drawing(where=where)
    drawing.record.header.exercise = exercise
    faults: list[_Fault] = []
    nowhere = _nowhere(cells)
    for column, text in cells:
        if column.heading in nowhere:
            drawing.lose(column, Effect.DROPPED, "0, 0 may stand for a place that is not known")
        elif text:
            try:
                _draw_cell(drawing, column, text)
            except Malformed as exc:
                faults.append(_Fault(column.heading, exc.message, exc.code))
    if faults:
        raise _bad_row(where, faults)
    if not any(way[0].name != HEADER for way in drawing.made):
        raise BadRow(_NOTHING, where=where, column="", code="empty-document")
    for constant in column_map.constants:
        _draw_constant(drawing, constant)
    _draw_ties(drawing, column_map)
    return drawing


def check(drawing: Drawing, today: date) -> None:
    """Refuse a row whose record breaks a rule of content, by the columns that break it.

    Raises:
        BadRow: the first cell at fault is named, and the others in the message.
    """
    faults: list[_Fault] = []
    for finding in findings(drawing, today):
        heading = next((column.heading for column in blamed(drawing, finding)), "")
        faults.append(_Fault(heading, finding.message, finding.rule))
    if faults:
        raise _bad_row(drawing.where, list(dict.fromkeys(faults)))


def findings(drawing: Drawing, today: date) -> list[Finding]:
    """Return where the record of a row breaks a rule of content."""
    report = Report()
    ContentWalk(report, today, MAX_TEXT_BYTES).visit(drawing.record, "")
    return report.findings


def blamed(drawing: Drawing, finding: Finding) -> list[Column]:
    """Return the columns that wrote what is at fault: exactly there, else around or within it."""
    exact = [column for path, column in drawing.written if _is_at(path, finding.path)]
    around = [
        column
        for path, column in drawing.written
        if path.startswith(f"{finding.path}.") or finding.path.startswith(f"{path}.")
    ]
    return exact or around


def _draw_cell(drawing: Drawing, column: Column, text: str) -> None:
    lost: list[tuple[Effect, str]] = []
    try:
        values = read_cell(column, text, lambda effect, why: lost.append((effect, why)))
    except UnknownWord:
        if column.verbatim is None:
            raise
        _keep_verbatim(drawing, column, column.verbatim, text)
        return
    for effect, why in lost:
        drawing.lose(column, effect, why)
    if not values:
        return
    drawing.put(column.target, values, column)
    if column.kind is Kind.TRAFFIC_LIGHT and lost:
        # A label nobody knows counts as the strictest, and is told besides.
        handling = drawing.record.header.source_handling
        handling.text = "\n".join(filter(None, (handling.text, clean_text(text, "")[0])))


def _keep_verbatim(drawing: Drawing, column: Column, target: Target, text: str) -> None:
    """Keep the words of a cell that no code translates, under its heading, in the text that is for it."""
    line = clean_text(f"{column.heading}: {text}", "")[0]
    holder, _ = drawing.holder(target.way)
    name = target.field.name
    if target.field.is_repeated:
        getattr(holder, name).append(line)
    else:
        setattr(holder, name, "\n".join(filter(None, (getattr(holder, name), line))))
    drawing.lose(column, Effect.KEPT_AS_EXTENSION, "a word has no equal; it is kept in a text")


def _draw_constant(drawing: Drawing, constant: Constant) -> None:
    """Write a constant where the row said something of what holds it, and did not say this itself."""
    target = constant.target
    if target.way not in drawing.made and target.entity.name != HEADER:
        return
    holder, _ = drawing.holder(target.way)
    name = target.field.name
    if bool(getattr(holder, name)) if target.field.is_repeated else holder.HasField(name):
        return
    if constant.names:
        named = [entity_id(one) for one in constant.names if (one,) in drawing.made]
        if named:
            drawing.put(target, named)
    else:
        drawing.put(target, constant.value if target.field.is_repeated else [constant.value])


def _draw_ties(drawing: Drawing, column_map: ColumnMap) -> None:
    for tie in column_map.ties:
        if (tie.source,) not in drawing.made or (tie.to,) not in drawing.made:
            continue
        source, _ = drawing.made[(tie.source,)]
        link = drawing.record.relationships.add(
            id=f"relationship-{len(drawing.record.relationships) + 1}"
        ).link
        setattr(link, "from", entity_id(tie.source))  # `from` is a keyword of the language
        link.to, link.kind = entity_id(tie.to), tie.kind_for(source)


def _nowhere(cells: Sequence[tuple[Column, str]]) -> set[str]:
    """Return the headings of points at 0, 0: in the Gulf of Guinea lies what nobody has measured."""
    noughts = [
        column for column, text in cells if column.kind is Kind.DEGREES and _NOUGHT.fullmatch(text.strip())
    ]
    ways = Counter(column.target.way for column in noughts)
    return {column.heading for column in noughts if ways[column.target.way] == 2}


def _bad_row(where: str, faults: Sequence[_Fault]) -> BadRow:
    first, *others = faults[:_FAULTS]
    told = [f"{one.heading} {one.message}" if one.heading else one.message for one in others]
    return BadRow("; ".join([first.message, *told]), where=where, column=first.heading, code=first.code)


def _is_at(path: str, finding: str) -> bool:
    return finding == path or finding.startswith(f"{path}[")
