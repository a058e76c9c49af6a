"""The objects of a release: stripped, marked, written in STIX, and dated by the ledger.

Whoever pulls is bound by no gateway, so what identifies a protected person is stripped, whatever the policy
let out to the member itself: nothing here can allow it.

Source: DESIGN section 13; `reference/formats.md` sections 5 and 12.3; TAXII 2.1 section 3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Set
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from adapters.adapter import Renderer
from adapters.export import export
from gateway.errors import Misconfigured
from gateway.flow.pulling.offered import Offered

SPEC_VERSION: Final = "2.1"
"""Of every object that is written here."""
_PER_SECOND: Final = 1_000_000
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_SHARED: Final = frozenset({"marking-definition", "extension-definition"})
_UNDATED: Final = "1970-01-01T00:00:00.000000Z"
"""Version of what bears no date, as an observable: it is always the same one."""


class Item(NamedTuple):
    """One object version of a release: `number` counts them from 0, `data` is its JSON.

    `added` grows strictly with the place of the release. Objects that are `shared` may stand in several:
    definitions, who made them, and what its content alone names. The others are dated by the release.
    """

    id: str
    type: str
    version: str
    added: datetime
    data: bytes
    position: int
    number: int
    shared: bool


def items_of(offered: Offered, renderer: Renderer, *, today: date, exercise: bool) -> list[Item]:
    """Return the objects of a release in the order they are written in.

    Raises:
        Misconfigured: the format would not be stripped.
        GatewayError: it may not be written: shown only and not kept, or a caveat would be lost.
    """
    if renderer.binding:
        raise Misconfigured("binds its reader, so it would not be stripped", field="format")
    exported = export(
        [offered.disclosed], renderer, form=renderer.forms[0], today=today, exercise=exercise, identity=False
    )
    objects: list[dict[str, Any]] = json.loads(exported.data)["objects"]
    added = added_at(offered.position, offered.at)
    makers = {str(one["created_by_ref"]) for one in objects if "created_by_ref" in one}
    return [_item(offered, number, one, added, makers) for number, one in enumerate(objects)]


def _item(offered: Offered, number: int, one: dict[str, Any], added: datetime, makers: Set[str]) -> Item:
    shared = one["type"] in _SHARED or one["id"] in makers or "created" not in one
    if not shared:
        # No record says when an object of it was made; the ledger says when it was released.
        one |= dict.fromkeys(("created", "modified"), _in_stix(added))
    return Item(
        id=str(one["id"]),
        type=str(one["type"]),
        version=str(one.get("modified") or one.get("created") or _UNDATED),
        added=added,
        data=json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode(),
        position=offered.position,
        number=number,
        shared=shared,
    )


def added_at(position: int, at: int) -> datetime:
    """Return when what stands at a place of the ledger, dated to the second, counts as added.

    Places grow and their dates never fall, so no two are added at one moment. The price: a ledger of n
    million entries dates what it adds n seconds late.
    """
    seconds, micros = divmod(position, _PER_SECOND)
    return datetime.fromtimestamp(at + seconds, UTC) + timedelta(microseconds=micros)


def in_text(moment: datetime) -> str:
    """Return a moment as TAXII writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_of(text: str) -> datetime | None:
    """Return the moment of a text in the form of RFC 3339; None where it is none."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _in_stix(moment: datetime) -> str:
    """Return a moment as STIX writes it, to the millisecond."""
    return f"{in_text(moment)[:-4]}Z"
