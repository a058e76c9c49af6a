"""The JSON schemas of OASIS for STIX 2.1, as they stand beside the project."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.reference import reference

_ROOT = "stix21/schemas"


@cache
def _schemas() -> dict[str, Any]:
    folder = reference(_ROOT)
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.rglob("*.json")}


@cache
def _registry() -> Registry[Any]:
    contents = [Resource.from_contents(schema) for schema in _schemas().values()]
    return Registry().with_resources([(one.id() or "", one) for one in contents])


@cache
def validator(type_: str) -> Draft202012Validator:
    """Return what examines objects of a type; a type of our own counts as any domain object."""
    schema = _schemas()["core" if type_.startswith("comity-") else type_]
    return Draft202012Validator(schema, registry=_registry())


def faults(held: Any) -> list[str]:
    """Return what a schema finds wrong with an object or a bundle, each fault with its place."""
    found = validator(held["type"]).iter_errors(held)
    return [f"{held['id']} {'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in found]
