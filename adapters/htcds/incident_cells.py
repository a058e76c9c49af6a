"""What HTCDS can say of incidents: what was done, in the victim's row; where and when, in an event row."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from adapters.htcds import incident_codes as lists
from adapters.htcds.cells import Cells
from adapters.htcds.sheet import EVENTS, Sheet
from gateway.v1 import record_pb2

Words: TypeAlias = Mapping[str, list[str]]
"""What the source wrote in place of codes, by the title of the line that keeps it."""

_TIES = (record_pb2.RELATION_KIND_VICTIM_IN, record_pb2.RELATION_KIND_OTHER)
_ONE_A_ROW = "a CSV row has room for one event"
_NOTHING_SHOWN = "nothing that HTCDS could say of the incident is shown, or the victim's row is taken"
_WRITTEN = " as written: "
# What a victim row says of control and exploitation is read as an exploitation; a journey is none.
_EXPLOITATIONS = (
    record_pb2.INCIDENT_KIND_UNSPECIFIED,
    record_pb2.INCIDENT_KIND_TRAFFICKING,
    record_pb2.INCIDENT_KIND_EXPLOITATION,
    record_pb2.INCIDENT_KIND_ONLINE_EXPLOITATION,
)
_RECRUITMENT = ("Method of recruitment",)
_EXPLOITATION = ("Method of control", "Type of exploitation", "Type of sex exploitation", "Industry")


def place_incidents(sheet: Sheet) -> None:
    """Write every incident into the rows of the victims it is tied to, and into an event row what is left.

    An incident that stands in several rows is read as several, which the losses say.
    """
    told: dict[tuple[str, bool], str] = {}
    for incident in sheet.record.incidents:
        recruitment = incident.kind == record_pb2.INCIDENT_KIND_RECRUITMENT
        victims = _victims_of(sheet, incident) if recruitment or incident.kind in _EXPLOITATIONS else []
        cells, rest = (_recruitment if recruitment else _exploitation)(incident)
        if cells and victims and not any((victim, recruitment) in told for victim in victims):
            for victim in victims:
                told[victim, recruitment] = incident.id
                sheet.victims[victim].values.update(cells.values)
        else:
            rest = incident
        _place_event(sheet, incident, rest, alone=rest is incident)
    _number(sheet, told)


def _victims_of(sheet: Sheet, incident: record_pb2.Incident) -> list[str]:
    """Return the victims of the document to whose rows an incident belongs: those tied to it, or the only
    one if nothing is shown of whose it is.
    """
    tied = [
        getattr(one.link, "from")
        for one in sheet.record.relationships
        if one.link.kind in _TIES and one.link.to == incident.id
    ]
    found = [victim for victim in sheet.victims if victim in tied]
    return found or (list(sheet.victims) if not tied and len(sheet.victims) == 1 else [])


def _recruitment(incident: record_pb2.Incident) -> tuple[Cells, record_pb2.Incident]:
    """Return the cells of a recruitment, and the part of the incident that they do not tell."""
    cells, rest = Cells(), record_pb2.Incident()
    rest.CopyFrom(incident)
    cells.items("vic_RecruitmentWebsitesAndApps", incident.platforms)
    cells.text("vic_LocationOfRecruitment", incident.occurred.place.name)
    rest.occurred.place.ClearField("name")
    words = _as_written(incident.description, _RECRUITMENT)
    field = "vic_MethodOfRecruitment"
    methods = incident.recruitment_methods
    if cells.codes(field, lists.RECRUITMENT, methods, words.get(_RECRUITMENT[0], [])) and words:
        rest.ClearField("description")
    return cells, rest


def _exploitation(incident: record_pb2.Incident) -> tuple[Cells, record_pb2.Incident]:
    """Return the cells of an exploitation, and the part of the incident that they do not tell."""
    cells, rest = Cells(), record_pb2.Incident()
    rest.CopyFrom(incident)
    words = _as_written(incident.description, _EXPLOITATION)
    if len(words.get(_EXPLOITATION[-1], [])) > 1:
        words = MappingProxyType({})  # the one list of a single value has no room for them
    control, purpose, sexual, industry = (words.get(title, []) for title in _EXPLOITATION)
    kept = [
        cells.codes("vic_MethodsOfControl", lists.CONTROL, incident.means, control),
        cells.codes("vic_TypeOfExploitation", lists.EXPLOITATION, incident.purposes, purpose),
        cells.codes("vic_TypeOfSexExploitation", lists.SEXUAL, incident.sexual_kinds, sexual),
    ]
    # The source's own word says more than the section it belongs to.
    if industry:
        kept.append(cells.word("vic_ForcedLabourIndustry", lists.INDUSTRY, industry[0]))
    else:
        sectors = (sector for sector in incident.sectors if sector in lists.INDUSTRY.spellings)
        cells.code("vic_ForcedLabourIndustry", lists.INDUSTRY, next(sectors, record_pb2.SECTOR_UNSPECIFIED))
    cells.items("vic_ExploitationWebsitesAndApps", incident.platforms)
    if words and all(kept):
        rest.ClearField("description")
    return cells, rest


def _place_event(
    sheet: Sheet, incident: record_pb2.Incident, rest: record_pb2.Incident, *, alone: bool
) -> None:
    """Add an event row for what is left of an incident; a kind by itself is left only if it stands alone."""
    cells = Cells()
    cells.place("hte_", rest.occurred.place)
    cells.day("hte_Date", rest.occurred.start.date)
    description, words = _event_words(rest.description)
    other = incident.kind == record_pb2.INCIDENT_KIND_OTHER and len(words) == 1
    if not (other and cells.word("hte_Type", lists.EVENT, words[0])):
        description = rest.description
        cells.code("hte_Type", lists.EVENT, incident.kind)
    cells.text("hte_Description", description)
    if not alone and cells.values.keys() <= {"hte_Type"}:
        return
    if not cells:
        sheet.reasons[incident.id] = _NOTHING_SHOWN
    elif not sheet.has_room(EVENTS):
        sheet.reasons[incident.id] = _ONE_A_ROW
    else:
        sheet.events.append(incident.id)
        sheet.add(EVENTS, cells)


def _number(sheet: Sheet, told: Mapping[tuple[str, bool], str]) -> None:
    """Give the incidents the reader's numbers: victim by victim, the recruitment first, then the events."""
    of_victims = [
        told.get((victim, recruitment)) for victim in sheet.victims for recruitment in (True, False)
    ]
    drawn = [*filter(None, of_victims), *sheet.events]
    sheet.names.update({f"incident-{number}": incident for number, incident in enumerate(drawn, 1)})


def _as_written(description: str, titles: tuple[str, ...]) -> Words:
    """Return the words of a description that holds such lines and nothing else, else nothing."""
    words: dict[str, list[str]] = {}
    for line in description.split("\n"):
        title, found, said = line.partition(_WRITTEN)
        if not found or title not in titles or title in words:
            return MappingProxyType({})
        words[title] = said.split("; ")
    return words


def _event_words(description: str) -> tuple[str, list[str]]:
    """Return an event's description without its last line and the words of that line, if it holds some."""
    before, _, last = description.rpartition("\n")
    title, found, said = last.partition(_WRITTEN)
    if found and title == "Type of event":
        return before, said.split("; ")
    return description, []
