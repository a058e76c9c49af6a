"""The bundle: a file between two agencies, for where no wire connects them.

What is in it is admitted exactly as if it had come by wire.

Source: PROTOCOL section 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.errors import Malformed
from gateway.record.text import check_agency_id
from gateway.sealing.batch import BATCH_BYTES_MAX
from gateway.sealing.encoding import read
from gateway.v1 import envelope_pb2

BUNDLE_BYTES_MAX: Final = 2 * BATCH_BYTES_MAX + 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A file from one agency to another: an envelope batch, a receipt batch, or both, each still in bytes.

    The names say who carries the file to whom; they prove nothing.
    """

    sender: str
    recipient: str
    envelopes: bytes | None
    receipts: bytes | None

    def __post_init__(self) -> None:
        check_agency_id(self.sender, "bundle.sender")
        check_agency_id(self.recipient, "bundle.recipient")
        if self.sender == self.recipient:
            raise Malformed("is the sender itself", field="bundle.recipient")
        if self.envelopes is None and self.receipts is None:
            raise Malformed("is empty", field="bundle")

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return envelope_pb2.Bundle(
            sender=self.sender, recipient=self.recipient, envelopes=self.envelopes, receipts=self.receipts
        ).SerializeToString(deterministic=True)


def parse_bundle(data: bytes) -> Bundle:
    """Return a bundle of its one encoding; above 128 MiB Malformed, code `too-large`; else another."""

    def value(message: envelope_pb2.Bundle) -> Bundle:
        return Bundle(
            sender=message.sender,
            recipient=message.recipient,
            envelopes=message.envelopes if message.HasField("envelopes") else None,
            receipts=message.receipts if message.HasField("receipts") else None,
        )

    return read(envelope_pb2.Bundle, data, value, size_max=BUNDLE_BYTES_MAX, count_max=4, field="bundle")
