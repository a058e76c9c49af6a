"""The shape every format reader has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from adapters.loss import Loss
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
