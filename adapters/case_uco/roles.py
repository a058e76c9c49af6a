"""Roles of persons: nodes of their own, to which a relationship ties the person.

Nobody becomes a suspect by a word: only a class makes one, and a victim beside it stays a victim.
"""

from __future__ import annotations

from typing import Final

from adapters.case_uco.canvas import Canvas, put, reference
from adapters.case_uco.case import Case
from adapters.case_uco.classes import ROLE_CLASSES
from adapters.case_uco.node import Node
from adapters.loss import Effect
from adapters.values import number_of, token
from gateway.v1 import record_pb2 as pb

_VICTIM: Final = "uco-victim:Victim"
_SUBJECT: Final = "case-investigation:Subject"
_NAMED: Final = frozenset(
    {pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM, pb.ROLE_WITNESS, pb.ROLE_FAMILY_OF_VICTIM}
)
"""Roles that a name alone may give: all of them protect."""

_VICTIMS: Final = frozenset({pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM, pb.ROLE_VICTIM_AND_SUSPECT})


def read_role(case: Case, node: Node, source: str, target: str) -> bool:
    """Give a person the role that a relationship ties it to; return whether it is such a relationship."""
    for person_iri, role_iri in ((source, target), (target, source)):
        kind, person = case.entities.get(person_iri, ("", None))
        role = case.graph.get(role_iri)
        if kind != "person" or role is None or ROLE_CLASSES.keys().isdisjoint(role.types):
            continue
        node.references("uco-core:kindOfRelationship")
        role.used = True
        _give(node, role, person)
        return True
    return False


def _give(node: Node, role: Node, person: pb.Person) -> None:
    found, function = next(one for name, one in ROLE_CLASSES.items() if name in role.types)
    name = role.text("uco-core:name")
    named = number_of(person, "role", name) if name else None
    if named in _NAMED and (found == pb.ROLE_UNKNOWN or {found, named} <= _VICTIMS):
        found = named
    elif name:
        role.lose("uco-core:name", Effect.DROPPED, "is a name of a role that a record does not keep")
    if function and function not in person.functions:
        person.functions.append(pb.PersonFunction.ValueType(function))
    before = person.role
    if before in (pb.ROLE_UNKNOWN, found):
        person.role = pb.Role.ValueType(found)
    elif pb.ROLE_SUSPECT in (found, before) and not _VICTIMS.isdisjoint((found, before)):
        person.role = pb.ROLE_VICTIM_AND_SUSPECT
    elif found != pb.ROLE_UNKNOWN:
        if before == pb.ROLE_SUSPECT:
            person.role = pb.Role.ValueType(found)
        node.lose("uco-core:target", Effect.DROPPED, "is a second role; the one that protects more is kept")


def write_role(canvas: Canvas, person: pb.Person) -> None:
    """Write the roles of a person whose role is known."""
    role = person.role
    if role in (pb.ROLE_SUSPECT, pb.ROLE_VICTIM_AND_SUSPECT):
        _write(canvas, person, _SUBJECT, "")
    if role in (pb.ROLE_VICTIM, pb.ROLE_VICTIM_AND_SUSPECT):
        _write(canvas, person, _VICTIM, "")
    elif role == pb.ROLE_PRESUMED_VICTIM:
        _write(canvas, person, _VICTIM, token(person, "role"))
    elif role in (pb.ROLE_WITNESS, pb.ROLE_FAMILY_OF_VICTIM):
        _write(canvas, person, "uco-role:Role", token(person, "role"))
    elif role == pb.ROLE_THIRD_PARTY:
        _write(canvas, person, "uco-role:NeutralRole", "")


def _write(canvas: Canvas, person: pb.Person, name: str, called: str) -> None:
    seed = f"{person.id}/{name}"
    role = canvas.add(canvas.iri("role", seed), name)
    put(role, "uco-core:name", called)
    node = canvas.add(canvas.iri("has-role", seed), "uco-core:Relationship")
    put(node, "uco-core:source", reference(canvas.iris[person.id]))
    put(node, "uco-core:target", reference(str(role["@id"])))
    put(node, "uco-core:kindOfRelationship", "Has_Role")
    node["uco-core:isDirectional"] = True
