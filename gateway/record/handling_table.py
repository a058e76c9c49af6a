"""What foreign handling labels say, as data: one table, versioned as a whole.

Source: `reference/policy/markings.md` 2.1 and 2.2 (map table); TLP 2.0 (FIRST, 2022); Regulation (EU)
2016/794 Articles 18 and 19 (handling codes); INTERPOL Rules on the Processing of Data, Articles 112 to 114;
Decision 2013/488/EU (EU classified information).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final

from gateway.record.marking import Holders, Level
from gateway.record.vocabulary import ConsentKind, Purpose

HANDLING_TABLE: Final = "comity/handling/1"
"""The one version of the table that is known here; labels to be read by another one are nobody's."""

CRIME_PURPOSES: Final = frozenset(
    {Purpose.INVESTIGATION, Purpose.PROSECUTION, Purpose.VICTIM_IDENTIFICATION, Purpose.DECONFLICTION}
)
"""To prevent and combat crime (H0), read narrowly: to protect, search, count or teach is something else."""

EUROPEAN_UNION: Final = "EU"
"""The name under which a legend lists the agencies LIMITE leaves it to."""

UNSAID: Final = "H3: the source restricts the use in words that did not come along; ask the source"
"""The restriction in words that stands for an H3 without its text: never nothing."""


@unique
class Scheme(StrEnum):
    """A family of labels."""

    TLP = "tlp"
    EUROPOL = "europol"
    DISSEMINATION = "dissemination"
    EU = "eu"
    INTERPOL = "interpol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one label says. Of what is None, empty or False it says nothing.

    `consent` is the source's; `own_only` leaves it to the source's own side, `audience` to the agencies a
    legend lists under that name; with `in_words` the restriction stands in the words beside the label.
    """

    level: Level | None = None
    holders: Holders | None = None
    purposes: frozenset[Purpose] | None = None
    consent: frozenset[ConsentKind] = frozenset()
    own_only: bool = False
    audience: str = ""
    in_words: bool = False


@unique
class Listing(StrEnum):
    """What the list of agencies or countries behind a label says of them."""

    ALONE = "these alone"
    NEVER = "never these"


_ONWARD: Final = frozenset({ConsentKind.ONWARD})

MEANINGS: Final[Mapping[tuple[str, str], Meaning]] = MappingProxyType(
    {
        (Scheme.TLP, "TLP:RED"): Meaning(holders=Holders.PERSON, consent=_ONWARD),
        (Scheme.TLP, "TLP:AMBER+STRICT"): Meaning(holders=Holders.ORGANISATION),
        # Police have no "clients": only a legend that binds the word lets it mean more than AMBER+STRICT.
        (Scheme.TLP, "TLP:AMBER"): Meaning(holders=Holders.ORGANISATION_AND_CLIENTS),
        (Scheme.TLP, "TLP:GREEN"): Meaning(holders=Holders.COMMUNITY),
        (Scheme.TLP, "TLP:CLEAR"): Meaning(holders=Holders.ANY),
        (Scheme.EUROPOL, "H0"): Meaning(purposes=CRIME_PURPOSES),
        (Scheme.EUROPOL, "H1"): Meaning(consent=frozenset({ConsentKind.JUDICIAL})),
        (Scheme.EUROPOL, "H2"): Meaning(consent=_ONWARD),
        (Scheme.EUROPOL, "H3"): Meaning(in_words=True),
        (Scheme.DISSEMINATION, "NOFORN"): Meaning(own_only=True),
        (Scheme.DISSEMINATION, "ORCON"): Meaning(consent=_ONWARD),
        (Scheme.EU, "RESTREINT UE/EU RESTRICTED"): Meaning(level=Level.RESTRICTED),
        (Scheme.EU, "CONFIDENTIEL UE/EU CONFIDENTIAL"): Meaning(level=Level.CONFIDENTIAL),
        (Scheme.EU, "SECRET UE/EU SECRET"): Meaning(level=Level.SECRET),
        # No level, but a circle (the Union's institutions and its members' administrations), not public.
        (Scheme.EU, "LIMITE"): Meaning(level=Level.OFFICIAL, consent=_ONWARD, audience=EUROPEAN_UNION),
        (Scheme.INTERPOL, "FOR OFFICIAL USE ONLY"): Meaning(level=Level.OFFICIAL),
        (Scheme.INTERPOL, "RESTRICTED"): Meaning(level=Level.RESTRICTED),
        (Scheme.INTERPOL, "CONFIDENTIAL"): Meaning(level=Level.CONFIDENTIAL),
    }
)
"""What a label of a scheme says, spelled exactly. What is not here is nobody's: so a level above ours (TRÈS
SECRET UE/EU TOP SECRET) is left out on purpose, as is every label of TLP 1.
"""

LISTINGS: Final[Mapping[tuple[str, str], Listing]] = MappingProxyType(
    {
        (Scheme.DISSEMINATION, "REL TO"): Listing.ALONE,
        (Scheme.INTERPOL, "ACCESS ONLY"): Listing.ALONE,
        (Scheme.INTERPOL, "NO ACCESS"): Listing.NEVER,
    }
)
"""Labels that a list follows: after one blank, agency ids and names of the legend, set apart by commas."""
