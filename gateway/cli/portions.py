"""Showing one record to a person: entity after entity, how precise each value is, what binds the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.cli.screen import Screen
from gateway.flow.consult import Shown
from gateway.flow.preview import in_words
from gateway.record.schema import KINDS
from gateway.record.text import HEADER_ENTITY
from gateway.record.vocabulary import ObligationCode, Rung
from gateway.release.obligation import DUTIES

_KIND_IN = {kind.record_field: kind for kind in KINDS.values()}


def show_view(screen: Screen, shown: Shown) -> None:
    """Print a record as its reader may see it, with what binds the reader."""
    screen.result(as_object(shown))
    screen.say(f"Record {shown.record_id} version {shown.version} of {shown.originator}", "bold")
    for group, held in shown.record.items():
        for entity in held if isinstance(held, list) else [held]:
            _entity(screen, group, entity, shown)
    for row in shown.exchanges:
        screen.say(f"To {row['recipient']}: {row['state']} ({row['exchange']})")
    if shown.obligations:
        screen.say("You must:", "yellow")
    for duty in shown.obligations:
        screen.tell(
            DUTIES[ObligationCode.from_token(duty, "obligations")], indent=2, lead="-", style="yellow"
        )
    if shown.restrictions:
        screen.say("Restricted, in its sender's words:", "yellow")
    for words in shown.restrictions:
        screen.tell(words, indent=2, lead="-", style="yellow")
    own = not shown.rungs
    screen.say(f"{'Read' if own else 'Only'} for {shown.purpose}; kept until {shown.use_until}.")
    for unknown in shown.unknown_fields:
        screen.say(f"unknown-field: {unknown} is kept and not shown; this version does not know it", "yellow")


def as_object(shown: Shown) -> dict[str, Any]:
    """Return the record and what binds its reader, for --json."""
    return {
        "ok": True,
        "record_id": shown.record_id,
        "version": shown.version,
        "originator": shown.originator,
        "record": shown.record,
        "rungs": dict(shown.rungs),
        "exchanges": [dict(row) for row in shown.exchanges],
        "obligations": list(shown.obligations),
        "restrictions": list(shown.restrictions),
        "pseudonyms": dict(shown.pseudonyms),
        "purpose": shown.purpose,
        "use_until": shown.use_until,
        "unknown_fields": list(shown.unknown_fields),
    }


def _entity(screen: Screen, group: str, entity: Mapping[str, Any], shown: Shown) -> None:
    kind = _KIND_IN[group]
    name = str(entity.get("id", ""))
    title = name if "/" in name else f"{kind.name} {name}".rstrip()
    token = shown.pseudonyms.get(name)
    screen.say(title + (f"  known as {token}" if token else ""), "bold cyan")
    numbers = {field.name: number for number, field in kind.fields.items()}
    for field, value in entity.items():
        if field != "id":
            rung = shown.rungs.get(f"{name or HEADER_ENTITY}:{numbers.get(field, 0)}", Rung.EXACT.token)
            _value(screen, field, in_words(value), "" if rung == Rung.EXACT.token else f" ({rung})")


def _value(screen: Screen, field: str, words: str, precision: str) -> None:
    screen.tell(f"{words}{precision}", indent=2, lead=f"{field.replace('_', ' ')}:")
