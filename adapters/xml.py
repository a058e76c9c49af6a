"""XML opened safely: no document type, no entity, nothing fetched; size, depth and number are bounded.

A declaration can name a file of this machine, a host of its network, or itself a million times. No format
here needs one, so a document that holds one is refused before its meaning is looked at.

Source: OWASP, XML External Entity Prevention; DESIGN section 13; THREATS A43.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from lxml import etree

from adapters.document import MAX_DEPTH, MAX_DOCUMENT_BYTES
from gateway.errors import Malformed

MAX_ELEMENTS: Final = 100_000
"""Most elements, attributes, namespaces, comments and instructions a document may hold."""

Element = etree._Element

_BOM: Final = b"\xef\xbb\xbf"
_ENCODINGS: Final = frozenset({"utf-8", "us-ascii", "ascii"})
_DECLARED: Final = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']"
)
_DOCTYPE: Final = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)


def read_xml(data: bytes) -> Element:
    """Return the root element of a UTF-8 document of at most 8 MiB, 32 levels and 100,000 elements.

    Raises:
        Malformed: code `too-large`, `empty-document`, `bad-encoding`, `doctype`, `too-deep`, `not-xml` or
            `too-many-elements`.
    """
    if len(data) > MAX_DOCUMENT_BYTES:
        raise Malformed("is larger than 8 MiB", field="document", code="too-large")
    if not data.strip():
        raise Malformed("is empty", field="document", code="empty-document")
    _check_encoding(data)
    if _DOCTYPE.search(data):
        raise Malformed(
            "declares a document type or an entity; take the declaration out",
            field="document",
            code="doctype",
        )
    whole = data.removeprefix(_BOM).lstrip()
    # Counted by the parser itself and before it builds anything: whatever counts in another way, an attacker
    # finds a text that the two read differently, or that takes the other forever.
    _parse(whole, _parser(target=_Bounds()))
    root = cast(Element, _parse(whole, _parser(remove_comments=True, remove_pis=True)))
    if root.getroottree().docinfo.internalDTD is not None:
        raise Malformed("declares a document type", field="document", code="doctype")
    return root


def write_xml(root: Element) -> bytes:
    """Return the document of an element, in UTF-8 with a declaration and indented."""
    etree.indent(root)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data + b"\n"


def xml_text(value: str) -> str:
    """Return text as XML 1.0 can carry it: a character that it cannot becomes U+FFFD."""
    return _FORBIDDEN.sub("\ufffd", value)


_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _check_encoding(data: bytes) -> None:
    declared = _DECLARED.match(data[:256])
    name = declared.group(1).decode().lower() if declared else "utf-8"
    if name not in _ENCODINGS:
        raise Malformed("is not declared as UTF-8", field="document", code="bad-encoding")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise Malformed(
            f"is not UTF-8 text (byte {exc.start})", field="document", code="bad-encoding"
        ) from exc
    if b"\x00" in data:
        raise Malformed("is not UTF-8 text", field="document", code="bad-encoding")


def _parser(**options: Any) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        **options,
    )


def _parse(data: bytes, parser: etree.XMLParser) -> Element | None:
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        line = getattr(exc, "lineno", None)
        where = f" (line {line})" if line else ""
        raise Malformed(f"is not well-formed XML{where}", field="document", code="not-xml") from exc


class _Bounds:
    """Takes what the parser meets and keeps nothing of it but how deep and how many.

    Raises:
        Malformed: code `too-deep` or `too-many-elements`, as soon as it is.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.count = 0

    def start(self, _tag: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Malformed(f"is nested deeper than {MAX_DEPTH}", field="document", code="too-deep")
        self._more(1 + len(attributes))

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def start_ns(self, _prefix: str, _uri: str) -> None:
        self._more(1)

    def comment(self, _text: str) -> None:
        self._more(1)

    def pi(self, _target: str, _data: str | None = None) -> None:
        self._more(1)

    def close(self) -> None:
        """End the document; nothing is made of it."""

    def _more(self, number: int) -> None:
        self.count += number
        if self.count > MAX_ELEMENTS:
            raise Malformed(
                f"holds more than {MAX_ELEMENTS} elements", field="document", code="too-many-elements"
            )
