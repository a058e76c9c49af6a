"""Elements of NIEM: their namespaces, typed reading with a loss for what has no equal, and writing.

Names are told by the prefixes that NIEM itself uses (`nc:PersonName`), whatever prefixes a document declares.

Source: NIEM 6.0 namespaces; `reference/formats.md` section 10. Element names outside the tables kept there
are general knowledge, so what is written resembles NIEM and is not validated against its schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from lxml import etree

from adapters.document import MAX_TEXT_BYTES, clean_text
from adapters.loss import Effect, Loss
from adapters.row import ABSENT
from adapters.values import is_whole, read_moment, write_date, write_instant
from adapters.xml import Element, xml_text
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_MODEL: Final = "https://docs.oasis-open.org/niemopen/ns/model/"
NAMESPACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cui": f"{_MODEL}auxiliary/cui/6.0/",
        "exchange": "urn:comity:niem-ht:1",
        "hs": f"{_MODEL}domains/humanServices/6.0/",
        "j": f"{_MODEL}domains/justice/6.0/",
        "nc": f"{_MODEL}niem-core/6.0/",
        "structures": f"{_MODEL}structures/6.0/",
        "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    }
)
"""The namespaces that are written."""

_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_SCRIPT: Final = re.compile("[A-Z][a-z]{3}")
_QNAME: Final = re.compile(r"\{([^}]*)\}(.*)")
# Earlier versions of NIEM name the same things: the last words of a namespace tell which.
_EARLIER: Final = (
    (re.compile(r"niem-core/\d\.\d/?$"), "nc"),
    (re.compile(r"domains/(justice|jxdm)/\d\.\d/?$"), "j"),
    (re.compile(r"domains/human-?[sS]ervices/\d\.\d/?$"), "hs"),
    (re.compile(r"structures/\d\.\d/?$"), "structures"),
    (re.compile(r"auxiliary/cui/\d\.\d/?$"), "cui"),
)
_PREFIX_OF: Final[Mapping[str, str]] = MappingProxyType({iri: name for name, iri in NAMESPACES.items()})
_UNPREFIXED: Final = "?"


@dataclass(slots=True, kw_only=True)
class Part:
    """One element of a document: its children by name; `seen` are those that were asked for."""

    element: Element
    path: str
    losses: list[Loss]
    children: dict[str, list[Part]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The element's own name, such as `nc:Person`."""
        return name_of(str(self.element.tag))

    def attribute(self, name: str) -> str:
        """Return an attribute, nothing where it is absent."""
        for key, value in self.element.attrib.items():
            if name_of(str(key)) == name:
                return str(value).strip()
        return ""

    def script(self) -> str:
        """Return the script of an `xml:lang` such as `und-Cyrl`, nothing where it names none."""
        tags = str(self.element.get(_LANGUAGE, "")).split("-")
        return next((tag for tag in tags[1:] if _SCRIPT.fullmatch(tag)), "")

    def parts(self, *names: str) -> Iterator[Part]:
        """Yield the children of these names, in the order of the names."""
        for name in names:
            self.seen.add(name)
            yield from self.children.get(name, ())

    def texts(self, *names: str) -> list[str]:
        """Return the texts of children; what stands for "not recorded" is left out.

        Raises:
            Malformed: code `bad-type` for a child that holds elements, `too-long`.
        """
        found = (one.own_text() for one in self.parts(*names))
        return [text for text in found if text not in ABSENT]

    def texts_in_order(self, *names: str) -> list[str]:
        """Return the texts of children of any of these names, as they stand in the document."""
        return [text for text in (one.own_text() for one in self.in_order(*names)) if text not in ABSENT]

    def in_order(self, *names: str) -> list[Part]:
        """Return the children of any of these names, as they stand in the document."""
        places = {child: place for place, child in enumerate(self.element)}
        return sorted(self.parts(*names), key=lambda one: places[one.element])

    def text(self, *names: str) -> str:
        """Return the first text of these children, nothing where they state none."""
        found = self.texts(*names)
        if len(found) > 1:
            self.lose(names[0], Effect.DROPPED, "stands several times, and the record has room for one")
        return found[0] if found else ""

    def joined(self, name: str, texts: list[str], *, separator: str = "\n") -> str:
        """Return texts as one; what a text of a record has no room for is left out."""
        kept = list(texts)
        while len(separator.join(kept).encode()) > MAX_TEXT_BYTES:
            kept.pop()
        if len(kept) < len(texts):
            self.lose(name, Effect.DROPPED, "no text has room for all of it")
        return separator.join(kept)

    def own_text(self) -> str:
        """Return the text of this element."""
        if self.children:
            raise Malformed("holds elements where a text is read", field=self.path, code="bad-type")
        text, changed = clean_text(self.element.text or "", self.path)
        if changed:
            self.losses.append(
                Loss(path=self.path, effect=Effect.GENERALISED, why="unseen characters are left out")
            )
        return text

    def moment(self, *names: str) -> pb.Moment | None:
        """Return a date as far as it is known, or an instant, of the first child that holds one.

        Raises:
            Malformed: code `bad-date`.
        """
        for one in self.parts(*names):
            text = one.text("nc:Date", "nc:DateTime", "nc:YearMonthDate", "nc:YearDate", "nc:Year")
            if text:
                return read_moment(text, one.path)
        return None

    def day(self, *names: str) -> pb.PartialDate | None:
        """Return a date as far as it is known; a time of day is left out, which is noted."""
        moment = self.moment(*names)
        if moment is None:
            return None
        if moment.HasField("at"):
            self.lose(names[0], Effect.GENERALISED, "the time of day is left out")
        return moment.date

    def lose(self, name: str, effect: Effect, why: str) -> None:
        """Note that a child did not come through as it was."""
        self.losses.append(Loss(path=f"{self.path}.{name}", effect=effect, why=why))

    def finish(self, why: str) -> None:
        """Note every element below this one that was never asked for as dropped, for this reason."""
        for name, held in self.children.items():
            if name not in self.seen:
                self.lose(name, Effect.DROPPED, why)
            else:
                for one in held:
                    one.finish(why)


def read_parts(element: Element, path: str, losses: list[Loss]) -> Part:
    """Return an element with all that it holds."""
    part = Part(element=element, path=path, losses=losses)
    for child in element:
        name = name_of(str(child.tag))
        held = part.children.setdefault(name, [])
        held.append(read_parts(child, f"{path}.{name}[{len(held)}]", losses))
    if part.children and (element.text or "").strip():
        losses.append(Loss(path=path, effect=Effect.DROPPED, why="holds text between its elements"))
    return part


def name_of(tag: str) -> str:
    """Return the name of an element or attribute with NIEM's prefix; `?` where the namespace is foreign."""
    match = _QNAME.fullmatch(tag)
    if match is None:
        return f"{_UNPREFIXED}:{tag[:64]}"
    space, local = match.groups()
    prefix = _PREFIX_OF.get(space) or next((name for rule, name in _EARLIER if rule.search(space)), "")
    return f"{prefix or _UNPREFIXED}:{local[:64]}"


def qualified(name: str) -> str:
    """Return a name such as `nc:Person` as lxml writes it."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def add(parent: Element, name: str, text: str = "", *, lang: str = "") -> Element:
    """Add an element, and return it."""
    child = etree.SubElement(parent, qualified(name))
    if text:
        child.text = xml_text(text)
    if lang:
        child.set(_LANGUAGE, lang)
    return child


def add_text(parent: Element, name: str, text: str) -> None:
    """Add an element with a text, if there is any that a reader takes."""
    if text and len(text.encode()) <= MAX_TEXT_BYTES:
        add(parent, name, text)


def add_date(parent: Element, name: str, when: pb.PartialDate | pb.BirthDate) -> None:
    """Add a date as far as it is known: NIEM has a representation for each precision."""
    if when.year:
        kind = "nc:Date" if is_whole(when) else "nc:YearMonthDate" if when.month else "nc:YearDate"
        add(add(parent, name), kind, write_date(when))


def add_moment(parent: Element, name: str, moment: pb.Moment) -> None:
    """Add an instant, or a date where no instant is known or its date is not the one in UTC."""
    instant = write_instant(moment)
    if instant.startswith(f"{write_date(moment.date)}T"):
        add(add(parent, name), "nc:DateTime", instant)
    else:
        add_date(parent, name, moment.date)


def prune(element: Element) -> None:
    """Take an element out of its parent, if nothing came to stand in it."""
    parent = element.getparent()
    if parent is not None and len(element) == 0 and not element.text and not element.attrib:
        parent.remove(element)
