"""Identity documents, read from the MISP object of the person who holds them."""

from __future__ import annotations

from typing import Final

from adapters.misp.drawing import draw_country, draw_own, read_date_of, read_time
from adapters.misp.found import FoundObject
from gateway.v1 import record_pb2 as pb

_DOCUMENTS: Final = (
    ("passport", pb.DOCUMENT_KIND_PASSPORT, "passport-number"),
    ("identity-card", pb.DOCUMENT_KIND_IDENTITY_CARD, "identity-card-number"),
    ("birth-certificate", pb.DOCUMENT_KIND_BIRTH_CERTIFICATE, "birth-certificate-number"),
)


def draw_documents(found: FoundObject, person: pb.Person, record: pb.Record) -> None:
    """Add the documents of a person, under ids made of the person's.

    Raises:
        Malformed: code `bad-date`.
    """
    for name, kind, relation in _DOCUMENTS:
        details = pb.DocumentDetails()
        one = found.first(relation)
        if one is not None:
            details.number = one.value
        if kind == pb.DOCUMENT_KIND_PASSPORT:
            _draw_passport(found, details)
        for predicate in ("status", "issuing-country", "issued", "expires"):
            if one is not None:
                draw_own(found, one, predicate, details, predicate.replace("-", "_"))
        if details.ByteSize():
            details.kind = kind
            record.documents.add(id=f"{person.id[:40]}.{name}", holder=person.id).details.CopyFrom(details)


def _draw_passport(found: FoundObject, details: pb.DocumentDetails) -> None:
    draw_country(found, "passport-country", details, "issuing_country")
    if one := found.first("passport-expiration"):
        day = read_date_of(found, one)
        if day is not None:
            details.expires.CopyFrom(day)
    if one := found.first("passport-creation"):
        moment = read_time(found, one.value, f"{one.path}.value")
        if moment is not None:
            details.issued.CopyFrom(moment.date)
