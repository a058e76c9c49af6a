"""Where each person of a record stands in HTCDS: in the victim table, the perpetrator table, or neither."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.htcds import codes as lists
from adapters.htcds.cells import Cells
from adapters.htcds.person_cells import write_identity_number, write_person, write_victim, write_victim_role
from adapters.htcds.persons import ROLE_DETAILS, ROLE_WORDS, SUFFERED
from adapters.htcds.sheet import PERPETRATORS, PERSONS, VICTIMS, Sheet
from gateway.v1 import record_pb2

_VICTIMS = (record_pb2.ROLE_VICTIM, record_pb2.ROLE_PRESUMED_VICTIM, record_pb2.ROLE_VICTIM_AND_SUSPECT)
_UNSTATED = (record_pb2.ROLE_UNSPECIFIED, record_pb2.ROLE_UNKNOWN)
_ONE_A_ROW = "a CSV row has room for one person, and for the functions of one perpetrator beside a victim"
_NOTHING_SHOWN = "nothing that HTCDS could say of the person is shown"


def is_victim(person: record_pb2.Person) -> bool:
    """Tell whether a person belongs into the victim table.

    Whoever is victim and suspect does, unless nothing but a function that was suffered is stated, which the
    standard lists among the perpetrators. Of whoever has no stated role, the trafficking status decides.
    """
    if person.role in _UNSTATED:
        return person.trafficking_status in lists.TRAFFICKING_STATUS.spellings
    return person.role in _VICTIMS and not is_perpetrator(person)


def is_perpetrator(person: record_pb2.Person) -> bool:
    """Tell whether a person belongs into the perpetrator table: by a stated role alone, never by a guess."""
    if person.role == record_pb2.ROLE_VICTIM_AND_SUSPECT:
        told = Cells()
        write_victim(told, person)
        return not told and not SUFFERED.isdisjoint(person.functions)
    return person.role == record_pb2.ROLE_SUSPECT


def place_protected(sheet: Sheet) -> None:
    """Add a row for everybody who is no perpetrator; of these a flat sheet holds one, a victim if any."""
    persons = [person for person in sheet.record.persons if not is_perpetrator(person)]
    for person in sorted(persons, key=is_victim, reverse=True) if sheet.flat else persons:
        cells, victim = Cells(), Cells()
        write_person(cells, person)
        document = write_identity_number(cells, person, sheet.record.documents)
        if not is_victim(person) and not any(name.startswith("prs_") for name in cells.values):
            sheet.reasons[person.id] = _NOTHING_SHOWN
        elif not sheet.has_room(PERSONS):
            sheet.reasons[person.id] = _ONE_A_ROW
        else:
            number = sheet.add(PERSONS, cells)
            sheet.add(VICTIMS, victim)
            sheet.protected.append(person)
            sheet.names[f"person-{number}"] = person.id
            if document:
                sheet.names[f"document-{number}"] = document
            if is_victim(person):
                write_victim(victim, person)
                sheet.victims[person.id] = victim


def complete_victims(sheet: Sheet) -> None:
    """See to it that every victim row makes a victim, once all is in it that the case says."""
    for person in sheet.protected:
        if person.id in sheet.victims:
            write_victim_role(sheet.victims[person.id], person)


def place_perpetrators(sheet: Sheet) -> None:
    """Add a row for every perpetrator.

    In a flat sheet the functions stand beside a victim, who keeps the personal fields. Beside somebody who
    is no victim they do not stand: that person would be read as the perpetrator.
    """
    for person in filter(is_perpetrator, sheet.record.persons):
        if not sheet.has_room(PERPETRATORS) or (sheet.flat and sheet.protected and not sheet.victims):
            sheet.reasons[person.id] = _ONE_A_ROW
            continue
        cells = Cells()
        number = len(sheet.rows[PERSONS]) + sheet.add(PERPETRATORS, cells)
        sheet.names[f"person-{number}"] = person.id
        _write_function(sheet, cells, person, number)
        if not (sheet.flat and sheet.protected):
            write_person(cells, person)
            document = write_identity_number(cells, person, sheet.record.documents)
            if document:
                sheet.names[f"document-{number}"] = document


def _write_function(sheet: Sheet, cells: Cells, person: record_pb2.Person, number: int) -> None:
    words: list[str] = []
    narrative = next(_role_narratives(sheet, person), None)
    if narrative:
        words, details = _as_written(narrative.text)
        if not cells.codes("per_RoleInProcess", lists.PERSON_FUNCTION, person.functions, words):
            words, details = [], narrative.text
        cells.text("per_RoleDetails", details)
        if words or "per_RoleDetails" in cells.values:
            sheet.names[f"role-{number}"] = narrative.id
    else:
        cells.codes("per_RoleInProcess", lists.PERSON_FUNCTION, person.functions)
    if "per_RoleInProcess" not in cells.values:
        # Without a function the row would not be read as a perpetrator's.
        cells.codes("per_RoleInProcess", lists.PERSON_FUNCTION, [record_pb2.PERSON_FUNCTION_OTHER])
    for organisation in _groups(sheet.record, person):
        cells.text("per_Organisation", organisation.identity.names[0])
        if "per_Organisation" in cells.values:
            sheet.names[f"group-{number}"] = organisation.id
            return


def _role_narratives(sheet: Sheet, person: record_pb2.Person) -> Iterator[record_pb2.Narrative]:
    for narrative in sheet.record.narratives:
        if narrative.title == ROLE_DETAILS and list(narrative.subjects) == [person.id]:
            yield narrative


def _as_written(text: str) -> tuple[list[str], str]:
    """Return the words that stood in place of functions, and the rest of the text."""
    first, _, rest = text.partition("\n")
    if not first.startswith(ROLE_WORDS):
        return [], text
    return first.removeprefix(ROLE_WORDS).split("; "), rest


def _groups(record: record_pb2.Record, person: record_pb2.Person) -> Iterator[record_pb2.Organisation]:
    """Yield the named organisations that a person is a member of."""
    joined = {
        one.link.to
        for one in record.relationships
        if one.link.kind == record_pb2.RELATION_KIND_MEMBER_OF and getattr(one.link, "from") == person.id
    }
    for organisation in record.organisations:
        if organisation.id in joined and organisation.identity.names:
            yield organisation
