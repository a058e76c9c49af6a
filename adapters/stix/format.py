"""Reads and writes STIX 2.1 bundles, and reads TAXII envelopes and single objects.

Source: STIX 2.1 (OASIS standard, 10 June 2021); `reference/formats.md` section 5.
"""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from datetime import date
from typing import Final

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat, require_caveats
from adapters.document import MAX_DOCUMENT_BYTES, decode
from adapters.loss import Loss
from adapters.stix.bundle import cases, open_bundle
from adapters.stix.case import read_case
from adapters.stix.losses import losses_of
from adapters.stix.names import Stix, own_id
from adapters.stix.objects import Written, write
from gateway.errors import Malformed, NotFound, Refused

JSON: Final = "json"


class Stix21:
    """The `stix21` format: one report, and the objects it refers to, is one record."""

    name = "stix21"
    binding = False  # a marking of STIX is a statement; nothing makes a reader follow it
    forms = (JSON,)

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return the drafts of a document: one for each report where several share no object, else one.

        Raises:
            Malformed: the document or one of its properties does not read; `field` names which.
        """
        bundle = open_bundle(decode(data))
        drafts = [read_case(case, today=today) for case in cases(bundle)]
        for draft in drafts:
            draft.record.header.exercise = exercise
        first = drafts[0]
        drafts[0] = Draft(record=first.record, losses=(*bundle.losses, *first.losses))
        return drafts

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return one bundle, with a report for each view.

        Raises:
            NotFound: code `unknown-form`.
            Refused: code `nothing-to-render`: there is no view, or one that shows nothing; `caveat-lost`.
            Malformed: code `too-large`: the bundle is over 8 MiB.
        """
        if form not in self.forms:
            raise NotFound(f"is none of: {', '.join(self.forms)}", field="form", code="unknown-form")
        written = _written(views)
        data = _bundle(written)
        drafts = self.parse(data, today=date.max, exercise=False)
        losses: list[tuple[Loss, ...]] = []
        for number, (view, one, draft) in enumerate(zip(views, written, drafts, strict=True)):
            found = (*losses_of(view.record, draft.record, one.names), *one.kept)
            require_caveats(view.record, found, where=f"views[{number}]", allowed=allowed)
            losses.append(found)
        return Rendered(data=data, losses=tuple(losses), names=tuple(one.names for one in written))


def _written(views: Sequence[View]) -> list[Written]:
    if not views:
        raise Refused("there is nothing to write", field="views", code="nothing-to-render")
    taken: set[str] = set()
    copies: dict[bytes, int] = {}
    written = []
    for number, view in enumerate(views):
        key = view.record.SerializeToString(deterministic=True)
        copy = copies.get(key, 0)
        copies[key] = copy + 1
        try:
            one = write(view, taken=taken, copy=copy)
        except Refused as exc:
            raise Refused(exc.message, field=f"views[{number}]", code=exc.code) from exc
        taken.update(each["id"] for each in one.objects if "created" not in each)
        written.append(one)
    return written


def _bundle(written: Sequence[Written]) -> bytes:
    """Return the bundle of these views; definitions and markings that several need stand in it once."""
    objects: dict[str, Stix] = {}
    for one in written:
        for each in one.objects:
            objects.setdefault(each["id"], each)
    bundle = {"type": "bundle", "id": own_id("bundle", *objects), "objects": list(objects.values())}
    data = json.dumps(bundle, ensure_ascii=False, check_circular=False, separators=(",", ":")).encode()
    if len(data) > MAX_DOCUMENT_BYTES:
        raise Malformed("would be larger than 8 MiB", field="document", code="too-large")
    return data
