"""What a message may not say, whatever its schema allows: purposes, handling codes, data subjects.

Source: Regulation (EU) 2016/794 Articles 18, 19 and 30 and Annex II; `reference/formats.md` sections 1.3, 1.5
and 12.4 point 6.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from adapters.europol.nodes import Node
from adapters.europol.reading import Reading
from gateway.errors import Malformed, Refused
from gateway.record.age import MINOR_BANDS, proven_age
from gateway.record.vocabulary import AgeClass
from gateway.v1 import record_pb2 as pb

PURPOSE: Final = re.compile(r"(18\.2\.[abcd])(?:: (.+))?", re.DOTALL)
"""A purpose of Article 18(2), and what is said with it: with 18.2.c, the analysis project."""
CROSS_CHECKING: Final = "18.2.a"
OPERATIONAL: Final = "18.2.c"

CATEGORIES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "suspect_or_convicted": frozenset({"SUSPECT", "CONVICTED"}),
        "potential_offender": frozenset({"POTENTIAL_OFFENDER"}),
        "witness": frozenset({"WITNESS"}),
        "victim": frozenset({"VICTIM"}),
        "contact_or_associate": frozenset({"CONTACT", "ASSOCIATE"}),
        "informant": frozenset({"INFORMANT"}),
    }
)
"""Role codes of each category of data subjects."""

_CROSS_CHECKED: Final = CATEGORIES["suspect_or_convicted"] | CATEGORIES["potential_offender"]
_ACCUSED: Final = (pb.ROLE_SUSPECT, pb.ROLE_VICTIM_AND_SUSPECT)
_FIRST_DAY: Final = date(2026, 1, 1)
"""Nobody reads a clock here. Who was of age on this day, which lies behind, is of age on any day to come."""
_NOT_HIM: Final = "is no suspect of full age, and cross-checking (18.2.a) takes in nobody else"
_NO_PROJECT: Final = "is operational analysis (18.2.c) without the name of the analysis project"


def purpose_code(text: str) -> str:
    """Return the code of a purpose in words; nothing for one without."""
    match = PURPOSE.fullmatch(text)
    return match[1] if match else ""


def check_written_purposes(record: pb.Record, *, named: bool) -> None:
    """Refuse a view whose purposes do not allow for its persons; with `named`, an analysis without a name.

    Raises:
        Refused: code `purpose-not-allowed` or `incomplete`.
    """
    for number, text in enumerate(record.header.purposes_in_words):
        where = f"header.purposes_in_words[{number}]"
        if named and text.strip() == OPERATIONAL:
            raise Refused(_NO_PROJECT, field=where, code="incomplete")
        if not text.strip().startswith(CROSS_CHECKING):
            continue
        for at, person in enumerate(record.persons):
            if person.role not in _ACCUSED or not _is_of_age(person):
                raise Refused(_NOT_HIM, field=f"persons[{at}]", code="purpose-not-allowed")


def check_read_purposes(purposes: Iterable[str], persons: Iterable[Node], reading: Reading) -> None:
    """Refuse a message whose purpose does not allow for its persons.

    Raises:
        Malformed: code `purpose-not-allowed`.
    """
    if not any(text.strip().startswith(CROSS_CHECKING) for text in purposes):
        return
    for node in persons:
        person = reading.entries[node.id].entity
        if not _CROSS_CHECKED.intersection(node.texts("Role")) or _is_minor(person, reading.today):
            raise Malformed(_NOT_HIM, field=node.path, code="purpose-not-allowed")


def check_handling(node: Node) -> None:
    """Refuse handling codes that contradict each other or say less than they must.

    Raises:
        Malformed: code `contradiction` for an H0 beside another, `incomplete` for an H3 without a text.
    """
    codes = node.texts("Code")
    if "H0" in codes and len(set(codes)) > 1:
        raise Malformed("has H0 beside another code; H0 stands alone", field=node.path, code="contradiction")
    if "H3" in codes and not node.raw("Text"):
        raise Malformed("has H3 without the text it needs", field=node.path, code="incomplete")


def check_category(category: str, person: Node, where: str) -> None:
    """Refuse a category that the role codes of a person do not bear out.

    Raises:
        Malformed: code `contradiction`.
    """
    if not CATEGORIES[category].intersection(person.texts("Role")):
        raise Malformed("is not what the roles of the person say", field=where, code="contradiction")


def categories_of(codes: Iterable[str]) -> Iterator[str]:
    """Yield the categories that role codes stand for; none for a role that has none."""
    said = frozenset(codes)
    return (category for category, roles in CATEGORIES.items() if roles & said)


def _is_of_age(person: pb.Person) -> bool:
    """Tell whether somebody is proved to be an adult: what is not known counts as a minor."""
    stated = [proven_age(person.birth, _FIRST_DAY)]
    if person.age_band:
        stated.append(AgeClass.MINOR if person.age_band in MINOR_BANDS else AgeClass.ADULT)
    if person.age_status == pb.AGE_STATUS_MINOR:
        return False
    of_age = person.age_status == pb.AGE_STATUS_ADULT or AgeClass.ADULT in stated
    return of_age and not (person.age_band in MINOR_BANDS or person.birth.age_band in MINOR_BANDS)


def _is_minor(person: pb.Person, today: date | None) -> bool:
    born = proven_age(person.birth, today) if today else AgeClass.UNKNOWN
    return born is AgeClass.MINOR or person.age_band in MINOR_BANDS
