"""Words that every screen of an officer tells alike: how long is left, which field, why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.flow.review.lines import WITHHELD, FieldLine
from gateway.record.vocabulary import Rung

_DAY_S = 24 * 60 * 60


def left_in_words(left_s: int) -> str:
    """Return a time to go as an officer reads it: days and hours, or hours and minutes near the end."""
    if left_s <= 0:
        return "ended"
    days, rest = divmod(left_s, _DAY_S)
    hours, minutes = rest // 3600, rest % 3600 // 60
    return f"{days} d {hours} h" if days else f"{hours} h {minutes:02d} min"


def until_in_words(at: str) -> str:
    """Return a time of ISO text to the minute."""
    return f"{at[:16].replace('T', ' ')} UTC"


def path_of(line: FieldLine) -> str:
    """Return a field's path as it is shown; one that the record does not explain is named by its entity."""
    return line.path or f"{line.entity}.{line.field}"


def leaves_as(line: FieldLine) -> str:
    """Return what the recipient sees of a field."""
    if line.rung == WITHHELD:
        return WITHHELD
    return line.text if line.rung == Rung.EXACT.token else f"{line.text} ({line.rung})"


def reasons_of(lines: Iterable[FieldLine]) -> dict[str, Sequence[str]]:
    """Return every reason once, with the paths it is about, in the order of the fields."""
    groups: dict[str, list[str]] = {}
    for line in lines:
        groups.setdefault(line.why, []).append(path_of(line))
    return dict(groups)
