"""Formats are found by name, and nothing installed can take the place of one of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import date
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from adapters import registry
from adapters.adapter import Adapter, Draft, Rendered, Renderer, View
from adapters.caveats import Caveat
from adapters.htcds.format import Htcds
from gateway.errors import Misconfigured, NotFound


class Foreign:
    """An adapter as another distribution would bring it."""

    name = "foreign"

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        return []


class Writer:
    """A renderer as another distribution would bring it: it reads nothing."""

    name = "foreign"
    binding = False
    forms = ("text",)

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        return Rendered(data=b"", losses=(), names=())


class Nameless:
    """No adapter at all."""


not_installed = "tests.adapters.absent:Adapter"


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that makes these entry points the installed ones."""

    def install(offered_to: str = "comity.adapters", /, **points: str) -> None:
        def entry_points(*, group: str, name: str | None = None) -> Iterable[EntryPoint]:
            assert group in ("comity.adapters", "comity.renderers")
            offered = [
                EntryPoint(name=each.rstrip("_"), value=value, group=group) for each, value in points.items()
            ]
            return [point for point in offered if name in (None, point.name) and group == offered_to]

        monkeypatch.setattr(registry, "entry_points", entry_points)

    return install


def test_built_in_format_is_found_by_its_name() -> None:
    adapter = registry.find("htcds")

    assert isinstance(adapter, Htcds)
    assert isinstance(adapter, Adapter)
    assert "htcds" in registry.names()


def test_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="htcds") as refusal:
        registry.find("word-processor")

    assert refusal.value.code == "unknown-format"


def test_installed_format_is_found_and_listed(offer: Any) -> None:
    offer(foreign="tests.adapters.test_registry:Foreign")

    assert registry.find("foreign").name == "foreign"
    assert registry.names() == ("foreign", "htcds", "stix21")


def test_installed_format_cannot_replace_a_built_in_one(offer: Any) -> None:
    offer(htcds="tests.adapters.test_registry:Foreign")

    assert isinstance(registry.find("htcds"), Htcds)


@pytest.mark.parametrize(
    "points",
    [
        {"foreign": "tests.adapters.absent:Adapter"},
        {"foreign": "tests.adapters.test_registry:Nameless"},
        {"foreign": "tests.adapters.test_registry:not_installed"},
        {"other": "tests.adapters.test_registry:Foreign"},
        {
            "foreign": "tests.adapters.test_registry:Foreign",
            "foreign_": "tests.adapters.test_registry:Foreign",
        },
    ],
)
def test_installed_format_that_is_not_what_it_says_is_refused(offer: Any, points: dict[str, str]) -> None:
    offer(**points)

    with pytest.raises(Misconfigured) as refusal:
        registry.find(next(iter(points)))
    assert refusal.value.code == "bad-adapter"


def test_built_in_format_is_written_too() -> None:
    renderer = registry.find_renderer("htcds")

    assert isinstance(renderer, Renderer)
    assert set(renderer.forms) == {"csv", "json"}
    assert "htcds" in registry.written_names()


def test_installed_format_may_be_read_and_not_written(offer: Any) -> None:
    offer(foreign="tests.adapters.test_registry:Foreign")

    assert registry.written_names() == ("htcds", "stix21")
    with pytest.raises(NotFound, match="htcds"):
        registry.find_renderer("foreign")


def test_installed_format_may_be_written_and_not_read(offer: Any) -> None:
    offer("comity.renderers", foreign="tests.adapters.test_registry:Writer")

    assert registry.find_renderer("foreign").name == "foreign"
    built_in = ("htcds", "stix21")
    assert (registry.names(), registry.written_names()) == (built_in, ("foreign", *built_in))


@pytest.mark.parametrize(
    "points",
    [
        {"foreign": "tests.adapters.test_registry:Foreign"},
        {"foreign": "tests.adapters.absent:Writer"},
        {"other": "tests.adapters.test_registry:Writer"},
    ],
)
def test_installed_renderer_that_is_not_what_it_says_is_refused(offer: Any, points: dict[str, str]) -> None:
    offer("comity.renderers", **points)

    with pytest.raises(Misconfigured) as refusal:
        registry.find_renderer(next(iter(points)))
    assert refusal.value.code == "bad-adapter"


def test_installed_renderer_cannot_replace_a_built_in_one(offer: Any) -> None:
    offer("comity.renderers", htcds="tests.adapters.test_registry:Writer")

    assert isinstance(registry.find_renderer("htcds"), Htcds)
