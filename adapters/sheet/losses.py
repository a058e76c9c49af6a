"""Why a row of a sheet does not say something as a record does."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters import measure
from adapters.loss import Loss
from adapters.mark import TLP_ORDER
from adapters.measure import Measure
from gateway.v1 import record_pb2

_ONE_NAME = "a row has one name and one alias by its full form"
_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "persons": "a row has room for one person it is about, and for one suspect tied to the same",
        "persons.names": _ONE_NAME,
        "persons.aliases": _ONE_NAME,
        "persons.contacts": "a row has one telephone and one e-mail address",
        "persons.addresses": "a row has one address",
        "persons.workplaces": "a row has one occupation",
        "persons.consents": "a row has one consent",
        "persons.referrals": "a row has one referral, without the provider",
        "header.case_references": "a row has one case number",
        "header.source_handling.traffic_light": "a label that TLP 2.0 does not have counts as TLP:RED",
        "incidents": "a row has one incident, and only one that is tied to its person in that person's role",
        "incidents.occurred.start": "an instant is written as a date, or in UTC",
        "documents": "a row has one identity document, of the person it is about",
        "vehicles": "a row has one vehicle, which its suspect uses",
        "narratives": "a row has one text of notes, about the person it is about and nobody else",
        "relationships": "a row ties its person and its suspect to its incident, and nothing else",
        "relationships.link": "a row says of a tie only that it is there",
    }
)


def _is_less(descriptor: Any, before: Any, after: Any) -> bool:
    """An unknown traffic light is told as the strictest."""
    return bool(descriptor.name == "traffic_light" and before != after and after == TLP_ORDER[-1])


_MEASURE: Final = Measure(
    no_field="no column of the sheet holds it, or it reads as not recorded",
    no_table="no column of the sheet is about it",
    says_more="is read so, since the row leaves no other reading",
    reasons=_REASONS,
    is_less=_is_less,
    unnamed="a row has no ids; its columns say who is meant",
)


def losses_of(
    record: record_pb2.Record, reading: record_pb2.Record, names: Mapping[str, str]
) -> tuple[Loss, ...]:
    """Return what the reading of a row lost, coarsened or added, without repeating itself."""
    return measure.losses_of(record, reading, _MEASURE, names=names)
