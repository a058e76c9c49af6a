"""Reads and writes human-trafficking cases in XML that resembles NIEM 6.0.

NIEM names elements and leaves the exchange around them to its users; ours is a root with a case each. Of
documents of others the whole root is one case. Elements of NIEM 3 to 5 are read as well.

Source: NIEM 6.0 core, justice and human services domains (CC BY 4.0); `reference/formats.md` section 10.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date
from typing import Final

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat, require_caveats
from adapters.niem.elements import name_of, read_parts
from adapters.niem.losses import losses_of
from adapters.niem.reading import read_case
from adapters.niem.writing import CASE, ROOT, write_cases
from adapters.xml import read_xml, write_xml
from gateway.errors import NotFound, Refused

XML: Final = "xml"
FORMS: Final = (XML,)


class NiemHumanTrafficking:
    """The `niem-ht` adapter: one draft per case of ours, one per document of others."""

    name = "niem-ht"
    binding = False  # whoever reads it may pass over the marking
    forms = FORMS

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return the drafts of all cases in a document.

        Raises:
            Malformed: the document or one of its values does not read; `field` names which.
        """
        root = read_xml(data)
        if name_of(str(root.tag)) != ROOT:
            return [read_case(read_parts(root, name_of(str(root.tag)), []), exercise=exercise)]
        cases = [child for child in root if name_of(str(child.tag)) == CASE] or [root]
        return [
            read_case(read_parts(case, f"{CASE}[{number}]", []), exercise=exercise)
            for number, case in enumerate(cases)
        ]

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return one document with a case a view.

        Raises:
            NotFound: code `unknown-form`.
            Refused: code `nothing-to-render`: there is no view, or one of which NIEM can say nothing; code
                `caveat-lost`.
            Malformed: code `too-large` or `too-many-elements`: no reader would take the document.
        """
        if form not in FORMS:
            raise NotFound(f"is none of: {', '.join(FORMS)}", field="form", code="unknown-form")
        root, pages = write_cases(views)
        silent = next((number for number, page in enumerate(pages) if not page.drawn), None)
        if not pages or silent is not None:
            where = f"views[{silent}]" if pages else "views"
            raise Refused("shows nothing that NIEM could say", field=where, code="nothing-to-render")
        data = write_xml(root)
        losses = []
        drafts = self.parse(data, today=date.max, exercise=False)
        for number, (page, draft) in enumerate(zip(pages, drafts, strict=True)):
            found = losses_of(page.record, draft.record, page.names)
            require_caveats(page.record, found, where=f"views[{number}]", allowed=allowed)
            losses.append(found)
        return Rendered(data=data, losses=tuple(losses), names=tuple(page.names for page in pages))
