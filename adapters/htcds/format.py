"""Reads and writes HTCDS 2.0, the Human Trafficking Case Data Standard, as JSON and CSV.

The standard names tables, fields and codes, and no wire form (`tables` lists the three that are read).
Spellings of the field sheet and of the survey form are both understood, those of the sheet are written.

Source: HTCDS 2.0 field standards, field definitions and survey form (IOM, CC BY 4.0).
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat
from adapters.document import decode
from adapters.htcds import render as htcds_render
from adapters.htcds.case import (
    draw_comments,
    draw_context,
    draw_events,
    draw_header,
    draw_providers,
    draw_referrals,
    draw_support,
    draw_suspicion,
)
from adapters.htcds.persons import draw_person
from adapters.htcds.subjects import find_subjects
from adapters.htcds.tables import Tables, read_csv_tables, read_json_tables
from adapters.row import Row
from gateway.errors import Malformed
from gateway.v1 import marking_pb2, record_pb2


class Htcds:
    """The `htcds` adapter: one draft per case, or per CSV row; one case or row per view."""

    name = "htcds"
    binding = False  # it has no field for a marking
    forms = htcds_render.FORMS

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return the drafts of all cases in an HTCDS document.

        Raises:
            Malformed: the document or one of its fields does not read; `field` names which, CSV rows as a
                spreadsheet counts them.
        """
        text = decode(data)
        cases = read_json_tables(text) if text.lstrip()[:1] in ("{", "[") else read_csv_tables(text)
        return [_draft(tables, today=today, exercise=exercise) for tables in cases]

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return one HTCDS document, `json` or `csv`, with one case, or one row, a view.

        Raises:
            NotFound: code `unknown-form`.
            Refused: code `nothing-to-render`: there is no view, or one of which HTCDS can say nothing;
                code `caveat-lost`: HTCDS carries no caveat, and one is stated that is not `allowed` to go.
            Malformed: code `too-large`: the document is over 8 MiB.
        """

        def read(data: bytes, today: date) -> list[Draft]:
            return self.parse(data, today=today, exercise=False)

        return htcds_render.render(views, form=form, allowed=allowed, read=read)


def _draft(tables: Tables, *, today: date, exercise: bool) -> Draft:
    record = record_pb2.Record()
    record.header.exercise = exercise
    record.header.source = marking_pb2.PROVENANCE_NGO
    draw_header(tables, record)
    draw_providers(tables, record)
    protected: list[record_pb2.Person] = []
    perpetrators: list[tuple[Row, record_pb2.Person]] = []
    suffered: list[list[record_pb2.Incident]] = []
    for number, subject in enumerate(find_subjects(tables), 1):
        person = draw_person(subject, number, record, today=today)
        if subject.perpetrator:
            perpetrators.append((subject.perpetrator, person))
        else:
            protected.append(person)
        if subject.victim:
            suffered.append(draw_context(subject.victim, person, record))
    draw_referrals(tables, protected, record)
    draw_support(tables, protected)
    draw_comments(tables, protected, record)
    draw_events(tables, protected, record)
    if len(suffered) == 1:  # with several victims nothing says what each perpetrator did to whom
        draw_suspicion(perpetrators, suffered[0], record)
    if all(field.name == "header" for field, _ in record.ListFields()):
        raise Malformed(
            "speaks of no person, organisation or event",
            field=tables.path or "document",
            code="empty-document",
        )
    return Draft(record=record, losses=tuple(tables.losses))
