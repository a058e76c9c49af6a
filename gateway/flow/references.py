"""Keyed hashes: what a record is called at home, and who did something, are found again and stand nowhere."""

from __future__ import annotations

import hmac
from hashlib import sha256

from gateway.flow.gateway import Gateway
from gateway.v1.record_pb2 import RecordHeader


def keyed(gateway: Gateway, use: bytes, *parts: str) -> bytes:
    """Return the hash of some words for one use, each preceded by its length, under the storage secret."""
    said = b"".join(len(part).to_bytes(4, "big") + part for part in map(str.encode, parts))
    return hmac.digest(gateway.storage_secret, b"comity/" + use + b"/v1\x00" + said, sha256)


def unit_tag(gateway: Gateway, actor: str) -> bytes:
    """Return the keyed hash by which reviews know who invoked an emergency."""
    return keyed(gateway, b"unit", actor)


def reference_tag(gateway: Gateway, reference: str) -> bytes:
    """Return the keyed hash an own reference is found by: the reference itself stands nowhere in clear."""
    return hmac.digest(gateway.storage_secret, b"comity/reference/v1\x00" + reference.encode(), sha256)


def case_tags(gateway: Gateway, header: RecordHeader) -> tuple[bytes, ...]:
    """Return the keyed hashes of what a record's case is called: the own reference and every case number."""
    named = {header.own_reference, *(one.number for one in header.case_references)}
    return tuple(sorted({case_tag(gateway, name) for name in named if name.strip()}))


def case_tag(gateway: Gateway, name: str) -> bytes:
    """Return the keyed hash of a case's name, upper and lower case alike."""
    said = name.strip().casefold().encode()
    return hmac.digest(gateway.storage_secret, b"comity/case/v1\x00" + said, sha256)
