"""The ledgers an agency has kept: origin line, verifier keys, and the checkpoint a closed one ended with.

Source: PROTOCOL 9 and 11; C2SP signed-note (verifier keys), tlog-cosignature (type 0x06).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.errors import Malformed
from keys.document import Document, Json
from keys.ed25519 import check_public_key

MLDSA_PUBLIC_BYTES: Final = 1312

_ED25519_TYPE: Final = 0x01
_MLDSA_TYPE: Final = 0x06
_ORIGIN: Final = re.compile(r"comity\.ledger/([a-z0-9.-]+)/([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One ledger of an agency.

    `origin` is its line, `comity.ledger/<agency-id>/<n>`. `vkey` and `mldsa_vkey` are C2SP verifier keys
    named like it. `final` is the last checkpoint, a signed note, once the ledger is closed.
    """

    origin: str
    vkey: str
    mldsa_vkey: str | None
    final: str | None

    def __post_init__(self) -> None:
        if not _ORIGIN.fullmatch(self.origin):
            raise Malformed("is not comity.ledger/<agency-id>/<n>", field="origin")
        check_public_key(self.ledger_key)
        if self.mldsa_vkey is not None:
            self._raw(self.mldsa_vkey, _MLDSA_TYPE, MLDSA_PUBLIC_BYTES, "mldsa_vkey")
        if self.final is not None and not self.final.startswith(self.origin + "\n"):
            raise Malformed("is not a checkpoint of this origin", field="final")

    @property
    def agency(self) -> str:
        """The agency id inside the origin line."""
        return self.origin.split("/")[1]

    @property
    def number(self) -> int:
        """The number of the ledger: 1, and one more for each recovery."""
        return int(self.origin.rpartition("/")[2])

    @property
    def ledger_key(self) -> bytes:
        """Raw Ed25519 public key inside the verifier key."""
        return self._raw(self.vkey, _ED25519_TYPE, 32, "vkey")

    @property
    def mldsa_key(self) -> bytes | None:
        """Raw ML-DSA-44 public key inside its verifier key, if there is one."""
        if self.mldsa_vkey is None:
            return None
        return self._raw(self.mldsa_vkey, _MLDSA_TYPE, MLDSA_PUBLIC_BYTES, "mldsa_vkey")

    @classmethod
    def read(cls, document: Document) -> Origin:
        """Take an origin from a keys document; anything off its form is Malformed."""
        origin = cls(
            origin=document.text("origin"),
            vkey=document.text("vkey"),
            mldsa_vkey=document.text("mldsa_vkey") if document.has("mldsa_vkey") else None,
            final=document.text("final") if document.has("final") else None,
        )
        document.close()
        return origin

    def members(self) -> dict[str, Json]:
        """Return the origin as a JSON object; what is absent is left out."""
        found: dict[str, Json] = {"origin": self.origin, "vkey": self.vkey}
        if self.mldsa_vkey is not None:
            found["mldsa_vkey"] = self.mldsa_vkey
        if self.final is not None:
            found["final"] = self.final
        return found

    def _raw(self, vkey: str, kind: int, size_bytes: int, field: str) -> bytes:
        """Return the key inside `<name>+<id hex>+<base64(type || key)>`, once name, id and type fit."""
        # The base64 part may hold plus signs: split at the first two only.
        name, _, rest = vkey.partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as exc:
            raise Malformed("is not a verifier key", field=field) from exc
        if name != self.origin or raw[:1] != bytes([kind]) or len(raw) != size_bytes + 1:
            raise Malformed("is not a verifier key of this ledger", field=field)
        if key_id != sha256(name.encode() + b"\n" + raw).hexdigest()[:8]:
            raise Malformed("holds the id of another key", field=field)
        if base64.b64encode(raw).decode() != encoded:
            raise Malformed("is not canonical base64", field=field)
        return raw[1:]
