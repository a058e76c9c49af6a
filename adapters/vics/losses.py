"""Why a hash list does not say something as a record does."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters import measure
from adapters.loss import Loss
from adapters.measure import Measure
from gateway.v1 import record_pb2 as pb

_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "header": "hash lists have no field for it; a case has its number and its authority",
        "header.source_handling": "hash lists have no field for handling",
        "header.evaluation": "hash lists have no grading of source and information",
        "persons": "hash lists name nobody; that somebody is identified is said of the media by two flags",
        "locations": "hash lists have no places but those that a tool wrote among the tags of a file",
        "artefacts": "says nothing that a list of files could hold",
        "artefacts.hashes": "is of no algorithm or length that lists carry, or the form has one of its kind",
        "artefacts.classifications": "one document has the categories of one country, and one of a media",
        "artefacts.metadata": "the form has no member for it, or nought stands for unknown there",
        "artefacts.metadata.created": "lists hold whole instants in UTC",
        "artefacts.metadata.kind": "VICS tells kinds by the media type alone, ICSE by its own words",
        "artefacts.content": "the text of a file stays out of hash lists",
        "artefacts.exhibits": "media have a number of the list alone",
        "artefacts.holder": "hash lists tie nobody to a media",
        "narratives": "hash lists hold one text under Tags and one under Comments, about one media",
        "relationships": "hash lists tie nothing to anything",
    }
)

_MEASURE: Final = Measure(
    no_field="hash lists have no field for it",
    no_table="hash lists hold media, and nothing else",
    says_more="is read so, since the list leaves no other reading",
    reasons=_REASONS,
    unnamed="hash lists number their media anew",
)


def losses_of(record: pb.Record, reading: pb.Record, names: Mapping[str, str]) -> tuple[Loss, ...]:
    """Return what the reading of a record's document lost, coarsened or added."""
    return measure.losses_of(record, reading, _MEASURE, names=names)
