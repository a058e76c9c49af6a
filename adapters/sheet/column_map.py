"""The column map: which heading stands for what in the record, which values stand for every row, and which
entities of a row are tied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from adapters.sheet.column import Column, fold_heading
from adapters.sheet.paths import HEADER, Step, Target
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

REJECT_HEADINGS: Final = ("row", "field", "rule")
"""The headings that a reject file has behind those of its sheet; a sheet that ends in them was mended."""

_IN_ROLE: Final[Mapping[int, pb.RelationKind.ValueType]] = MappingProxyType(
    {
        pb.ROLE_VICTIM: pb.RELATION_KIND_VICTIM_IN,
        pb.ROLE_PRESUMED_VICTIM: pb.RELATION_KIND_VICTIM_IN,
        pb.ROLE_VICTIM_AND_SUSPECT: pb.RELATION_KIND_VICTIM_IN,
        pb.ROLE_SUSPECT: pb.RELATION_KIND_SUSPECT_IN,
        pb.ROLE_WITNESS: pb.RELATION_KIND_WITNESS_IN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A value that holds wherever a row says something of its holder; of a reference the entities named."""

    target: Target
    value: Any
    names: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A relationship between two entities of a row; without a kind the role of the first decides."""

    source: Step
    to: Step
    kind: pb.RelationKind.ValueType | None

    def kind_for(self, source: Any) -> pb.RelationKind.ValueType:
        """Return the kind of the relationship of this entity."""
        if self.kind is not None:
            return self.kind
        return _IN_ROLE.get(getattr(source, "role", 0), pb.RELATION_KIND_OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """All of it, in the order of the file. `strict` says that the sheet must have each required column.

    Raises:
        Malformed: code `bad-column`: two columns go to one place, or an entity is tied to no person, so that
            no rule could tell whom it is about.
    """

    columns: tuple[Column, ...]
    constants: tuple[Constant, ...] = ()
    ties: tuple[Tie, ...] = ()

    def __post_init__(self) -> None:
        places: dict[object, str] = {}
        headings: dict[str, str] = {}
        for column in self.columns:
            place = (column.target.way, column.target.field.number)
            where = named(column.heading)
            if not fold_heading(column.heading):
                raise Malformed("is empty", field=where, code="bad-column")
            if headings.setdefault(fold_heading(column.heading), column.heading) != column.heading:
                raise Malformed("is named twice, written differently", field=where, code="bad-column")
            if places.setdefault(place, column.heading) != column.heading:
                other = named(places[place])
                raise Malformed(f"goes where {other} goes already", field=where, code="bad-column")
        self._check_ties()

    def entities(self) -> list[Step]:
        """Return the entities that a row may speak of, in the order of the columns."""
        told = [column.target.entity for column in self.columns if column.target.entity.name != HEADER]
        return list(dict.fromkeys(told))

    def _check_ties(self) -> None:
        entities = self.entities()
        beside: defaultdict[Step, set[Step]] = defaultdict(set)
        pairs = [(tie.source, tie.to) for tie in self.ties]
        pairs += [(one.target.entity, other) for one in self.constants for other in one.names]
        for one, other in pairs:
            for entity in (one, other):
                if entity not in entities:
                    raise Malformed(
                        "is tied, but no column says anything of it",
                        field=f"{entity.name}[{entity.label}]",
                        code="bad-column",
                    )
            beside[one].add(other)
            beside[other].add(one)
        known = {entity for entity in entities if entity.name == "persons"}
        ahead = list(known)
        while ahead:
            new = beside[ahead.pop()] - known
            known |= new
            ahead += new
        alone = [entity for entity in entities if entity not in known]
        if alone and any(entity.name == "persons" for entity in entities):
            raise Malformed(
                "belongs to no person of the row: add a tie, or a constant that names the person",
                field=f"{alone[0].name}[{alone[0].label}]",
                code="bad-column",
            )


def named(heading: str) -> str:
    """Return how a column is named in a message."""
    return f'column "{heading[:64]}"'
