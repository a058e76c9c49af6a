"""What a disclosure shows, as a list of STIX 2.1 objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from hashlib import sha256

from adapters.adapter import View
from adapters.evaluation import to_admiralty
from adapters.loss import Loss
from adapters.stix.entities import markings_of_parts, may_refer, reference, report_id
from adapters.stix.handling import anonymity_marking, write_markings
from adapters.stix.layout import RECORD_EXTENSION, Layout
from adapters.stix.names import NO_TIME, Stix
from adapters.stix.placing import place_entities
from adapters.stix.published import DEFINITIONS
from adapters.stix.read_header import CASE, RECORD
from adapters.stix.telling import tell_rest
from adapters.stix.vocabulary import CONFIDENCE
from adapters.values import is_whole, write_date
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The objects of one view, which entity each id stands for, and what only our extension keeps."""

    objects: Sequence[Stix]
    names: Mapping[str, str]
    kept: tuple[Loss, ...]


def objects_of(view: View) -> list[Stix]:
    """Return the objects of one view: definitions, markings, the report, then the entities in their order.

    The same view gives the same list: ids of domain objects come from what the whole view shows and the name
    that an entity travels under, ids of observables from their value alone, as the standard has it. An
    observable may thus have the same id in two views, with other markings: whoever serves several views keeps
    them apart.

    Raises:
        Refused: code `nothing-to-render`: the view shows nothing.
    """
    return list(write(view, taken=frozenset(), copy=0).objects)


def write(view: View, *, taken: Set[str], copy: int) -> Written:
    """Return the objects of a view that stands beside others, whose observables have the ids `taken`.

    `copy` counts the views before it that show exactly the same.
    """
    record = view.record
    if not record.ListFields():
        raise Refused("shows nothing", field="view", code="nothing-to-render")
    layout = _begin(record, taken, copy)
    markings = list(layout.objects)
    layout.objects.clear()
    placed = place_entities(layout)
    report = layout.add(
        report_id(layout),
        name=RECORD,
        published=layout.stamp,
        external_references=_case_references(record),
        object_refs=[one["id"] for one in layout.objects] or [RECORD_EXTENSION],
    )
    objects = [*DEFINITIONS, *markings, report, *layout.objects[:-1]]
    kept = tuple(tell_rest(layout, report, placed, objects))
    return Written(objects=objects, names=layout.names, kept=kept)


def _begin(record: pb.Record, taken: Set[str], copy: int) -> Layout:
    header = record.header
    created = header.created_on
    stamp = f"{write_date(created)}T00:00:00.000Z" if is_whole(created) else NO_TIME
    seed = sha256(record.SerializeToString(deterministic=True)).hexdigest() + (f"#{copy}" if copy else "")
    handling = header.source_handling
    marked = write_markings(handling, header.HasField("source_handling"), stamp, seed)
    grade = to_admiralty(header.evaluation)
    layout = Layout(
        record=record,
        seed=seed,
        stamp=stamp,
        marks=[one["id"] for one in marked],
        confidence=CONFIDENCE.get(grade.information) if grade else None,
        taken=taken,
        objects=marked,
    )
    if any(markings_of_parts(record)):
        layout.objects.append(anonymity_marking())
    return layout


def _case_references(record: pb.Record) -> list[Stix]:
    return [
        reference(one.authority or CASE, one.number)
        for one in record.header.case_references
        if one.number and may_refer(one.number, one.authority)
    ]
