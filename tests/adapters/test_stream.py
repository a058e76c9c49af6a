"""A piece of a stream is one draft or one unit turned down, and says how far the document was read."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.adapter import Draft
from adapters.stream import Piece, Reject, StreamAdapter
from adapters.vics.format import Vics
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_DRAFT = Draft(record=pb.Record(), losses=())
_REJECT = Reject(where="row[2]", field="MD5", code="bad-hash", message="is no hash", row="x;y")


@pytest.mark.parametrize("held", [{"draft": _DRAFT}, {"reject": _REJECT}])
def test_piece_holds_a_draft_or_a_reject(held: dict[str, Any]) -> None:
    assert Piece(position=1, **held).position == 1


@pytest.mark.parametrize("held", [{}, {"draft": _DRAFT, "reject": _REJECT}])
def test_piece_of_neither_or_both_is_refused(held: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refusal:
        Piece(position=1, **held)

    assert refusal.value.code == "bad-piece"


def test_piece_before_the_beginning_is_refused() -> None:
    with pytest.raises(Malformed):
        Piece(position=-1, draft=_DRAFT)


@pytest.mark.parametrize("left_out", ["where", "code", "message"])
def test_reject_names_place_and_reason(left_out: str) -> None:
    said = {"where": "row[2]", "field": "", "code": "bad-hash", "message": "is no hash", "row": ""}

    with pytest.raises(Malformed) as refusal:
        Reject(**(said | {left_out: ""}))

    assert refusal.value.code == "empty-reject"


def test_hash_lists_are_streamed() -> None:
    assert isinstance(Vics(), StreamAdapter)
