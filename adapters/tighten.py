"""Labels of a document that came in tighten what its submitter states, and never loosen it.

Whoever pushes a foreign document says in a header who may have it. What the document itself says of its
handling counts besides: the marking of the record is the join of both, so a label is lost neither by haste
nor by a header written for another document.

Source: `reference/policy/markings.md` 2.2; THREATS A17.
"""

from __future__ import annotations

from adapters.mark import labels_in
from gateway.errors import Malformed
from gateway.record.handling import Label, Legend, marked
from gateway.record.marking import BOTTOM, from_message, to_message
from gateway.v1 import record_pb2 as pb


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
    labels = labels_in(record.header.source_handling)
    for label in labels:
        _check_known(label, legend)
    stated = from_message(record.header.marking, field="header.marking")
    record.header.marking.CopyFrom(to_message(marked(stated, labels, legend)))


def _check_known(label: Label, legend: Legend) -> None:
    if marked(BOTTOM, [label], legend).nobody:
        raise Malformed(
            f"bears the {label.scheme} label {label.text[:40]!r}, which is not understood here: "
            "say in the header what it asks for, and put it into words in the document",
            field="header.source_handling",
            code="unknown-label",
        )
