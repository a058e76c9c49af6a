"""Views of invented cases as a message could tell them."""

from __future__ import annotations

from random import Random
from typing import Any

from google.protobuf.message import Message
from hypothesis import strategies as st

from adapters.adapter import View
from gateway.record.schema import ENTITY_KINDS
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import make_awkward, shown
from tests.record.strategies import records

_HANDLING = ("H0", "H1", "H2", "H3", "REL TO RO", "REL TO NL, RO", "REL TO MD,UA", "ORCON", "made up\nin two")
_LIGHTS = ("TLP:GREEN", "TLP:RED", "TLP:PURPLE")
_SCHEMES = (("A", "1"), ("B", "2"), ("2", "B"), ("E", "5"), ("F", "6"), ("D", "4"), ("X", "4"), ("odd", "9"))


@st.composite
def views(draw: st.DrawFn, *, most: int = 9) -> View:
    """Return a view of any record with handling and gradings: fields withheld, coarser, or awkward."""
    record = draw(records(most=most, kinds=list(ENTITY_KINDS)))
    random = draw(st.randoms(use_true_random=False))
    _head(record, random)
    make_awkward(record, random)
    _date(record, random)
    return draw(shown(record))


def _head(record: pb.Record, random: Random) -> None:
    header = record.header
    if random.random() < 0.7:
        handling = header.source_handling
        handling.codes.extend(random.sample(_HANDLING, random.randint(0, 4)))
        if random.random() < 0.5:
            handling.text = random.choice(("Ask first.", "Handling code: H1\nAsk", "  ", "a" * 65_536))
        if random.random() < 0.5:
            handling.traffic_light = random.choice(_LIGHTS)
        if random.random() < 0.5:
            handling.classification = "RESTRICTED"
    if random.random() < 0.7:
        header.evaluation.CopyFrom(_evaluation(random))
    for assessment in record.assessments:
        if random.random() < 0.7:
            assessment.ClearField("score")
            assessment.score.grade.CopyFrom(_evaluation(random))
    for narrative in record.narratives:
        if random.random() < 0.5:
            narrative.title = "Remark"
            narrative.text = random.choice(("Seen twice.", "Function: buyer", "Kind: other\nSeen.", "Leg: 1"))
    header.case_references.add(number="XA-1", country="NL")
    header.purposes_in_words.extend(
        random.sample(("18.2.c: AP Made-up", "18.2.d", "Legal basis: Article 4", "consent"), 2)
    )
    header.audience.append("A unit")
    header.provenance.extend(
        random.sample(("Urgent.", "In reply to: X-1", "Message type: REPLY", "Patrol"), 2)
    )
    header.type = random.choice(list(pb.RecordType.values()))


def _evaluation(random: Random) -> pb.Evaluation:
    source, information = random.choice(_SCHEMES)
    evaluation = pb.Evaluation(source=source, information=information)
    evaluation.scheme = random.choice(list(pb.EvaluationScheme.values()))
    if random.random() < 0.5:
        evaluation.original = random.choice(("B2", "5x5x5:B2", "as told", "4x4:X4 x", " padded "))
    return evaluation


def _date(message: Message, random: Random) -> None:
    """Give some moments an instant, on the stated date or within a day of it."""
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        for one in value if descriptor.is_repeated else [value]:
            if descriptor.message_type.name == "Moment":
                _instant(one, random)
            else:
                _date(one, random)


def _instant(moment: Any, random: Random) -> None:
    if random.random() < 0.6:
        moment.date.CopyFrom(pb.PartialDate(year=2031, month=2, day=random.choice((3, 4, 5))))
        moment.at = 1_927_968_000_000 + random.choice((0, 1, 250, 86_399_999, 29_700_000))
