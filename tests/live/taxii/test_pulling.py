"""What tools of other members pull: what was released to their member, and nothing else."""

from __future__ import annotations

import pytest

from tests.live.houses import TO_NGO, TO_RO
from tests.live.taxii.conftest import FOR_RO, Pulled, pushed

pytestmark = pytest.mark.usefixtures("events")


def test_outside_library_finds_the_collections_and_pages_through_what_was_released(pulled: Pulled) -> None:
    pushed(pulled.nl, TO_RO, TO_NGO)

    found = pulled.ro.collections()
    one = found[FOR_RO]
    first = one.get_objects(limit=3)
    rest = one.get_objects(limit=400, next=first["next"])

    assert set(found) == {FOR_RO, "For police.ro: victim-protection"}
    assert (one.can_read, one.can_write) == (True, False)
    assert len(first["objects"]) == 3 and first["more"]
    assert rest["objects"] and not rest["more"]
    ids = [each["id"] for each in (*first["objects"], *rest["objects"])]
    assert len(ids) == len(set(ids))
