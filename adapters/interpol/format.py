"""Reads and writes notices that resemble INTERPOL's public extracts, one colour a form.

Public extracts exist for red, yellow and Security Council notices; of the other colours the shapes are ours,
and only resemble those. Nothing here is an official form.

Source: `reference/formats.md` section 2; the schemas of `adapters/interpol/schemas` for the colours that are
not published.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from datetime import date
from typing import Final

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat
from adapters.document import decode
from adapters.interpol import render as notice_render
from adapters.interpol.colours import PURPOSES, Colour
from adapters.interpol.events import draw_incidents
from adapters.interpol.handling import combined, read_handling
from adapters.interpol.notices import Case, check_speaks, open_cases
from adapters.interpol.persons import draw_person
from adapters.interpol.sanctions import draw_reference, draw_sanctioned_organisation, draw_sanctioned_person
from adapters.interpol.words import texts
from gateway.errors import Malformed
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb

_UNNUMBERED: Final = re.compile("0{4}[/-].*")
_NO_FIELD: Final = "is no member of a notice that is known here"
_IMPERSONAL: Final = (Colour.PURPLE, Colour.ORANGE)


class InterpolNotice:
    """The `interpol-notice` adapter: one draft per notice; one notice, or a list of them, per document."""

    name = "interpol-notice"
    binding = False  # a level of confidentiality says neither who may have it nor what for
    forms = notice_render.FORMS

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return the drafts of all notices in a document.

        Nobody is suspected but the person of a red or green notice; of any other the role is unknown, which
        protects.

        Raises:
            Malformed: the document or one of its members does not read; `field` names which.
        """
        return [_draft(case, today=today, exercise=exercise) for case in open_cases(decode(data))]

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return one notice, or a list where there are several; `form` is the colour.

        Raises:
            NotFound: code `unknown-form`.
            Refused: code `nothing-to-render`; `protected-subject` or `unfit-subject` where nobody in a view
                may be the subject of such a notice; `above-ceiling` for a classification above its levels;
                `caveat-lost`.
            Malformed: code `too-large`: the document is over 8 MiB.
        """

        def read(data: bytes, today: date) -> list[Draft]:
            return self.parse(data, today=today, exercise=False)

        return notice_render.render(views, form=form, allowed=allowed, read=read)


def _draft(case: Case, *, today: date, exercise: bool) -> Draft:
    record = pb.Record()
    _draw_header(case, record.header, exercise=exercise)
    for number, notice in enumerate(case.notices, 1):
        if notice.is_organisation:
            draw_sanctioned_organisation(notice.row, number, record)
        elif notice.colour in _IMPERSONAL:
            draw_incidents(notice.row, number, record)
        else:
            person = draw_person(notice, number, record, today=today)
            if notice.colour is Colour.UN:
                draw_sanctioned_person(notice.row, person, record)
        check_speaks(notice.row)
        notice.extension.finish("is no member of the extension")
        notice.row.finish(_NO_FIELD)
    if all(field.name == "header" for field, _ in record.ListFields()):
        raise Malformed(
            "speaks of no person, organisation or event",
            field=case.notices[0].row.path or "document",
            code="empty-document",
        )
    return Draft(record=record, losses=tuple(case.losses))


def _draw_header(case: Case, header: pb.RecordHeader, *, exercise: bool) -> None:
    header.exercise = exercise
    header.source = marking_pb2.PROVENANCE_OFFICIAL
    header.type = pb.RECORD_TYPE_NOTICE
    purposes: list[str] = []
    for notice in case.notices:
        number = notice.row.text("entity_id")
        if number and not _UNNUMBERED.fullmatch(number):
            header.case_references.add(number=number, authority=notice_render.AUTHORITY)
        if notice.colour:
            purposes.append(PURPOSES[notice.colour])
        if notice.colour is Colour.UN:
            draw_reference(notice.row, header)
            purposes += texts(notice.row, "purposes")
    header.purposes_in_words.extend(dict.fromkeys(purposes))
    handling = combined([read_handling(notice.row, notice.extension) for notice in case.notices])
    if handling.ByteSize():
        header.source_handling.CopyFrom(handling)
