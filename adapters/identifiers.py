"""Identifiers made from content, so that the same content has the same one everywhere."""

from __future__ import annotations

from hashlib import sha1


def uuid5(namespace: str, name: str) -> str:
    """Return the UUIDv5 of a name in a namespace, which is a UUID in canonical text.

    Source: RFC 9562 section 5.5. SHA-1 names here; it protects nothing.
    """
    octets = bytes.fromhex(namespace.replace("-", "")) + name.encode()
    value = int.from_bytes(sha1(octets, usedforsecurity=False).digest()[:16], "big")
    value = value & ~(0xF << 76) | 0x5 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
