"""Wording that blames, judges or exposes is found, and plain wording passes."""

from __future__ import annotations

import pytest

from gateway.record.folding import fold
from gateway.record.portion import Cut, cut, entity_names
from gateway.record.wording import harmful_wording, neutral_wording
from gateway.record.wording_terms import TERMS
from gateway.v1 import record_pb2 as pb
from tests.record.samples import TODAY, counted_random, marked

HARMFUL = [
    ("the PROSTITUTE was questioned", "prostitute"),
    ("a child-prostitute of 14", "child prostitute"),
    ("she chose to\nstay", "chose to"),
    ("was willing to work", "willing"),
    ("she consented to be sold", "consented to"),
    ("known to be promiscuous", "promiscuous"),
    ("an illegal migrant", "illegal migrant"),
    ("een illegale migrant", "illegale migrant"),
    ("zij stemde in met alles", "stemde in met"),
    ("eine Prostituierte aus Plauen", "prostituierte"),
    ("sie ist selbst schuld", "selbst schuld"),
    ("une prostituée connue", "prostituee"),
    ("elle l'a cherché", "l a cherche"),
    ("trabajaba de prostituta", "prostituta"),
    ("era o prostituată", "prostituata"),
    ("s-a vândut singură", "s a vandut"),
]
PLAIN = [
    "She was recruited with a promise of work in a restaurant and exploited in prostitution.",
    "He was made to work sixteen hours a day; his papers had been taken from him.",
    "The court found the suspect guilty of rape and of trafficking in human beings.",
    "Zij werd gedwongen te werken en haar paspoort was afgenomen.",
    "Das Opfer wurde zur Prostitution gezwungen; die Wohnung war verschlossen.",
    "Elle a été contrainte de travailler et ses papiers lui ont été pris.",
    "La víctima fue obligada a trabajar; las actividades ilegales del acusado siguen.",
    "Victima a fost obligată să muncească, iar un voluntar a însoțit-o.",
    "The curve of the road hid the van; the willow stood beside it.",
]


def assessed(text: str, role: pb.Role.ValueType = pb.ROLE_VICTIM) -> dict[str, Cut]:
    """Return, by local id, the pieces of a record that says this of a person in a narrative and a threat."""
    record = marked(pb.Record())
    person = record.persons.add(id="v", role=role)
    person.safety.threats.append(text)
    record.narratives.add(id="of", text=text).subjects.append("v")
    record.narratives.add(id="alone", text=text)
    record.organisations.add(id="bar", activity=text)
    names = entity_names(record, counted_random("names"))
    pieces = cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)
    told = ("narrative.text", "person.safety", "organisation.activity")
    return {piece.local: piece for piece in pieces if piece.category in told}


@pytest.mark.parametrize(("text", "found"), HARMFUL)
def test_harmful_wording_is_found_as_it_stands_and_has_a_neutral_one(text: str, found: str) -> None:
    assert harmful_wording(text) == (found,)
    assert neutral_wording(found)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_wording_passes(text: str) -> None:
    assert harmful_wording(text) == ()


def test_each_finding_is_told_once_and_in_order() -> None:
    assert harmful_wording("Willing, then a whore, and willing again") == ("willing", "whore")


def test_every_term_is_folded_and_found_by_its_own_pattern() -> None:
    for term in TERMS:
        assert term == fold(term).strip()
        assert harmful_wording(term.replace("*", "")) == (term.replace("*", ""),)


def test_what_is_no_finding_has_no_neutral_wording() -> None:
    assert neutral_wording("exploited") == ""


def test_free_text_about_a_victim_is_flagged_wherever_it_stands() -> None:
    flagged = {local for local, piece in assessed("she chose to go").items() if piece.counts.harmful_wording}

    assert flagged == {"v", "of", "alone"}


def test_free_text_in_plain_words_is_not_flagged() -> None:
    assert not any(piece.counts.harmful_wording for piece in assessed("she was taken there").values())


def test_free_text_about_a_suspect_alone_is_not_flagged() -> None:
    pieces = assessed("he chose to go", pb.ROLE_SUSPECT)

    assert not any(piece.counts.harmful_wording for piece in pieces.values())


def score(**said: str) -> bool:
    """Return whether an assessment that says this counts as graded."""
    record = marked(pb.Record())
    held = record.assessments.add(id="a").score
    held.hypothesis = "recruited through an advertisement"
    held.model_version, held.caveat = said.get("model", "m-2"), said.get("caveat", "not evidence")
    held.grade.source, held.grade.information = said.get("source", "B"), said.get("information", "2")
    names = entity_names(record, counted_random("names"))
    pieces = cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)
    (piece,) = [piece for piece in pieces if piece.local == "a"]
    return piece.counts.graded


def test_an_assessment_with_model_grade_and_caveat_is_graded() -> None:
    assert score()


@pytest.mark.parametrize("missing", ["model", "source", "information", "caveat"])
def test_an_assessment_that_lacks_any_of_them_is_not(missing: str) -> None:
    assert not score(**{missing: ""})
    assert not score(**{missing: "  "})


def test_every_other_category_counts_as_graded() -> None:
    assert all(piece.counts.graded for piece in assessed("plain").values())
