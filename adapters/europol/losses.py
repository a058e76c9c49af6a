"""Why a message does not say something as a record does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters import measure
from adapters.europol.writing import Writing
from adapters.loss import Effect, Loss
from adapters.measure import Measure
from gateway.v1 import record_pb2 as pb

_NO_FIELD: Final = "the message has no element for it"
_NO_TABLE: Final = "the message has no element for it"
_SAYS_MORE: Final = "is read so, since the message leaves no other reading"
_LINE: Final = (
    "has no element of its own; it stands as a line of the remark, which a foreign reader may ignore"
)
_BAND: Final = "is told as an age band, and read as one"
_PLACEHOLDER: Final = (
    "the message needs a day and takes it from here; without a whole day a placeholder stands"
)
_INSTANT: Final = "the message has times with an offset from UTC, and no part of a date in their place"
_DAY: Final = "the message has dates here, and no times"

_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "header.type": "a message has types of its own; what is none of them is read as a report",
        "header.case_references": "a message has one case reference, by its number",
        "header.created_on": _PLACEHOLDER,
        "header.source_handling": "handling must be stated; where it was not, the strictest stands",
        "header.source_handling.codes": "a message has H codes and one release list; others are text",
        "header.evaluation": "a message grades in 4x4, with the original scheme and code beside it",
        "persons.role": "the message has codes for some roles; others take the nearest that says no more",
        "persons.names": "a message has family, given and full names, by kind and script",
        "persons.aliases": "a message has family, given and full names; an alias says its kind",
        "persons.birth.age_band": _BAND,
        "persons.birth": _BAND,
        "persons.age_band": _BAND,
        "persons.age_status": _BAND,
        "persons.birth_place": "a message has the place of birth as one text, and its country",
        "persons.nationalities": "a message has countries, and no regions",
        "persons.biometrics": "a message has the kind and the reference of a biometric sample",
        "persons.contacts.seen": _INSTANT,
        "accounts.identity.seen": _INSTANT,
        "online_contents.content.captured": _INSTANT,
        "online_contents.accounts.seen": _INSTANT,
        "transactions.detail.on": _INSTANT,
        "incidents.occurred.start": _DAY,
        "incidents.occurred.end": _DAY,
        "journeys.route.legs": "a leg is told as a departure and an arrival, each by place and date",
        "assessments": "a message grades an entity; what else is assessed of it has no element",
        "narratives": "a message has one subject and text, and one remark of an entity",
        "relationships": "a connection ties two entities of the message, with a kind and partial dates",
    }
)
_COARSER: Final = frozenset(
    {
        ("NAME_KIND_STAGE", "NAME_KIND_ALIAS"),
        ("RECORD_TYPE_REFERRAL", "RECORD_TYPE_REPORT"),
        ("RECORD_TYPE_STATISTICS_ROW", "RECORD_TYPE_REPORT"),
        ("RECORD_TYPE_OTHER", "RECORD_TYPE_REPORT"),
        ("EVALUATION_SCHEME_OTHER", "EVALUATION_SCHEME_EUROPOL_4X4"),
    }
)
_PLACE: Final = re.compile(r"\[\d+\]")


def _is_less(descriptor: Any, before: Any, after: Any) -> bool:
    """Tell whether a grading became the one of what cannot be assessed."""
    name = str(descriptor.full_name)
    return (name.endswith("Evaluation.source") and after == "X") or (
        name.endswith("Evaluation.information") and after == "4"
    )


_MEASURE: Final = Measure(
    no_field=_NO_FIELD,
    no_table=_NO_TABLE,
    says_more=_SAYS_MORE,
    reasons=_REASONS,
    coarser=_COARSER,
    is_less=_is_less,
)


def losses_of(writing: Writing, reading: pb.Record) -> tuple[Loss, ...]:
    """Return what the reading of a message lost, and what stands in lines that only we read."""
    found = measure.losses_of(
        writing.record, reading, _MEASURE, names=writing.names, left_out=writing.reasons
    )
    return (*found, *_extensions(writing.extended, found))


def _extensions(paths: Iterable[str], found: tuple[Loss, ...]) -> Iterable[Loss]:
    told = {loss.path for loss in found}
    for path in dict.fromkeys(paths):
        bare = _PLACE.sub("", path)
        known = any(_within(path, one) or _within(one, path) or _PLACE.sub("", one) == bare for one in told)
        if not known:
            yield Loss(path=path, effect=Effect.KEPT_AS_EXTENSION, why=_LINE)


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}["))
