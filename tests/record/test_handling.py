"""Foreign labels, read: each says what its table says, they only tighten, and the unknown is nobody's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.record.handling import Label, Legend, marked
from gateway.record.handling_table import CRIME_PURPOSES, UNSAID
from gateway.record.marking import (
    BOTTOM,
    TOP,
    Holders,
    Level,
    Marking,
    dominates,
    join,
    read_foreign,
    to_message,
)
from gateway.record.vocabulary import ConsentKind, Purpose
from tests.record.markings import ANY_MARKINGS, AUDIENCES, KNOWN_LABELS, LEGENDS, UNKNOWN_LABELS

NL, RO, EURO = "police.nl", "police.ro", "europol.igo"
LEGEND = Legend(source=EURO, own=frozenset({NL}), audiences=AUDIENCES)

LABELS = st.lists(KNOWN_LABELS, max_size=4)


def read(scheme: str, text: str, words: str = "", **changes: Any) -> Marking:
    """Return what one label says by itself."""
    return marked(BOTTOM, [Label(scheme, text, words)], replace(LEGEND, **changes))


def only(**changes: Any) -> Marking:
    """Return the marking that says this and nothing else."""
    return replace(BOTTOM, **changes)


ONWARD = frozenset({(EURO, ConsentKind.ONWARD)})

SAID = {
    ("tlp", "TLP:RED"): only(holders=Holders.PERSON, consent=ONWARD),
    ("tlp", "TLP:AMBER+STRICT"): only(holders=Holders.ORGANISATION),
    ("tlp", "TLP:AMBER"): only(holders=Holders.ORGANISATION),
    ("tlp", "TLP:GREEN"): only(holders=Holders.COMMUNITY),
    ("tlp", "TLP:CLEAR"): BOTTOM,
    ("europol", "H0"): only(purposes=CRIME_PURPOSES),
    ("europol", "H1"): only(consent=frozenset({(EURO, ConsentKind.JUDICIAL)})),
    ("europol", "H2"): only(consent=ONWARD),
    ("europol", "H3"): only(notes=frozenset({UNSAID})),
    ("dissemination", "ORCON"): only(consent=ONWARD),
    ("dissemination", "NOFORN"): only(rel=frozenset({NL})),
    ("dissemination", "REL TO"): only(rel=frozenset()),
    ("dissemination", "REL TO police.ro"): only(rel=frozenset({RO})),
    ("dissemination", "REL TO NLD, shelter.ngo"): only(rel=frozenset({NL, "shelter.ngo"})),
    ("dissemination", "REL TO XBA"): only(rel=frozenset()),
    ("eu", "RESTREINT UE/EU RESTRICTED"): only(level=Level.RESTRICTED),
    ("eu", "CONFIDENTIEL UE/EU CONFIDENTIAL"): only(level=Level.CONFIDENTIAL),
    ("eu", "SECRET UE/EU SECRET"): only(level=Level.SECRET),
    ("eu", "LIMITE"): only(level=Level.OFFICIAL, rel=frozenset({NL, RO}), consent=ONWARD),
    ("interpol", "FOR OFFICIAL USE ONLY"): only(level=Level.OFFICIAL),
    ("interpol", "RESTRICTED"): only(level=Level.RESTRICTED),
    ("interpol", "CONFIDENTIAL"): only(level=Level.CONFIDENTIAL),
    ("interpol", "ACCESS ONLY ROU"): only(rel=frozenset({RO})),
    ("interpol", "NO ACCESS shelter.ngo"): only(excl=frozenset({"shelter.ngo"})),
    ("interpol", "NO ACCESS ROU"): only(rel=frozenset({NL}), excl=frozenset({RO})),
    ("interpol", "NO ACCESS XBA"): only(rel=frozenset({NL, RO})),
}


@pytest.mark.parametrize(("label", "said"), SAID.items(), ids=[text for _, text in SAID])
def test_a_label_says_this_and_nothing_of_what_it_does_not_speak_of(
    label: tuple[str, str], said: Marking
) -> None:
    assert read(*label) == said


def test_amber_reaches_clients_only_where_an_agreement_lists_them() -> None:
    assert read("tlp", "TLP:AMBER").holders is Holders.ORGANISATION
    assert read("tlp", "TLP:AMBER", clients_bound=True).holders is Holders.ORGANISATION_AND_CLIENTS


def test_restrictions_in_words_are_kept_and_missing_ones_are_said_to_be_missing() -> None:
    assert read("europol", "H3", "not by e-mail").notes == {"not by e-mail"}
    assert read("europol", "H3").notes == {UNSAID}
    assert read("tlp", "TLP:GREEN", "not on paper").notes == {"not on paper"}


def test_codes_combine() -> None:
    labels = [Label("europol", "H1"), Label("europol", "H2"), Label("europol", "H3", "ask first")]

    both = marked(BOTTOM, labels, LEGEND)

    assert both.consent == ONWARD | {(EURO, ConsentKind.JUDICIAL)}
    assert both.notes == {"ask first"}


def test_noforn_beats_every_list_beside_it() -> None:
    listed = Label("dissemination", "REL TO police.nl, police.ro")
    foreign = Label("dissemination", "REL TO police.ro")
    noforn = Label("dissemination", "NOFORN")

    assert marked(BOTTOM, [listed, noforn], LEGEND).rel == frozenset({NL})
    assert marked(BOTTOM, [noforn, foreign], LEGEND).rel == frozenset()


def test_limite_without_a_list_of_its_circle_is_nobodys() -> None:
    assert read("eu", "LIMITE", audiences={"NLD": frozenset({NL})}) is TOP


def test_consent_is_the_sources_and_the_originators_only_where_both_are_one() -> None:
    assert read("europol", "H2").consent == {(EURO, ConsentKind.ONWARD)}
    assert read("europol", "H2", source="").consent == {("", ConsentKind.ONWARD)}


@pytest.mark.parametrize("changes", [{"source": "Europol"}, {"own": frozenset({"NL"})}])
def test_a_legend_names_agencies_by_their_ids(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refusal:
        replace(LEGEND, **changes)

    assert refusal.value.code == "bad-agency-id"


@given(ANY_MARKINGS, LABELS, LEGENDS)
def test_labels_only_tighten_what_is_stated(stated: Marking, labels: list[Label], legend: Legend) -> None:
    assert dominates(marked(stated, labels, legend), stated)


@given(ANY_MARKINGS, LABELS, LABELS, LEGENDS)
def test_a_list_of_labels_is_the_join_of_its_members(
    stated: Marking, labels: list[Label], more: list[Label], legend: Legend
) -> None:
    both = marked(stated, labels + more, legend)

    assert both == join(marked(stated, labels, legend), marked(stated, more, legend))
    assert both == marked(stated, [*more, *labels, *more], legend)


@given(ANY_MARKINGS, LABELS, UNKNOWN_LABELS, LABELS, LEGENDS)
def test_one_unknown_label_makes_the_whole_nobodys(
    stated: Marking, before: list[Label], unknown: Label, after: list[Label], legend: Legend
) -> None:
    assert marked(stated, [*before, unknown, *after], legend) is TOP


@given(
    ANY_MARKINGS, LABELS, LEGENDS, st.sampled_from(["", "comity/handling/2", "comity/handling/1 ", "tlp/1"])
)
def test_labels_to_be_read_by_an_unknown_table_are_nobodys(
    stated: Marking, labels: list[Label], legend: Legend, table: str
) -> None:
    assert marked(stated, labels, replace(legend, table=table)) is TOP


@given(LABELS, LEGENDS)
def test_what_labels_say_travels_or_is_nobodys(labels: list[Label], legend: Legend) -> None:
    said = marked(BOTTOM, labels, legend)

    assert read_foreign(to_message(said)) == (TOP if said.level > Level.RESTRICTED else said)


@given(LABELS, LEGENDS)
def test_a_country_named_outside_the_legend_is_nobodys(labels: list[Label], legend: Legend) -> None:
    for text in ("REL TO FRA", "REL TO police.nl, FRA"):
        assert marked(BOTTOM, [*labels, Label("dissemination", text)], legend) is TOP
    assert marked(BOTTOM, [*labels, Label("interpol", "NO ACCESS FRA")], legend) is TOP


def test_purposes_of_crime_leave_out_protection_search_statistics_and_immigration() -> None:
    assert CRIME_PURPOSES.isdisjoint(
        {
            Purpose.VICTIM_PROTECTION,
            Purpose.MISSING_PERSON,
            Purpose.TREND,
            Purpose.TRAINING,
            Purpose.IMMIGRATION_ENFORCEMENT,
        }
    )
