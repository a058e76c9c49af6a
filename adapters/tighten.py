"""Labels of a document that came in tighten what its submitter states, and never loosen it.

Whoever pushes a foreign document says in a header who may have it. What the document itself says of its
handling counts besides: the marking of the record is the join of both, so a label is lost neither by haste
nor by a header written for another document.

Source: `reference/policy/markings.md` 2.2; THREATS A17.
"""

from __future__ import annotations

import re
from typing import Final

from adapters.mark import labels_in
from gateway.errors import Malformed
from gateway.record.handling import Label, Legend, marked
from gateway.record.handling_table import Scheme
from gateway.record.marking import BOTTOM, from_message, to_message
from gateway.v1 import record_pb2 as pb

_RELEASABLE: Final = "REL TO "
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_ACTIONS: Final = re.compile(r"PAP:(?:RED|AMBER|GREEN|CLEAR|WHITE)")


def tighten(record: pb.Record) -> None:
    """Tighten the marking of a record by the handling that its source wrote; without a marking nothing is
    done, for such a record is not valid.

    What asks for the source's consent asks for the originator's own, and what is not to leave its country
    leaves for nobody.

    Raises:
        Malformed: code `unknown-label`: a label is not understood, so nobody could have the record; or the
            stated marking is malformed.
    """
    if not (record.header.HasField("marking") and record.header.HasField("source_handling")):
        return
    legend = Legend(source="", own=frozenset(), audiences={})
    labels = [_in_words(label) for label in labels_in(record.header.source_handling)]
    for label in labels:
        _check_known(label, legend)
    stated = from_message(record.header.marking, field="header.marking")
    record.header.marking.CopyFrom(to_message(marked(stated, labels, legend)))


def _in_words(label: Label) -> Label:
    """Return a label, or where only a person can judge by it the restriction in words that it is.

    Which agencies a country stands for is not known here, and how far a PAP label goes is no rule of ours: a
    releasing officer is asked.
    """
    if label.scheme == Scheme.DISSEMINATION and label.text.startswith(_RELEASABLE):
        named = [name.strip() for name in label.text.removeprefix(_RELEASABLE).split(",")]
        countries = [name for name in named if _COUNTRY.fullmatch(name)]
        if countries:
            return Label(Scheme.EUROPOL, "H3", f"The source releases it to these alone: {', '.join(named)}.")
    if _ACTIONS.fullmatch(label.text):
        return Label(Scheme.EUROPOL, "H3", f"The source limits what may be done with it: {label.text}.")
    return label


def _check_known(label: Label, legend: Legend) -> None:
    if marked(BOTTOM, [label], legend).nobody:
        raise Malformed(
            f"bears the {label.scheme} label {label.text[:40]!r}, which is not understood here: "
            "say in the header what it asks for, and put it into words in the document",
            field="header.source_handling",
            code="unknown-label",
        )
