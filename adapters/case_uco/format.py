"""Reads and writes CASE/UCO 1.4 as JSON-LD: one graph, in which each of our records is an investigation.

Of foreign documents the whole graph is one record. Contexts that stand elsewhere are never fetched.

Source: Unified Cyber Ontology 1.4 and Cyber-investigation Analysis Standard Expression 1.4; JSON-LD 1.1;
`reference/formats.md` section 7.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date
from typing import Final

from adapters.adapter import Draft, Rendered, View
from adapters.case_uco.graph import read_graph
from adapters.case_uco.losses import losses_of
from adapters.case_uco.reading import read_drafts
from adapters.case_uco.writing import lay_out, write_document
from adapters.caveats import Caveat, require_caveats
from adapters.document import decode, read_json
from gateway.errors import NotFound, Refused

JSON: Final = "json"
FORMS: Final = (JSON,)


class CaseUco:
    """The `case-uco` adapter: one draft per investigation of our own, one per document of others."""

    name = "case-uco"
    binding = False  # whoever reads it may pass over marking definitions
    forms = FORMS

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return the drafts of a JSON-LD document.

        Raises:
            Malformed: the document or one of its values does not read; `field` names which.
        """
        return read_drafts(read_graph(read_json(decode(data))), exercise=exercise)

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return one JSON-LD document with an investigation a view.

        Raises:
            NotFound: code `unknown-form`.
            Refused: code `nothing-to-render`: there is no view, or one without any entity; `caveat-lost`.
            Malformed: code `too-large`: the document is over 8 MiB.
        """
        if form not in FORMS:
            raise NotFound(f"is none of: {', '.join(FORMS)}", field="form", code="unknown-form")
        laid = lay_out(views)
        silent = next((number for number, (canvas, _) in enumerate(laid) if not canvas.drawn), None)
        if not laid or silent is not None:
            where = f"views[{silent}]" if laid else "views"
            raise Refused("shows nothing that CASE/UCO could say", field=where, code="nothing-to-render")
        data = write_document([canvas for canvas, _ in laid])
        losses = []
        for number, ((canvas, native), draft) in enumerate(
            zip(laid, self.parse(data, today=date.max, exercise=False), strict=True)
        ):
            found = losses_of(canvas.record, native, draft.record, canvas.names)
            require_caveats(canvas.record, found, where=f"views[{number}]", allowed=allowed)
            losses.append(found)
        return Rendered(data=data, losses=tuple(losses), names=tuple(canvas.names for canvas, _ in laid))
