"""What the headers of both messages share: legal basis, type, and who sent what when, in words.

A message must name a sender, a receiver, a reference and a time. A view has none of the first three, and
nobody here has a clock: placeholders stand where the record has nothing to say, and are read as nothing.
Whoever sends the message puts in their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from adapters.europol.nodes import Node
from adapters.loss import Effect
from adapters.values import is_whole, read_date, write_date
from gateway.record.json_form import enum_token
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb

NOT_STATED: Final = "not stated"
"""The authority of a sender or receiver whom the view does not name."""
NO_TIME: Final = "1970-01-01T00:00:00Z"
"""The time of sending where the record states no day of creation."""
REFERENCE: Final = "HX-"
"""What the reference of a written message begins with; a digest of the view follows."""

SENDER: Final = "Sender"
MESSAGE_REFERENCE: Final = "Message reference"
MESSAGE_TYPE: Final = "Message type"
REPLY_TO: Final = "In reply to"
URGENT: Final = "Urgent."
LEGAL_BASIS: Final = "Legal basis: "
_DIGITS: Final = 16


def placeholder_reference(record: pb.Record) -> str:
    """Return a reference that is the same for the same view and says nothing of it."""
    return REFERENCE + sha256(record.SerializeToString(deterministic=True)).hexdigest()[:_DIGITS].upper()


def write_sent_at(header: pb.RecordHeader) -> str:
    """Return the first moment of the day of creation, or the placeholder."""
    created = header.created_on
    return f"{write_date(created)}T00:00:00Z" if is_whole(created) else NO_TIME


def read_sent_at(node: Node, header: pb.RecordHeader) -> None:
    """Read the day of sending as the day of creation."""
    text = node.attribute("sentAt")
    if text == NO_TIME or not text:
        return
    day, _, time = text.partition("T")
    created = read_date(day, node.where("sentAt"))
    if created is not None:
        header.created_on.CopyFrom(created)
    if time not in ("00:00:00Z", "00:00:00"):
        node.lose("sentAt", Effect.GENERALISED, "is kept as a day, without the time")


def read_envelope(node: Node, header: pb.RecordHeader) -> None:
    """Keep who sent a message, and its reference, as words on where the information came from."""
    reference = node.attribute("reference")
    if reference and not is_placeholder(reference):
        header.provenance.append(f"{MESSAGE_REFERENCE}: {reference}")
    for sender in node.nodes("Sender"):
        words = read_party(sender)
        header.provenance.extend([f"{SENDER}: {words}"] if words else [])
    header.audience.extend(words for one in node.nodes("Receiver") if (words := read_party(one)))


def read_party(node: Node) -> str:
    """Return an authority with its country; nothing of a placeholder."""
    authority, country = node.attribute("authority"), node.attribute("country")
    if authority == NOT_STATED:
        authority = ""
    return ", ".join(part for part in (authority, country) if part)


def is_placeholder(reference: str) -> bool:
    """Tell whether a reference is one of ours."""
    return reference.startswith(REFERENCE) and len(reference) == len(REFERENCE) + _DIGITS


def write_legal_bases(header: pb.RecordHeader) -> tuple[str, list[str]]:
    """Return the legal basis as one text, and the purposes in words that are none."""
    words = list(header.purposes_in_words)
    if header.legal_bases:
        return ", ".join(enum_token(_BASES, number) for number in header.legal_bases), words
    stated = next((one for one in words if one.startswith(LEGAL_BASIS)), "")
    if stated:
        words.remove(stated)
    return stated.removeprefix(LEGAL_BASIS), words


def read_legal_bases(texts: Iterable[str], header: pb.RecordHeader) -> None:
    """Read legal bases: as codes where all of them are, otherwise as a restriction in words."""
    codes = {enum_token(_BASES, value.number): value.number for value in _BASES.values if value.number}
    for text in texts:
        parts = text.split(", ")
        if all(part in codes for part in parts):
            header.legal_bases.extend(marking_pb2.LegalBasis.ValueType(codes[part]) for part in parts)
        else:
            header.purposes_in_words.append(LEGAL_BASIS + text)


_BASES: Final = marking_pb2.LegalBasis.DESCRIPTOR


def token_of_basis(number: int) -> str:
    """Return the short token of a legal basis."""
    return enum_token(_BASES, number)


def provenance_value(header: pb.RecordHeader, label: str) -> str:
    """Return what a line of provenance with this label says, of the first such line."""
    found = next((one for one in header.provenance if one.startswith(f"{label}: ")), "")
    return found.removeprefix(f"{label}: ")
