"""A hash list is refused where the view it comes from shows who a protected minor is.

A list names nobody, but its file names, series, remarks and times go to readers whom no policy of ours
follows, and what stands beside a child's name in the view tells of that child. So a view that shows a
protected minor is written only as stripping leaves it, also where the caller let identities out; whoever is
not stated to be an adult counts as a minor.

Source: `reference/formats.md` section 12.4, point 6.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from adapters.strip import strip
from gateway.errors import Refused
from gateway.record.subject import subject_of
from gateway.record.vocabulary import AgeClass
from gateway.v1 import record_pb2 as pb

# It stands for a name and is none.
_NO_IDENTITY: Final = ".foreign_pseudonym"


def refuse_minors(record: pb.Record, where: str) -> None:
    """Refuse a view that shows a protected minor and anything that stripping would take out.

    Raises:
        Refused: code `minor-shown`; `field` names the view and the path.
    """
    # Of no day: a birth date alone proves nobody an adult.
    told = [subject_of(person) for person in record.persons]
    if not any(one.protected and one.age is not AgeClass.ADULT for one in told):
        return
    _, taken_out = strip(record, pseudonyms={}, today=date.max)
    for loss in taken_out:
        if not loss.path.endswith(_NO_IDENTITY):
            raise Refused(
                "shows who a protected minor is; no hash list is written beside that",
                field=f"{where}.{loss.path}",
                code="minor-shown",
            )
