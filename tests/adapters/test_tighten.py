"""What a document says of its handling tightens what its submitter states, and never loosens it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tighten import tighten
from gateway.errors import Malformed
from gateway.record.marking import BOTTOM, Holders, Marking, from_message, join, to_message
from gateway.record.vocabulary import ConsentKind
from gateway.v1 import record_pb2 as pb
from tests.adapters.test_mark import MARKINGS

KNOWN = (
    pb.SourceHandling(codes=["H0"]),
    pb.SourceHandling(codes=["H1", "H2"]),
    pb.SourceHandling(codes=["H3"], text="Ask first."),
    pb.SourceHandling(text="Not to be read aloud."),
    pb.SourceHandling(codes=["REL TO police.ro, shelter.ngo"]),
    pb.SourceHandling(codes=["NOFORN"]),
    pb.SourceHandling(traffic_light="TLP:AMBER", classification="RESTRICTED"),
    pb.SourceHandling(classification="UNCLASSIFIED - BASIC PROTECTION LEVEL"),
)


def _record(marking: Marking, handling: pb.SourceHandling) -> pb.Record:
    record = pb.Record()
    record.header.marking.CopyFrom(to_message(marking))
    record.header.source_handling.CopyFrom(handling)
    return record


@given(marking=MARKINGS, handling=st.sampled_from(KNOWN))
def test_marking_becomes_at_least_as_strict_as_it_was(marking: Marking, handling: pb.SourceHandling) -> None:
    record = _record(marking, handling)

    tighten(record)

    tightened = from_message(record.header.marking, field="marking")
    assert join(tightened, marking) == tightened
    assert record.header.source_handling == handling


def test_each_label_says_its_part() -> None:
    record = _record(
        BOTTOM,
        pb.SourceHandling(codes=["H1", "H2", "H3", "REL TO police.ro"], text="Ask.", traffic_light="TLP:RED"),
    )

    tighten(record)

    found = from_message(record.header.marking, field="marking")
    assert found.consent == {("", ConsentKind.JUDICIAL), ("", ConsentKind.ONWARD)}
    assert (found.notes, found.rel) == (frozenset({"Ask."}), frozenset({"police.ro"}))
    assert found.holders is Holders.PERSON


@pytest.mark.parametrize(
    "handling",
    [
        pb.SourceHandling(codes=["H9"]),
        pb.SourceHandling(codes=["REL TO Nowhere"]),
        pb.SourceHandling(codes=["PAP:BLUE"]),
        pb.SourceHandling(traffic_light="TLP:WHITE"),
        pb.SourceHandling(classification="COSMIC"),
    ],
)
def test_label_that_is_not_understood_is_refused_by_name(handling: pb.SourceHandling) -> None:
    record = _record(BOTTOM, handling)

    with pytest.raises(Malformed) as refusal:
        tighten(record)
    assert (refusal.value.code, refusal.value.field) == ("unknown-label", "header.source_handling")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("REL TO XB", "The source releases it to these alone: XB."),
        ("REL TO police.ro, XB", "The source releases it to these alone: police.ro, XB."),
        ("PAP:AMBER", "The source limits what may be done with it: PAP:AMBER."),
    ],
)
def test_label_that_a_person_must_judge_by_is_a_restriction_in_words(code: str, words: str) -> None:
    record = _record(BOTTOM, pb.SourceHandling(codes=[code]))

    tighten(record)

    assert from_message(record.header.marking, field="marking").notes == {words}


def test_record_without_a_marking_or_handling_is_left_as_it_is() -> None:
    bare = pb.Record()
    bare.header.source_handling.codes.append("H9")
    tighten(bare)
    assert not bare.header.HasField("marking")

    marked = pb.Record()
    marked.header.marking.CopyFrom(to_message(BOTTOM))
    tighten(marked)
    assert from_message(marked.header.marking, field="marking") == BOTTOM
