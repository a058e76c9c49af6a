"""Why NIEM does not say something as a record does."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters import measure
from adapters.loss import Loss
from adapters.measure import Measure
from adapters.niem.codes import OFFENCES, SERVITUDE
from gateway.v1 import record_pb2 as pb

_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "persons.role": "NIEM has victims, prospective victims, subjects and witnesses; others are persons",
        "persons.age_status": "NIEM has an age in words, and no status of it",
        "persons.gender": "NIEM has a code of sex",
        "persons.nationalities": "NIEM has countries, and no regions",
        "persons.contacts": "NIEM has telephones, mailboxes, web addresses and accounts, without country",
        "organisations.provider": "NIEM does not tell providers of support from other organisations",
        "locations.site.precision_m": "NIEM has coordinates, and not how precise they are",
        "accounts.identity": "NIEM has telephones, mailboxes, web addresses and accounts with a provider",
        "incidents.means": "NIEM has no means of trafficking",
        "incidents.purposes": "NIEM has two offences of trafficking: sexual acts and servitude",
        "incidents.occurred": "NIEM has times and dates; the place is a location of its own",
        "relationships": "an association has two ends in the document",
        "header.evaluation": "NIEM has one grade in words, and the words of the source",
    }
)
_COARSER: Final = frozenset(
    {
        ("ROLE_VICTIM_AND_SUSPECT", "ROLE_VICTIM"),
        *(
            (name, "EXPLOITATION_PURPOSE_SERVITUDE")
            for name, purpose in pb.ExploitationPurpose.items()
            for code in [OFFENCES.get(purpose)]
            if code == SERVITUDE and purpose != pb.EXPLOITATION_PURPOSE_SERVITUDE
        ),
    }
)
_MEASURE: Final = Measure(
    no_field="NIEM has no element for it in this exchange",
    no_table="NIEM has no element for it in this exchange",
    says_more="is read so, since NIEM leaves no other reading",
    reasons=_REASONS,
    coarser=_COARSER,
)


def losses_of(record: pb.Record, reading: pb.Record, names: Mapping[str, str]) -> tuple[Loss, ...]:
    """Return what the reading of a document lost, coarsened or added."""
    return measure.losses_of(record, reading, _MEASURE, names=names)
