"""Hypothesis strategies for markings, foreign labels and legends, over a small world of agencies."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from gateway.record.handling import Label, Legend
from gateway.record.handling_table import MEANINGS, Scheme
from gateway.record.marking import TOP, Holders, Level, Marking, PermittedAction
from gateway.record.vocabulary import ConsentKind, Provenance, Purpose

AGENCY_IDS = ("police.nl", "police.ro", "shelter.ngo")
AGENCIES = st.sampled_from(AGENCY_IDS)
AGENCY_SETS = st.frozensets(AGENCIES)
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 5))
CONSENTS = st.tuples(AGENCIES | st.just(""), st.sampled_from(ConsentKind))


def stated_markings(levels: st.SearchStrategy[Level]) -> st.SearchStrategy[Marking]:
    """Return markings under which somebody may have the content."""
    return st.builds(
        Marking,
        level=levels,
        rel=st.none() | AGENCY_SETS,
        excl=AGENCY_SETS,
        holders=st.sampled_from(Holders),
        purposes=st.none() | st.frozensets(st.sampled_from(Purpose), max_size=5),
        consent=st.frozensets(CONSENTS, max_size=3),
        compart=AGENCY_SETS,
        act=st.sampled_from(PermittedAction),
        subject_may_be_told=st.booleans(),
        encrypt=st.booleans(),
        display_only=st.booleans(),
        no_automated_use=st.booleans(),
        expires=st.none() | DAYS,
        review_by=st.none() | DAYS,
        provenance=st.frozensets(st.sampled_from(Provenance)),
        notes=st.frozensets(st.sampled_from(["ask first", "not by e-mail"])),
    )


CARRIED = stated_markings(st.sampled_from([Level.PUBLIC, Level.OFFICIAL, Level.RESTRICTED]))
"""Those a gateway carries."""

MARKINGS = st.just(TOP) | CARRIED

ANY_MARKINGS = st.just(TOP) | stated_markings(st.sampled_from(Level))
"""Those above the ceiling too."""

AUDIENCES = {
    "NLD": frozenset({"police.nl"}),
    "ROU": frozenset({"police.ro"}),
    "EU": frozenset({"police.nl", "police.ro"}),
    "XBA": frozenset[str](),
}

LEGENDS = st.builds(
    Legend,
    source=st.just("") | AGENCIES,
    own=AGENCY_SETS,
    audiences=st.just(AUDIENCES),
    clients_bound=st.booleans(),
)

_NAMED = st.lists(AGENCIES | st.sampled_from(sorted(AUDIENCES)), max_size=3).map(", ".join)


def _lists(scheme: Scheme, opening: str) -> st.SearchStrategy[Label]:
    return _NAMED.map(lambda names: Label(scheme, f"{opening} {names}".strip(" ")))


LISTS = (
    _lists(Scheme.DISSEMINATION, "REL TO")
    | _lists(Scheme.INTERPOL, "ACCESS ONLY")
    | _lists(Scheme.INTERPOL, "NO ACCESS").filter(lambda label: label.text != "NO ACCESS")
)

PLAIN = st.sampled_from([Label(*key) for key in sorted(MEANINGS)])

KNOWN_LABELS = (
    PLAIN
    | LISTS
    | st.just(Label(Scheme.EUROPOL, "H3", "ask first"))
    | st.just(Label("tlp", "TLP:RED", "eyes"))
)
"""Labels that the table knows, some with words beside them."""

UNKNOWN_LABELS = st.sampled_from(
    [
        *[Label("tlp", text) for text in ("TLP:WHITE", "TLP:BLACK", "TLP:AMBER STRICT", "TLP:AMBER+STRICT ")],
        *[Label("tlp", text) for text in ("tlp:clear", "TLP: CLEAR", "CLEAR", "", "H0", "TLP:CLEAR,TLP:RED")],
        *[Label("europol", text) for text in ("H4", "h1", "H1+H2", "H", "TLP:CLEAR")],
        *[
            Label("dissemination", text)
            for text in ("NOFORN ", "noforn", "REL", "RELTO police.nl", "REL TO NL")
        ],
        *[
            Label("dissemination", text)
            for text in ("REL TO ,", "REL TO police.nl,", "REL TO police.nl police.ro")
        ],
        *[
            Label("dissemination", text)
            for text in ("REL TO Police.nl", "rel to police.nl", "ACCESS ONLY NLD")
        ],
        *[Label("eu", text) for text in ("TRÈS SECRET UE/EU TOP SECRET", "TRES SECRET UE/EU TOP SECRET")],
        *[Label("eu", text) for text in ("EU RESTRICTED", "RESTRICTED", "LIMITE TREATY", "Limité")],
        *[Label("interpol", text) for text in ("SECRET", "Restricted", "NO ACCESS", "NO ACCESS XB", "FOUO")],
        *[Label(scheme, "RESTRICTED") for scheme in ("", "nato", "INTERPOL", "interpol/2")],
        Label("europol", "H3", "read \u202eme"),
        Label("tlp", "TLP:CLEAR", "e\u0301"),
    ]
)
"""Labels nobody here understands: another spelling, version or scheme, words off their form."""
