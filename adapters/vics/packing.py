"""Many media packed into one record, as many as it may hold, so that a long list is no flood of records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from adapters.adapter import Draft
from adapters.loss import Effect, Loss
from adapters.vics.media import Found
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

MOST_ENTITIES: Final = 512
"""Most entities of a record (DESIGN section 14)."""

MOST_BYTES: Final = 960 * 1024
"""Size of a record's content; up to 1 MiB its marking has room."""

_PLACE: Final = re.compile(r"\[\d+\]")


@dataclass(slots=True, kw_only=True)
class Pack:
    """Artefacts on their way into one record, which begins as a copy of `head`."""

    head: pb.Record
    _record: pb.Record = field(default_factory=pb.Record)
    _ids: set[str] = field(default_factory=set)
    _losses: dict[Loss, None] = field(default_factory=dict)
    _bytes: int = 0

    def __bool__(self) -> bool:
        return bool(self._ids)

    def has_room(self, found: Found) -> bool:
        """Tell whether an artefact fits beside what is there."""
        entities = len(self._ids) + 1 + len(found.narratives)
        return entities <= MOST_ENTITIES and self._bytes + _size(found) <= MOST_BYTES

    def add(self, found: Found, losses: Iterable[Loss], path: str) -> None:
        """Put an artefact in.

        Raises:
            Malformed: code `duplicate-id`: another one of this record has its number; `too-large`: no record
                could hold it.
        """
        added = (found.artefact.id, *(one.id for one in found.narratives))
        if self._ids.intersection(added):
            raise Malformed("has the number of another one of the list", field=path, code="duplicate-id")
        if _size(found) + self.head.ByteSize() > MOST_BYTES:
            raise Malformed("is larger than a record may be", field=path, code="too-large")
        if not self._ids:
            self._record.CopyFrom(self.head)
            self._bytes = self.head.ByteSize()
        self._ids.update(added)
        self._bytes += _size(found)
        self._record.artefacts.append(found.artefact)
        self._record.narratives.extend(found.narratives)
        self._losses.update(dict.fromkeys(_once(losses)))

    def close(self, more: Iterable[Loss]) -> Draft:
        """Return the record with its losses and these, and begin another one."""
        draft = Draft(record=self._record, losses=tuple(dict.fromkeys((*more, *self._losses))))
        self._record, self._bytes = pb.Record(), 0
        self._ids, self._losses = set(), {}
        return draft


def _size(found: Found) -> int:
    """Return about how many bytes of a record an artefact takes."""
    return sum(one.ByteSize() + 8 for one in (found.artefact, *found.narratives))


def _once(losses: Iterable[Loss]) -> Iterator[Loss]:
    """Yield losses, those of what is dropped for every media of a list alike without their places."""
    for loss in losses:
        if loss.effect is Effect.DROPPED:
            yield Loss(path=_PLACE.sub("[]", loss.path), effect=loss.effect, why=loss.why)
        else:
            yield loss
