"""The shape every format has that is read, and that of a format that is written too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from adapters.caveats import Caveat
from adapters.loss import Loss
from gateway.errors import Malformed
from gateway.record.schema import HEADER_KIND, KINDS
from gateway.record.text import check_entity
from gateway.record.ties import entities
from gateway.v1 import record_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One record read from a foreign document, and what it lost on the way.

    A draft carries no marking and no retention date: who may receive the record and how long it is kept is
    the submitter's statement, and an adapter has no default for it. Such a record does not validate until
    the submitter has added both.
    """

    record: record_pb2.Record
    losses: tuple[Loss, ...]


@runtime_checkable
class Adapter(Protocol):
    """Reads documents of one format. Stateless: two calls with the same arguments give the same drafts."""

    @property
    def name(self) -> str:
        """The format's name on the command line, e.g. `htcds`."""
        ...

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return the drafts of all cases in one document, in the document's order, at least one.

        `today` decides who is proved to be an adult; `exercise` says that the data are invented.

        Raises:
            Malformed: the document breaks a rule of form; `field` names the field or row.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a disclosure shows: the record that `gateway.record.view.merge` rebuilt from revealed portions.

    Any field may be missing or stand at a coarser rung. Whatever never travels is refused here, so that a
    record as it is kept at home cannot be rendered by mistake.

    Raises:
        Malformed: code `not-a-view`: a marking, another structural field, or an entity that bears the
            submitter's id and not a name that travels.
    """

    record: record_pb2.Record

    def __post_init__(self) -> None:
        for field, _ in self.record.header.ListFields():
            if field.number not in KINDS[HEADER_KIND].fields:
                raise _not_a_view(f"header.{field.name}")
        for kind, entity in entities(self.record):
            if entity.HasField("marking"):
                raise _not_a_view(f"{kind.record_field}.marking")
            try:
                check_entity(entity.id, "id")
            except Malformed as exc:
                raise _not_a_view(f"{kind.record_field}.id") from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One document, and for each of its views, in their order, what the document does not say as they do.

    `names` says for each view which of its entities a reader's id means.
    """

    data: bytes
    losses: tuple[tuple[Loss, ...], ...]
    names: tuple[Mapping[str, str], ...]


@runtime_checkable
class Renderer(Protocol):
    """Writes documents of one format. Stateless: the same views give the same bytes."""

    @property
    def name(self) -> str:
        """The format's name on the command line; an adapter of the same name reads what is written."""
        ...

    @property
    def binding(self) -> bool:
        """Whether whoever reads the format is bound by the markings in it; else protected persons are
        stripped before it is written.
        """
        ...

    @property
    def forms(self) -> tuple[str, ...]:
        """The wire forms that `render` knows, e.g. `json` and `csv`."""
        ...

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return one document of these views, a case each, in their order.

        Nothing is lost in silence: parsing the document gives the records minus exactly the losses. Of
        caveats, only those in `allowed` may be lost.

        Raises:
            NotFound: code `unknown-form`.
            Refused: code `nothing-to-render`: there is no view, or one of which the format can say nothing;
                code `caveat-lost`.
        """
        ...


def _not_a_view(field: str) -> Malformed:
    return Malformed("never travels, so this is no view of a disclosure", field=field, code="not-a-view")
