"""Whether two places are the same one, as far as a record tells."""

from __future__ import annotations

from gateway.record.folding import squeeze
from gateway.v1 import record_pb2 as pb

_NEAR_E6 = 2_000
"""About 200 metres of latitude: coordinates taken at one house differ by less."""


def same_place(a: pb.Place, b: pb.Place) -> bool:
    """Tell whether two places are the same: near coordinates, or one street, name or wording in one town."""
    if a.HasField("latitude_e6") and b.HasField("latitude_e6"):
        apart = max(abs(a.latitude_e6 - b.latitude_e6), abs(a.longitude_e6 - b.longitude_e6))
        if apart <= _NEAR_E6:
            return True
    towns = squeeze(a.town), squeeze(b.town)
    if all(towns) and towns[0] != towns[1]:
        return False
    pairs = ((a.street, b.street), (a.name, b.name), (a.original, b.original))
    return any(squeeze(one) == squeeze(other) != "" for one, other in pairs)
