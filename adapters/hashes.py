"""Hashes between the record and foreign documents: letters and length are checked, never the meaning."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.values import HASH_NAMES
from gateway.errors import Malformed
from gateway.record.folding import squeeze
from gateway.v1 import record_pb2 as pb

_A: Final = pb.HashAlgorithm
PHOTODNA_BYTES: Final = 144

_BYTES: Final[Mapping[int, int]] = MappingProxyType(
    {
        _A.HASH_ALGORITHM_MD5: 16,
        _A.HASH_ALGORITHM_SHA1: 20,
        _A.HASH_ALGORITHM_SHA256: 32,
        _A.HASH_ALGORITHM_SHA512: 64,
        _A.HASH_ALGORITHM_SHA3_256: 32,
        _A.HASH_ALGORITHM_SHA3_512: 64,
        _A.HASH_ALGORITHM_PHOTODNA: PHOTODNA_BYTES,
        _A.HASH_ALGORITHM_PDQ: 32,
    }
)
_BY_NAME: Final[Mapping[str, int]] = MappingProxyType(
    {squeeze(name): number for number, name in HASH_NAMES.items() if number in _BYTES}
)


def algorithm_of(name: str) -> int | None:
    """Return the algorithm of a name such as `SHA1`, `SHA-256` or `PhotoDNA`; None for no known one."""
    return _BY_NAME.get(squeeze(name))


def read_hash(algorithm: int, text: str, field: str) -> pb.Hash:
    """Return a hash from hexadecimal digits, PhotoDNA from base64 too.

    Raises:
        Malformed: code `bad-hash`: other letters, or another length than the algorithm's.
    """
    wanted = _BYTES[algorithm]
    value = _decoded(algorithm, text)
    if value is None or len(value) != wanted:
        forms = f"{2 * wanted} hexadecimal digits"
        if algorithm == _A.HASH_ALGORITHM_PHOTODNA:
            forms += f" or {4 * wanted // 3} characters of base64"
        raise Malformed(f"is not {forms}", field=field, code="bad-hash")
    return pb.Hash(algorithm=_A.ValueType(algorithm), value=value)


def write_hash(digest: pb.Hash) -> str:
    """Return a hash as lists write it, PhotoDNA in base64; nothing for one that could not be read again."""
    if len(digest.value) != _BYTES.get(digest.algorithm, -1):
        return ""
    if digest.algorithm == _A.HASH_ALGORITHM_PHOTODNA:
        return base64.b64encode(digest.value).decode()
    return digest.value.hex().upper()


def _decoded(algorithm: int, text: str) -> bytes | None:
    try:
        if algorithm == _A.HASH_ALGORITHM_PHOTODNA and len(text) == 4 * PHOTODNA_BYTES // 3:
            return base64.b64decode(text, validate=True)
        # `fromhex` would pass over spaces.
        return bytes.fromhex(text) if text.isascii() and text.isalnum() else None
    except (binascii.Error, ValueError):
        return None
