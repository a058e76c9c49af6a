"""Bookmarks: where a tool goes on in a collection. Opaque to it, bound to it, and kept nowhere.

Source: TAXII 2.1 section 3.4 (`next`).
"""

from __future__ import annotations

import hmac
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from gateway.errors import Malformed
from gateway.flow.gateway import Gateway
from gateway.flow.pulling.client import Client, Collection
from gateway.flow.references import keyed

GIVEN_MAX: Final = 256
"""How many shared objects a bookmark remembers as given; beyond that one may come twice."""
_SEAL_BYTES: Final = 16
_GIVEN_BYTES: Final = 8
_PLACE_BYTES: Final = 12
_BYTES_MAX: Final = _PLACE_BYTES + GIVEN_MAX * _GIVEN_BYTES + _SEAL_BYTES
_TEXT_MAX: Final = 4 * ((_BYTES_MAX + 2) // 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """What was given last: `number` counts the objects of the release at `position`, from 0.

    `given` are the short digests of objects that stand in several releases and were given already.
    """

    position: int
    number: int
    given: tuple[bytes, ...] = ()

    def bounded(self) -> Bookmark:
        """Return it with no more in `given` than a bookmark may bear."""
        return self if len(self.given) <= GIVEN_MAX else replace(self, given=self.given[:GIVEN_MAX])


START: Final = Bookmark(position=0, number=-1)
LAST: Final = 2**32 - 2
"""Number that stands behind every object of a release."""


def given_mark(identifier: str, version: str) -> bytes:
    """Return the short digest by which a bookmark knows an object version."""
    return sha256(f"{identifier}\n{version}".encode()).digest()[:_GIVEN_BYTES]


def write_bookmark(gateway: Gateway, client: Client, collection: Collection, mark: Bookmark) -> str:
    """Return a bookmark as text, sealed for one tool and one collection."""
    body = mark.position.to_bytes(8, "big") + (mark.number + 1).to_bytes(4, "big") + b"".join(mark.given)
    return urlsafe_b64encode(body + _seal(gateway, client, collection, body)).decode().rstrip("=")


def read_bookmark(gateway: Gateway, client: Client, collection: Collection, text: str) -> Bookmark:
    """Return the bookmark of a text.

    Raises:
        Malformed: it is none that this tool was given for this collection.
    """
    if not 0 < len(text) <= _TEXT_MAX or not text.isascii():
        raise _foreign()
    try:
        data = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as exc:
        raise _foreign() from exc
    body, seal = data[:-_SEAL_BYTES], data[-_SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(gateway, client, collection, body)):
        raise _foreign()
    given = body[_PLACE_BYTES:]
    return Bookmark(
        position=int.from_bytes(body[:8], "big"),
        number=int.from_bytes(body[8:_PLACE_BYTES], "big") - 1,
        given=tuple(given[at : at + _GIVEN_BYTES] for at in range(0, len(given), _GIVEN_BYTES)),
    )


def _seal(gateway: Gateway, client: Client, collection: Collection, body: bytes) -> bytes:
    return keyed(gateway, b"taxii-next", client.actor, collection.id, body.hex())[:_SEAL_BYTES]


def _foreign() -> Malformed:
    return Malformed("was not given to you for this collection", field="next")
