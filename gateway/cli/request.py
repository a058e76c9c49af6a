"""What `record preview` and `record push` ask for: which record, for whom, for what, and on what ground."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.intake import Intake, narrowest_header, read_header, read_records
from gateway.errors import Malformed
from gateway.flow.submit import Addressee, PushItem
from gateway.record.text import check_agency_id, parse_day
from gateway.record.vocabulary import Lane, LegalBasis, Purpose
from gateway.v1.record_pb2 import RecordHeader
from policy.vocabulary import UNKNOWN, Target

RETENTION = timedelta(days=90)

_TARGETS = {"": Target.UNKNOWN} | {one.value: one for one in Target if one.value != UNKNOWN}

FileArgument = Annotated[
    Path, typer.Argument(help="A record: .json, .binpb, or any format named by --format.")
]
FormatOption = Annotated[
    str, typer.Option("--format", help="Format of the file; see `comity adapt formats`.")
]
ToOption = Annotated[
    list[str],
    typer.Option(
        "--to",
        help="Recipient: AGENCY, AGENCY:PURPOSE or AGENCY:PURPOSE:BASIS; AGENCY/UNIT for one of its units; "
        "repeatable.",
    ),
]
PurposeOption = Annotated[str, typer.Option("--purpose", help="Purpose for recipients that name none.")]
BasisOption = Annotated[str, typer.Option("--basis", help="Legal basis for recipients that name none.")]
AskOption = Annotated[
    list[str] | None,
    typer.Option(
        "--ask", help="Category of which more than the default is asked, e.g. person.name; repeatable."
    ),
]
TargetOption = Annotated[
    str,
    typer.Option(
        "--target", help="Whom a prosecution is directed at: subject (the person told of) or others."
    ),
]
NecessityOption = Annotated[
    str,
    typer.Option("--necessity", help="Why sensitive data is strictly necessary; kept here, never sent."),
]
ThreatOption = Annotated[
    str,
    typer.Option(
        "--threat", help="Invoke vital interest: against whom the threat is, and how; kept here, never sent."
    ),
]
LaneOption = Annotated[
    str, typer.Option("--lane", help="How urgent: threat-to-life, urgent or routine.", show_default=True)
]
HeaderOption = Annotated[
    Path | None, typer.Option("--header", help="JSON file with the record header for foreign formats.")
]
RetainOption = Annotated[
    str,
    typer.Option("--retain-until", help="Last day of a foreign file without --header; default in 90 days."),
]
ColumnsOption = Annotated[
    Path | None,
    typer.Option(
        "--columns",
        help="Column map of a sheet, TOML or JSON; `comity adapt columns` prints one to start from.",
    ),
]
RejectsOption = Annotated[
    Path | None,
    typer.Option(
        "--rejects",
        help="New CSV file for rows that are turned down; default: NAME.rejects.csv beside the file.",
    ),
]
FromStartOption = Annotated[
    bool,
    typer.Option(
        "--from-start", help="Begin a long file anew, although a push of it was stopped or has ended."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line asks for, checked as far as it can be without a home."""

    addressees: tuple[Addressee, ...]
    ask: frozenset[str]
    format_name: str
    header: Path | None
    retain_until: str
    lane: Lane = Lane.ROUTINE
    necessity: str = ""
    threat: str = ""
    columns: Path | None = None

    def read(
        self, file: Path, *, exercise: bool, now: datetime
    ) -> tuple[Sequence[Intake], Sequence[PushItem]]:
        """Return the records of a file and the push items they make.

        Raises:
            NotFound, Malformed: the file or the header cannot be read.
        """
        intakes = read_records(
            file,
            self.format_name,
            header=self.stamp(now.date()),
            exercise=exercise,
            now=now,
            columns=self.columns,
        )
        return intakes, [self.item(one) for one in intakes]

    def stamp(self, today: date) -> RecordHeader:
        """Return the header that is put on records of a foreign format.

        Raises:
            NotFound, Malformed: the header file, or the last day, cannot be read.
        """
        if self.header is not None:
            return read_header(self.header)
        last = parse_day(self.retain_until, "--retain-until") if self.retain_until else None
        purposes = [one.purpose for one in self.addressees if one.purpose is not None]
        agencies = [one.agency for one in self.addressees]
        return narrowest_header(agencies, purposes, last or today + RETENTION)

    def item(self, intake: Intake) -> PushItem:
        """Return the push of one record."""
        return PushItem(
            record=intake.data,
            addressees=self.addressees,
            ask=self.ask,
            lane=self.lane,
            necessity=self.necessity,
            threat=self.threat,
        )


def addressees_of(to: Iterable[str], purpose: str, basis: str, target: str = "") -> tuple[Addressee, ...]:
    """Return whom the options name; a purpose or basis of its own goes before the general one.

    Raises:
        Malformed: a name, purpose, legal basis or target that does not exist; the option is named.
    """
    if target not in _TARGETS:
        known = ", ".join(word for word in _TARGETS if word)
        raise Malformed(f"is not one of {known}", field="--target", code="unknown-value")
    return tuple(_addressee(text, purpose, basis, _TARGETS[target]) for text in to)


def _addressee(text: str, purpose: str, basis: str, target: Target) -> Addressee:
    named, _, rest = text.partition(":")
    agency, stroke, unit = named.partition("/")
    if stroke and not unit.strip():
        raise Malformed("names no unit behind the stroke", field="--to", code="missing")
    own_purpose, _, own_basis = rest.partition(":")
    stated, ground = own_purpose or purpose, own_basis or basis
    return Addressee(
        agency=check_agency_id(agency, "--to"),
        purpose=Purpose.from_token(stated, "--to" if own_purpose else "--purpose") if stated else None,
        legal_basis=LegalBasis.from_token(ground, "--to" if own_basis else "--basis") if ground else None,
        unit=unit.strip(),
        target=target,
    )


def purpose_of(text: str) -> str:
    """Return a purpose as it was given, when it is one; else Malformed names --purpose."""
    return Purpose.from_token(text, "--purpose").token
