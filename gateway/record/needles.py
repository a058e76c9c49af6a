"""What identifies a protected person or tells where a shelter is, as values to find in text.

Source: DESIGN section 5; rule VP-05.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gateway.record.birth_writings import birth_writings
from gateway.record.folding import spelled_out, squeeze
from gateway.record.number_writings import account_parts, national, national_pattern
from gateway.record.subject import Subject
from gateway.record.ties import Ties, ties_of
from gateway.record.transliteration import as_it_looks, is_foreign
from gateway.v1 import record_pb2 as pb

IDENTIFYING = "victim-identifying"
REFUGE = "shelter-location"

ANYWHERE_FROM = 5
_FIGURES_ANYWHERE_FROM = 8
_SHORTEST = 3

_ANYTHING = r"[\W_]*"
_NO_SPACE = r"(?:[^\w\s]|_)*"
_PART_OF_NAME = re.compile(r"[^\s,]+")


class Needle(NamedTuple):
    """One value to find: squeezed, the id of the person it tells of, the class a hit adds, and whether it is
    only a part of a name. Where `pattern` is not empty it decides, in folded text, once the value occurs.
    What is `spoken` is compared by sound too where it, or the text, is not in Latin letters.
    """

    text: str
    person: str
    adds: str
    part: bool
    pattern: str
    spoken: bool = False


def needles_of(record: pb.Record, subjects: Mapping[str, Subject], ties: Ties | None) -> list[Needle]:
    """Return whatever identifies the protected persons of a record, and where its shelters are."""
    needles: list[Needle] = []
    protected = [person for person in record.persons if subjects[person.id].protected]
    held = _held_by(record, {person.id for person in protected}, ties or ties_of(record)) if protected else {}
    for person in protected:
        needles.extend(_of_person(person))
        for value in held.get(person.id, ()):
            needles.extend(_of_value(value, person.id))
    for person in record.persons:
        if person.HasField("shelter"):
            needles.extend(_of_refuge(person.shelter.place, person.id))
    for location in record.locations:
        if subjects[location.id].shelter:
            needles.extend(_of_refuge(location.site, location.id))
    return needles


def wholes(name: pb.Name) -> list[str]:
    """Return the ways in which a name in parts is written as a whole; one part alone is no whole name."""
    full, family, given, middle = name.full, name.family, name.given, name.middle
    found = [full, f"{given} {family}", f"{family} {given}"]
    if middle:
        found = [full, f"{given} {middle} {family}", f"{family} {given} {middle}", f"{given} {family}"]
    return [whole for whole in found if len(whole.split()) > 1]


def _of_person(person: pb.Person) -> Iterator[Needle]:
    for name in (*person.names, *person.aliases):
        yield from _of_name(name, person.id)
    for relative in person.family:
        yield from _of_name(relative.name, person.id)
        yield from _of_value(relative.contact.value, person.id)
    for contact in person.contacts:
        yield from _of_value(contact.value, person.id)
    if person.foreign_pseudonym:
        yield from _of_value(person.foreign_pseudonym, person.id)
    for text, pattern in birth_writings(person.birth):
        yield Needle(text, person.id, IDENTIFYING, False, pattern)


def _of_name(name: pb.Name, person: str) -> Iterator[Needle]:
    for whole in wholes(name):
        yield from _spoken(whole, person, part=False)
    for written in (name.family, name.given, name.middle, name.full):
        for part in _PART_OF_NAME.findall(written):
            yield from _spoken(part, person, part=True)


def _spoken(written: str, person: str, *, part: bool) -> Iterator[Needle]:
    squeezed = squeeze(written)
    if len(squeezed) >= _SHORTEST:
        # Spelled with spaces a foreign name is known by its sound; `а на` is two words and no `Ана`.
        between = _NO_SPACE if part and not squeezed.isascii() else _ANYTHING
        yield Needle(squeezed, person, IDENTIFYING, part, _bounded(squeezed, between), True)
        if not written.isascii():
            for other in _spellings(written, squeezed):
                yield Needle(other, person, IDENTIFYING, part, _bounded(other, between))


def _spellings(written: str, squeezed: str) -> set[str]:
    """Return the other spellings of a value, which has some only in other letters than those of ASCII."""
    looks = as_it_looks(written) if is_foreign(written) else written
    return {squeeze(spelled_out(written)), squeeze(looks)} - {squeezed}


def _of_value(value: str, person: str) -> Iterator[Needle]:
    squeezed = squeeze(value)
    if len(squeezed) < _SHORTEST:
        return
    yield Needle(squeezed, person, IDENTIFYING, False, _bounded(squeezed))
    if squeezed.isdecimal():
        digits = national(value, squeezed)
        if digits and (digits != squeezed or len(digits) < _FIGURES_ANYWHERE_FROM):
            yield Needle(digits, person, IDENTIFYING, False, _dialled(digits))
        return
    for other in (*_spellings(value, squeezed), *account_parts(squeezed)):
        yield Needle(other, person, IDENTIFYING, False, _bounded(other))
    local, at, host = value.partition("@")
    if not at:
        return
    # Mail for `ana.p+shop` goes to `ana.p`.
    plain = local.partition("+")[0]
    for name in dict.fromkeys(map(squeeze, (local, plain, plain + host))):
        if len(name) >= ANYWHERE_FROM and name != squeezed:
            yield Needle(name, person, IDENTIFYING, False, "")


def _of_refuge(place: pb.Place, owner: str) -> Iterator[Needle]:
    for written in (place.street, place.name, place.original):
        squeezed = squeeze(written)
        if len(squeezed) >= ANYWHERE_FROM:
            yield Needle(squeezed, owner, REFUGE, False, "", True)
            for other in _spellings(written, squeezed):
                yield Needle(other, owner, REFUGE, False, "")


def _dialled(digits: str) -> str:
    return "" if len(digits) >= _FIGURES_ANYWHERE_FROM else national_pattern(digits)


def _bounded(squeezed: str, between: str = _ANYTHING) -> str:
    figures = squeezed.isdecimal()
    if len(squeezed) >= (_FIGURES_ANYWHERE_FROM if figures else ANYWHERE_FROM):
        return ""
    spaced = between.join(map(re.escape, squeezed))
    side = r"\d" if figures else r"[^\W\d_]"
    return f"(?<!{side}){spaced}(?!{side})"


def _held_by(record: pb.Record, persons: set[str], ties: Ties) -> Mapping[str, list[str]]:
    """Return, for each person, the numbers and values of the documents, accounts and devices tied to them."""
    values: dict[str, list[str]] = {}
    for entity, written in _identifiers(record):
        for person in ties.tied.get(entity.id, set()) & persons:
            values.setdefault(person, []).extend(value for value in written if value)
    return values


def _identifiers(record: pb.Record) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for document in record.documents:
        yield document, (document.details.number,)
    for account in record.accounts:
        yield account, (account.identity.value,)
    for artefact in record.artefacts:
        device = artefact.device
        yield artefact, (device.imei, device.imsi, device.iccid, device.serial)
