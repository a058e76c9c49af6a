"""Records as NIEM elements, a case each, in an exchange of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

from adapters.adapter import View
from adapters.niem.contacts import write_contact
from adapters.niem.elements import NAMESPACES, add, name_of, qualified
from adapters.niem.events import write_association, write_incident
from adapters.niem.handling import write_handling
from adapters.niem.persons import write_person
from adapters.niem.reading import CONTACT
from adapters.niem.things import write_document, write_location, write_organisation, write_vehicle
from adapters.xml import Element
from gateway.record.ties import entities
from gateway.v1 import record_pb2 as pb

ROOT: Final = "exchange:HumanTraffickingExchange"
CASE: Final = "exchange:Case"


def _write_account(parent: Element, account: pb.CommunicationAccount) -> Element:
    node = add(parent, CONTACT)
    write_contact(node, account.identity)
    return node


_WRITERS: Final[Mapping[str, Callable[[Element, Any], Element]]] = MappingProxyType(
    {
        "person": write_person,
        "organisation": write_organisation,
        "location": write_location,
        "vehicle": write_vehicle,
        "account": _write_account,
        "incident": write_incident,
    }
)


@dataclass(slots=True, kw_only=True)
class Page:
    """One case on its way out: its elements by the ids of the entities, and which entity an id means."""

    record: pb.Record
    number: int
    drawn: dict[str, Element] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def name(self, entity: Any, kind: str, element: Element) -> None:
        """Give an element an id, by which a reader will call the entity."""
        identifier = f"{kind}-{self.number}-{len(self.names) + 1}"
        element.set(qualified("structures:id"), identifier)
        self.drawn[entity.id] = element
        self.names[identifier] = entity.id


def write_cases(views: Sequence[View]) -> tuple[Element, list[Page]]:
    """Return the root of a document with a case a view, and what stands in each."""
    root = etree.Element(qualified(ROOT), nsmap=dict(NAMESPACES))
    pages = [_write_case(root, Page(record=view.record, number=at)) for at, view in enumerate(views, 1)]
    return root, pages


def _write_case(root: Element, page: Page) -> Page:
    case = add(root, CASE)
    write_handling(case, page.record.header)
    for kind, entity in entities(page.record):
        if kind.name in _WRITERS:
            page.name(entity, kind.name, _WRITERS[kind.name](case, entity))
    for document in page.record.documents:
        holder = page.drawn.get(document.holder)
        page.name(document, "document", write_document(case if holder is None else holder, document))
    things = dict(page.drawn)
    for relationship in page.record.relationships:
        ends = [things.get(one) for one in (getattr(relationship.link, "from"), relationship.link.to)]
        source, target = ends
        if source is None or target is None or source is target:
            continue  # what ties less than two things of the document says nothing there
        named = (_reference(source), _reference(target))
        page.name(relationship, "relationship", write_association(case, relationship, named))
    return page


def _reference(element: Element) -> tuple[str, str]:
    return name_of(str(element.tag)), str(element.get(qualified("structures:id")))
