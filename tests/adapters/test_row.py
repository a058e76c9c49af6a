"""Names that a document gives its fields are shown only where they can do no harm."""

from __future__ import annotations

import pytest

from adapters.document import read_json
from adapters.loss import Effect, Loss
from adapters.row import Row
from gateway.errors import Malformed


def test_field_that_was_never_asked_for_is_declared_by_its_name() -> None:
    row = Row(values={"known": "a", "strange": "b", "blank": ""}, path="[1]", losses=[])
    row.text("known")

    row.finish("is no field")

    assert row.losses == [Loss(path="[1].strange", effect=Effect.DROPPED, why="is no field")]


@pytest.mark.parametrize("name", ["", "a" * 65, "a\u202eb", "\ud800", "a\nb"])
def test_name_that_cannot_be_shown_is_declared_without_it(name: str) -> None:
    row = Row(values={name: "b"}, path="", losses=[])

    row.finish("is no field")

    assert row.losses == [Loss(path="?", effect=Effect.DROPPED, why="is no field")]


@pytest.mark.parametrize("name", ["", "\\ud800", "\\u202e"])
def test_name_that_stands_twice_and_cannot_be_shown_is_refused_without_it(name: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_json(f'{{"{name}": 1, "{name}": 2}}')

    assert (refusal.value.code, refusal.value.field) == ("duplicate-field", "document")
