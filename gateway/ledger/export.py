"""An export: one ledger as plain files that an auditor verifies without its agency.

Source: PROTOCOL section 10; C2SP tlog-tiles for the tree's files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import Malformed
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.commitment import SALT_BYTES, CommitmentType
from gateway.ledger.jcs import Json, decode_canonical, encode
from gateway.ledger.lexical import decode_base64, decode_hex, encode_base64
from gateway.ledger.manifest import MANIFEST_PATH, manifest_text
from gateway.ledger.note import parse_note
from gateway.ledger.tile import TILE_WIDTH, bundle_bytes, tile_bytes, tiles_of
from gateway.ledger.tree import NodeAt, leaf_hash
from gateway.ledger.vkey import VKey

CHECKPOINT_PATH: Final = "checkpoint"
ENTRIES_PATH: Final = "entries.jsonl"
RECEIPTS_PATH: Final = "receipts.jsonl"
OPENINGS_PATH: Final = "openings.jsonl"
VKEYS_PATH: Final = "vkeys"

ROW_BYTES_MAX: Final = 4_000_000
"""The most one row of a `.jsonl` file may take: a proof whose checkpoint many witnesses cosigned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """A peer's receipt as exported: its entry bytes and the whole tlog-proof, checkpoint joined."""

    exchange: str
    message: str
    entry: bytes
    proof: str

    def encode(self) -> bytes:
        """Return the row, newline included."""
        row: Json = {
            "exchange": self.exchange,
            "message": self.message,
            "entry": encode_base64(self.entry),
            "proof": self.proof,
        }
        return encode(row) + b"\n"

    @classmethod
    def parse(cls, row: bytes) -> ReceiptRow:
        """Return the receipt of a row without its newline; anything off its form is Malformed."""
        values = _members(row, "receipt", "exchange", "message", "entry", "proof")
        return cls(
            exchange=_text(values, "exchange"),
            message=_text(values, "message"),
            entry=decode_base64(_text(values, "entry"), "receipt.entry"),
            proof=_text(values, "proof"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What opens one commitment of the entry at `index`: its 32-byte salt and the committed content."""

    index: int
    type: CommitmentType
    salt: bytes
    content: bytes

    def encode(self) -> bytes:
        """Return the row, newline included."""
        row: Json = {
            "index": self.index,
            "type": self.type.value,
            "salt": self.salt.hex(),
            "content": encode_base64(self.content),
        }
        return encode(row) + b"\n"

    @classmethod
    def parse(cls, row: bytes) -> Opening:
        """Return the opening of a row without its newline; anything off its form is Malformed."""
        values = _members(row, "opening", "index", "type", "salt", "content")
        index = values["index"]
        try:
            kind = CommitmentType(_text(values, "type"))
        except ValueError as exc:
            raise Malformed("is of no known type", field="opening.type") from exc
        if type(index) is not int:
            raise Malformed("is no index", field="opening.index")
        return cls(
            index=index,
            type=kind,
            salt=decode_hex(_text(values, "salt"), "opening.salt", SALT_BYTES),
            content=decode_base64(_text(values, "content"), "opening.content"),
        )


def entry_row(index: int, entry: bytes, leaf: bytes) -> bytes:
    """Return the row of `entries.jsonl` for canonical entry bytes, newline included."""
    # The entry is canonical already, and the three names are in order: joining is canonical too.
    return b'{"entry":%b,"index":%d,"leaf":"%b"}\n' % (entry, index, leaf.hex().encode())


def build_export(
    *,
    origin: str,
    size: int,
    entries: Sequence[bytes],
    node: NodeAt,
    checkpoint_note: str,
    receipts: Sequence[ReceiptRow],
    vkeys: Sequence[VKey],
    sign: Callable[[str], str],
    openings: Sequence[Opening] | None = None,
) -> dict[str, bytes]:
    """Return an export's files by path.

    `entries` are the first `size` of the ledger, `node` its stored perfect subtrees, `checkpoint_note` the
    signed checkpoint at that size; `receipts` answer exactly the `delivered` entries among them; `sign`
    turns the manifest's text into a note under the ledger's key (`note.sign_note`).

    Raises:
        Malformed: the checkpoint is not of this origin and size, or there are not `size` entries.
    """
    checkpoint = Checkpoint.parse(parse_note(checkpoint_note).text)
    if (checkpoint.origin, checkpoint.size, len(entries)) != (origin, size, size):
        raise Malformed("is not of this origin and size", field="checkpoint")
    files = {CHECKPOINT_PATH: checkpoint_note.encode()}
    for tile in tiles_of(size):
        if tile.level is None:
            first = tile.n * TILE_WIDTH
            files[tile.path] = bundle_bytes(entries[first : first + tile.held])
        else:
            files[tile.path] = tile_bytes(tile, node)
    files[ENTRIES_PATH] = b"".join(
        entry_row(index, entry, leaf_hash(entry)) for index, entry in enumerate(entries)
    )
    files[RECEIPTS_PATH] = b"".join(receipt.encode() for receipt in receipts)
    files[VKEYS_PATH] = "".join(f"{vkey.encode()}\n" for vkey in vkeys).encode()
    if openings is not None:
        files[OPENINGS_PATH] = b"".join(opening.encode() for opening in openings)
    files[MANIFEST_PATH] = sign(manifest_text(origin, files)).encode()
    return files


def rows_of(data: bytes, field: str) -> list[bytes]:
    """Return the rows of a `.jsonl` file; a last line without newline is Malformed."""
    if data and not data.endswith(b"\n"):
        raise Malformed("does not end in a newline", field=field)
    return data.split(b"\n")[:-1]


def _members(row: bytes, field: str, *names: str) -> dict[str, Json]:
    values = decode_canonical(row, ROW_BYTES_MAX)
    if values.keys() != set(names):
        raise Malformed(f"does not hold exactly {', '.join(names)}", field=field)
    return values


def _text(values: dict[str, Json], name: str) -> str:
    value = values[name]
    if not isinstance(value, str):
        raise Malformed("is not text", field=name)
    return value
