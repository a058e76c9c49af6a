"""Which entity of a view stands where in a row, and what its cells say.

What one row puts beside each other reads as belonging together. So an entity stands in a row only if the view
itself ties it to those it would be tied to, and has the values that stand for every row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from adapters.sheet.cells import write_cell
from adapters.sheet.column import Column
from adapters.sheet.column_map import ColumnMap, Constant, Tie
from adapters.sheet.draw import BadRow, Drawing, blamed, draw, findings
from adapters.sheet.paths import HEADER, Step, Way, collection, entity_id
from adapters.spreadsheet import neutralise, restore
from gateway.v1 import record_pb2 as pb

_ROLES: Final = (
    *(pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM, pb.ROLE_VICTIM_AND_SUSPECT, pb.ROLE_UNKNOWN),
    *(pb.ROLE_UNSPECIFIED, pb.ROLE_WITNESS, pb.ROLE_FAMILY_OF_VICTIM, pb.ROLE_THIRD_PARTY, pb.ROLE_SUSPECT),
)
"""Whom a row is about first: the victim."""

_DAY_DEPENDENT: Final = frozenset({"contradiction", "bad-date"})


@dataclass(slots=True)
class Layout:
    """One row: its cells by heading, and which entity of the record is meant by an id that a reader gives."""

    record: pb.Record
    column_map: ColumnMap
    cells: dict[str, str] = field(default_factory=dict)
    found: dict[Way, Any] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, str]:
        """The ids of the entities in the row, by those that its reader will give them."""
        return {
            entity_id(way[0]): held.id
            for way, held in self.found.items()
            if len(way) == 1 and way[0].name != HEADER
        }


def lay_out(record: pb.Record, column_map: ColumnMap) -> Layout | None:
    """Return the row of a record; None where it can say nothing of any entity."""
    layout = Layout(record=record, column_map=column_map)
    layout.found[(Step(HEADER, ""),)] = record.header
    for entity in column_map.entities():
        _place(layout, entity)
    for column in column_map.columns:
        if text := _cell(layout, column):
            layout.cells[column.heading] = text
    return layout if _settle(layout) else None


def _place(layout: Layout, entity: Step) -> None:
    """Find the entity that stands for a label: the first that is free and fits all that the row would say."""
    taken = [id(held) for way, held in layout.found.items() if len(way) == 1]
    candidates = [one for one in collection(layout.record, entity) if id(one) not in taken]
    if entity.name == "persons":
        candidates.sort(key=lambda one: _ROLES.index(one.role) if one.role in _ROLES else 0)
    constants = [one for one in layout.column_map.constants if one.target.way == (entity,)]
    for one in candidates:
        if _fits(layout, one, constants) and _is_tied(layout, entity, one):
            layout.found[(entity,)] = one
            return


def _fits(layout: Layout, held: Any, constants: Iterable[Constant]) -> bool:
    for constant in constants:
        name = constant.target.field.name
        value = getattr(held, name)
        if constant.names:
            ids = [layout.found[(one,)].id for one in constant.names if (one,) in layout.found]
            if sorted(value if constant.target.field.is_repeated else filter(None, [value])) != sorted(ids):
                return False
        elif constant.target.field.is_repeated:
            if list(value) != list(constant.value):
                return False
        elif not held.HasField(name) or value != constant.value:
            return False
    return True


def _is_tied(layout: Layout, entity: Step, held: Any) -> bool:
    """Tell whether the record has each relationship that a reader of the row would make."""
    for tie in layout.column_map.ties:
        source, to = (layout.found.get((one,)) for one in (tie.source, tie.to))
        if tie.source == entity:
            source = held
        elif tie.to == entity:
            to = held
        else:
            continue
        if source is not None and to is not None and not _has(layout.record, tie, source, to):
            return False
    return True


def _has(record: pb.Record, tie: Tie, source: Any, to: Any) -> bool:
    return any(
        (getattr(one.link, "from"), one.link.to, one.link.kind) == (source.id, to.id, tie.kind_for(source))
        for one in record.relationships
    )


def _cell(layout: Layout, column: Column) -> str:
    holder = _find(layout, column.target.way)
    if holder is None:
        return ""
    name = column.target.field.name
    held = getattr(holder, name)
    stated = bool(held) if column.many else holder.HasField(name)
    return write_cell(column, held) if stated else ""


def _find(layout: Layout, way: Way) -> Any:
    """Return the message at a way, None where the view has none; elements of lists are chosen once."""
    if way in layout.found:
        return layout.found[way]
    if len(way) == 1:
        return None
    holder = _find(layout, way[:-1])
    step = way[-1]
    found = None
    if holder is not None and step.label:
        found = _element(layout, way, getattr(holder, step.name))
    elif holder is not None and holder.HasField(step.name):
        found = getattr(holder, step.name)
    layout.found[way] = found
    return found


def _element(layout: Layout, way: Way, elements: Sequence[Any]) -> Any:
    """Return the first element that is free and has what holds for every row; a proper name goes first."""
    taken = [id(held) for held in layout.found.values() if held is not None]
    constants = [one for one in layout.column_map.constants if one.target.way == way]
    free = [one for one in elements if id(one) not in taken and _fits(layout, one, constants)]
    proper = [one for one in free if isinstance(one, pb.Name) and one.kind == pb.NAME_KIND_PRIMARY]
    return next(iter(proper or free), None)


def _settle(layout: Layout) -> bool:
    """Leave out cells until the row reads; tell whether it then says anything of an entity."""
    while True:
        drawing = drawn(layout)
        if drawing is None:
            return False
        blank = set(_at_fault(drawing))
        if not blank:
            return True
        for heading in blank:
            del layout.cells[heading]


def drawn(layout: Layout) -> Drawing | None:
    """Return what a reader makes of the row; None where it says nothing of an entity."""
    cells = [
        (column, restore(neutralise(layout.cells[column.heading])))
        for column in layout.column_map.columns
        if column.heading in layout.cells
    ]
    try:
        return draw(layout.column_map, cells, "row", exercise=False)
    except BadRow:
        return None


def _at_fault(drawing: Drawing) -> Iterator[str]:
    for finding in findings(drawing, date.max):
        # What depends on the day was right on the day of the view, and is no fault of the row.
        if finding.rule in _DAY_DEPENDENT and finding.path.endswith((".age_status", ".birth")):
            continue
        yield from (column.heading for column in blamed(drawing, finding))
