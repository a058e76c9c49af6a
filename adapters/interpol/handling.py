"""How a notice may be handled: the confidentiality level, and the rest in an extension of our own.

A notice has one of three levels and no handling codes. So the level is written in its own member, as strict
as the classification or stricter, and the exact words stand in `comity.handling`, for our reader alone.

Source: INTERPOL Rules on the Processing of Data, Articles 112 to 114; `reference/formats.md` section 2.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from adapters.document import Json
from adapters.interpol.cells import Cells, cleaned
from adapters.interpol.words import as_lines, texts
from adapters.loss import Effect
from adapters.mark import TLP_ORDER, UNCLASSIFIED
from adapters.row import Row
from gateway.errors import Refused
from gateway.record.folding import squeeze
from gateway.v1 import record_pb2 as pb

LEVELS: Final = ("FOR OFFICIAL USE ONLY", "RESTRICTED", "CONFIDENTIAL")
"""The levels, the lowest first."""

_LEVEL_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{level: level for level in LEVELS},
        UNCLASSIFIED: LEVELS[0],
        "LIMITE": LEVELS[0],
        "RESTREINT UE/EU RESTRICTED": LEVELS[1],
        "CONFIDENTIEL UE/EU CONFIDENTIAL": LEVELS[2],
    }
)
_ABOVE: Final = frozenset(
    map(squeeze, ("SECRET", "TOP SECRET", "SECRET UE/EU SECRET", "TRES SECRET UE/EU TOP SECRET"))
)
_TWO_LEVELS: Final = "another level stands beside it; it is kept among the codes, where it restricts"
_UNKNOWN_LIGHT: Final = (
    "is no label of TLP 2.0: it counts as the strictest, and its word is kept among the codes"
)


def write_handling(cells: Cells, handling: pb.SourceHandling, where: str) -> dict[str, Json]:
    """Write the level; return what the extension says beside it.

    Raises:
        Refused: code `above-ceiling`: the classification is above the highest level of a notice.
    """
    level = cleaned(handling.classification)
    if squeeze(level) in _ABOVE:
        raise Refused(
            "is above the highest level of a notice", field=f"{where}.classification", code="above-ceiling"
        )
    if level:
        # A level that nobody here knows may be any: the strictest stands for it.
        cells.text("confidentiality", _LEVEL_OF.get(level, LEVELS[-1]))
    beside = Cells()
    beside.texts("codes", handling.codes)
    beside.text("text", handling.text)
    beside.text("traffic_light", handling.traffic_light)
    if level and level not in LEVELS:
        beside.text("classification", level)
    return beside.values


def combined(stated: Sequence[pb.SourceHandling]) -> pb.SourceHandling:
    """Return what several notices of one record say of its handling: of none of them is anything lost."""
    first = stated[0]
    if all(one == first for one in stated):
        return first
    both = pb.SourceHandling()
    codes = [code for one in stated for code in one.codes]
    lines = list(dict.fromkeys(one.text for one in stated if one.text))
    for field in ("classification", "traffic_light"):
        words = list(dict.fromkeys(word for one in stated if (word := getattr(one, field))))
        if words:
            setattr(both, field, words[0])
        # Nobody compares two scales here: the other level stands among the codes, where it restricts.
        codes += words[1:]
    fitting = as_lines(lines)
    if fitting:
        both.text = "\n".join(fitting)
    both.codes.extend(dict.fromkeys([*codes, *lines[len(fitting) :]]))
    return both


def read_handling(row: Row, extension: Row) -> pb.SourceHandling:
    """Return what one notice says of its handling.

    Raises:
        Malformed: code `bad-type`.
    """
    extension = extension.row("handling")
    said = pb.SourceHandling(codes=texts(extension, "codes"))
    if text := extension.text("text"):
        said.text = text
    level, exact = row.text("confidentiality"), extension.text("classification")
    if level and exact and _LEVEL_OF.get(exact, LEVELS[-1]) != level:
        # Whichever of two levels is the true one, the reader must see both.
        said.codes.append(exact)
        extension.lose("classification", Effect.GENERALISED, _TWO_LEVELS)
        exact = None
    if exact or level:
        said.classification = exact or level or ""
    light = extension.text("traffic_light")
    if light and light not in TLP_ORDER:
        extension.lose("traffic_light", Effect.GENERALISED, _UNKNOWN_LIGHT)
        said.codes.append(light)
        light = TLP_ORDER[-1]
    if light:
        said.traffic_light = light
    extension.finish("is no member of the extension")
    return said
