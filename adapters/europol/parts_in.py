"""What a record keeps inside another entity, read from an element of its own and the tie to its owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from adapters.europol import tables
from adapters.europol.accounts import read_account_kind, read_contact_kind, split_line
from adapters.europol.codes import FINANCIAL, number_of_code
from adapters.europol.entities_out import LEG
from adapters.europol.handling import read_entity_handling
from adapters.europol.hashes import read_hashes
from adapters.europol.leaves import Form, Leaf
from adapters.europol.leaves_in import read_leaf, read_leaves, read_place
from adapters.europol.nodes import Node
from adapters.europol.reading import Reading
from adapters.europol.remark import read_lines
from adapters.loss import Effect
from adapters.values import read_date
from gateway.v1 import record_pb2 as pb

_NO_FIELD: Final = "the record has no field for it"


@dataclass(slots=True, kw_only=True)
class _Part:
    """One element with the connection that ties it to its owner, and what is left of the two remarks."""

    reading: Reading
    node: Node
    tie: Node
    owner: Any
    collection: str
    legs: dict[int, pb.Leg] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)


def read_parts(reading: Reading, nodes: Sequence[Node]) -> None:
    """Put every element that belongs inside another into it, once all owners stand."""
    legs: dict[str, dict[int, pb.Leg]] = defaultdict(dict)
    owners = {}
    for node in nodes:
        tie = reading.parts.get(node.id)
        if tie is None:
            continue
        target = tie.attribute("to")
        entry = reading.entries[target]
        part = _Part(
            reading=reading,
            node=node,
            tie=tie,
            owner=entry.entity,
            collection=entry.collection,
            legs=legs[target],
        )
        owners[target] = entry.entity
        _READERS[tie.attribute("kind")](part)
        _close(part)
    for target, numbered in legs.items():
        stated = [numbered[number] for number in sorted(numbered) if numbered[number].ByteSize()]
        if stated:
            owners[target].route.legs.extend(stated)


def _contact(part: _Part) -> None:
    holder = part.owner if part.collection == "persons" else part.owner.identity
    contact = pb.Contact()
    word, rest = split_line(part.node.raw("Remark"))
    part.rest.append(read_lines(part.node, contact, tables.CONTACT_LINES, rest))
    read_contact_kind(contact, part.node.text("Kind"), word)
    read_leaves(part.node, contact, tables.ACCOUNT)
    if contact.ByteSize():
        holder.contacts.append(contact)


def _address(part: _Part) -> None:
    if part.collection == "persons":
        where = _whereabouts(part)
        part.owner.addresses.extend([where] if where.ByteSize() else [])
        return
    place = pb.Place()
    _place(part, place)
    if place.ByteSize():
        part.owner.identity.addresses.append(place)


def _position(part: _Part) -> None:
    where = _whereabouts(part)
    if where.ByteSize():
        part.owner.last_known_position.CopyFrom(where)


def _whereabouts(part: _Part) -> pb.Whereabouts:
    where = pb.Whereabouts()
    part.rest.append(read_lines(part.tie, where, tables.ADDRESS_LINES, part.tie.raw("Remark")))
    read_leaf(part.tie, where, Leaf("start", "since", Form.DATE), [part.tie.attribute("start")])
    read_leaf(part.tie, where, Leaf("end", "until", Form.DATE), [part.tie.attribute("end")])
    place = pb.Place()
    _place(part, place)
    if place.ByteSize():
        where.place.CopyFrom(place)
    return where


def _place(part: _Part, place: pb.Place) -> None:
    part.rest.append(read_lines(part.node, place, tables.PLACE_LINES, part.node.raw("Remark")))
    read_place(part.node, place)


def _shown(part: _Part) -> None:
    identity = pb.AccountIdentity()
    _shown_account(part, identity)
    part.owner.accounts.extend([identity] if identity.ByteSize() else [])


def _shown_account(part: _Part, identity: pb.AccountIdentity) -> None:
    node = part.node
    if node.name == "FinancialItem":
        part.rest.append(read_lines(node, identity, tables.FINANCIAL_ACCOUNT_LINES, node.raw("Remark")))
        kind = number_of_code(FINANCIAL, node.text("Kind"))
        if kind:
            identity.kind = pb.AccountKind.ValueType(kind)
        else:
            node.keep("Kind", node.text("Kind"))
        read_leaves(node, identity, tables.FINANCIAL_ACCOUNT)
        return
    word, rest = split_line(node.raw("Remark"))
    part.rest.append(read_lines(node, identity, tables.ACCOUNT_LINES, rest))
    read_account_kind(identity, node.text("Kind"), word)
    read_leaves(node, identity, tables.ACCOUNT)


def _image(part: _Part) -> None:
    part.owner.image_hashes.extend(read_hashes(part.node))
    part.rest.append(part.node.text("Remark"))


def _text(part: _Part) -> None:
    for digest in read_hashes(part.node):
        if digest.algorithm == pb.HASH_ALGORITHM_SHA256 and not part.owner.content.text_digest:
            part.owner.content.text_digest = digest.value
        else:
            part.node.lose("Hash", Effect.DROPPED, "a text has one digest, which is SHA-256")
    part.rest.append(part.node.text("Remark"))


def _occurred(part: _Part) -> None:
    place = pb.Place()
    _place(part, place)
    if place.ByteSize():
        part.owner.occurred.place.CopyFrom(place)


def _leg_end(part: _Part) -> None:
    departs = part.tie.attribute("kind") == "DEPARTED_FROM"
    place = pb.Place()
    _place(part, place)
    remark = part.tie.raw("Remark")
    number, remark = _leg_number(remark)
    when = read_date(part.tie.attribute("start") or "0000", part.tie.where("start"))
    only_country = {name.name for name, _ in place.ListFields()} == {"country"}
    country = "from_country" if departs else "to_country"
    if not number and only_country and when is None and not getattr(part.owner.route, country):
        setattr(part.owner.route, country, place.country)
        part.rest.append(part.tie.clean("Remark", remark))
        return
    leg = _leg(part.legs, number or 1, "origin" if departs else "destination")
    if place.ByteSize():
        (leg.origin if departs else leg.destination).CopyFrom(place)
    if when is not None:
        (leg.departed if departs else leg.arrived).date.CopyFrom(when)
    part.rest.append(read_lines(part.tie, leg, tables.LEG_LINES, remark))


def _leg(legs: dict[int, pb.Leg], number: int, end: str) -> pb.Leg:
    """Return the leg of a number, or another one where that has this end already."""
    if number in legs and end in {field.name for field, _ in legs[number].ListFields()}:
        number = max(legs) + 1
    return legs.setdefault(number, pb.Leg())


def _leg_number(remark: str) -> tuple[int, str]:
    first, _, rest = remark.partition("\n")
    digits = first.removeprefix(f"{LEG}: ")
    if digits != first and digits.isascii() and digits.isdecimal() and len(digits) < 4:
        return int(digits), rest
    return 0, remark


def _close(part: _Part) -> None:
    handling = part.reading.record.header.source_handling
    for node in (part.node, part.tie):
        if own := node.node("Handling"):
            read_entity_handling(own, handling, part.owner.id)
    part.node.words.extend(part.tie.words)
    rest = "\n".join(text for text in part.rest if text)
    part.reading.remark(part.node, part.owner.id, rest)
    part.node.finish(_NO_FIELD)
    part.tie.seen.update({"@from", "@to", "@kind"})
    part.tie.finish(_NO_FIELD)


_READERS: Final[Mapping[str, Callable[[_Part], None]]] = MappingProxyType(
    {
        "CONTACT_OF": _contact,
        "ADDRESS_OF": _address,
        "LAST_POSITION_OF": _position,
        "SHOWN_IN": _shown,
        "IMAGE_IN": _image,
        "TEXT_OF": _text,
        "OCCURRED_AT": _occurred,
        "DEPARTED_FROM": _leg_end,
        "ARRIVED_AT": _leg_end,
    }
)
