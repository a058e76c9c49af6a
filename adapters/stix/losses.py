"""Why STIX does not say something as a record does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters import measure
from adapters.loss import Loss
from adapters.measure import Measure
from gateway.v1 import record_pb2 as pb

_MEASURE: Final = Measure(
    no_field="names what the view does not show, or holds what no document can",
    no_table="ties to what the view does not show",
    says_more="is read so, since STIX leaves no other reading",
)


def losses_of(record: pb.Record, reading: pb.Record, names: Mapping[str, str]) -> tuple[Loss, ...]:
    """Return what the reading of a bundle lost, coarsened or added, without repeating itself."""
    return measure.losses_of(record, reading, _MEASURE, names=names)
