"""The published schemas, and the one way a foreign message is held against them.

A message may say where its schema stands. Nothing is ever fetched from there: the hint is taken out before
the schema looks at the message, so that no validator can follow it to a file or a host. A message may not say
of an element that it is of another type than its place gives it.

Source: XML Schema Part 1, section 4.3.2 (schemaLocation is a hint); THREATS A43.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Final

from lxml import etree

from adapters.xml import Element, read_xml
from gateway.errors import Malformed

UMF: Final = "urn:example:hx:umf-like:1"
SIENA: Final = "urn:example:hx:siena-like:1"
FILES: Final = {UMF: "umf.xsd", SIENA: "siena.xsd"}
"""The schema of each namespace, beside this module."""

_INSTANCE: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_HINTS: Final = frozenset({f"{_INSTANCE}schemaLocation", f"{_INSTANCE}noNamespaceSchemaLocation"})
_LONGEST_NAME: Final = 40
# What the validator found, by the beginning of its name; its own sentence would repeat the value.
_FINDINGS: Final = (
    ("SCHEMAV_ELEMENT_CONTENT", "does not belong here, stands out of order, or misses an element"),
    ("SCHEMAV_CVC_COMPLEX_TYPE_4", "misses an attribute"),
    ("SCHEMAV_CVC_COMPLEX_TYPE_3", "has an attribute that does not belong there"),
    ("SCHEMAV_CVC_COMPLEX_TYPE_2", "holds text or elements where it may not"),
    ("SCHEMAV_CVC_ELT_1", "is no element of this format"),
    ("SCHEMAV_CVC", "holds a value of another form"),
)


def read_message(data: bytes, namespace: str) -> Element:
    """Return the root of a message that follows the schema of this namespace.

    Raises:
        Malformed: as `read_xml`; code `breaks-schema`: `field` names the element, the message its line and
            never its value; code `duplicate-id`.
    """
    root = read_xml(data)
    expected = f"{{{namespace}}}Message"
    if root.tag != expected:
        raise Malformed(
            f"begins with another element than Message of {namespace}", field="Message", code="breaks-schema"
        )
    _check_instance(root)
    _check_ids(root)
    schema = _schema(namespace)
    if not schema.validate(root):
        found: Any = schema.error_log
        raise _broken(root, found[0])
    return root


def is_valid(root: Element, namespace: str) -> bool:
    """Tell whether a tree follows the published schema of a namespace."""
    return bool(_schema(namespace).validate(root))


class _Neighbour(etree.Resolver):
    """Finds a schema that another one names, among those beside this module and nowhere else."""

    def resolve(self, *where: Any) -> Any:
        system_url, _, context = where
        answer: Any = self.resolve_string
        return answer(_text(system_url.rpartition("/")[2]), context)


@cache
def _schema(namespace: str) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    parser.resolvers.add(_Neighbour())
    return etree.XMLSchema(etree.fromstring(_text(FILES[namespace]), parser))


def _text(name: str) -> bytes:
    if name not in FILES.values():
        raise Malformed("is no schema of ours", field="schema", code="breaks-schema")
    return resources.files("adapters.europol").joinpath(name).read_bytes()


def _check_instance(root: Element) -> None:
    for element in root.iter():
        for name in [str(name) for name in element.attrib if str(name).startswith(_INSTANCE)]:
            if name not in _HINTS:
                raise Malformed(
                    f"says of itself what type it is (line {element.sourceline})",
                    field=_place(element),
                    code="breaks-schema",
                )
            del element.attrib[name]


def _check_ids(root: Element) -> None:
    seen: set[str] = set()
    for element in root.iter():
        identifier = element.get("id")
        if identifier is None:
            continue
        if identifier in seen:
            raise Malformed(
                f"bears the id of another element (line {element.sourceline})",
                field=_place(element),
                code="duplicate-id",
            )
        seen.add(identifier)


def _broken(root: Element, error: Any) -> Malformed:
    says = next(
        (words for name, words in _FINDINGS if error.type_name.startswith(name)), "is not as it should be"
    )
    place = _place(_find(root, error.path or ""))
    return Malformed(f"{says} (line {error.line})", field=place, code="breaks-schema")


def _find(root: Element, path: str) -> Element:
    """Return the element at a place that the validator names, as `/Message/*[2]/u:Person[3]`.

    Its prefixes are those of the message, which may mean anything, so the path is walked and not asked for.
    """
    element = root
    for step in path.split("/")[2:]:
        name, _, number = step.rstrip("]").partition("[")
        same = [one for one in element if name in ("*", _written(one))]
        at = int(number or 1) - 1
        if at >= len(same):
            break
        element = same[at]
    return element


def _written(element: Element) -> str:
    """Return the name of an element with the prefix that it is written with."""
    name = str(element.tag).rpartition("}")[2]
    return f"{element.prefix}:{name}" if element.prefix else name


def _place(element: Element) -> str:
    """Return the names of an element and those around it, as `Entities.Person[2].BirthDate`."""
    names = []
    for one in (element, *element.iterancestors()):
        name = str(one.tag).rpartition("}")[2][:_LONGEST_NAME]
        before = sum(1 for _ in one.itersiblings(one.tag, preceding=True))
        after = next(one.itersiblings(one.tag), None)
        names.append(f"{name}[{before + 1}]" if before or after is not None else name)
    return ".".join(reversed(names[:-1])) or names[-1]
