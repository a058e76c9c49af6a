"""Markings, written as foreign labels: never looser, and what a scheme cannot say is said to be lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.record.audience import admits
from gateway.record.handling import Label, Legend, marked
from gateway.record.handling_table import CRIME_PURPOSES, Scheme
from gateway.record.labelling import (
    AXES,
    Labelled,
    dissemination_of,
    eu_level_of,
    handling_codes_of,
    labels_of,
    rpd_of,
    tlp_of,
)
from gateway.record.marking import BOTTOM, TOP, Holders, Level, Marking, PermittedAction, dominates, join
from gateway.record.vocabulary import ConsentKind, Purpose
from tests.record.markings import (
    AGENCY_IDS,
    AGENCY_SETS,
    ANY_MARKINGS,
    AUDIENCES,
    CARRIED,
    KNOWN_LABELS,
    LEGENDS,
    stated_markings,
)

LEGEND = Legend(source="", own=frozenset({"police.nl"}), audiences=AUDIENCES)
SCHEMES = st.lists(st.sampled_from(Scheme), unique=True)
STATED = stated_markings(st.sampled_from(Level))
ONWARD = frozenset({("", ConsentKind.ONWARD)})

WRITERS: dict[Scheme, Callable[[Marking, Legend], Labelled]] = {
    Scheme.TLP: tlp_of,
    Scheme.EUROPOL: handling_codes_of,
    Scheme.DISSEMINATION: dissemination_of,
    Scheme.EU: eu_level_of,
    Scheme.INTERPOL: rpd_of,
}

# What a scheme can say in full, whatever the marking; of the rest it may say less, and then says so.
IN_FULL: dict[Scheme, set[str]] = {
    Scheme.TLP: {"holders"},
    Scheme.EUROPOL: {"notes"},
    Scheme.DISSEMINATION: {"rel"},
    Scheme.EU: {"level"},
    Scheme.INTERPOL: {"level", "rel", "excl"},
}


def written(marking: Marking, schemes: Sequence[Scheme], legend: Legend) -> Labelled | None:
    """Return the labels of a marking; None where there are none that are strict enough."""
    try:
        return labels_of(marking, schemes, legend)
    except Malformed:
        return None


def keeps(strict: Marking, marking: Marking, axis: str) -> bool:
    """Tell whether one marking is at least as strict as another in one of its members."""
    alone = replace(BOTTOM, **{axis: getattr(marking, axis)})
    return dominates(replace(BOTTOM, **{axis: getattr(strict, axis)}), alone)


def test_every_scheme_is_written_and_every_member_counted() -> None:
    assert WRITERS.keys() == IN_FULL.keys() == set(Scheme)
    assert len(AXES) == 16


@given(STATED, SCHEMES, LEGENDS)
def test_what_is_not_said_to_be_lost_is_read_again_as_strict(
    marking: Marking, schemes: list[Scheme], legend: Legend
) -> None:
    out = written(marking, schemes, legend)

    if out is not None:
        again = marked(BOTTOM, out.labels, legend)
        assert [axis for axis in AXES if not keeps(again, marking, axis)] == list(out.lost)


@given(STATED, LEGENDS)
def test_a_scheme_never_loses_what_it_speaks_of(marking: Marking, legend: Legend) -> None:
    for scheme, axes in IN_FULL.items():
        out = written(marking, [scheme], legend)

        assert out is None or axes.isdisjoint(out.lost)


@given(st.lists(KNOWN_LABELS, max_size=4), STATED, LEGENDS)
def test_labels_read_written_and_read_again_never_loosen(
    labels: list[Label], stated: Marking, legend: Legend
) -> None:
    once = marked(stated, labels, legend)
    out = written(once, list(Scheme), legend)

    if out is not None:
        twice = marked(stated, out.labels, legend)
        assert {axis for axis in AXES if not keeps(twice, once, axis)} <= set(out.lost)
        assert dominates(marked(once, out.labels, legend), once)


@given(st.sampled_from(Scheme), st.data(), LEGENDS)
def test_labels_of_one_scheme_survive_being_written_in_it(
    scheme: Scheme, data: st.DataObject, legend: Legend
) -> None:
    own = KNOWN_LABELS.filter(
        lambda label: label.scheme == scheme and label.text != "LIMITE" and not label.words
    )
    once = marked(BOTTOM, data.draw(st.lists(own, max_size=3)), legend)
    out = written(once, [scheme], legend)

    if out is not None:
        twice = marked(BOTTOM, out.labels, legend)
        assert out.lost == ()
        assert dominates(twice, once)


@given(STATED, AGENCY_SETS, LEGENDS)
def test_written_lists_let_in_whom_the_marking_lets_in_and_nobody_else(
    marking: Marking, rel: frozenset[str], legend: Legend
) -> None:
    listed = replace(marking, rel=rel, level=Level.PUBLIC, compart=frozenset())

    for scheme in (Scheme.DISSEMINATION, Scheme.INTERPOL):
        out = written(listed, [scheme], legend)
        again = TOP if out is None else replace(marked(BOTTOM, out.labels, legend), level=Level.PUBLIC)

        for agency in AGENCY_IDS:
            asked: dict[str, Any] = {"agency": agency, "communities": frozenset(), "originator": ""}
            assert admits(again, **asked) == admits(listed, **asked)


@given(CARRIED, LEGENDS)
def test_all_schemes_together_lose_nothing_that_one_of_them_keeps(marking: Marking, legend: Legend) -> None:
    together = written(marking, list(Scheme), legend)

    if together is not None:
        for scheme in Scheme:
            assert set(together.lost) <= set(labels_of(marking, [scheme], legend).lost)


def test_what_nobody_may_have_is_written_in_no_scheme() -> None:
    for write in WRITERS.values():
        with pytest.raises(Malformed, match="nobody"):
            write(TOP, LEGEND)


def test_an_unknown_table_writes_nothing() -> None:
    with pytest.raises(Malformed, match="table"):
        tlp_of(BOTTOM, replace(LEGEND, table="comity/handling/2"))


def texts(out: Labelled) -> list[str]:
    return [label.text for label in out.labels]


TLP_OF = {
    "nothing limits": (BOTTOM, "TLP:CLEAR", ()),
    "sources and a review do not limit": (
        replace(BOTTOM, review_by=date(2027, 1, 1)),
        "TLP:CLEAR",
        ("review_by",),
    ),
    "official": (replace(BOTTOM, level=Level.OFFICIAL), "TLP:GREEN", ("level",)),
    "a purpose": (replace(BOTTOM, purposes=CRIME_PURPOSES), "TLP:GREEN", ("purposes",)),
    "words": (replace(BOTTOM, notes=frozenset({"ask"})), "TLP:GREEN", ("notes",)),
    "to be encrypted": (replace(BOTTOM, encrypt=True), "TLP:GREEN", ("encrypt",)),
    "a last day": (replace(BOTTOM, expires=date(2027, 1, 1)), "TLP:GREEN", ("expires",)),
    "no visible action": (replace(BOTTOM, act=PermittedAction.NONE), "TLP:GREEN", ("act",)),
    "community": (replace(BOTTOM, holders=Holders.COMMUNITY), "TLP:GREEN", ()),
    "unbound clients": (replace(BOTTOM, holders=Holders.ORGANISATION_AND_CLIENTS), "TLP:AMBER+STRICT", ()),
    "restricted": (replace(BOTTOM, level=Level.RESTRICTED), "TLP:AMBER+STRICT", ("level",)),
    "a list": (replace(BOTTOM, rel=frozenset({"police.ro"})), "TLP:AMBER+STRICT", ("rel",)),
    "an exclusion": (replace(BOTTOM, excl=frozenset({"police.ro"})), "TLP:AMBER+STRICT", ("excl",)),
    "a compartment": (replace(BOTTOM, compart=frozenset({"blue"})), "TLP:AMBER+STRICT", ("compart",)),
    "consent onward": (replace(BOTTOM, consent=ONWARD), "TLP:AMBER+STRICT", ("consent",)),
    "persons": (replace(BOTTOM, holders=Holders.PERSON, consent=ONWARD), "TLP:RED", ()),
}


@pytest.mark.parametrize(("marking", "label", "lost"), TLP_OF.values(), ids=TLP_OF.keys())
def test_the_traffic_light_lets_in_nobody_the_marking_keeps_out(
    marking: Marking, label: str, lost: tuple[str, ...]
) -> None:
    out = tlp_of(marking, LEGEND)

    assert (texts(out), out.lost) == ([label], lost)


@given(ANY_MARKINGS, LEGENDS)
def test_clear_stands_only_on_what_nothing_limits(marking: Marking, legend: Legend) -> None:
    out = written(marking, [Scheme.TLP], legend)

    if out is not None and texts(out) == ["TLP:CLEAR"]:
        assert set(out.lost) <= {"provenance", "review_by"}
    assert texts(tlp_of(BOTTOM, legend)) == ["TLP:CLEAR"]


def test_bound_clients_are_written_as_amber() -> None:
    clients = replace(BOTTOM, holders=Holders.ORGANISATION_AND_CLIENTS)

    assert texts(tlp_of(clients, replace(LEGEND, clients_bound=True))) == ["TLP:AMBER"]


def test_handling_codes_say_purposes_consent_and_words() -> None:
    marking = replace(
        BOTTOM,
        purposes=CRIME_PURPOSES,
        consent=ONWARD | {("", ConsentKind.JUDICIAL)},
        notes=frozenset({"not by e-mail"}),
    )

    out = handling_codes_of(marking, LEGEND)

    assert texts(out) == ["H0", "H1", "H2", "H3"]
    assert out.labels[-1].words == "not by e-mail"
    assert out.lost == ()


def test_purposes_narrower_than_h0_are_said_to_be_lost_and_wider_ones_are_narrowed() -> None:
    narrow = replace(BOTTOM, purposes=frozenset({Purpose.INVESTIGATION}))
    wide = replace(BOTTOM, purposes=CRIME_PURPOSES | {Purpose.TREND})

    assert handling_codes_of(narrow, LEGEND).lost == ("purposes",)
    assert handling_codes_of(wide, LEGEND).lost == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"rel": frozenset({"police.ro"})},
        {"excl": frozenset({"police.ro"})},
        {"compart": frozenset({"blue"})},
        {"holders": Holders.COMMUNITY},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_where_codes_cannot_name_the_audience_they_ask_before_passing_on(changes: dict[str, Any]) -> None:
    out = handling_codes_of(replace(BOTTOM, **changes), LEGEND)

    assert texts(out) == ["H2"]
    assert out.lost == (*changes,)
    assert handling_codes_of(BOTTOM, LEGEND).labels == ()


def test_consent_of_others_than_the_source_is_said_to_be_lost() -> None:
    theirs = replace(BOTTOM, consent=frozenset({("police.ro", ConsentKind.ONWARD)}))

    assert handling_codes_of(theirs, LEGEND).lost == ("consent",)
    assert handling_codes_of(theirs, replace(LEGEND, source="police.ro")).lost == ()


def test_lists_name_who_is_left_and_refuse_to_name_nobody() -> None:
    some = replace(
        BOTTOM, rel=frozenset({"police.ro", "police.nl", "shelter.ngo"}), excl=frozenset({"police.nl"})
    )

    assert texts(dissemination_of(some, LEGEND)) == ["REL TO police.ro, shelter.ngo"]
    assert dissemination_of(some, LEGEND).lost == ("excl",)
    assert texts(rpd_of(some, LEGEND))[1:] == ["ACCESS ONLY police.ro, shelter.ngo", "NO ACCESS police.nl"]
    assert rpd_of(some, LEGEND).lost == ()
    for write in (dissemination_of, rpd_of):
        with pytest.raises(Malformed, match="originator"):
            write(replace(some, rel=frozenset({"police.nl"})), LEGEND)


def test_consent_onward_is_written_as_originator_control() -> None:
    assert texts(dissemination_of(replace(BOTTOM, consent=ONWARD), LEGEND)) == ["ORCON"]
    assert texts(dissemination_of(BOTTOM, LEGEND)) == []


LEVELS = {
    Level.PUBLIC: ([], "FOR OFFICIAL USE ONLY"),
    Level.OFFICIAL: (["RESTREINT UE/EU RESTRICTED"], "FOR OFFICIAL USE ONLY"),
    Level.RESTRICTED: (["RESTREINT UE/EU RESTRICTED"], "RESTRICTED"),
    Level.CONFIDENTIAL: (["CONFIDENTIEL UE/EU CONFIDENTIAL"], "CONFIDENTIAL"),
    Level.SECRET: (["SECRET UE/EU SECRET"], None),
}


@pytest.mark.parametrize("level", Level)
def test_a_level_is_written_as_the_next_one_a_scheme_has_or_not_at_all(level: Level) -> None:
    of_union, of_interpol = LEVELS[level]
    marking = replace(BOTTOM, level=level)

    assert texts(eu_level_of(marking, LEGEND)) == of_union
    if of_interpol is None:
        with pytest.raises(Malformed, match="highest"):
            rpd_of(marking, LEGEND)
    else:
        assert texts(rpd_of(marking, LEGEND)) == [of_interpol]


def test_joining_before_writing_is_at_least_as_strict_as_writing_both() -> None:
    one = replace(BOTTOM, holders=Holders.PERSON)
    other = replace(BOTTOM, level=Level.RESTRICTED)

    both = labels_of(join(one, other), [Scheme.TLP, Scheme.EU], LEGEND)

    assert texts(both) == ["TLP:RED", "RESTREINT UE/EU RESTRICTED"]
