"""Why HTCDS does not say something as a record does."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters import measure
from adapters.htcds.sheet import Sheet
from adapters.loss import Loss
from adapters.measure import Measure
from gateway.v1 import record_pb2

_NO_FIELD = "HTCDS has no field for it"
_NO_TABLE = "HTCDS has no table for it"
_SAYS_MORE = "is read so, since HTCDS leaves no other reading"
_UNNAMED = "HTCDS has no ids; rows are told apart by their place"
_DERIVED = "HTCDS has no age status; whoever reads works one out from the birth date"
_PLACED = "HTCDS ties rows to the case, not to each other; the reader ties them to its persons"
_ONE_NUMBER = "HTCDS has the national number of a person, and nothing else of a document"

_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "header.type": "HTCDS has no type; a record with a referral is read as one, any other as a case",
        "persons.names": "HTCDS has one name by given, middle and second name, without kind or script",
        "persons.birth.age_band": "HTCDS has birth dates, and no age bands",
        "persons.nationalities": "HTCDS has countries, and no regions",
        "persons.contacts": "HTCDS has one e-mail address and two telephones, without country or provider",
        "persons.addresses": "HTCDS has one current mailing address, without name or time",
        "persons.workplaces": "HTCDS has one occupation and one named place of exploitation",
        "persons.languages": "HTCDS has two languages, by their ISO 639 code alone",
        "persons.consents": "HTCDS has one checkbox, which says neither what for nor to whom",
        "persons.role": "HTCDS knows victims and perpetrators; other roles are read as unknown",
        "persons.functions": "has no code of its own, or the person stands in another table",
        "persons.trafficking_status": "HTCDS tells a victim by this status; the role was put into it",
        "persons.support_plans": "HTCDS does not say whose of several persons it is; a CSV row holds one",
        "persons.referrals": "HTCDS does not say whose of several persons it is, nor a provider's kind",
        "organisations.identity": "HTCDS has one name, telephone and address of an organisation",
        "organisations.provider": "HTCDS has one case owner, and cannot say that an address is no shelter's",
        "incidents.kind": "HTCDS has recruitment, transit and exploitation, and one row of a victim for each",
        "incidents.acts": "HTCDS tells an act by the kind of the event alone",
        "incidents.occurred": "HTCDS has one place and one date of an event",
        "incidents.sectors": "HTCDS has one industry, by its ISIC section",
        "documents": _ONE_NUMBER,
        "documents.details": _ONE_NUMBER,
        "narratives.title": "HTCDS has comments without a title",
        "narratives.subjects": _PLACED,
        "relationships": _PLACED,
        "relationships.link": "HTCDS says of a tie only that it is there",
    }
)
_COARSER: Final = frozenset(
    {
        ("ROLE_VICTIM", "ROLE_PRESUMED_VICTIM"),
        ("ROLE_VICTIM_AND_SUSPECT", "ROLE_VICTIM"),
        ("ROLE_VICTIM_AND_SUSPECT", "ROLE_PRESUMED_VICTIM"),
        ("CONSENT_STATUS_WITHDRAWN", "CONSENT_STATUS_REFUSED"),
        ("EXPLOITATION_PURPOSE_DOMESTIC_SERVITUDE", "EXPLOITATION_PURPOSE_SERVITUDE"),
        ("EXPLOITATION_PURPOSE_SLAVERY_OR_SIMILAR", "EXPLOITATION_PURPOSE_SERVITUDE"),
    }
)


_MEASURE = Measure(
    no_field=_NO_FIELD,
    no_table=_NO_TABLE,
    says_more=_SAYS_MORE,
    reasons=_REASONS,
    coarser=_COARSER,
    unnamed=_UNNAMED,
    derived=MappingProxyType({"persons.age_status": _DERIVED}),
)


def losses_of(sheet: Sheet, reading: record_pb2.Record) -> tuple[Loss, ...]:
    """Return what the reading of a sheet's document lost, coarsened or added, without repeating itself."""
    return measure.losses_of(sheet.record, reading, _MEASURE, names=sheet.names, left_out=sheet.reasons)
