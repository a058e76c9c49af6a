"""A document says at least what its marking does, and what the source wrote stays as it was written."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.loss import Effect
from adapters.mark import TLP_ORDER, labels_in, mark, stricter_light
from gateway.errors import Malformed
from gateway.record.handling import Legend, marked
from gateway.record.marking import BOTTOM, TOP, Holders, Level, Marking, PermittedAction, join
from gateway.record.vocabulary import ConsentKind, Purpose
from gateway.v1 import record_pb2 as pb

NL = "police.nl"
LEGEND = Legend(source=NL, own=frozenset({NL}), audiences={})
_AGENCIES = ("police.ro", "shelter.ngo", "border.xx")


def _open(**changes: object) -> Marking:
    values = {field: getattr(BOTTOM, field) for field in BOTTOM.__slots__}
    return Marking(**{**values, **changes})


MARKINGS = st.builds(
    Marking,
    level=st.sampled_from([Level.PUBLIC, Level.OFFICIAL, Level.RESTRICTED]),
    rel=st.none() | st.frozensets(st.sampled_from(_AGENCIES), min_size=1),
    holders=st.sampled_from(Holders),
    purposes=st.none() | st.frozensets(st.sampled_from(Purpose)),
    consent=st.frozensets(
        st.tuples(st.just(NL), st.sampled_from([ConsentKind.ONWARD, ConsentKind.JUDICIAL]))
    ),
    act=st.sampled_from(PermittedAction),
    subject_may_be_told=st.booleans(),
    encrypt=st.booleans(),
    display_only=st.just(False),
    no_automated_use=st.booleans(),
    expires=st.none() | st.just(date(2031, 12, 31)),
    notes=st.frozensets(st.sampled_from(["Ask the desk first.", "Not to be read aloud."])),
)


@given(marking=MARKINGS)
def test_labels_of_a_document_never_say_less_than_its_marking(marking: Marking) -> None:
    record, _ = mark(pb.Record(), marking, discloser=NL)

    read = marked(BOTTOM, labels_in(record.header.source_handling), LEGEND)

    strict = join(read, marking)
    text = record.header.source_handling.text
    assert not read.nobody
    for axis in ("level", "rel", "holders", "consent"):
        assert getattr(strict, axis) == getattr(read, axis) or text
    assert marking.notes <= frozenset(text.split("\n"))
    assert marking.expires is None or "2031-12-31" in text
    assert (
        marking.purposes is None
        or all(purpose.token in text for purpose in marking.purposes)
        or (read.purposes is not None and read.purposes <= marking.purposes)
    )


def test_what_the_source_wrote_stays_and_ours_is_added() -> None:
    record = pb.Record()
    record.header.source_handling.CopyFrom(
        pb.SourceHandling(
            codes=["H1"], text="Court only by leave.", classification="RESTRICTED", traffic_light="TLP:GREEN"
        )
    )

    marked_record, losses = mark(
        record,
        _open(holders=Holders.ORGANISATION, rel=frozenset({"police.ro"}), level=Level.RESTRICTED),
        discloser=NL,
    )

    handling = marked_record.header.source_handling
    assert handling.codes[0] == "H1"
    assert {"H2", "H3", "REL TO police.ro"} <= set(handling.codes)
    assert handling.text.startswith("Court only by leave.")
    assert "Disclosed as RESTREINT UE/EU RESTRICTED." in handling.text
    assert (handling.classification, handling.traffic_light) == ("RESTRICTED", "TLP:AMBER+STRICT")
    assert [(loss.path, loss.effect) for loss in losses] == [("header.source_handling", Effect.INVENTED)]
    assert not record.header.source_handling.text.endswith("RESTRICTED.")


def test_free_use_stands_alone() -> None:
    record, _ = mark(
        pb.Record(),
        _open(purposes=frozenset({Purpose.INVESTIGATION}), holders=Holders.ORGANISATION),
        discloser=NL,
    )

    handling = record.header.source_handling
    assert "H0" not in handling.codes
    assert "Only for the purposes: investigation." in handling.text


def test_words_are_said_once() -> None:
    record, _ = mark(pb.Record(), BOTTOM, discloser=NL, words=["Never copy it."])
    again, _ = mark(record, BOTTOM, discloser=NL, words=["Never copy it."])

    assert again.header.source_handling.text == "Never copy it."


def test_what_nobody_may_have_is_not_written() -> None:
    with pytest.raises(Malformed):
        mark(pb.Record(), TOP, discloser=NL)


@pytest.mark.parametrize(
    ("handling", "expected"),
    [
        (pb.SourceHandling(codes=["H9"]), TOP),
        (pb.SourceHandling(traffic_light="TLP:WHITE"), TOP),
        (pb.SourceHandling(classification="COSMIC"), TOP),
        (pb.SourceHandling(classification="UNCLASSIFIED - BASIC PROTECTION LEVEL"), BOTTOM),
    ],
)
def test_label_that_is_not_known_is_the_strictest(handling: pb.SourceHandling, expected: Marking) -> None:
    assert marked(BOTTOM, labels_in(handling), LEGEND) == expected


def test_words_without_a_code_restrict_all_the_same() -> None:
    read = marked(BOTTOM, labels_in(pb.SourceHandling(text="Ask first.")), LEGEND)

    assert read.notes == {"Ask first."}


def test_of_two_lights_the_stricter_shines() -> None:
    for place, light in enumerate(TLP_ORDER):
        for other in TLP_ORDER[: place + 1]:
            assert stricter_light(light, other) == stricter_light(other, light) == light
        assert stricter_light(light, "") == light
    assert stricter_light("TLP:CLEAR", "TLP:WHITE") == "TLP:RED"
    assert stricter_light("", "") == ""
