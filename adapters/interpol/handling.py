"""How a notice may be handled: the confidentiality level, and the rest in an extension of our own.

A notice has one of three levels and no handling codes. So the level is written in its own member, as strict
as the classification or stricter, and the exact words stand in `comity.handling`, for our reader alone.

Source: INTERPOL Rules on the Processing of Data, Articles 112 to 114; `reference/formats.md` section 2.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.document import MAX_TEXT_BYTES, Json
from adapters.interpol.cells import Cells, cleaned
from adapters.interpol.words import texts
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


def draw_handling(row: Row, extension: Row, header: pb.RecordHeader) -> None:
    """Add what a notice says of its handling to what the ones before it said: nothing of either is lost."""
    said = _handling_of(row, extension.row("handling"))
    known = header.source_handling
    if not said.ByteSize() or said == known:
        return
    if not header.HasField("source_handling"):
        known.CopyFrom(said)
        return
    known.codes.extend(code for code in said.codes if code not in known.codes)
    if said.text and said.text not in known.text:
        both = "\n".join(part for part in (known.text, said.text) if part)
        if len(both.encode()) <= MAX_TEXT_BYTES:
            known.text = both
        elif said.text not in known.codes:
            known.codes.append(said.text)
    for field in ("classification", "traffic_light"):
        word, other = getattr(known, field), getattr(said, field)
        if not word:
            setattr(known, field, other)
        elif other and other != word and other not in known.codes:
            known.codes.append(other)


def _handling_of(row: Row, extension: Row) -> pb.SourceHandling:
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
