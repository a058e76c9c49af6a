"""Foreign handling labels, read: they tighten a stated marking, and what is not understood is nobody's.

Source: `reference/policy/markings.md` 2.2; THREATS A17.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import NamedTuple

from gateway.errors import Malformed
from gateway.record.handling_table import (
    HANDLING_TABLE,
    LISTINGS,
    MEANINGS,
    UNSAID,
    Listing,
    Meaning,
)
from gateway.record.marking import BOTTOM, TOP, Holders, Marking, join
from gateway.record.text import check_agency_id, check_text


class Label(NamedTuple):
    """One label as a document bears it: its scheme (`Scheme`), its exact spelling, and words beside it."""

    scheme: str
    text: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """What the labels of one document mean here.

    `source` is the agency whose labels they are, and whose consent they ask for; empty only where that is the
    originator of the record itself. `own` are the agencies of the source's own side (NOFORN). `audiences`
    gives for every country or bloc the agencies it stands for. `clients_bound` says that an agreement lists
    who the clients of TLP:AMBER are. `table` names the table to read by.

    Raises:
        Malformed: `bad-agency-id`.
    """

    source: str
    own: frozenset[str]
    audiences: Mapping[str, frozenset[str]]
    clients_bound: bool = False
    table: str = HANDLING_TABLE

    def __post_init__(self) -> None:
        for agency in {*self.own, *({self.source} if self.source else ())}.union(*self.audiences.values()):
            check_agency_id(agency, "legend")


def marked(stated: Marking, labels: Iterable[Label], legend: Legend) -> Marking:
    """Return the stated marking, tightened by every label: the join of them all.

    A label leaves alone what it does not speak of, so that no label can loosen what is stated. One label, one
    name in a list, or a table that is not known here makes the whole TOP.
    """
    if legend.table != HANDLING_TABLE:
        return TOP
    return reduce(join, (_restriction(label, legend) for label in labels), stated)


def _restriction(label: Label, legend: Legend) -> Marking:
    try:
        said = _listed(label, legend) or _meant(MEANINGS.get((label.scheme, label.text)), label, legend)
        check_text(label.words, "label")
    except Malformed:
        return TOP
    # Words beside any label restrict, whether or not its scheme foresees them.
    return replace(said, notes=said.notes | {label.words}) if label.words else said


def _meant(meaning: Meaning | None, label: Label, legend: Legend) -> Marking:
    if meaning is None:
        return TOP
    said = BOTTOM
    if meaning.level is not None:
        said = replace(said, level=meaning.level)
    if meaning.holders is not None:
        said = replace(said, holders=_bound(meaning.holders, legend))
    if meaning.own_only:
        said = replace(said, rel=legend.own)
    if meaning.audience:
        said = replace(said, rel=_agencies(meaning.audience, legend))
    if meaning.in_words and not label.words:
        said = replace(said, notes=frozenset({UNSAID}))
    consent = frozenset((legend.source, kind) for kind in meaning.consent)
    return replace(said, purposes=meaning.purposes, consent=consent)


def _bound(holders: Holders, legend: Legend) -> Holders:
    unbound = holders is Holders.ORGANISATION_AND_CLIENTS and not legend.clients_bound
    return Holders.ORGANISATION if unbound else holders


def _listed(label: Label, legend: Legend) -> Marking | None:
    """Return what a label with a list says; None for a label that none follows."""
    for (scheme, opening), listing in LISTINGS.items():
        if label.scheme == scheme and (label.text == opening or label.text.startswith(f"{opening} ")):
            names = label.text.removeprefix(opening).strip(" ")
            return _list(listing, names, legend)
    return None


def _list(listing: Listing, names: str, legend: Legend) -> Marking:
    # A list with a hole in it is one we did not understand; only one that names nobody at all says so.
    named = [name.strip(" ") for name in names.split(",")] if names else []
    match listing:
        case Listing.ALONE:
            return replace(BOTTOM, rel=frozenset[str]().union(*(_agencies(name, legend) for name in named)))
        case Listing.NEVER:
            return _without(named, legend)


def _without(named: list[str], legend: Legend) -> Marking:
    if not named:
        return TOP
    excluded = frozenset[str]().union(*(_agencies(name, legend) for name in named))
    if not any(name in legend.audiences for name in named):
        return replace(BOTTOM, excl=excluded)
    # An agency of an excluded country that joins later must not slip in: those known now may have it.
    known = frozenset[str]().union(*legend.audiences.values())
    return replace(BOTTOM, rel=known - excluded, excl=excluded)


def _agencies(name: str, legend: Legend) -> frozenset[str]:
    """Return the agencies of a name in a list; Malformed for one that the legend does not know."""
    known = legend.audiences.get(name)
    return frozenset({check_agency_id(name, "label")}) if known is None else known
