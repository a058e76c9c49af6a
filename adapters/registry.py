"""The formats that can be read or written, by name: built in, or brought by an installed distribution."""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any, Final, cast

from adapters.adapter import Adapter, Renderer
from gateway.errors import Misconfigured, NotFound

ENTRY_POINTS = "comity.adapters"
"""Entry-point group of third-party adapters; the object is an `Adapter`, or a class that makes one."""

RENDERERS = "comity.renderers"
"""Entry-point group of third-party renderers; the object is a `Renderer`, or a class that makes one."""

_BUILT_IN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "htcds": "adapters.htcds.format:Htcds",
        "stix21": "adapters.stix.format:Stix21",
    }
)
"""Where the class of a built-in format stands; it is loaded when it is asked for."""

_READ: Final = frozenset({"htcds", "stix21"})
_WRITTEN: Final = frozenset({"htcds", "stix21"})


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
    if name in _READ:
        return cast(Adapter, _built_in(name))
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
    if name in _WRITTEN:
        return cast(Renderer, _built_in(name))
    loaded = _load(_point(name, RENDERERS, written_names()))
    if not isinstance(loaded, Renderer) or loaded.name != name:
        raise _bad(name, "is not a renderer of that name")
    return loaded


@cache
def _built_in(name: str) -> Any:
    module, _, made = _BUILT_IN[name].partition(":")
    return getattr(import_module(module), made)()


def _names(built_in: Set[str], group: str) -> tuple[str, ...]:
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
