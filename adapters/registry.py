"""The formats that can be read, by name: built in, or brought by an installed distribution."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from adapters.adapter import Adapter
from adapters.htcds import Htcds
from gateway.errors import Misconfigured, NotFound

ENTRY_POINTS = "comity.adapters"
"""Entry-point group of third-party adapters; the object is an `Adapter`, or a class that makes one."""

_BUILT_IN: Mapping[str, Adapter] = MappingProxyType({adapter.name: adapter for adapter in (Htcds(),)})


def names() -> tuple[str, ...]:
    """Return the names of all formats that can be read, sorted; nothing is loaded for it."""
    return tuple(sorted({*_BUILT_IN, *(point.name for point in entry_points(group=ENTRY_POINTS))}))


def find(name: str) -> Adapter:
    """Return the adapter of this name.

    A built-in adapter cannot be replaced from outside: what reads victims' data is not decided by what
    else happens to be installed.

    Raises:
        NotFound: no such format; the message lists the known ones.
        Misconfigured: a third-party adapter is named twice, does not load, or is no adapter.
    """
    built_in = _BUILT_IN.get(name)
    if built_in is not None:
        return built_in
    points = tuple(entry_points(group=ENTRY_POINTS, name=name))
    if not points:
        raise NotFound(
            f"no such format; known formats: {', '.join(names())}", field="format", code="unknown-format"
        )
    if len(points) > 1:
        raise Misconfigured(f"format {name} is offered more than once", field="format", code="bad-adapter")
    return _load(points[0])


def _load(point: EntryPoint) -> Adapter:
    try:
        loaded = point.load()
        adapter = loaded() if isinstance(loaded, type) else loaded
    except Exception as exc:  # third-party code may fail in any way; the cause stays attached
        raise Misconfigured(f"format {point.name} does not load", field="format", code="bad-adapter") from exc
    if not isinstance(adapter, Adapter) or adapter.name != point.name:
        raise Misconfigured(
            f"format {point.name} is not an adapter of that name", field="format", code="bad-adapter"
        )
    return adapter
