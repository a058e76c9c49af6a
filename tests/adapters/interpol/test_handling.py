"""No word on handling is lost in silence: the level is as strict as is meant, the rest stands beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from adapters.adapter import View
from adapters.caveats import Caveat
from adapters.export import Disclosed, export
from adapters.interpol.format import InterpolNotice
from adapters.loss import Effect
from adapters.mark import labels_in
from gateway.errors import Refused
from gateway.record.handling_table import Scheme
from gateway.record.marking import BOTTOM, Level
from gateway.v1 import record_pb2 as pb
from tests.adapters.interpol.notices import (
    MINA,
    disappearance,
    losses,
    lost,
    missing,
    parse,
    read,
    suspect,
    written,
)


def _marked(classification: str) -> pb.Record:
    record = pb.Record()
    suspect(record)
    record.header.source_handling.classification = classification
    return record


@pytest.mark.parametrize(
    ("classification", "level"),
    [
        ("FOR OFFICIAL USE ONLY", "FOR OFFICIAL USE ONLY"),
        ("RESTRICTED", "RESTRICTED"),
        ("CONFIDENTIAL", "CONFIDENTIAL"),
        ("UNCLASSIFIED - BASIC PROTECTION LEVEL", "FOR OFFICIAL USE ONLY"),
        ("LIMITE", "FOR OFFICIAL USE ONLY"),
        ("RESTREINT UE/EU RESTRICTED", "RESTRICTED"),
        ("CONFIDENTIEL UE/EU CONFIDENTIAL", "CONFIDENTIAL"),
        ("Level 9", "CONFIDENTIAL"),
    ],
)
def test_level_is_as_strict_as_the_classification_and_its_words_come_along(
    classification: str, level: str
) -> None:
    record = _marked(classification)

    told = written(record, "red")

    assert told["confidentiality"] == level
    assert read(told).header.source_handling.classification == classification
    extended = lost(record, "red").get("header.source_handling.classification")
    assert extended == (None if classification == level else Effect.KEPT_AS_EXTENSION)


@pytest.mark.parametrize("classification", ["SECRET UE/EU SECRET", "TRÈS SECRET UE/EU TOP SECRET", "Secret"])
def test_classification_above_the_highest_level_is_refused(classification: str) -> None:
    with pytest.raises(Refused) as refusal:
        InterpolNotice().render([View(record=_marked(classification))], form="red", allowed=frozenset(Caveat))

    assert refusal.value.code == "above-ceiling"
    assert refusal.value.field == "views[0].header.source_handling.classification"


def test_handling_codes_text_and_traffic_light_come_through_in_the_extension() -> None:
    record = _marked("RESTRICTED")
    handling = record.header.source_handling
    handling.codes.extend(["H1", "H3", "H1", "REL TO XA, XB", "ours only"])
    handling.text, handling.traffic_light = "Ask first.", "TLP:AMBER"

    rendered = InterpolNotice().render([View(record=record)], form="red")

    (draft,) = InterpolNotice().parse(rendered.data, today=date.max, exercise=False)
    assert draft.record.header.source_handling == handling
    kept = {loss.path for loss in rendered.losses[0] if loss.effect is Effect.KEPT_AS_EXTENSION}
    assert kept == {f"header.source_handling.{one}" for one in ("codes", "text", "traffic_light")}


def test_code_that_does_not_come_through_refuses_the_notice_unless_it_is_allowed() -> None:
    record = _marked("RESTRICTED")
    record.header.source_handling.codes.append("0")

    with pytest.raises(Refused) as refusal:
        InterpolNotice().render([View(record=record)], form="red")

    assert refusal.value.code == "caveat-lost"
    assert InterpolNotice().render([View(record=record)], form="red", allowed={Caveat.HANDLING}).data


@pytest.mark.parametrize("caveat", [Caveat.EVALUATION, Caveat.ANONYMITY])
def test_other_caveats_refuse_the_notice_unless_they_are_allowed(caveat: Caveat) -> None:
    record = pb.Record()
    person = suspect(record)
    if caveat is Caveat.EVALUATION:
        record.header.evaluation.original = "5x5x5:B2"
    else:
        person.safety.anonymity_guaranteed = True

    with pytest.raises(Refused) as refusal:
        InterpolNotice().render([View(record=record)], form="red")

    assert refusal.value.code == "caveat-lost"
    assert InterpolNotice().render([View(record=record)], form="red", allowed={caveat}).data


def test_unknown_traffic_light_counts_as_red_and_keeps_its_word() -> None:
    document = {"entity_id": "2031/1", "name": "LARK", "comity": {"handling": {"traffic_light": "TLP:PINK"}}}

    handling = read(document).header.source_handling

    assert (handling.traffic_light, list(handling.codes)) == ("TLP:RED", ["TLP:PINK"])
    assert losses(document) == {"comity.handling.traffic_light": Effect.GENERALISED}


def test_unknown_level_stays_as_it_is_written_and_is_nobodys() -> None:
    handling = read(
        {"entity_id": "2031/1", "name": "LARK", "confidentiality": "LEVEL 9"}
    ).header.source_handling

    assert [(label.scheme, label.text) for label in labels_in(handling)] == [(Scheme.INTERPOL, "LEVEL 9")]


def test_level_that_the_extension_contradicts_is_not_loosened() -> None:
    document = {
        "entity_id": "2031/1",
        "name": "LARK",
        "confidentiality": "CONFIDENTIAL",
        "comity": {"handling": {"classification": "LIMITE"}},
    }

    handling = read(document).header.source_handling

    assert (handling.classification, list(handling.codes)) == ("CONFIDENTIAL", ["LIMITE"])


def test_notices_of_one_case_add_up_to_the_strictest() -> None:
    one = {"entity_id": "2031/1", "name": "LARK", "confidentiality": "RESTRICTED", "comity": {"case": 1}}
    other = {
        "entity_id": "2031/2",
        "name": "WREN",
        "confidentiality": "CONFIDENTIAL",
        "comity": {"case": 1, "handling": {"codes": ["H1"], "text": "Ask first."}},
    }

    handling = read([one, other]).header.source_handling

    assert handling.classification == "RESTRICTED"
    assert list(handling.codes) == ["H1", "CONFIDENTIAL"]
    assert handling.text == "Ask first."


def test_marking_of_a_disclosure_stands_in_the_notice() -> None:
    record = pb.Record()
    suspect(record)
    marking = replace(BOTTOM, level=Level.RESTRICTED, rel=frozenset({"police.ro"}))

    told = export(
        [Disclosed(record=record, marking=marking, discloser="police.nl")],
        InterpolNotice(),
        form="red",
        today=date(2031, 2, 1),
        exercise=True,
    )

    (draft,) = parse(told.data)
    handling = draft.record.header.source_handling
    assert b'"confidentiality": "RESTRICTED"' in told.data
    assert "REL TO police.ro" in handling.codes
    assert handling == told.views[0].record.header.source_handling


def test_missing_child_is_a_pseudonym_unless_policy_lets_her_name_out() -> None:
    record = pb.Record()
    missing(record).nationalities.add(country="XA")
    disappearance(record)
    disclosed = Disclosed(record=record, marking=BOTTOM, discloser="police.nl", pseudonyms={MINA: "P-417"})

    stripped, whole = (
        export(
            [disclosed],
            InterpolNotice(),
            form="yellow",
            today=date(2031, 2, 1),
            exercise=True,
            identity=identity,
        )
        for identity in (False, True)
    )

    assert b"MINA" not in stripped.data and b"Port Sample" not in stripped.data
    assert parse(stripped.data)[0].record.persons[0].foreign_pseudonym == "P-417"
    assert b"MINA" in whole.data and b"Port Sample" in whole.data


def test_body_needs_the_word_of_policy_to_be_described_abroad() -> None:
    record = pb.Record()
    person = missing(record)
    person.description.deceased, person.description.height_cm = True, 150
    disclosed = Disclosed(record=record, marking=BOTTOM, discloser="police.nl")

    def write(identity: bool) -> bytes:
        day = date(2031, 2, 1)
        return export(
            [disclosed], InterpolNotice(), form="black", today=day, exercise=True, identity=identity
        ).data

    with pytest.raises(Refused) as refusal:
        write(identity=False)
    assert refusal.value.code == "protected-subject"
    assert b'"height": 1.5' in write(identity=True)
