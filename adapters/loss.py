"""What a format could not carry: named field by field, so that nothing is lost in silence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import Malformed


class Effect(StrEnum):
    """What happened to a value between two formats."""

    DROPPED = "dropped"
    GENERALISED = "generalised"
    INVENTED = "invented"
    KEPT_AS_EXTENSION = "kept-as-extension"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One value that did not come through as it was.

    `path` names the field where the value stood: in the document when it was read, in the record when it
    was rendered (`persons[].id` speaks of every person). `why` is a sentence for a person and never holds
    the value itself, so that a list of losses may be printed and logged.
    """

    path: str
    effect: Effect
    why: str

    def __post_init__(self) -> None:
        if not self.path or not self.why:
            raise Malformed("a loss names a path and a reason", field="loss", code="empty-loss")
