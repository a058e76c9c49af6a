"""Identifiers that follow from what they name: the same thing has the same id in every document.

Source: RFC 9562 section 5.5.
"""

from __future__ import annotations

import hashlib


def uuid5(namespace: str, name: str) -> str:
    """Return the UUIDv5 of a name within a namespace, which is itself a UUID in canonical text."""
    # SHA-1 is what the RFC prescribes; nothing rests on its strength here.
    digest = hashlib.sha1(
        bytes.fromhex(namespace.replace("-", "")) + name.encode(), usedforsecurity=False
    ).digest()
    value = int.from_bytes(digest[:16], "big")
    value = value & ~(0xF << 76) | 0x5 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
