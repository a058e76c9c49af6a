"""Handling: no code goes missing, whatever it is called; where nothing is said, the strictest stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from adapters.adapter import View
from adapters.europol.siena import EuropolSiena
from adapters.europol.umf import EuropolUmf
from adapters.export import Disclosed, export
from adapters.loss import Effect
from adapters.mark import labels_in
from gateway.record.handling import Legend, marked
from gateway.record.marking import BOTTOM
from gateway.v1 import record_pb2 as pb
from tests.adapters.europol.samples import PARTIES, effects, read, texts, umf, written
from tests.adapters.views import EVERY, Format, reading


def _handled(*codes: str, text: str = "", light: str = "", level: str = "") -> pb.Record:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_SUSPECT)
    handling = record.header.source_handling
    handling.codes.extend(codes)
    for name, value in (("text", text), ("traffic_light", light), ("classification", level)):
        if value:
            setattr(handling, name, value)
    return record


def _back(record: pb.Record, message: Format | None = None) -> pb.SourceHandling:
    chosen = message or EuropolUmf()
    view = View(record=record)
    rendered = chosen.render([view], form="xml", allowed=EVERY)
    return reading(chosen, view, rendered).header.source_handling


@pytest.mark.parametrize("message", [EuropolUmf(), EuropolSiena()], ids=lambda one: str(one.name))
@pytest.mark.parametrize(
    "codes",
    [
        ("H0",),
        ("H1",),
        ("H1", "H2"),
        ("H1", "H2", "H3", "REL TO XA, XB"),
        ("H3", "ORCON", "NOFORN"),
        ("H3", "REL TO police.xa", "REL TO police.xb"),
        ("H3", "REL TO XA,XB"),
        ("H3", "made up"),
    ],
)
def test_every_code_comes_back(message: Format, codes: tuple[str, ...]) -> None:
    text = "Ask the unit." if "H3" in codes else ""

    handling = _back(_handled(*codes, text=text), message)

    assert sorted(handling.codes) == sorted(codes)
    assert handling.text == text


def test_release_list_is_written_as_one() -> None:
    root = written(_handled("H1", "REL TO XA, XB"))

    assert texts(root, "Handling/Releasable") == ["XA", "XB"]


def test_two_release_lists_never_become_one_that_is_wider() -> None:
    record = _handled("H1", "REL TO XA", "REL TO XB")

    root = written(record)

    assert texts(root, "Handling/Releasable") == []
    assert texts(root, "Handling/Code") == ["H1", "H3"]
    assert set(_back(record).codes) == {"H1", "H3", "REL TO XA", "REL TO XB"}


def test_header_without_handling_gets_the_strictest_which_is_declared() -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_SUSPECT)
    (losses,) = EuropolUmf().render([View(record=record)], form="xml").losses

    root = written(record)

    assert texts(root, "Handling/Code") == ["H3"]
    assert texts(root, "Handling/Text") == ["Ask the source before any use."]
    assert {loss.path: loss.effect for loss in losses}["header.source_handling"] is Effect.INVENTED


def test_h3_is_never_written_without_a_text_nor_h0_beside_another() -> None:
    assert texts(written(_handled("H3")), "Handling/Text") == ["Ask the source before any use."]
    assert texts(written(_handled("H0", "H2")), "Handling/Code") == ["H2"]
    assert texts(written(_handled("H0", text="Not in court.")), "Handling/Code") == ["H3"]


@pytest.mark.parametrize(("light", "read_as"), [("TLP:AMBER", "TLP:AMBER"), ("TLP:PURPLE", "TLP:RED")])
def test_traffic_light_comes_back_and_an_unknown_one_is_red_and_stays_as_a_code(
    light: str, read_as: str
) -> None:
    handling = _back(_handled("H1", light=light))

    assert handling.traffic_light == read_as
    assert (light in handling.codes) is (light != read_as)


def test_classification_comes_back() -> None:
    assert _back(_handled("H1", level="CONFIDENTIAL")).classification == "CONFIDENTIAL"


def test_handling_of_one_entity_is_held_for_the_record_as_a_whole() -> None:
    person = (
        "<Person id='p1'><Handling classification='SECRET'><Code>H2</Code><Code>H3</Code>"
        "<Text>Pseudonym only</Text><Releasable>XC</Releasable></Handling><Role>VICTIM</Role></Person>"
    )

    draft = read(umf(person, head=f"{PARTIES}<Handling><Code>H0</Code></Handling>"))

    handling = draft.record.header.source_handling
    assert list(handling.codes) == ["H2", "H3", "REL TO XC"]
    assert handling.text == "p1: Pseudonym only\np1: Classified as SECRET."
    assert effects(draft)["Entities.Person[1].Handling"] is Effect.GENERALISED


def test_day_of_review_becomes_a_restriction_in_words() -> None:
    draft = read(umf(attributes="reviewBy='2034-02-04'"))

    assert draft.record.header.source_handling.text == "To be reviewed by 2034-02-04."


def test_marking_of_a_disclosure_binds_whoever_reads_the_message() -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM)
    marking = replace(BOTTOM, rel=frozenset({"police.xb"}))
    disclosed = Disclosed(record=record, marking=marking, discloser="police.xa")

    done = export([disclosed], EuropolUmf(), form="xml", today=date(2031, 3, 1), exercise=True)

    handling = read(done.data).record.header.source_handling
    legend = Legend(source="police.xa", own=frozenset({"police.xa"}), audiences={})
    bound = marked(BOTTOM, labels_in(handling), legend)
    assert bound.rel == frozenset({"police.xb"})
    assert "EXERCISE" in handling.text


def test_any_label_of_a_foreign_source_survives_in_words_or_codes() -> None:
    labels = ["LIMITE", "PAP:AMBER", "FOUO // XA ONLY", "H9", "h1", "TLP:RED"]

    assert set(labels) <= set(_back(_handled("H1", *labels)).codes)
