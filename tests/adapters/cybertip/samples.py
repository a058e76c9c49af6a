"""Invented reports of providers, and short ways to read them."""

from __future__ import annotations

from adapters.adapter import Draft
from adapters.cybertip.format import Cybertip
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import TODAY

SUMMARY = (
    "<incidentSummary><incidentType>Child Sex Trafficking</incidentType>"
    "<incidentDateTime>2026-02-03T10:15:00Z</incidentDateTime></incidentSummary>"
)
REPORTER = "<reporter><reportingPerson><firstName>Trust</firstName></reportingPerson></reporter>"


def report(rest: str = "", *, summary: str = SUMMARY, reporter: str = REPORTER, before: str = "") -> bytes:
    """Return a report; `before` stands between summary and reporter."""
    return f"<report>{summary}{before}{reporter}{rest}</report>".encode()


def reported(rest: str, person: str = "") -> str:
    """Return a reported user."""
    inner = f"<personOrUserReportedPerson>{person}</personOrUserReportedPerson>"
    return f"<personOrUserReported>{inner}{rest}</personOrUserReported>"


def victim(rest: str = "", person: str = "") -> str:
    """Return a victim."""
    return f"<victim><victimPerson>{person}</victimPerson>{rest}</victim>"


def file_details(rest: str) -> bytes:
    """Return the details of a file."""
    return f"<fileDetails>{rest}</fileDetails>".encode()


def parse(data: bytes) -> Draft:
    """Return the draft of a document."""
    (draft,) = Cybertip().parse(data, today=TODAY, exercise=True)
    return draft


def read(data: bytes) -> pb.Record:
    """Return the record of a document."""
    return parse(data).record


def lost(data: bytes) -> dict[str, Effect]:
    """Return what the reading of a document lost, by path, its missing grading left out."""
    return {loss.path: loss.effect for loss in parse(data).losses if "." in loss.path}


def person_of(record: pb.Record, words: str = "", kind: int = pb.RELATION_KIND_OTHER) -> pb.Person:
    """Return the person who is tied to the incident like this."""
    persons = {person.id: person for person in record.persons}
    found = [
        persons[getattr(one.link, "from")]
        for one in record.relationships
        if one.link.kind == kind and one.link.description == words
    ]
    (person,) = found
    return person
