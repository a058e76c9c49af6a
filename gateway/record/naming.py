"""Free text that names a protected person: found, so that it is protected like the name itself.

Everything is compared folded: no case, no diacritics, and nothing between the characters, so `M. A-r í a`
is found as `maria`. A value of five characters or more is found anywhere, inside a handle or an inflected
word too; a shorter one only where no letter adjoins it, or every `Ana` would be found in `analysis`; a
number of less than eight figures only where no figure does.

Source: DESIGN section 5; rule VP-05.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from gateway.record.birth_writings import birth_writings
from gateway.record.folding import figures, fold, squeeze
from gateway.record.subject import Subject
from gateway.record.ties import Ties, ties_of
from gateway.v1 import record_pb2 as pb

IDENTIFYING = "victim-identifying"
REFUGE = "shelter-location"

_ANYWHERE_FROM = 5
_FIGURES_ANYWHERE_FROM = 8
_SHORTEST = 3
_NATIONAL_NUMBER_DIGITS = 9
"""Digits at the end of a phone number that are the same in its national and its international writing."""

_PART_OF_NAME = re.compile(r"[^\s,]+")
_NAME = pb.Name.DESCRIPTOR


class Needle(NamedTuple):
    """One value to find: squeezed, the id of the person it tells of, the class a hit adds, and whether it is
    only a part of a name. Where `pattern` is not empty it decides, in folded text, once the value occurs.
    """

    text: str
    person: str
    adds: str
    part: bool
    pattern: str


class Matcher:
    """Values of one record to look for."""

    __slots__ = ("_numbers", "_words", "needles")

    def __init__(self, needles: list[Needle]) -> None:
        self.needles = needles
        # Apart, because most values are figures, and most texts hold few of those.
        self._numbers: list[Needle] = []
        self._words: list[Needle] = []
        for needle in needles:
            (self._numbers if needle.text.isdecimal() else self._words).append(needle)

    def within(self, encoded: bytes, names: Iterable[pb.Name], *, about: str) -> Matcher | None:
        """Return a matcher of those values that an encoded entity may hold; None where it holds none. Cheap,
        and never wrong about a value it leaves out. Only what this finds is worth taking apart.

        Args:
            names: the entity's names, for in writing their parts stand in other orders than in bytes.
            about: id of the entity; a person's own values are no finding there, save a shelter.
        """
        if all(needle.person == about and needle.adds != REFUGE for needle in self.needles):
            return None
        squeezed = _squeezed(encoded)
        for name in names:
            squeezed += squeeze(" ".join(_wholes(name)))
        found = [needle for needle in self._words if needle.text in squeezed]
        if self._numbers and (held := figures(squeezed)):
            found += [needle for needle in self._numbers if needle.text in held and needle.text in squeezed]
        found = [needle for needle in found if needle.person != about or needle.adds == REFUGE]
        return Matcher(found) if found else None

    def may_hit(self, encoded: bytes) -> bool:
        """Tell whether an encoded message without names may hold any value; never wrong when it says no."""
        squeezed = _squeezed(encoded)
        return any([needle.text in squeezed for needle in self.needles])

    def hits(self, message: Message, *, about: str, parts: bool) -> list[Needle]:
        """Return the values found in any text of a message.

        Args:
            about: id of the person the text belongs to; that person's own values are no finding there. A
                shelter is one even there.
            parts: whether a part of a name counts; in the names of others it does not, since families share.
        """
        sought = [
            needle
            for needle in self.needles
            if (needle.person != about or needle.adds == REFUGE) and (parts or not needle.part)
        ]
        texts = [(squeeze(text), text) for text in _texts(message)]
        return [needle for needle in sought if _stands(needle, texts)]


def matcher_of(
    record: pb.Record, subjects: Mapping[str, Subject], ties: Ties | None = None
) -> Matcher | None:
    """Return what to look for in a record: whatever identifies its protected persons, and where its shelters
    are. None when there is nothing to find.

    Args:
        ties: those of the record, where the caller has them already.
    """
    needles: list[Needle] = []
    protected = [person for person in record.persons if subjects[person.id].protected]
    held = _held_by(record, {person.id for person in protected}, ties or ties_of(record)) if protected else {}
    for person in protected:
        needles.extend(_of_person(person))
        for value in held.get(person.id, ()):
            needles.extend(_whole(value, person.id))
    for person in record.persons:
        if person.HasField("shelter"):
            needles.extend(_of_refuge(person.shelter.place, person.id))
    for location in record.locations:
        if subjects[location.id].shelter:
            needles.extend(_of_refuge(location.site, location.id))
    return Matcher(needles) if needles else None


def _squeezed(encoded: bytes) -> str:
    """Return an encoded message squeezed. The length before a text ends in a byte below 0x80, so decoding
    never swallows a text's beginning, and each text stands in the squeezed form as a whole.
    """
    return squeeze(encoded.decode(errors="ignore"))


@cache
def _text_fields(descriptor: Descriptor) -> Mapping[int, tuple[bool, bool]]:
    """Return which fields of a message lead to texts: by number, whether repeated, and a text itself."""
    return {
        field.number: (field.is_repeated, field.type == field.TYPE_STRING)
        for field in descriptor.fields
        if field.type in (field.TYPE_STRING, field.TYPE_MESSAGE)
    }


def _texts(message: Message) -> list[str]:
    texts: list[str] = []
    _collect(message, texts)
    return texts


def _collect(message: Any, texts: list[str]) -> None:
    descriptor = message.DESCRIPTOR
    if descriptor is _NAME:
        texts.extend(_wholes(message))
    telling = _text_fields(descriptor)
    for field, value in message.ListFields():
        kind = telling.get(field.number)
        if kind is None:
            continue
        repeated, text = kind
        values = value if repeated else (value,)
        if text:
            texts.extend(values)
        else:
            for inner in values:
                _collect(inner, texts)


def _stands(needle: Needle, texts: Sequence[tuple[str, str]]) -> bool:
    """Tell whether a value stands in any of these texts, each squeezed and as it is."""
    for squeezed, text in texts:
        # Compiled here, when the value occurs, which is seldom; not for every record that might have held it.
        if needle.text in squeezed and (not needle.pattern or re.search(needle.pattern, fold(text))):
            return True
    return False


def _of_person(person: pb.Person) -> Iterator[Needle]:
    for name in (*person.names, *person.aliases):
        yield from _of_name(name, person.id)
    for relative in person.family:
        yield from _of_name(relative.name, person.id)
        yield from _whole(relative.contact.value, person.id)
    for contact in person.contacts:
        yield from _whole(contact.value, person.id)
    if person.foreign_pseudonym:
        yield from _whole(person.foreign_pseudonym, person.id)
    for text, pattern in birth_writings(person.birth):
        yield Needle(text, person.id, IDENTIFYING, False, pattern)


def _of_name(name: pb.Name, person: str) -> Iterator[Needle]:
    for whole in _wholes(name):
        yield from _whole(whole, person)
    for written in (name.family, name.given, name.middle, name.full):
        for part in _PART_OF_NAME.findall(written):
            squeezed = squeeze(part)
            if len(squeezed) >= _SHORTEST:
                yield Needle(squeezed, person, IDENTIFYING, True, _bounded(squeezed))


def _wholes(name: pb.Name) -> list[str]:
    """Return the ways in which a name in parts is written as a whole; one part alone is no whole name."""
    full, family, given, middle = name.full, name.family, name.given, name.middle
    wholes = [full, f"{given} {family}", f"{family} {given}"]
    if middle:
        wholes = [full, f"{given} {middle} {family}", f"{family} {given} {middle}", f"{given} {family}"]
    return [whole for whole in wholes if len(whole.split()) > 1]


def _whole(value: str, person: str) -> Iterator[Needle]:
    squeezed = squeeze(value)
    if len(squeezed) < _SHORTEST:
        return
    yield Needle(squeezed, person, IDENTIFYING, False, _bounded(squeezed))
    if squeezed.isdecimal() and len(squeezed) > _NATIONAL_NUMBER_DIGITS:
        yield Needle(squeezed[-_NATIONAL_NUMBER_DIGITS:], person, IDENTIFYING, False, "")
    local, at, _ = value.partition("@")
    if at and len(squeeze(local)) >= _ANYWHERE_FROM:
        yield Needle(squeeze(local), person, IDENTIFYING, False, "")


def _of_refuge(place: pb.Place, owner: str) -> Iterator[Needle]:
    for written in (place.street, place.name, place.original):
        squeezed = squeeze(written)
        if len(squeezed) >= _ANYWHERE_FROM:
            yield Needle(squeezed, owner, REFUGE, False, "")


def _bounded(squeezed: str) -> str:
    figures = squeezed.isdecimal()
    if len(squeezed) >= (_FIGURES_ANYWHERE_FROM if figures else _ANYWHERE_FROM):
        return ""
    spaced = r"[\W_]*".join(map(re.escape, squeezed))
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
