"""What a person asks about a decision, and the answer in plain values: no content of any record stands in it.

Answers name entities as the submitter does, fields and categories, so that they may be shown to whoever runs
the gateway without a reading of the record itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from gateway.errors import Malformed
from gateway.flow.submit import Addressee
from gateway.record.vocabulary import Lane

Plain = Mapping[str, Any]
"""A part of an answer as it travels and as `--json` prints it."""

WITHHELD: Final = "withheld"
"""Stands where a rung would, when nothing of a field leaves."""

NO_REMEDY: Final = -1
"""Stands where the place of a remedy would, when nothing is withheld."""


class Act(StrEnum):
    """What else than releasing may be asked about."""

    REQUEST_INTERVIEW = "request-interview"
    JUDICIAL_USE = "judicial-use"
    DECONFLICT = "deconflict"

    @classmethod
    def from_token(cls, token: str, field: str) -> Act:
        """Return the act with this token; anything else is Malformed, code `unknown-value`."""
        if token not in set(cls):
            raise Malformed(f"is not one of {', '.join(cls)}", field=field, code="unknown-value")
        return cls(token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What would be decided about one record for one recipient: an own one on file, or the bytes of one.

    With `act` it is about that act. The last four say what a request for an interview with `person` states.

    Raises:
        Malformed: code `missing`: both or neither record is named, or an interview without a person.
    """

    addressee: Addressee
    record_id: str = ""
    data: bytes = b""
    ask: frozenset[str] = frozenset()
    act: Act | None = None
    lane: Lane = Lane.ROUTINE
    necessity: str = ""
    threat: str = ""
    person: str = ""
    reason_stated: bool = False
    specialised_staff: bool = False
    representative: bool = False
    sessions: bool = False

    def __post_init__(self) -> None:
        if bool(self.record_id) == bool(self.data):
            raise Malformed(
                "names a record on file or gives one, and not both", field="record", code="missing"
            )
        if (self.act is Act.REQUEST_INTERVIEW) != bool(self.person):
            raise Malformed("is named for an interview, and only for one", field="person", code="missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A decision field by field. `rows` are the fields, `remedies` what would release more, each named by its
    place there; `record_remedy` is that of the record as a whole. `rules` are texts and sources of the rules
    named, by id. `agreements` are sentences about agreements that are not in force. `exchange` is what became
    of a stored decision, empty for one made to be explained.
    """

    record_id: str
    recipient: str
    unit: str
    purpose: str
    legal_basis: str
    outcome: str
    approvals: Sequence[str]
    head_rules: Sequence[str]
    policy: str
    rows: Sequence[Plain]
    rules: Mapping[str, Mapping[str, str]]
    remedies: Sequence[Plain]
    record_remedy: int
    agreements: Sequence[str]
    notes: Sequence[str]
    exchange: Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What the rules say to one act: on a person, or on each field of a record."""

    record_id: str
    recipient: str
    purpose: str
    legal_basis: str
    act: str
    policy: str
    rows: Sequence[Plain]
    rules: Mapping[str, Mapping[str, str]]
