"""Why CASE/UCO does not say something as a record does, and what it says only in facets of our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.message import Message

from adapters import measure
from adapters.loss import Effect, Loss
from adapters.measure import Measure
from gateway.v1 import record_pb2 as pb

_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "persons.role": "UCO has victims and subjects; a person without a role is read as of unknown role",
        "persons.names": "UCO has given and family name and title, and one whole name",
        "persons.aliases": "UCO has no aliases",
        "persons.birth": "UCO has a birth date as a time, and none that is known in part",
        "persons.sex": "UCO has no sex of a person",
        "persons.nationalities": "UCO has a facet of nationality, without any property",
        "organisations.identity": "UCO has one name of an organisation, and its addresses",
        "locations.kind": "UCO has locations of no kind",
        "locations.site.precision_m": "UCO has coordinates, and not how precise they are",
        "accounts.identity.seen": "UCO has times, and no dates alone",
        "artefacts.metadata": "UCO has names, size, type and time of a file",
        "incidents.occurred": "UCO has times, and no dates alone; places are locations of their own",
        "relationships": "a relationship has two ends in the document",
        "relationships.link.since": "UCO has times, and no date that is known in part",
        "relationships.link.until": "UCO has times, and no date that is known in part",
        "header.evaluation": "UCO has no grading of source and information",
    }
)
_MEASURE: Final = Measure(
    no_field="UCO has no property for it",
    no_table="UCO has no class for it",
    says_more="is read so, since UCO leaves no other reading",
    reasons=_REASONS,
)
_KEPT: Final = "stands in a facet of our own, which a foreign reader passes over"


def losses_of(
    record: pb.Record, native: pb.Record | None, reading: pb.Record, names: Mapping[str, str]
) -> tuple[Loss, ...]:
    """Return what the reading of a document lost, and what the `native` one lost beside it."""
    found = measure.losses_of(record, reading, _MEASURE, names=names)
    if native is None:
        return found
    gone = {loss.path for loss in found}
    return (*found, *_kept(record, native, names, gone))


def _kept(record: pb.Record, native: pb.Record, names: Mapping[str, str], gone: set[str]) -> Iterator[Loss]:
    for loss in measure.losses_of(record, native, _MEASURE, names=names):
        if any(_within(loss.path, one) for one in gone):
            continue
        # Where a part of it went all the same, each of the others is told of by itself.
        parted = any(_within(one, loss.path) for one in gone)
        for path in _stated(record, loss.path, leaves=parted):
            if not any(_within(path, one) for one in gone):
                yield Loss(path=path, effect=Effect.KEPT_AS_EXTENSION, why=_KEPT)


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}["))


def _stated(record: pb.Record, path: str, *, leaves: bool) -> Iterator[str]:
    """Yield a path such as `persons[0].birth` where a record states anything, or the `leaves` below it."""
    held: Any = record
    for step in path.split("."):
        name, bracket, place = step.partition("[")
        descriptor = held.DESCRIPTOR.fields_by_name[name]
        if not descriptor.is_repeated and not held.HasField(name):
            return
        held = getattr(held, name)
        if bracket:
            held = held[int(place.rstrip("]"))]
    if leaves:
        yield from _leaves(held, path)
    elif isinstance(held, Message) or not hasattr(held, "__len__") or held:
        yield path


def _leaves(held: Any, path: str) -> Iterator[str]:
    if isinstance(held, Message):
        for descriptor, value in held.ListFields():
            yield from _leaves(value, f"{path}.{descriptor.name}")
    elif isinstance(held, str | bytes | int):
        yield path
    else:
        for place, one in enumerate(held):
            yield from _leaves(one, f"{path}[{place}]")
