"""The tables of docs/markings.md say what the table of labels says, and what is written for a marking."""

from __future__ import annotations

import re
from dataclasses import fields, replace

from gateway.errors import Malformed
from gateway.record.handling import Legend
from gateway.record.handling_table import HANDLING_TABLE, LISTINGS, MEANINGS, Listing, Meaning
from gateway.record.labelling import AXES, eu_level_of, rpd_of, tlp_of
from gateway.record.marking import BOTTOM, Holders, Level
from gateway.record.vocabulary import Term
from tests.project import ROOT

TEXT = (ROOT / "docs" / "markings.md").read_text(encoding="utf-8")
LEGEND = Legend(source="", own=frozenset(), audiences={}, clients_bound=True)
LISTED = {Listing.ALONE: "rel: these alone", Listing.NEVER: "excl: never these"}


def rows(heading: str) -> list[tuple[str, ...]]:
    """Return the rows of the table under these column names."""
    _, found, rest = TEXT.partition(f"| {heading} |\n")
    assert found, f"there is no table {heading}"
    lines = re.split(r"\n(?!\|)", rest, maxsplit=1)[0].splitlines()[1:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def quoted(*terms: Term) -> str:
    return ", ".join(f"`{term.token}`" for term in terms)


def in_words(meaning: Meaning) -> str:
    parts = [
        meaning.level and f"level {quoted(meaning.level)}",
        meaning.holders and f"holders {quoted(meaning.holders)}",
        meaning.purposes and f"purposes {quoted(*sorted(meaning.purposes))}",
        meaning.consent and f"consent {quoted(*sorted(meaning.consent))}",
        meaning.own_only and "rel: the source's own side",
        meaning.audience and f"rel: the agencies of `{meaning.audience}`",
        meaning.in_words and "the words beside it",
    ]
    return "; ".join(part for part in parts if part)


def test_the_table_of_labels_read_is_the_one_in_the_code() -> None:
    expected = {(f"`{scheme}`", f"`{text}`", in_words(said)) for (scheme, text), said in MEANINGS.items()}
    expected |= {(f"`{scheme}`", f"`{text} ...`", LISTED[how]) for (scheme, text), how in LISTINGS.items()}

    shown = rows("Scheme | Label | It says")

    assert set(shown) == expected
    assert len(shown) == len(expected)
    assert f"`{HANDLING_TABLE}`" in TEXT


def test_every_meaning_is_told_in_words() -> None:
    assert {field.name for field in fields(Meaning)} == {
        "level",
        "holders",
        "purposes",
        "consent",
        "own_only",
        "audience",
        "in_words",
    }


def test_the_tables_of_labels_written_are_what_is_written() -> None:
    def interpol(level: Level) -> str:
        try:
            return f"`{rpd_of(replace(BOTTOM, level=level), LEGEND).labels[0].text}`"
        except Malformed:
            return "refused"

    def union(level: Level) -> str:
        labels = eu_level_of(replace(BOTTOM, level=level), LEGEND).labels
        return f"`{labels[0].text}`" if labels else "none"

    assert rows("Holders, where nothing else limits | TLP") == [
        (quoted(holders), f"`{tlp_of(replace(BOTTOM, holders=holders), LEGEND).labels[0].text}`")
        for holders in Holders
    ]
    assert rows("Level | EU | INTERPOL") == [
        (quoted(level), union(level), interpol(level)) for level in Level
    ]


def test_every_member_of_a_marking_has_its_order() -> None:
    named = [name for cell, _ in rows("Member | Stricter is") for name in re.findall(r"`(\w+)`", cell)]

    assert sorted(named) == sorted(AXES)
