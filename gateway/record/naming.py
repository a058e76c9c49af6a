"""Free text that names a protected person: found, so that it is protected like the name itself.

Everything is compared folded: no case, no diacritics, and nothing between the characters, so `M. A-r í a`
is found as `maria`. A value of five characters or more is found anywhere, inside a handle or an inflected
word too; a shorter one only where no letter adjoins it, or every `Ana` would be found in `analysis`; a
number of less than eight figures only where no figure does. Where a name or the text is not in Latin letters
names are compared by sound as well (`transliteration`).

Source: DESIGN section 5; rule VP-05.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from gateway.record.folding import figures, fold, is_escaped, spelled_out, squeeze, unescaped
from gateway.record.needles import ANYWHERE_FROM, IDENTIFYING, REFUGE, Needle, needles_of, wholes
from gateway.record.subject import Subject
from gateway.record.ties import Ties
from gateway.record.transliteration import (
    as_it_looks,
    is_foreign,
    only_foreign,
    signs,
    sound_of,
    spaced,
)
from gateway.v1 import record_pb2 as pb

__all__ = ["IDENTIFYING", "REFUGE", "Matcher", "Needle", "matcher_of"]

_NAME = pb.Name.DESCRIPTOR
# Where one word ends and the next begins in `AnaHoliday`.
_HUMP = re.compile(r"(?<=[a-zß-öø-ÿа-џα-ώ])(?=[A-ZÀ-ÖØ-ÞЀ-ЯΑ-Ω])")


class Matcher:
    """Values of one record to look for."""

    __slots__ = ("_foreign", "_numbers", "_words", "needles")

    def __init__(self, needles: list[Needle]) -> None:
        self.needles = needles
        # Apart, because most values are figures, and most texts hold few of those.
        self._numbers: list[Needle] = []
        self._words: list[Needle] = []
        for needle in needles:
            (self._numbers if needle.text.isdecimal() else self._words).append(needle)
        self._foreign = [
            needle
            for needle in self._words
            if not needle.text.isascii() and needle.spoken and is_foreign(needle.text)
        ]

    def within(self, encoded: bytes, names: Iterable[pb.Name], *, about: str) -> Matcher | None:
        """Return a matcher of those values that an encoded entity may hold; None where it holds none. Cheap,
        and never wrong about a value it leaves out. Only what this finds is worth taking apart.

        Args:
            names: the entity's names, for in writing their parts stand in other orders than in bytes.
            about: id of the entity; a person's own values are no finding there, save a shelter.
        """
        if all(needle.person == about and needle.adds != REFUGE for needle in self.needles):
            return None
        text = encoded.decode(errors="ignore")
        if is_escaped(text):
            # What it hides is known only once its bytes are told from those around it.
            found = self.needles
        else:
            squeezed = _squeezed(text)
            for name in names:
                squeezed += _squeezed(" ".join(wholes(name)))
            found = self._read(text, squeezed)
        found = [needle for needle in found if needle.person != about or needle.adds == REFUGE]
        return Matcher(found) if found else None

    def may_hit(self, encoded: bytes) -> bool:
        """Tell whether an encoded message without names may hold any value; never wrong when it says no."""
        text = encoded.decode(errors="ignore")
        if self._foreign or is_escaped(text) or is_foreign(text):
            return True
        squeezed = _squeezed(text)
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
        written = [form for text in _texts(message) for form in _forms(text)]
        texts = [(squeeze(text), text) for text in written]
        found = [needle for needle in sought if _stands(needle, texts)]
        spoken = [_Spoken(text) for text in written if self._foreign or is_foreign(text)]
        if spoken:
            found += [one for one in sought if one.spoken and one not in found and _heard(one, spoken)]
        return found

    def _read(self, text: str, squeezed: str) -> list[Needle]:
        """Return the values that stand in a squeezed text, and all those that only their sound could tell."""
        heard = self._foreign
        if is_foreign(text):
            heard = [needle for needle in self._words if needle.spoken]
        found = [needle for needle in self._words if needle.text in squeezed]
        if self._numbers and (held := figures(squeezed)):
            found += [needle for needle in self._numbers if needle.text in held and needle.text in squeezed]
        return list(dict.fromkeys(found + heard)) if heard else found


def matcher_of(
    record: pb.Record, subjects: Mapping[str, Subject], ties: Ties | None = None
) -> Matcher | None:
    """Return what to look for in a record: whatever identifies its protected persons, and where its shelters
    are. None when there is nothing to find.

    Args:
        ties: those of the record, where the caller has them already.
    """
    needles = needles_of(record, subjects, ties)
    return Matcher(needles) if needles else None


class _Spoken:
    """A text in signs: with all its words, and with only those that are not in Latin letters."""

    __slots__ = ("all", "foreign")

    def __init__(self, text: str) -> None:
        parted = _HUMP.sub(" ", text)
        words = spaced(fold(text if parted == text else f"{text} | {parted}"))
        self.all = signs(squeeze(text)), signs(words)
        self.foreign: tuple[str, str] | None = None
        if is_foreign(words):
            told = only_foreign(words)
            self.foreign = signs(squeeze(told)), signs(told)


def _heard(needle: Needle, texts: Sequence[_Spoken]) -> bool:
    sound = sound_of(needle.text, anywhere_from=ANYWHERE_FROM, part=needle.part)
    foreign = is_foreign(needle.text)
    for text in texts:
        # Latin is compared with Latin letter by letter alone, or ordinary words would be found.
        told = text.all if foreign else text.foreign
        if told is not None and sound.stands_in(*told):
            return True
    return False


def _forms(text: str) -> list[str]:
    """Return the readings of a text, itself first: without escapes, with `ä` as `ae`, and as it looks."""
    if text.isascii() and "%" not in text and "&" not in text:
        return [text]
    forms = [text]
    if is_escaped(text):
        forms.append(unescaped(text))
    for form in tuple(forms):
        if not form.isascii():
            forms += _other_letters(form)
    return forms


def _other_letters(text: str) -> list[str]:
    spelled = spelled_out(text)
    found = [] if spelled == text else [spelled]
    return [*found, as_it_looks(text)] if is_foreign(text) else found


def _squeezed(text: str) -> str:
    """Return the text of an encoded message squeezed, in all its forms. The length before a text ends in a
    byte below 0x80, so decoding never swallows a text's beginning, and each text stands here as a whole.
    """
    if text.isascii():
        return squeeze(text)
    return "|".join(map(squeeze, (text, *_other_letters(text))))


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
        texts.extend(wholes(message))
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
        if needle.text in squeezed and (not needle.pattern or _fits(needle.pattern, text)):
            return True
    return False


def _fits(pattern: str, text: str) -> bool:
    if re.search(pattern, fold(text)):
        return True
    parted = _HUMP.sub(" ", text)
    return parted != text and re.search(pattern, fold(parted)) is not None
