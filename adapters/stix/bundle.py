"""A STIX bundle opened: its objects, each id once, and which of them belong to one case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from adapters.document import read_json
from adapters.loss import Effect, Loss
from adapters.stix.names import is_identifier
from adapters.values import read_instant
from gateway.errors import Malformed

REPORTS: Final = ("report", "grouping")
"""Types of object that hold a case together."""

SHARED: Final = frozenset({"marking-definition", "extension-definition", "language-content"})
_ENVELOPE: Final = frozenset({"type", "id", "spec_version", "objects", "more", "next"})


class Found(NamedTuple):
    """One object of a document, not yet read."""

    path: str
    id: str
    type: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The objects that make one record; `shared` are those of the whole document, by id."""

    objects: Sequence[Found]
    shared: Mapping[str, Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A document's objects, and what was lost in opening it."""

    objects: Sequence[Found]
    losses: Sequence[Loss]


def open_bundle(text: str) -> Bundle:
    """Return the objects of a bundle, of a TAXII envelope, or the one object that the document is.

    Raises:
        Malformed: it is not JSON, or not of that shape: code `bad-type`, `bad-id`, `empty-document`,
            `duplicate-id` (two objects of one id that are not versions of each other); as `read_json`.
    """
    root = read_json(text)
    losses: list[Loss] = []
    if not isinstance(root, dict):
        raise Malformed("is no STIX bundle", field="document", code="bad-type")
    if root.get("type", "bundle") != "bundle":
        return Bundle(objects=[_found("object", root)], losses=losses)
    objects = root.get("objects")
    if objects is None or objects == []:
        raise Malformed("is a bundle without objects", field="objects", code="empty-document")
    if not isinstance(objects, list):
        raise Malformed("is not a list", field="objects", code="bad-type")
    for name in [one for one in root if one not in _ENVELOPE]:
        losses.append(Loss(path=name[:64], effect=Effect.DROPPED, why="says something of the bundle alone"))
    latest: dict[str, Found] = {}
    for number, one in enumerate(objects):
        found = _found(f"objects[{number}]", one)
        standing = latest.get(found.id)
        if standing is None:
            latest[found.id] = found
            continue
        kept, left = _newer(standing, found)
        latest[found.id] = kept
        losses.append(
            Loss(path=left.path, effect=Effect.DROPPED, why="another version of the object stands beside it")
        )
    return Bundle(objects=list(latest.values()), losses=losses)


def cases(bundle: Bundle) -> list[Case]:
    """Return one case for each report, where several of them share no object; else all objects as one.

    What no report holds is a case of its own, at the end.
    """
    shared = {one.id: one for one in bundle.objects if one.type in SHARED}
    # Who made an object is looked up from every case.
    makers = {str(one.values.get("created_by_ref", "")) for one in bundle.objects}
    shared |= {one.id: one for one in bundle.objects if one.id in makers}
    owners = _owners(bundle.objects)
    if owners is None:
        return [Case(objects=bundle.objects, shared=shared)]
    held: dict[str, list[Found]] = {}
    for one in bundle.objects:
        owner = owners.get(one.id, "")
        if owner or (one.type not in SHARED and one.id not in makers):
            held.setdefault(owner, []).append(one)
    rest = held.pop("", [])
    groups = [*held.values(), rest] if rest else list(held.values())
    return [Case(objects=group, shared=shared) for group in groups]


def _owners(objects: Sequence[Found]) -> dict[str, str] | None:
    """Return the report that holds each object; None where there are no two, or an object has two."""
    reports = [one for one in objects if one.type == "report"]
    if len(reports) < 2:
        return None
    owners = {one.id: one.id for one in reports}
    inner = [one for one in objects if one.type == "observed-data"]
    for holder in [*reports, *inner]:
        owner = owners.get(holder.id, "")
        for name in _references(holder):
            if not owner or name.partition("--")[0] in SHARED:
                continue
            if owners.setdefault(name, owner) != owner:
                return None
    for one in objects:
        if one.type == "relationship" and one.id not in owners:
            ends = {owners.get(str(one.values.get(end)), "") for end in ("source_ref", "target_ref")}
            if len(ends) == 1 and "" not in ends:
                owners[one.id] = ends.pop()
    return owners


def _references(holder: Found) -> Iterable[str]:
    held = holder.values.get("object_refs")
    return [one for one in held if isinstance(one, str)] if isinstance(held, list) else []


def _found(path: str, value: Any) -> Found:
    if not isinstance(value, dict):
        raise Malformed("is not an object", field=path, code="bad-type")
    type_, id_ = value.get("type"), value.get("id")
    if not isinstance(type_, str):
        raise Malformed("states no type", field=f"{path}.type", code="bad-type")
    if not isinstance(id_, str) or not is_identifier(id_) or id_.partition("--")[0] != type_:
        raise Malformed(
            "is not the identifier of an object of its type (type--uuid)", field=f"{path}.id", code="bad-id"
        )
    return Found(path, id_, type_, value)


def _newer(one: Found, other: Found) -> tuple[Found, Found]:
    """Return the later version of two, and the earlier one."""
    if one.values == other.values:
        return one, other
    first, second = (_modified(each) for each in (one, other))
    if first == second:
        raise Malformed(
            "is the id of two objects, and neither is the later version",
            field=f"{other.path}.id",
            code="duplicate-id",
        )
    return (one, other) if first > second else (other, one)


def _modified(found: Found) -> int:
    text = found.values.get("modified")
    return read_instant(text, f"{found.path}.modified").at if isinstance(text, str) else 0
