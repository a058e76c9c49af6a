"""The colours of notices, what each is for, and how a document tells its own.

Source: `reference/formats.md` sections 2.1 and 2.2. The silver notice is not published, and so none of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final

from adapters.row import Row
from gateway.errors import Malformed


@unique
class Colour(StrEnum):
    """What a notice asks of whoever reads it."""

    YELLOW = "yellow"
    BLUE = "blue"
    GREEN = "green"
    BLACK = "black"
    PURPLE = "purple"
    RED = "red"
    ORANGE = "orange"
    UN = "un"


WRITTEN: Final = tuple(colour for colour in Colour if colour is not Colour.UN)
"""The colours that are written. What the Security Council decides is not for a gateway to write."""

PURPOSES: Final[Mapping[Colour, str]] = MappingProxyType(
    {
        Colour.YELLOW: "Locate a missing person, or identify a person unable to identify themselves",
        Colour.BLUE: "Collect information on identity, location or activities of a person",
        Colour.GREEN: "Warn about a person's criminal activities",
        Colour.BLACK: "Identify an unidentified body",
        Colour.PURPLE: "Inform about modus operandi, objects, devices or concealment methods",
        Colour.RED: "Locate and provisionally arrest a person pending extradition or surrender",
        Colour.ORANGE: "Warn of an imminent threat from an event, person, object or process",
        Colour.UN: "United Nations Security Council sanctions",
    }
)
"""What the colour alone says of the purpose, in words."""

_PATH: Final = re.compile(r"/notices/v[0-9]+/([a-z-]+)(?:/([a-z]+))?(?:[/?#]|$)")
_SANCTION_MEMBERS: Final = ("un_reference", "un_resolution", "un_reference_date")
_YELLOW_MEMBERS: Final = ("date_of_event", "birth_name", "place", "country")
_ENTITY_MEMBERS: Final = ("legal_form", "registration_number", "administrators", "from_chamber_of_commerce")
_PERSON_MEMBERS: Final = ("forename", "date_of_birth", "sex_id", "place_of_birth", "nationalities")


def address(colour: Colour, entity_id: str = "") -> str:
    """Return the relative address that the public extracts give to a notice, or to a list of its colour."""
    return f"/notices/v1/{colour}" + (f"/{entity_id.replace('/', '-')}" if entity_id else "")


def colour_of(row: Row, listed: Colour | None) -> Colour | None:
    """Return the colour of a notice: by its own word, by its address, by that of the list it stands in, or by
    members that only one colour has. None where nothing tells; it is never guessed.

    Raises:
        Malformed: code `unknown-value` for a colour that is none of ours, `contradiction` where two places
            name two, or where another colour than red bears warrants.
    """
    stated = row.text("notice_type")
    own = None if stated is None else _colour(stated, row.where("notice_type"))
    linked = colour_of_address(row)
    if own and linked and own is not linked:
        raise Malformed(
            "names another colour than the address", code="contradiction", field=row.where("notice_type")
        )
    found = own or linked or listed or _by_members(row)
    if found is not Colour.RED and row.values.get("arrest_warrants") not in (None, []):
        raise Malformed(
            "stands in a notice of another colour than red",
            code="contradiction",
            field=row.where("arrest_warrants"),
        )
    return found


def colour_of_address(row: Row) -> Colour | None:
    """Return the colour in the address of a notice or list; the rest of its links is no content.

    Raises:
        Malformed: code `bad-type`, or `unknown-value` for a colour that is none of ours.
    """
    link = row.row("_links").row("self")
    match = _PATH.search(link.text("href") or "")
    return _colour(match[1], link.where("href")) if match else None


def is_organisation(row: Row, colour: Colour | None) -> bool:
    """Tell whether a sanctions notice is about an entity, by its address or by members that no person has."""
    if colour is not Colour.UN:
        return False
    match = _PATH.search(row.row("_links").row("self").text("href") or "")
    if match and match[2] in ("persons", "entities"):
        return match[2] == "entities"
    return _states(row, _ENTITY_MEMBERS) and not _states(row, _PERSON_MEMBERS)


def _colour(word: str, field: str) -> Colour:
    try:
        return Colour(word.casefold())
    except ValueError as exc:
        known = ", ".join(Colour)
        raise Malformed(
            f"is no notice that is known here: {known}", field=field, code="unknown-value"
        ) from exc


def _by_members(row: Row) -> Colour | None:
    if _states(row, ("arrest_warrants",)):
        return Colour.RED
    if _states(row, _SANCTION_MEMBERS):
        return Colour.UN
    return Colour.YELLOW if _states(row, _YELLOW_MEMBERS) else None


def _states(row: Row, names: tuple[str, ...]) -> bool:
    return any(row.values.get(name) not in (None, "", []) for name in names)
