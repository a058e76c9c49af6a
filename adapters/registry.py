"""The formats that can be read or written, by name: built in, or brought by an installed distribution."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

from adapters.adapter import Adapter, Renderer
from adapters.htcds.format import Htcds
from gateway.errors import Misconfigured, NotFound

ENTRY_POINTS = "comity.adapters"
"""Entry-point group of third-party adapters; the object is an `Adapter`, or a class that makes one."""

RENDERERS = "comity.renderers"
"""Entry-point group of third-party renderers; the object is a `Renderer`, or a class that makes one."""

_HTCDS = Htcds()
_READ: Mapping[str, Adapter] = MappingProxyType({_HTCDS.name: _HTCDS})
_WRITTEN: Mapping[str, Renderer] = MappingProxyType({_HTCDS.name: _HTCDS})


def names() -> tuple[str, ...]:
    """Return the names of all formats that can be read, sorted; nothing is loaded for it."""
    return _names(_READ, ENTRY_POINTS)


def written_names() -> tuple[str, ...]:
    """Return the names of all formats that can be written, sorted; nothing is loaded for it."""
    return _names(_WRITTEN, RENDERERS)


def find(name: str) -> Adapter:
    """Return the adapter of this name.

    A built-in adapter cannot be replaced from outside: what reads victims' data is not decided by what
    else happens to be installed.

    Raises:
        NotFound: no such format; the message lists the known ones.
        Misconfigured: a third-party adapter is named twice, does not load, or is no adapter.
    """
    built_in = _READ.get(name)
    if built_in is not None:
        return built_in
    loaded = _load(_point(name, ENTRY_POINTS, names()))
    if not isinstance(loaded, Adapter) or loaded.name != name:
        raise _bad(name, "is not an adapter of that name")
    return loaded


def find_renderer(name: str) -> Renderer:
    """Return the renderer of this name; a built-in one cannot be replaced from outside either.

    Raises:
        NotFound: no format of this name is written; the message lists those that are.
        Misconfigured: a third-party renderer is named twice, does not load, or is no renderer.
    """
    built_in = _WRITTEN.get(name)
    if built_in is not None:
        return built_in
    loaded = _load(_point(name, RENDERERS, written_names()))
    if not isinstance(loaded, Renderer) or loaded.name != name:
        raise _bad(name, "is not a renderer of that name")
    return loaded


def _names(built_in: Mapping[str, object], group: str) -> tuple[str, ...]:
    return tuple(sorted({*built_in, *(point.name for point in entry_points(group=group))}))


def _point(name: str, group: str, known: tuple[str, ...]) -> EntryPoint:
    points = tuple(entry_points(group=group, name=name))
    if not points:
        raise NotFound(
            f"no such format; known formats: {', '.join(known)}", field="format", code="unknown-format"
        )
    if len(points) > 1:
        raise _bad(name, "is offered more than once")
    return points[0]


def _load(point: EntryPoint) -> Any:
    try:
        loaded = point.load()
        return loaded() if isinstance(loaded, type) else loaded
    except Exception as exc:  # third-party code may fail in any way; the cause stays attached
        raise _bad(point.name, "does not load") from exc


def _bad(name: str, why: str) -> Misconfigured:
    return Misconfigured(f"format {name} {why}", field="format", code="bad-adapter")
