"""The header of a record on its way into a MISP event: tags, and comments for what is said in words.

What an event must have and a record does not say has one value, always the same, and is not read back.
"""

from __future__ import annotations

from typing import Final

from adapters.document import Json
from adapters.evaluation import scheme_name, to_admiralty, write_original
from adapters.identifiers import uuid5
from adapters.mark import TLP_ORDER
from adapters.misp.machine_tags import is_code, own_tag
from adapters.misp.paths import codes_of, path
from adapters.misp.shapes import HEADER_TAGS, HEADER_TEXTS
from adapters.misp.thing import OWN_ORGANISATION, Sheet, readable
from adapters.values import is_whole, token, write_date

NAMESPACE: Final = "a674959d-6154-5d88-9565-95aeed5bc050"
"""Namespace of the UUIDs of events: UUIDv5 of `comity/misp/1` in the namespace of URLs."""

INFO: Final = "Record disclosed through Comity"
NO_DATE: Final = "1970-01-01"
"""The date of an event whose record does not say on which day it was made."""

UNDEFINED_THREAT: Final = "4"
INITIAL_ANALYSIS: Final = "0"
ORGANISATION: Final = {"name": "Comity", "uuid": "b831a42a-0913-5122-b6b1-4856d03c8bf3"}
HEADER: Final = "header"
"""Predicate of a comment of the event: which field of the header it is."""

PAP: Final = frozenset({"PAP:RED", "PAP:AMBER", "PAP:GREEN", "PAP:CLEAR", "PAP:WHITE"})
"""Permissible actions: handling codes that are tags of MISP already."""


def event(sheet: Sheet) -> dict[str, Json]:
    """Return the event, with every object of the sheet."""
    created = sheet.record.header.created_on
    attributes: list[Json] = []
    tags = _tags(sheet, attributes)
    _write_texts(sheet, attributes)
    return {
        "uuid": sheet.uuid,
        "info": INFO,
        "date": write_date(created) if is_whole(created) else NO_DATE,
        "threat_level_id": UNDEFINED_THREAT,
        "analysis": INITIAL_ANALYSIS,
        "distribution": OWN_ORGANISATION,
        "published": False,
        "Orgc": dict(ORGANISATION),
        "Tag": [{"name": name} for name in dict.fromkeys(tags)],
        "Attribute": attributes,
        "Object": [thing.as_object() for thing in sheet.things],
    }


def _tags(sheet: Sheet, attributes: list[Json]) -> list[str]:
    header = sheet.record.header
    tags: list[str] = []
    for where in HEADER_TAGS:
        codes = codes_of(header, path(where))
        tags += [own_tag(path(where).predicate, code) for code in codes]
        if codes:
            sheet.kept.add(f"header.{where}")
    created = write_date(header.created_on)
    if created and (not is_whole(header.created_on) or created == NO_DATE):
        tags.append(own_tag("created-on", created))
        sheet.kept.add("header.created_on")
    return tags + _handling(sheet, attributes) + _evaluation(sheet, attributes)


def _handling(sheet: Sheet, attributes: list[Json]) -> list[str]:
    handling = sheet.record.header.source_handling
    tags: list[str] = []
    if handling.traffic_light in TLP_ORDER:
        tags.append(handling.traffic_light.lower())
    elif handling.traffic_light:
        _comment(sheet, attributes, "source_handling.traffic_light", handling.traffic_light)
    for code in handling.codes:
        if code in PAP:
            tags.append(code)
        elif is_code(code):
            tags.append(own_tag("handling", code))
            sheet.kept.add("header.source_handling.codes")
        else:
            _comment(sheet, attributes, "source_handling.codes", code)
    if is_code(handling.classification):
        tags.append(own_tag("classification", handling.classification))
        sheet.kept.add("header.source_handling.classification")
    elif handling.classification:
        _comment(sheet, attributes, "source_handling.classification", handling.classification)
    return tags


def _evaluation(sheet: Sheet, attributes: list[Json]) -> list[str]:
    evaluation = sheet.record.header.evaluation
    tags: list[str] = []
    if grade := to_admiralty(evaluation):
        tags.append(f'admiralty-scale:source-reliability="{grade.source.lower()}"')
        tags.append(f'admiralty-scale:information-credibility="{grade.information}"')
    if scheme_name(evaluation) == "admiralty" and grade:
        return tags
    if original := write_original(evaluation):
        sheet.kept.update(f"header.evaluation.{name}" for name in ("scheme", "source", "information"))
        return [*tags, own_tag("evaluation", original)]
    if scheme := token(evaluation, "scheme"):
        tags.append(own_tag("evaluation-scheme", scheme))
        sheet.kept.add("header.evaluation.scheme")
    for name in ("source", "information"):
        _comment(sheet, attributes, f"evaluation.{name}", getattr(evaluation, name))
    return tags


def _write_texts(sheet: Sheet, attributes: list[Json]) -> None:
    header = sheet.record.header
    for where in HEADER_TEXTS:
        value = path(where).get(header)
        for text in value if isinstance(value, list) else [value or ""]:
            _comment(sheet, attributes, where, text)
    for number, reference in enumerate(header.case_references):
        tags = [("authority", "yes")] if readable(reference.authority) else []
        tags += [("country", reference.country)] if reference.country else []
        written = _comment(sheet, attributes, "case_references", reference.number, tags)
        if written is not None and tags:
            written["comment"] = readable(reference.authority)
        if written is not None:
            sheet.kept.add(f"header.case_references[{number}]")


def _comment(
    sheet: Sheet, attributes: list[Json], where: str, text: str, tags: list[tuple[str, str]] | None = None
) -> dict[str, Json] | None:
    """Add a text of the header as a comment of the event; one that reads as "not recorded" is left out."""
    if not readable(text):
        return None
    spelled = [(HEADER, path(where).predicate), *(tags or [])]
    written: dict[str, Json] = {
        "uuid": uuid5(sheet.uuid, f"{where}/{len(attributes)}"),
        "type": "comment",
        "category": "Internal reference",
        "value": readable(text),
        "to_ids": False,
        "distribution": OWN_ORGANISATION,
        "Tag": [{"name": own_tag(predicate, code)} for predicate, code in spelled],
    }
    attributes.append(written)
    if where != "case_references":
        sheet.kept.add(f"header.{where}")
    return written
