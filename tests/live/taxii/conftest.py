"""A gateway that is pulled from, and tools registered with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

import pytest

from gateway.record.json_form import from_json
from tests.live.houses import NGO, NL, RO, TO_RO, House, Push, To
from tests.live.taxii.tools import Tool, registered, with_port

FOR_RO = "For police.ro: investigation"
FOR_NGO = "For shelter.ngo: victim-protection"


def keepable(**changes: object) -> bytes:
    """Return the case of the demo, marked so that a copy may be kept of it; `changes` are of its header."""
    text = json.loads(files("gateway.cli").joinpath("case.json").read_text("utf-8"))
    text["header"]["marking"]["display_only"] = False
    text["header"] |= changes
    return from_json(json.dumps(text))


def pushed(house: House, *recipients: To, record: bytes | None = None) -> list[str]:
    """Push a record at a running gateway; return its exchanges, in the order of the recipients."""
    answer = house.client().push_one(Push(record=record or keepable(), to=list(recipients or (TO_RO,))))
    return [one.exchange_id for one in answer.exchanges]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """The house of police.nl, whose gateway runs, and a tool of each other member."""

    nl: House
    others: tuple[House, ...]
    ro: Tool
    ngo: Tool


@pytest.fixture
def pulled(houses: dict[str, House], monkeypatch: pytest.MonkeyPatch) -> Pulled:
    """Return a running gateway and two tools."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)  # The library takes these before what it is told.
    nl = houses[NL]
    with_port(nl)
    made = Pulled(
        nl=nl,
        others=(houses[RO], houses[NGO]),
        ro=registered(nl, "misp", RO),
        ngo=registered(nl, "opencti", NGO),
    )
    nl.begin()
    return made
