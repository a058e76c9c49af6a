"""What stands in a rule as the rule language parsed it: its actions, its shape, the attributes it reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from cedarpy import pst

from policy.rule import Shape


def actions_of(node: pst.Template) -> frozenset[str] | None:
    """Return the actions that a rule's scope names; None where it names none."""
    match node.action:
        case pst.ActionEq(entity=entity):
            return frozenset({entity.id})
        case pst.ActionIn(entities=entities):
            return frozenset(entity.id for entity in entities)
        case _:
            return None


def shape_of(node: pst.Template, template: bool) -> Shape:
    """Return what the layers care about in a rule's body."""
    parts = list(_parts(node.clauses))
    return Shape(
        effect=node.effect,
        template=template,
        actions=actions_of(node),
        asks_presence=any(isinstance(part, pst.HasAttr) for part in parts),
        has_string_literal=any(isinstance(part, pst.StringLit | pst.Like) for part in parts),
    )


def reads_of(node: pst.Template) -> frozenset[str] | None:
    """Return the attributes that a rule reads, as `context.purpose`; None where it may depend on more."""
    scopes = (node.principal, node.resource)
    parts = list(_parts(node.clauses))
    read = [
        f"{part.base.name}.{part.attr}"
        for part in parts
        if isinstance(part, pst.GetAttr) and isinstance(part.base, pst.Var)
    ]
    # A variable that stands anywhere else is more than its attributes: an entity, with a name of its own.
    whole = sum(isinstance(part, pst.Var) for part in parts) > len(read)
    if whole or not all(isinstance(scope, pst.ScopeAny | pst.ScopeIs) for scope in scopes):
        return None
    return frozenset(read)


def named_in(node: pst.Template) -> frozenset[tuple[str, str]]:
    """Return the members of closed lists that a rule's conditions name, as `("Age", "adult")`."""
    parts = _parts(node.clauses)
    return frozenset((p.value.type.basename, p.value.id) for p in parts if isinstance(p, pst.EntityLit))


def _parts(value: object) -> Iterator[object]:
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(part)
        elif isinstance(part, Mapping):
            stack.extend(part.values())
        elif dataclasses.is_dataclass(part):
            yield part
            stack.extend(getattr(part, field.name) for field in dataclasses.fields(part))
