"""Exporting: views of disclosures become one document of a foreign format; stripped, marked, then written.

A document goes where no policy of ours follows it. So what identifies a protected person stays out of formats
whose reader may ignore a marking, unless the caller says that policy lets it go there, and the marking is
written into the document before anything is rendered: what then would lose it is refused.

Source: `reference/formats.md` section 0 rules 1 and 5, section 12.3; DESIGN section 13.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from adapters.adapter import Renderer, View
from adapters.caveats import Caveat
from adapters.loss import Loss
from adapters.mark import mark
from adapters.strip import strip
from gateway.errors import Refused
from gateway.record.marking import Marking
from gateway.v1 import record_pb2

EXERCISE: Final = "EXERCISE: invented data, no real persons."
"""What a document of an exercise says first of its handling."""

_NOTHING: Final[tuple[Loss, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """What one disclosure shows, and what binds whoever reads it.

    `record` is what `gateway.record.view.merge` rebuilt; `marking` restricts it, `discloser` is the agency
    whose marking that is, `pseudonyms` (by entity) travelled with it, `duties` are its obligations in words.
    """

    record: record_pb2.Record
    marking: Marking
    discloser: str
    pseudonyms: Mapping[str, str] = field(default_factory=dict)
    duties: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One document, and for each of its views what was stripped, marked and lost on the way.

    `views` are what was rendered: what a reader of the format gets back, minus the losses of rendering.
    """

    data: bytes
    losses: tuple[tuple[Loss, ...], ...]
    views: tuple[View, ...]


def export(
    disclosed: Sequence[Disclosed],
    renderer: Renderer,
    *,
    form: str,
    today: date,
    exercise: bool,
    allowed: Set[Caveat] = frozenset(),
    identity: bool = False,
) -> Exported:
    """Return one document of these disclosures, in their order.

    `allowed` are the caveats that the document may lose; `identity` says that protected persons may stand in
    it as policy let them out to whoever exports.

    Raises:
        Refused: code `display-only`: it may be shown, and no copy may be made; `caveat-lost`;
            `nothing-to-render`.
        Malformed: its marking lets nobody have it.
        NotFound: code `unknown-form`.
    """
    views: list[View] = []
    before: list[tuple[Loss, ...]] = []
    for number, one in enumerate(disclosed):
        if one.marking.display_only:
            raise Refused(
                "may be shown and not kept, so no copy of it is written",
                field=f"views[{number}]",
                code="display-only",
            )
        record, stripped = one.record, _NOTHING
        if not (renderer.binding or identity):
            record, stripped = strip(record, pseudonyms=one.pseudonyms, today=today)
        words = [*one.duties, EXERCISE] if exercise else one.duties
        record, marked = mark(record, one.marking, discloser=one.discloser, words=words)
        views.append(View(record=record))
        before.append((*stripped, *marked))
    rendered = renderer.render(views, form=form, allowed=allowed)
    losses = tuple((*first, *then) for first, then in zip(before, rendered.losses, strict=True))
    return Exported(data=rendered.data, losses=losses, views=tuple(views))
