"""Why MISP does not say something as a record does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from adapters import measure
from adapters.loss import Effect, Loss
from adapters.measure import Measure
from adapters.misp.thing import Sheet
from gateway.v1 import record_pb2

_NO_FIELD: Final = "MISP has no attribute for it"
_NO_TABLE: Final = "MISP has no object for it"
_SAYS_MORE: Final = "is read so, since MISP leaves no other reading"
_OWN: Final = "only tags and comments of our own tell it, which a foreign reader passes over"

_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "persons.role": "MISP has no word for the role; whoever has none is read as of unknown role",
        "persons.names": "a person of MISP has one name by its parts, and aliases of one line each",
        "persons.birth": "MISP has full dates of birth alone",
        "persons.contacts": "a person of MISP has contacts by their value alone",
        "persons.addresses": "an address of MISP is one line",
        "persons.images": "a portrait of MISP is a file; its bytes do not travel, nor do its hashes",
        "persons.biometrics": "MISP has portraits, and no other biometrics",
        "organisations.identity": "an organisation of MISP has one line an address, and contacts by value",
        "organisations.provider": "an organisation of MISP is a provider or names one, not both",
        "locations.site": "a place of MISP has one comment for a name, and no point at 0, 0",
        "accounts.identity.kind": "MISP has accounts of telephones, services, banks and coins",
        "online_contents.image_hashes": "a URL of MISP has no hashes",
        "artefacts.hashes": "a file of MISP has one hash of each algorithm, and not of every algorithm",
        "artefacts.device": "a device of MISP is a telephone, and no file at the same time",
        "transactions.detail": "a transaction of MISP has one line for amount and currency",
        "journeys.route": "a leg in MISP is a ticket, with one line for each end",
        "incidents": "MISP has nothing for an incident but a note, and tags of our own",
        "documents": "a person of MISP has one passport, one identity card and one birth certificate",
        "relationships": "ties something that has no object of its own in MISP",
    }
)

_MEASURE: Final = Measure(no_field=_NO_FIELD, no_table=_NO_TABLE, says_more=_SAYS_MORE, reasons=_REASONS)


def losses_of(sheet: Sheet, reading: record_pb2.Record) -> tuple[Loss, ...]:
    """Return what the reading of a sheet's event lost, coarsened or added, and what our own tags keep."""
    found = measure.losses_of(sheet.record, reading, _MEASURE, names=sheet.names, left_out=sheet.reasons)
    return (*found, *_kept(sheet, {loss.path for loss in found}))


def _kept(sheet: Sheet, lost: set[str]) -> Iterator[Loss]:
    for path in sorted(sheet.kept):
        if not any(_touch(path, one) for one in lost):
            yield Loss(path=path, effect=Effect.KEPT_AS_EXTENSION, why=_OWN)


def _touch(path: str, lost: str) -> bool:
    shorter, longer = sorted((path, lost), key=len)
    return longer == shorter or longer.startswith((f"{shorter}.", f"{shorter}["))
