"""Rows of the CTDC extract as records: real cases, anonymised at their source, to carry through the gateway.

The extract stands among the reference material and is copied nowhere. It has no names, dates or identifiers.
Source: Counter Trafficking Data Collaborative; layout and codes in `reference/ctdc`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from gateway.v1 import marking_pb2, record_pb2

_ABSENT = frozenset({"", "-99", "0", "00", "Unknown", "Not Specified"})
_SEX = {"Female": record_pb2.SEX_FEMALE, "Male": record_pb2.SEX_MALE}
_BAND = {
    "0-8": record_pb2.AGE_BAND_0_8,
    "9-17": record_pb2.AGE_BAND_9_17,
    "18-20": record_pb2.AGE_BAND_18_20,
    "21-23": record_pb2.AGE_BAND_21_23,
    "24-26": record_pb2.AGE_BAND_24_26,
    "27-29": record_pb2.AGE_BAND_27_29,
    "30-38": record_pb2.AGE_BAND_30_38,
    "39-47": record_pb2.AGE_BAND_39_47,
    "48+": record_pb2.AGE_BAND_48_PLUS,
}
_MINOR_BANDS = frozenset({record_pb2.AGE_BAND_0_8, record_pb2.AGE_BAND_9_17})
_RELATION = {
    "Family/Relative": record_pb2.TRAFFICKER_RELATION_FAMILIAL,
    "Intimate Partner": record_pb2.TRAFFICKER_RELATION_INTIMATE_PARTNER,
    "Friend/Acquaintance": record_pb2.TRAFFICKER_RELATION_FRIEND,
    "Other": record_pb2.TRAFFICKER_RELATION_OTHER,
}
_MEANS = {
    "Threats": record_pb2.MEANS_THREATS_VIOLENCE,
    "Financial": record_pb2.MEANS_RESTRICTS_FINANCES,
    "Physical": record_pb2.MEANS_PHYSICAL_ABUSE,
    "Survival": record_pb2.MEANS_WITHHOLDS_NECESSITIES,
    "Other": record_pb2.MEANS_OTHER,
}
_PURPOSE = {
    "Sexual Exploitation": record_pb2.EXPLOITATION_PURPOSE_SEXUAL_EXPLOITATION,
    "Forced Labor": record_pb2.EXPLOITATION_PURPOSE_FORCED_LABOUR,
    "Forced Marriage": record_pb2.EXPLOITATION_PURPOSE_FORCED_MARRIAGE,
    "Other": record_pb2.EXPLOITATION_PURPOSE_OTHER,
}
_PURPOSE_OF_LABOUR = {
    "Domestic Work": record_pb2.EXPLOITATION_PURPOSE_DOMESTIC_SERVITUDE,
    "Begging": record_pb2.EXPLOITATION_PURPOSE_FORCED_BEGGING,
}
_SECTOR = {
    "Agriculture": record_pb2.SECTOR_AGRICULTURE,
    "Aquafarming": record_pb2.SECTOR_AGRICULTURE,
    "Construction": record_pb2.SECTOR_CONSTRUCTION,
    "Domestic Work": record_pb2.SECTOR_HOUSEHOLDS,
    "Manufacturing": record_pb2.SECTOR_MANUFACTURING,
    "Peddling": record_pb2.SECTOR_TRADE,
    "Other": record_pb2.SECTOR_UNKNOWN,
}
_SOURCE = {
    "Hotline": marking_pb2.PROVENANCE_NGO,
    "Case Management": marking_pb2.PROVENANCE_NGO,
}


def rows(path: Path) -> list[record_pb2.Record]:
    """Return one record per row, without marking and retention date, which the test adds.

    An unknown word in a closed column raises KeyError: a changed extract must not pass unread.
    """
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [_record(row, number) for number, row in enumerate(csv.DictReader(lines), 1)]


def _record(row: Mapping[str, str], number: int) -> record_pb2.Record:
    record = record_pb2.Record()
    header = record.header
    header.own_reference = f"ctdc-{number}"
    header.type = record_pb2.RECORD_TYPE_STATISTICS_ROW
    header.exercise = True
    header.source = _SOURCE[row["Datasource"]]
    if year := _stated(row, "yearOfRegistration"):
        header.created_on.year = int(year)
    person = _draw_victim(row, record)
    incident = _draw_incident(row, record)
    link = record.relationships.add(id="victim-in").link
    setattr(link, "from", person.id)
    link.to, link.kind = incident.id, record_pb2.RELATION_KIND_VICTIM_IN
    return record


def _draw_victim(row: Mapping[str, str], record: record_pb2.Record) -> record_pb2.Person:
    person = record.persons.add(id="victim", role=record_pb2.ROLE_VICTIM)
    person.age_status = record_pb2.AGE_STATUS_UNKNOWN
    if sex := _stated(row, "gender"):
        person.sex = _SEX[sex]
    if age := _stated(row, "ageCategories"):
        person.age_band = _BAND[age.removeprefix("Age ")]
        minor = person.age_band in _MINOR_BANDS
        person.age_status = record_pb2.AGE_STATUS_MINOR if minor else record_pb2.AGE_STATUS_ADULT
    if citizenship := _stated(row, "citizenship"):
        person.nationalities.add(country=citizenship)
    if relation := _stated(row, "RecruiterCategory"):
        person.relation_to_trafficker = _RELATION[relation]
    return person


def _draw_incident(row: Mapping[str, str], record: record_pb2.Record) -> record_pb2.Incident:
    incident = record.incidents.add(id="exploitation", kind=record_pb2.INCIDENT_KIND_TRAFFICKING)
    incident.acts.append(record_pb2.ACT_EXPLOITATION)
    if control := _stated(row, "ControlCategory"):
        incident.means.append(_MEANS[control])
    purposes = []
    if kind := _stated(row, "ExploitType"):
        purposes.append(_PURPOSE[kind])
    if _stated(row, "isForcedLabour") == "1":
        purposes.append(record_pb2.EXPLOITATION_PURPOSE_FORCED_LABOUR)
    if labour := _stated(row, "Labor_Type"):
        purposes += [_PURPOSE_OF_LABOUR[labour]] if labour in _PURPOSE_OF_LABOUR else []
        incident.sectors.extend([_SECTOR[labour]] if labour in _SECTOR else [])
    incident.purposes.extend(dict.fromkeys(purposes))
    # The extract leaves the country of exploitation out; the full layout has it.
    if country := _stated(row, "CountryOfExploitation"):
        incident.occurred.place.country = country
    return incident


def _stated(row: Mapping[str, str], column: str) -> str | None:
    value = row.get(column, "").strip()
    return None if value in _ABSENT else value
