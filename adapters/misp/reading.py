"""Reading one MISP event into a record: header, objects, attributes, and then what ties them."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from adapters.document import Json
from adapters.loss import Effect, Loss
from adapters.misp.attributes_read import draw_attribute
from adapters.misp.found import Found, FoundObject, Reference, attributes_of, objects_of
from adapters.misp.header_read import draw_comment, draw_header
from adapters.misp.persons_read import draw_notice, draw_person
from adapters.misp.things_read import DRAWN, draw_leg
from adapters.misp.things_written import SHOWN
from adapters.misp.ties_read import Start, draw_ties
from gateway.errors import Malformed
from gateway.record.schema import ENTITY_KINDS
from gateway.v1 import record_pb2 as pb

_NO_TEMPLATE: Final = "objects of this template are not read"
_ORGANISATIONS_ALONE: Final = "a victim of this template is an organisation that was attacked, never a person"
_NO_PLACE: Final = "the record has no place for it"
_NO_TIME: Final = "when it was seen has no place beside it"
_NO_TYPE: Final = "attributes of this type are not read"
_PART_OF: Final = "part-of"
_MENTIONS: Final = "mentions"
_ACCOUNTS: Final = frozenset({"phone-number", "user-account", "bank-account", "coin-address"})
_COLLECTIONS: Final = {kind.descriptor.full_name: kind.record_field for kind in ENTITY_KINDS}


def draw_event(event: dict[str, Json], path: str, record: pb.Record, losses: list[Loss], today: date) -> None:
    """Add everything that an event says to a record.

    Raises:
        Malformed: a value does not read; code `duplicate-id`: two parts of the event bear one UUID.
    """
    draw_header(event, path, record, losses)
    known: dict[str, Start] = {}
    ties: list[tuple[Start, Reference]] = []
    objects = list(objects_of(event, path, losses))
    parts = _parts(objects)
    within = {found.uuid for several in parts.values() for found in several}
    for found in objects:
        if found.uuid in within:
            continue
        entity = _draw_object(found, record, today)
        if entity is not None:
            start = _remember(entity, found.uuid, found.path, known)
            _draw_parts(found, entity, parts.get(found.uuid, []))
            ties += [(start, one) for one in found.references if one.target not in within]
        else:
            why = "starts from what is not read"
            losses += [Loss(path=one.path, effect=Effect.DROPPED, why=why) for one in found.references]
    for one in attributes_of(event, path, losses):
        if draw_comment(one, record.header):
            continue
        entity = draw_attribute(one, record)
        if entity is not None:
            _remember(entity, one.uuid, one.path, known)
        _finish(one, losses)
    draw_ties(iter(ties), known, record, losses)


def _draw_object(found: FoundObject, record: pb.Record, today: date) -> Any:
    entity: Any = None
    if found.name == "person":
        entity = draw_person(found, record, today)
    elif found.name == "interpol-notice":
        entity = draw_notice(found, record, today)
    elif found.name in DRAWN:
        entity = DRAWN[found.name](found, record)
    why = _NO_PLACE if entity is not None else _NO_TEMPLATE
    if entity is None:
        why = _ORGANISATIONS_ALONE if found.name == "victim" else _NO_TEMPLATE
        found.lose(found.path, Effect.DROPPED, why)
        return None
    found.finish(why)
    return entity


def _remember(entity: Any, uuid: str, path: str, known: dict[str, Start]) -> Start:
    if uuid in known:
        raise Malformed("bears the UUID of another part of the event", field=path, code="duplicate-id")
    start = Start(entity, _COLLECTIONS[entity.DESCRIPTOR.full_name])
    known[uuid] = start
    return start


def _parts(objects: list[FoundObject]) -> dict[str, list[FoundObject]]:
    """Return by the object they belong to what is a part of it: further legs of a journey, and the accounts
    that a content shows.
    """
    tickets = {found.uuid for found in objects if found.name == "transport-ticket"}
    heads: dict[str, str] = {}
    for found in objects:
        for one in found.references:
            if found.uuid in tickets and one.name == _PART_OF and one.target in tickets:
                heads.setdefault(found.uuid, one.target)
            elif found.name == "url" and one.name == _MENTIONS:
                heads.setdefault(one.target, found.uuid)
    parts: dict[str, list[FoundObject]] = {}
    for found in objects:
        head = heads.get(found.uuid, found.uuid)
        is_part = found.uuid in tickets or (found.code(SHOWN) == "yes" and found.name in _ACCOUNTS)
        if is_part and head != found.uuid and head not in heads:
            parts.setdefault(head, []).append(found)
    return parts


def _draw_parts(found: FoundObject, entity: Any, parts: list[FoundObject]) -> None:
    for part in parts:
        if found.name == "transport-ticket":
            if not entity.route.legs:
                entity.route.legs.add()
            draw_leg(part, entity.route.legs.add())
        else:
            account = DRAWN[part.name](part, pb.Record())
            entity.accounts.append(account.identity)
        part.finish(_NO_PLACE)
        for one in part.references:
            if one.target != found.uuid:
                part.lose(one.path, Effect.DROPPED, "starts from a part of something else")


def _finish(one: Found, losses: list[Loss]) -> None:
    if one.first_seen or one.last_seen:
        losses.append(Loss(path=f"{one.path}.first_seen", effect=Effect.DROPPED, why=_NO_TIME))
    if not one.taken:
        losses.append(Loss(path=f"{one.path}.value", effect=Effect.DROPPED, why=_NO_TYPE))
    elif one.comment:
        why = "a comment beside a value has no place"
        losses.append(Loss(path=f"{one.path}.comment", effect=Effect.DROPPED, why=why))
    for name in one.foreign:
        why = f"the tags of {name} have no place on a value"
        losses.append(Loss(path=f"{one.path}.Tag", effect=Effect.DROPPED, why=why))
