"""Handling as marking definitions: TLP 2.0 by its published ids, and what TLP cannot say in one of our own.

A marking of STIX is a statement, so the strictest reading counts: an id that is not one of the published
ones, and whose object states nothing in words, is `TLP:RED`, however like a published one it looks.

Source: STIX 2.1 section 7.2; TLP 2.0 extension of OASIS; `reference/formats.md` 5.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from adapters.loss import Effect
from adapters.mark import TLP_ORDER, stricter_light
from adapters.stix.extension import exact_text
from adapters.stix.names import OUR_STAMP, Stix, own_id
from adapters.stix.reading import joined
from adapters.stix.thing import Thing
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

TLP_EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_IDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "TLP:CLEAR",
        "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "TLP:GREEN",
        "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "TLP:AMBER",
        "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "TLP:AMBER+STRICT",
        "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "TLP:RED",
    }
)
_TLP_1_IDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "TLP:CLEAR",
        "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "TLP:GREEN",
        "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "TLP:AMBER",
        "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "TLP:RED",
    }
)
_LIGHTS: Final[Mapping[str, str]] = MappingProxyType({**TLP_IDS, **_TLP_1_IDS})
_ID_OF_LIGHT: Final[Mapping[str, str]] = MappingProxyType({light: one for one, light in TLP_IDS.items()})
_RED: Final = TLP_ORDER[-1]

HANDLING_EXTENSION: Final = own_id("extension-definition", "handling", "1")
ANONYMITY: Final = own_id("marking-definition", "anonymity", "1")
"""Granular marking of the name of somebody to whom anonymity was guaranteed; the same in every bundle."""

_CODE: Final = re.compile(r"H[123]")
_CODES: Final = re.compile(r"(?i:handling)[: ] ?H[0-3](?:[, ]{1,2}H[0-3])*(?![A-Za-z0-9])")
_ANONYMITY_SAYS: Final = "Anonymity was guaranteed to this person: never to be named."
_UNKNOWN: Final = "the marking is not known here, so it counts as TLP:RED"
_PART: Final = "what marks a part of an object counts for the whole record"


@dataclass(slots=True)
class _Said:
    """What several markings say together: their texts, and the codes of those that were read."""

    texts: list[str] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)

    def new(self, codes: list[str]) -> list[str]:
        """Return the codes that no marking before this one has."""
        found = [code for code in codes if code not in self.codes]
        self.codes.update(codes)
        return found


def write_markings(handling: pb.SourceHandling, stated: bool, stamp: str, seed: str) -> list[Stix]:
    """Return the marking definitions of a record's handling; none where it states none.

    Objects of the record refer to each of them. `seed` makes our own one's id.
    """
    if not stated:
        return []
    light = handling.traffic_light
    written = [_tlp(light if light in TLP_ORDER else _RED)] if light else []
    said: dict[str, Any] = {"extension_type": "property-extension"}
    if handling.codes:
        said["codes"] = list(handling.codes)
    for name in ("text", "classification"):
        if handling.HasField(name):
            said[name] = getattr(handling, name)
    if light and light not in TLP_ORDER:
        said["traffic_light"] = light
    if len(said) > 1 or not light:
        written.append(
            {
                "type": "marking-definition",
                "spec_version": "2.1",
                "id": own_id("marking-definition", seed),
                "created": stamp,
                "definition_type": "statement",
                "definition": {"statement": _statement(handling)},
                "extensions": {HANDLING_EXTENSION: said},
            }
        )
    return written


def anonymity_marking() -> Stix:
    """Return the marking definition that the granular marking of a promised anonymity refers to."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": ANONYMITY,
        "created": OUR_STAMP,
        "definition_type": "statement",
        "definition": {"statement": _ANONYMITY_SAYS},
    }


def read_handling(
    marked: Iterable[Thing], define: Callable[[str], Thing | None], header: pb.RecordHeader
) -> None:
    """Set the handling that the markings of these objects come to together, the strictest of each.

    `define` returns the definition that the document holds of a marking.

    Raises:
        Malformed: a marking, or a list of references to some, is not of its form.
    """
    where: dict[str, Thing] = {}
    for thing in marked:
        found = thing.references("object_marking_refs")
        for _, granular in thing.objects("granular_markings"):
            part = granular.get("marking_ref")
            if isinstance(part, str) and part != ANONYMITY:
                thing.lose("granular_markings", Effect.GENERALISED, _PART)
                found.append(part)
        for one in found:
            where.setdefault(one, thing)
    where.pop(ANONYMITY, None)
    if not where:
        return
    handling = header.source_handling
    handling.SetInParent()
    said = _Said()
    for one, user in where.items():
        definition = define(one)
        _apply(one, definition, user, handling, said)
        if definition is not None:
            definition.finish()
        last = user
    if said.texts:
        handling.text = joined(last, "object_marking_refs", dict.fromkeys(said.texts))


def is_anonymous(thing: Thing) -> bool:
    """Tell whether an object says that anonymity was guaranteed to the person it is."""
    return any(granular.get("marking_ref") == ANONYMITY for _, granular in thing.objects("granular_markings"))


def _apply(one: str, definition: Thing | None, user: Thing, handling: pb.SourceHandling, said: _Said) -> None:
    light = _LIGHTS.get(one, "")
    if definition is None:
        if not light:
            user.lose("object_marking_refs", Effect.GENERALISED, _UNKNOWN)
        handling.traffic_light = stricter_light(handling.traffic_light, light or _RED)
        return
    own = definition.object("extensions").get(HANDLING_EXTENSION)
    statement = _statement_of(definition)
    stated = _stated_light(definition)
    definition.text("lang")
    if not light and isinstance(own, dict):
        _read_own(own, definition, handling, said)
    elif not light and statement and not stated:
        said.texts.append(statement)
        handling.codes.extend(said.new(_codes_in(statement)))
    else:
        if not light or stated not in ("", light):
            definition.lose("id", Effect.GENERALISED, _UNKNOWN)
            light = _RED
            said.texts += [text for text in (definition.text("name"), statement) if text and text != _RED]
        definition.text("name")
        handling.traffic_light = stricter_light(handling.traffic_light, light)


def _tlp(light: str) -> Stix:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": _ID_OF_LIGHT[light],
        "created": "2022-10-01T00:00:00.000Z",
        "name": light,
        "extensions": {
            TLP_EXTENSION: {
                "extension_type": "property-extension",
                "tlp_2_0": light.removeprefix("TLP:").lower(),
            }
        },
    }


def _statement(handling: pb.SourceHandling) -> str:
    """Return handling in words, for whoever ignores our extension; a text alone stands as it is."""
    light = handling.traffic_light
    parts = [
        f"Handling: {', '.join(handling.codes)}" if handling.codes else "",
        f"Classification: {handling.classification}" if handling.classification else "",
        f"Traffic light: {light}" if light and light not in TLP_ORDER else "",
        handling.text,
    ]
    return "\n".join(part for part in parts if part) or "Handling: as agreed with the source"


def _codes_in(statement: str) -> list[str]:
    """Return the restricting handling codes that a statement names as such; others stay in its words."""
    named = [code for match in _CODES.finditer(statement) for code in _CODE.findall(match.group())]
    return list(dict.fromkeys(named))


def _statement_of(definition: Thing) -> str:
    held = definition.object("definition")
    definition.text("definition_type")
    statement = held.get("statement")
    if statement is None:
        return ""
    inner = Thing(id="", type="", path=f"{definition.path}.definition", values=held, losses=definition.losses)
    return inner.text("statement")


def _stated_light(definition: Thing) -> str:
    """Return the TLP label that a definition states by itself, whatever its id; nothing for none."""
    extension = definition.object("extensions").get(TLP_EXTENSION)
    level = extension.get("tlp_2_0") if isinstance(extension, dict) else None
    if level is None:
        level = definition.object("definition").get("tlp")
    if level is None:
        return ""
    word = f"TLP:{level}".upper()
    return "TLP:CLEAR" if word == "TLP:WHITE" else word


def _read_own(own: Mapping[str, Any], definition: Thing, handling: pb.SourceHandling, said: _Said) -> None:
    place = f"{definition.path}.extensions.{HANDLING_EXTENSION}"

    def read(name: str, value: object) -> str:
        if not isinstance(value, str):
            raise Malformed("is not text", field=f"{place}.{name}", code="bad-type")
        return exact_text(value, f"{place}.{name}", definition.lose)

    codes = own.get("codes", [])
    if not isinstance(codes, list):
        raise Malformed("is not a list", field=f"{place}.codes", code="bad-type")
    words = [read(f"codes[{at}]", code) for at, code in enumerate(codes)]
    handling.codes.extend(said.new([word for word in words if word]))
    light = read("traffic_light", own.get("traffic_light", ""))
    if light in TLP_ORDER:  # it is the marking itself that says so, never an extension
        handling.traffic_light = stricter_light(handling.traffic_light, light)
    elif light:
        handling.traffic_light = light
    said.texts += [text for text in [read("text", own.get("text", ""))] if text]
    level = read("classification", own.get("classification", ""))
    if handling.classification and level and level != handling.classification:
        said.texts.append(f"Classification: {level}")
    elif level:
        handling.classification = level
