"""The header of a record, read from what a MISP event says of itself: tags, comments, date and maker."""

from __future__ import annotations

from typing import Final

from adapters.document import Json
from adapters.evaluation import graded, read_original
from adapters.loss import Effect, Loss
from adapters.mark import TLP_ORDER, stricter_light
from adapters.misp.found import Found, tags_of, text_of
from adapters.misp.header_written import (
    HEADER,
    INFO,
    INITIAL_ANALYSIS,
    NO_DATE,
    ORGANISATION,
    PAP,
    UNDEFINED_THREAT,
)
from adapters.misp.machine_tags import OWN, MachineTag
from adapters.misp.paths import path, put_code
from adapters.misp.shapes import HEADER_TAGS, HEADER_TEXTS
from adapters.values import read_date
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_ADMIRALTY: Final = "admiralty-scale"
_HANDLING: Final = frozenset({"pap", "retention", "nato", "classification", "caveat", "fr-classif"})
_HANDLING_MORE: Final = frozenset(
    {"gov-classification", "iep", "iep2-policy", "iep2-reference", "eu-classif"}
)
_OF_EVENT_WORDS: Final = (
    "id uuid org_id orgc_id date info timestamp publish_timestamp published Tag Attribute Object Orgc Org "
    "attribute_count disable_correlation locked proposal_email_lock event_creator_email extends_uuid "
    "sighting_timestamp threat_level_id analysis distribution sharing_group_id protected"
)
_OF_EVENT: Final = frozenset(_OF_EVENT_WORDS.split())
_REASONS: Final = {
    "Galaxy": "galaxies name threat actors and their tools, which are not read here",
    "RelatedEvent": "other events are no part of this one",
    "SharingGroup": "sharing groups of an instance have no equal; state a marking",
    "EventReport": "reports in markup are not read; their text is in the event",
}
_TEXTS: Final = {path(one).predicate: one for one in HEADER_TEXTS} | {
    path(one).predicate: one
    for one in (
        "source_handling.traffic_light",
        "source_handling.codes",
        "source_handling.classification",
        "evaluation.source",
        "evaluation.information",
    )
}
_CASES: Final = path("case_references").predicate


def draw_header(event: dict[str, Json], where: str, record: pb.Record, losses: list[Loss]) -> None:
    """Set the header from the event's own members and its tags.

    Raises:
        Malformed: code `bad-date`, `bad-type`.
    """
    header = record.header
    info = text_of(event, "info", where, losses)
    if info and info != INFO:
        record.narratives.add(id="event-info", title=info)
    day = text_of(event, "date", where, losses)
    if day and day != NO_DATE:
        created = read_date(day, f"{where}.date")
        if created is not None:
            header.created_on.CopyFrom(created)
    _draw_maker(event, where, header, losses)
    for name, initial in (("threat_level_id", UNDEFINED_THREAT), ("analysis", INITIAL_ANALYSIS)):
        if str(event.get(name, initial)) != initial:
            losses.append(
                Loss(path=f"{where}.{name}", effect=Effect.DROPPED, why="says how work on it stands in MISP")
            )
    if str(event.get("distribution", "0")) != "0":
        why = "says who sees it within an instance; state a marking"
        losses.append(Loss(path=f"{where}.distribution", effect=Effect.DROPPED, why=why))
    for name, held in event.items():
        if name not in _OF_EVENT and held not in (None, "", [], {}, False):
            shown = name if name.isprintable() and 0 < len(name) <= 64 else "?"
            why = _REASONS.get(name, "is nothing that is read here")
            losses.append(Loss(path=f"{where}.{shown}", effect=Effect.DROPPED, why=why))
    _draw_tags(event, where, header, losses)


def draw_comment(found: Found, header: pb.RecordHeader) -> bool:
    """Set a text of the header from a comment of the event; return whether it is one."""
    predicate = found.own.get(HEADER, "")
    if predicate == _CASES:
        reference = header.case_references.add(number=found.value)
        if "authority" in found.own and found.comment:
            reference.authority = found.comment
        put_code(reference, path("country"), found.own.get("country", ""))
        return True
    if predicate not in _TEXTS:
        return False
    where = path(_TEXTS[predicate])
    where.put(header, found.value)
    return True


def _draw_maker(event: dict[str, Json], where: str, header: pb.RecordHeader, losses: list[Loss]) -> None:
    maker = event.get("Orgc")
    if maker is None:
        return
    if not isinstance(maker, dict):
        raise Malformed("is not an object", field=f"{where}.Orgc", code="bad-type")
    name = text_of(maker, "name", f"{where}.Orgc", losses)
    if name and maker.get("uuid") != ORGANISATION["uuid"]:
        header.provenance.append(name)


def _draw_tags(event: dict[str, Json], where: str, header: pb.RecordHeader, losses: list[Loss]) -> None:
    grades: dict[str, str] = {}
    for place, name, tag in tags_of(event, where, losses):
        if tag is not None and tag.namespace == OWN:
            known = _draw_own(tag, header)
        elif tag is not None and tag.namespace == "tlp":
            known = True
            _draw_light(name, header)
        elif tag is not None and tag.namespace == _ADMIRALTY and tag.predicate not in grades:
            known = True
            grades[tag.predicate] = tag.value
        else:
            known = _draw_foreign(name, tag, header)
            if known and name not in PAP:
                why = "a handling code without an equal is kept as it is written"
                losses.append(Loss(path=place, effect=Effect.KEPT_AS_EXTENSION, why=why))
        if not known:
            why = "the tag has no equal"
            losses.append(Loss(path=place, effect=Effect.DROPPED, why=why))
    if grades and not header.HasField("evaluation"):
        _draw_grade(grades, where, header, losses)


def _draw_own(tag: MachineTag, header: pb.RecordHeader) -> bool:
    if tag.predicate == "handling" and tag.value:
        header.source_handling.codes.append(tag.value)
        return True
    if tag.predicate == "classification" and tag.value and not header.source_handling.classification:
        header.source_handling.classification = tag.value
        return True
    if tag.predicate == "evaluation":
        read = read_original(tag.value)
        if read is not None:
            header.evaluation.MergeFrom(read)
        return read is not None
    if tag.predicate == "evaluation-scheme":
        return put_code(header, path("evaluation.scheme"), tag.value)
    if tag.predicate == "created-on":
        header.ClearField("created_on")
        return put_code(header, path("created_on"), tag.value)
    where = next((one for one in HEADER_TAGS if path(one).predicate == tag.predicate), None)
    return where is not None and put_code(header, path(where), tag.value)


def _draw_light(name: str, header: pb.RecordHeader) -> None:
    """Take the stricter of two lights; one that TLP 2.0 does not know counts as the strictest, and stays."""
    handling = header.source_handling
    light = name.upper()
    if light not in TLP_ORDER:
        handling.codes.append(name)
    handling.traffic_light = stricter_light(handling.traffic_light, light)


def _draw_foreign(name: str, tag: MachineTag | None, header: pb.RecordHeader) -> bool:
    """Keep the handling codes of others verbatim; return whether it is one."""
    if tag is None or tag.namespace not in _HANDLING | _HANDLING_MORE:
        return False
    header.source_handling.codes.append(name)
    return True


def _draw_grade(grades: dict[str, str], where: str, header: pb.RecordHeader, losses: list[Loss]) -> None:
    """Set a grading of the Admiralty scale; half of one, or an unknown code, stays as it is written."""
    source = grades.get("source-reliability", "").upper()
    information = grades.get("information-credibility", "")
    try:
        header.evaluation.CopyFrom(graded("admiralty", source, information, where))
    except Malformed:
        header.evaluation.original = " ".join(
            f'{_ADMIRALTY}:{predicate}="{value}"' for predicate, value in sorted(grades.items())
        )
        why = "is no whole grading of the scale; kept as it is written"
        losses.append(Loss(path=f"{where}.Tag", effect=Effect.KEPT_AS_EXTENSION, why=why))
