"""MISP: threat intelligence as JSON events of objects, attributes and tags.

What MISP has no attribute for is told by tags of our own namespace, which a foreign reader passes over; there
is no field for act, means and purpose of trafficking, none for a grading but tags, and nothing that binds.

Source: MISP core format, misp-objects and misp-taxonomies; `reference/formats.md` section 6.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat
from adapters.document import Json, decode
from adapters.loss import Loss
from adapters.misp import render as misp_render
from adapters.misp.events import events_in
from adapters.misp.reading import draw_event
from gateway.errors import Malformed
from gateway.v1 import record_pb2


class Misp:
    """The `misp` adapter: one draft per event; one event per view."""

    name = "misp"
    binding = False  # its tags bind nobody
    forms = misp_render.FORMS

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return the drafts of all events in a document.

        Raises:
            Malformed: the document or one of its values does not read; `field` names which.
        """
        drafts = [
            _draft(event, path, losses, today=today, exercise=exercise)
            for path, event, losses in events_in(decode(data))
        ]
        if not any(_speaks(draft.record) for draft in drafts):
            raise Malformed(
                "holds no object or attribute that is read here", field="document", code="empty-document"
            )
        return drafts

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return one JSON document: an event, or the `response` with an event a view.

        Raises:
            NotFound: code `unknown-form`.
            Refused: code `nothing-to-render`: there is no view, or one of which MISP can say nothing;
                code `caveat-lost`.
            Malformed: code `too-large`: the document is over 8 MiB.
        """

        def read(data: bytes, today: date) -> list[Draft]:
            return self.parse(data, today=today, exercise=False)

        return misp_render.render(views, form=form, allowed=allowed, read=read)


def _draft(event: dict[str, Json], path: str, losses: list[Loss], *, today: date, exercise: bool) -> Draft:
    record = record_pb2.Record()
    record.header.exercise = exercise
    draw_event(event, path, record, losses, today)
    return Draft(record=record, losses=tuple(dict.fromkeys(losses)))


def _speaks(record: record_pb2.Record) -> bool:
    return any(field.name != "header" for field, _ in record.ListFields())
