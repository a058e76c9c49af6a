"""A caveat that would be dropped, wholly or in part, refuses the document unless its loss is allowed."""

from __future__ import annotations

import pytest

from adapters.caveats import Caveat, require_caveats
from adapters.loss import Effect, Loss
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb


def _record() -> pb.Record:
    record = pb.Record()
    record.header.source_handling.codes.extend(["H1", "H2"])
    record.header.source_handling.classification = "RESTRICTED"
    record.persons.add().safety.anonymity_guaranteed = True
    return record


def _lose(path: str, effect: Effect = Effect.DROPPED, *allowed: Caveat) -> None:
    losses = [Loss(path=path, effect=effect, why="has no field")]
    require_caveats(_record(), losses, where="views[0]", allowed=frozenset(allowed))


@pytest.mark.parametrize(
    ("path", "caveat"),
    [
        ("header.source_handling", Caveat.HANDLING),
        ("header.source_handling.codes", Caveat.HANDLING),
        ("header.source_handling.codes[1]", Caveat.HANDLING),
        ("persons[0].safety", Caveat.ANONYMITY),
    ],
)
def test_caveat_that_is_dropped_wholly_or_in_part_refuses_the_document(path: str, caveat: Caveat) -> None:
    with pytest.raises(Refused) as refusal:
        _lose(path)

    assert refusal.value.code == "caveat-lost"
    _lose(path, Effect.DROPPED, caveat)


@pytest.mark.parametrize(
    ("path", "effect"),
    [
        ("persons[0]", Effect.DROPPED),
        ("header.evaluation", Effect.DROPPED),
        ("header.source_handling.codes", Effect.KEPT_AS_EXTENSION),
    ],
)
def test_what_is_kept_or_warns_of_nobody_in_the_document_is_no_lost_caveat(path: str, effect: Effect) -> None:
    _lose(path, effect)
