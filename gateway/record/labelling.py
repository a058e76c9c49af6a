"""Markings, written in foreign handling labels: never looser than they are, and what is lost is said.

Source: `reference/policy/markings.md` 2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Final

from gateway.errors import Malformed
from gateway.record.handling import Label, Legend, marked
from gateway.record.handling_table import Scheme
from gateway.record.marking import BOTTOM, Holders, Level, Marking, join
from gateway.record.vocabulary import ConsentKind

AXES: Final = tuple(field.name for field in fields(Marking) if field.name not in ("policy_id", "nobody"))
"""The members of a marking that restrict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Labels that stand for a marking, and the members of it (`AXES`) of which they say less, or nothing."""

    labels: tuple[Label, ...]
    lost: tuple[str, ...]


def labels_of(marking: Marking, schemes: Iterable[Scheme], legend: Legend) -> Labelled:
    """Return a marking in the labels of these schemes together.

    `lost` is found by reading the labels again: it lists exactly what a reader with this legend would hold to
    be less restricted than it is.

    Raises:
        Malformed: nobody may have it, one of the schemes has no label that is strict enough, or the legend's
            table is not known here.
    """
    if marking.nobody:
        raise Malformed("lets nobody have it", field="marking")
    labels = tuple(label for scheme in schemes for label in _WRITERS[scheme](marking, legend))
    read = marked(BOTTOM, labels, legend)
    if read.nobody:
        raise Malformed("cannot be read again by this table", field="legend.table")
    strict = join(read, marking)
    return Labelled(
        labels=labels, lost=tuple(axis for axis in AXES if getattr(strict, axis) != getattr(read, axis))
    )


def tlp_of(marking: Marking, legend: Legend) -> Labelled:
    """Return the TLP 2.0 label of a marking; raises as `labels_of`."""
    return labels_of(marking, [Scheme.TLP], legend)


def handling_codes_of(marking: Marking, legend: Legend) -> Labelled:
    """Return Europol handling codes of a marking; raises as `labels_of`."""
    return labels_of(marking, [Scheme.EUROPOL], legend)


def dissemination_of(marking: Marking, legend: Legend) -> Labelled:
    """Return the dissemination controls of a marking: REL TO and ORCON; raises as `labels_of`.

    A list of nobody cannot be written: a reader could take it for no list.
    """
    return labels_of(marking, [Scheme.DISSEMINATION], legend)


def eu_level_of(marking: Marking, legend: Legend) -> Labelled:
    """Return the EU classification of a marking, none for what is public; raises as `labels_of`."""
    return labels_of(marking, [Scheme.EU], legend)


def rpd_of(marking: Marking, legend: Legend) -> Labelled:
    """Return INTERPOL's level of a marking, which ends below secret, and its access lists; raises as
    `labels_of`.
    """
    return labels_of(marking, [Scheme.INTERPOL], legend)


_TLP: Final = MappingProxyType(
    {
        Holders.PERSON: "TLP:RED",
        Holders.ORGANISATION: "TLP:AMBER+STRICT",
        Holders.ORGANISATION_AND_CLIENTS: "TLP:AMBER",
        Holders.COMMUNITY: "TLP:GREEN",
        Holders.ANY: "TLP:CLEAR",
    }
)

# There is no EU level below RESTREINT: what is official there would be written as if it were public.
_EU: Final = MappingProxyType(
    {
        Level.OFFICIAL: "RESTREINT UE/EU RESTRICTED",
        Level.RESTRICTED: "RESTREINT UE/EU RESTRICTED",
        Level.CONFIDENTIAL: "CONFIDENTIEL UE/EU CONFIDENTIAL",
        Level.SECRET: "SECRET UE/EU SECRET",
    }
)

_INTERPOL: Final = MappingProxyType(
    {
        Level.PUBLIC: "FOR OFFICIAL USE ONLY",
        Level.OFFICIAL: "FOR OFFICIAL USE ONLY",
        Level.RESTRICTED: "RESTRICTED",
        Level.CONFIDENTIAL: "CONFIDENTIAL",
    }
)


def _tlp(marking: Marking, legend: Legend) -> list[Label]:
    holders = min(marking.holders, _widest(marking))
    if holders is Holders.ORGANISATION_AND_CLIENTS and not legend.clients_bound:
        holders = Holders.ORGANISATION
    return [Label(Scheme.TLP, _TLP[holders])]


def _widest(marking: Marking) -> Holders:
    """Return the widest circle a label may name without letting in somebody the marking keeps out."""
    if _is_for_some(marking) or marking.level > Level.OFFICIAL:
        return Holders.ORGANISATION
    # To a reader CLEAR means that nothing limits at all; sources and a day of review are no limits.
    unlimited = replace(marking, provenance=frozenset(), review_by=None) == BOTTOM
    return Holders.ANY if unlimited else Holders.COMMUNITY


def _handling_codes(marking: Marking, _legend: Legend) -> list[Label]:
    codes = [Label(Scheme.EUROPOL, "H0")] if marking.purposes is not None else []
    if any(kind is ConsentKind.JUDICIAL for _, kind in marking.consent):
        codes.append(Label(Scheme.EUROPOL, "H1"))
    # The codes name no audience. Who holds it then asks before passing it on, or it would reach others.
    if _is_for_some(marking) or marking.holders < Holders.ANY:
        codes.append(Label(Scheme.EUROPOL, "H2"))
    return codes + [Label(Scheme.EUROPOL, "H3", note) for note in sorted(marking.notes)]


def _dissemination(marking: Marking, _legend: Legend) -> list[Label]:
    controls = _list_of(Scheme.DISSEMINATION, "REL TO", marking)
    return controls + ([Label(Scheme.DISSEMINATION, "ORCON")] if _is_held_by_consent(marking) else [])


def _eu(marking: Marking, _legend: Legend) -> list[Label]:
    level = _EU.get(marking.level)
    return [Label(Scheme.EU, level)] if level else []


def _interpol(marking: Marking, _legend: Legend) -> list[Label]:
    level = _INTERPOL.get(marking.level)
    if level is None:
        raise Malformed("is above INTERPOL's highest level", field="marking.level")
    never = ", ".join(sorted(marking.excl))
    return [
        Label(Scheme.INTERPOL, level),
        *_list_of(Scheme.INTERPOL, "ACCESS ONLY", marking),
        *([Label(Scheme.INTERPOL, f"NO ACCESS {never}")] if never else []),
    ]


def _list_of(scheme: Scheme, opening: str, marking: Marking) -> list[Label]:
    if marking.rel is None:
        return []
    admitted = sorted(marking.rel - marking.excl)
    if not admitted:
        raise Malformed("lets nobody but its originator have it", field="marking.rel")
    return [Label(scheme, f"{opening} {', '.join(admitted)}")]


def _is_for_some(marking: Marking) -> bool:
    limited = marking.rel is not None or bool(marking.excl or marking.compart)
    return limited or _is_held_by_consent(marking)


def _is_held_by_consent(marking: Marking) -> bool:
    return any(kind is ConsentKind.ONWARD for _, kind in marking.consent)


_WRITERS: Final[Mapping[Scheme, Callable[[Marking, Legend], list[Label]]]] = MappingProxyType(
    {
        Scheme.TLP: _tlp,
        Scheme.EUROPOL: _handling_codes,
        Scheme.DISSEMINATION: _dissemination,
        Scheme.EU: _eu,
        Scheme.INTERPOL: _interpol,
    }
)
