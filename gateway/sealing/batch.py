"""What is carried between gateways: envelopes one way, receipts the other, many under one checkpoint.

A batch is read without reading what is in it, so that one bad envelope is refused alone.

Source: PROTOCOL sections 5 and 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from gateway.errors import Malformed
from gateway.ledger.kinds import IN_BAND_CODES
from gateway.ledger.lexical import INT63_MAX
from gateway.ledger.tree import HASH_BYTES
from gateway.record.text import check_uuid7
from gateway.sealing.encoding import check_size, read
from gateway.v1 import envelope_pb2

ENVELOPE_BYTES_MAX: Final = 4 * 1024 * 1024
RECEIPT_BYTES_MAX: Final = 16 * 1024
CHECKPOINT_BYTES_MAX: Final = 1024 * 1024
BATCH_BYTES_MAX: Final = 64 * 1024 * 1024
BATCH_COUNT_MAX: Final = 1024

_CONSISTENCY_HASHES_MAX: Final = 126
_ELEMENTS_MAX: Final = 4 * BATCH_COUNT_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """That a tree grew from the one of `from_size` entries; `hashes` are 32 bytes each."""

    from_size: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 0 < self.from_size <= INT63_MAX or len(self.hashes) > _CONSISTENCY_HASHES_MAX:
            raise Malformed("is not a consistency proof", field="consistency")
        if any(len(value) != HASH_BYTES for value in self.hashes):
            raise Malformed(f"is not {HASH_BYTES} bytes", field="consistency.hashes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A sealed payload, and the proof that its sender's ledger shows it; none of it verified.

    `proof` is a tlog-proof up to and including its blank line; the batch holds the checkpoint it leads to.
    """

    header: bytes
    sealed: bytes
    entry: bytes
    proof: bytes

    def encode(self) -> bytes:
        """Return the envelope's bytes."""
        return envelope_pb2.Envelope(
            header=self.header, sealed=self.sealed, entry=self.entry, proof=self.proof
        ).SerializeToString(deterministic=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeBatch:
    """Envelopes, each still in bytes, whose proofs all lead to one checkpoint of their sender."""

    checkpoint: bytes
    consistency: Consistency | None
    envelopes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not self.checkpoint:
            raise Malformed("is missing", field="batch.checkpoint")
        check_size(self.checkpoint, CHECKPOINT_BYTES_MAX, "batch.checkpoint")
        _check_count(len(self.envelopes))

    def encode(self) -> bytes:
        """Return the batch's bytes; more than 64 MiB is Malformed, code `too-large`."""
        message = envelope_pb2.EnvelopeBatch(
            checkpoint=self.checkpoint,
            consistency=_write_consistency(self.consistency),
            envelopes=self.envelopes,
        )
        return check_size(message.SerializeToString(deterministic=True), BATCH_BYTES_MAX, "batch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The recipient's ledger entry for an envelope and its proof, none of it verified."""

    entry: bytes
    proof: bytes

    def encode(self) -> bytes:
        """Return the receipt's bytes."""
        return envelope_pb2.Receipt(entry=self.entry, proof=self.proof).SerializeToString(deterministic=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class InBandError:
    """An answer that is not final: a code of the closed list, and the message's id if that could be read."""

    code: str
    message_id: str | None = None

    def __post_init__(self) -> None:
        if self.code not in IN_BAND_CODES:
            raise Malformed("is not in its closed list", field="error.code")
        if self.message_id is not None:
            check_uuid7(self.message_id, "error.message_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptBatch:
    """Receipts, each still in bytes, under one checkpoint of the recipient; and answers that are not final.

    The checkpoint is empty exactly where there is no receipt.
    """

    checkpoint: bytes
    consistency: Consistency | None
    receipts: tuple[bytes, ...]
    errors: tuple[InBandError, ...] = ()

    def __post_init__(self) -> None:
        _check_count(len(self.receipts) + len(self.errors))
        if bool(self.checkpoint) != bool(self.receipts):
            raise Malformed("does not stand with receipts and only with them", field="batch.checkpoint")
        if self.consistency is not None and not self.receipts:
            raise Malformed("proves nothing without a checkpoint", field="batch.consistency")
        check_size(self.checkpoint, CHECKPOINT_BYTES_MAX, "batch.checkpoint")

    def encode(self) -> bytes:
        """Return the batch's bytes; more than 64 MiB is Malformed, code `too-large`."""
        message = envelope_pb2.ReceiptBatch(
            checkpoint=self.checkpoint or None,
            consistency=_write_consistency(self.consistency),
            receipts=self.receipts,
            errors=[envelope_pb2.InBandError(message_id=e.message_id, code=e.code) for e in self.errors],
        )
        return check_size(message.SerializeToString(deterministic=True), BATCH_BYTES_MAX, "batch")


def peek_header(data: bytes) -> bytes:
    """Return the header bytes that an envelope claims, NOT verified: good for looking up, for nothing else.

    Raises:
        Malformed: it is too large, or no envelope at all.
    """
    check_size(data, ENVELOPE_BYTES_MAX, "envelope")
    try:
        return envelope_pb2.Envelope.FromString(data).header
    except DecodeError as exc:
        raise Malformed("does not parse", field="envelope") from exc


def parse_envelope(data: bytes) -> Envelope:
    """Return an envelope of its one encoding.

    Raises:
        Malformed: code `too-large` above 4 MiB, before anything is looked at; else another.
    """

    def value(message: envelope_pb2.Envelope) -> Envelope:
        return Envelope(
            header=message.header, sealed=message.sealed, entry=message.entry, proof=message.proof
        )

    return read(
        envelope_pb2.Envelope, data, value, size_max=ENVELOPE_BYTES_MAX, count_max=4, field="envelope"
    )


def parse_batch(data: bytes) -> EnvelopeBatch:
    """Return a batch of its one encoding; its envelopes stay bytes.

    Raises:
        Malformed: code `too-large` above 64 MiB or 1,024 envelopes; else another.
    """

    def value(message: envelope_pb2.EnvelopeBatch) -> EnvelopeBatch:
        return EnvelopeBatch(
            checkpoint=message.checkpoint,
            consistency=_read_consistency(message.consistency) if message.HasField("consistency") else None,
            envelopes=tuple(message.envelopes),
        )

    return read(
        envelope_pb2.EnvelopeBatch,
        data,
        value,
        size_max=BATCH_BYTES_MAX,
        count_max=_ELEMENTS_MAX,
        field="batch",
    )


def parse_receipt(data: bytes) -> Receipt:
    """Return a receipt of its one encoding; above 16 kB Malformed, code `too-large`; else another."""

    def value(message: envelope_pb2.Receipt) -> Receipt:
        return Receipt(entry=message.entry, proof=message.proof)

    return read(envelope_pb2.Receipt, data, value, size_max=RECEIPT_BYTES_MAX, count_max=2, field="receipt")


def parse_receipt_batch(data: bytes) -> ReceiptBatch:
    """Return a batch of its one encoding; its receipts stay bytes.

    Raises:
        Malformed: as `parse_batch`, and a code of an in-band error outside the closed list.
    """

    def value(message: envelope_pb2.ReceiptBatch) -> ReceiptBatch:
        return ReceiptBatch(
            checkpoint=message.checkpoint,
            consistency=_read_consistency(message.consistency) if message.HasField("consistency") else None,
            receipts=tuple(message.receipts),
            errors=tuple(
                InBandError(code=e.code, message_id=e.message_id if e.HasField("message_id") else None)
                for e in message.errors
            ),
        )

    return read(
        envelope_pb2.ReceiptBatch,
        data,
        value,
        size_max=BATCH_BYTES_MAX,
        count_max=_ELEMENTS_MAX,
        field="batch",
    )


def joined_proof(proof: bytes, checkpoint: bytes) -> str:
    """Return the C2SP tlog-proof of a proof that travelled apart from its checkpoint.

    Raises:
        Malformed: either is not UTF-8.
    """
    try:
        return (proof + checkpoint).decode()
    except UnicodeDecodeError as exc:
        raise Malformed("is not UTF-8", field="proof") from exc


def _check_count(count: int) -> None:
    if count == 0:
        raise Malformed("is empty", field="batch")
    if count > BATCH_COUNT_MAX:
        raise Malformed(f"holds more than {BATCH_COUNT_MAX}", field="batch", code="too-large")


def _write_consistency(consistency: Consistency | None) -> envelope_pb2.Consistency | None:
    if consistency is None:
        return None
    return envelope_pb2.Consistency(from_size=consistency.from_size, hashes=consistency.hashes)


def _read_consistency(message: envelope_pb2.Consistency) -> Consistency:
    return Consistency(from_size=message.from_size, hashes=tuple(message.hashes))
