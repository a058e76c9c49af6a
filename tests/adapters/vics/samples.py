"""Invented hash lists, and short ways to read them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

from adapters.adapter import Draft
from adapters.loss import Effect
from adapters.stream import Piece
from adapters.vics.format import Vics
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import TODAY

ADDRESS = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{}/$metadata#{}"
OLD = "http://github.com/ICMEC/ProjectVic/DataModels/{}.xml#{}"
HEADER = (
    "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;"
    "Series name;Number of submissions;File Available;Media Type;Baseline"
)


def media(number: int = 1, **members: Any) -> dict[str, Any]:
    """Return a media with an MD5, and these members."""
    return {"MediaID": number, "MD5": f"{number:032x}", **members}


def hash_set(*listed: Any, country: str = "US", **others: Any) -> bytes:
    """Return a VICS 2.0 hash set."""
    document = {"@odata.context": ADDRESS.format(country, "Media"), "value": list(listed), **others}
    return json.dumps(document).encode()


def cases(*listed: Any) -> bytes:
    """Return a VICS 2.0 document of cases."""
    return json.dumps({"@odata.context": ADDRESS.format("US", "Cases"), "value": list(listed)}).encode()


def export(*rows: str, header: str = HEADER) -> bytes:
    """Return an ICSE export."""
    return "\r\n".join([header, *rows, ""]).encode()


def parse(data: bytes) -> list[Draft]:
    """Return the drafts of a document."""
    return Vics().parse(data, today=TODAY, exercise=True)


def only(data: bytes) -> pb.DigitalArtefact:
    """Return the only artefact of a document."""
    (draft,) = parse(data)
    (artefact,) = draft.record.artefacts
    return artefact


def stream(data: bytes, after: int = 0) -> list[Piece]:
    """Return the pieces of a document."""
    return list(Vics().stream(io.BytesIO(data), today=TODAY, exercise=True, after=after))


def lost(data: bytes) -> dict[str, Effect]:
    """Return what the reading of a document lost, by path."""
    return {loss.path: loss.effect for draft in parse(data) for loss in draft.losses}


def artefacts(pieces: Iterable[Piece]) -> list[pb.DigitalArtefact]:
    """Return the artefacts of all drafts."""
    return [one for piece in pieces if piece.draft for one in piece.draft.record.artefacts]
