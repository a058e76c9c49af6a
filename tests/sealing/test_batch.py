"""Batches, envelopes, receipts and bundles: one encoding each, limits before anything else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.sealing.batch import (
    BATCH_COUNT_MAX,
    ENVELOPE_BYTES_MAX,
    RECEIPT_BYTES_MAX,
    Consistency,
    Envelope,
    EnvelopeBatch,
    InBandError,
    Receipt,
    ReceiptBatch,
    joined_proof,
    parse_batch,
    parse_envelope,
    parse_receipt,
    parse_receipt_batch,
)
from gateway.sealing.bundle import Bundle, parse_bundle
from gateway.v1 import envelope_pb2

MESSAGE_ID = "01890000-0000-7000-8000-00000000000a"
ENVELOPE = Envelope(header=b"header", sealed=b"sealed", entry=b"{}", proof=b"proof\n\n")
RECEIPT = Receipt(entry=b"{}", proof=b"proof\n\n")
CONSISTENCY = Consistency(from_size=3, hashes=(bytes(32), bytes(31) + b"\1"))
BATCH = EnvelopeBatch(checkpoint=b"note", consistency=CONSISTENCY, envelopes=(ENVELOPE.encode(),) * 2)
RECEIPTS = ReceiptBatch(
    checkpoint=b"note",
    consistency=None,
    receipts=(RECEIPT.encode(),),
    errors=(InBandError(code="quota", message_id=MESSAGE_ID), InBandError(code="too-large")),
)
BUNDLE = Bundle(
    sender="police.nl", recipient="shelter.ngo", envelopes=BATCH.encode(), receipts=RECEIPTS.encode()
)
SAMPLES: list[tuple[bytes, Callable[[bytes], object], object]] = [
    (ENVELOPE.encode(), parse_envelope, ENVELOPE),
    (BATCH.encode(), parse_batch, BATCH),
    (RECEIPT.encode(), parse_receipt, RECEIPT),
    (RECEIPTS.encode(), parse_receipt_batch, RECEIPTS),
    (BUNDLE.encode(), parse_bundle, BUNDLE),
]


@pytest.mark.parametrize(("data", "parse", "value"), SAMPLES)
def test_what_is_written_reads_the_same(data: bytes, parse: Callable[[bytes], object], value: object) -> None:
    assert parse(data) == value


@pytest.mark.parametrize(("data", "parse", "value"), SAMPLES)
def test_another_spelling_is_refused(data: bytes, parse: Callable[[bytes], object], value: object) -> None:
    del value
    first = data[: 2 + data[1]] if data[1] < 0x80 else data[: 3 + (data[1] & 0x7F | data[2] << 7)]
    overlong = bytes((data[0], data[1] | 0x80, 0)) + data[2:] if data[1] < 0x80 else data[:1] + data
    spellings = [
        data + first,
        data[len(first) :] + first,
        overlong,
        data + b"\x7a\x00",
        data + b"\x7b\x7c",
        data + b"\x00",
        b"",
        data[:-1],
    ]

    for spelling in spellings:
        with pytest.raises(Malformed):
            parse(spelling)


def test_a_batch_without_a_consistency_proof_is_read() -> None:
    batch = replace(BATCH, consistency=None)

    assert parse_batch(batch.encode()) == batch


def test_answers_without_receipts_need_no_checkpoint() -> None:
    answers = ReceiptBatch(
        checkpoint=b"", consistency=None, receipts=(), errors=(InBandError(code="wrong-sender"),)
    )

    assert parse_receipt_batch(answers.encode()) == answers


def test_an_envelope_over_four_mebibytes_is_too_large_before_it_is_parsed() -> None:
    with pytest.raises(Malformed) as refusal:
        parse_envelope(bytes(ENVELOPE_BYTES_MAX + 1))

    assert refusal.value.code == "too-large"


def test_a_receipt_over_its_limit_is_too_large() -> None:
    with pytest.raises(Malformed) as refusal:
        parse_receipt(bytes(RECEIPT_BYTES_MAX + 1))

    assert refusal.value.code == "too-large"


def test_a_batch_of_too_many_envelopes_is_refused() -> None:
    hostile = envelope_pb2.EnvelopeBatch(checkpoint=b"note", envelopes=[b""] * 200_000).SerializeToString()

    with pytest.raises(Malformed):
        parse_batch(hostile)
    with pytest.raises(Malformed) as refusal:
        EnvelopeBatch(checkpoint=b"note", consistency=None, envelopes=(b"",) * (BATCH_COUNT_MAX + 1))
    assert refusal.value.code == "too-large"


@pytest.mark.parametrize(
    "make",
    [
        lambda: EnvelopeBatch(checkpoint=b"note", consistency=None, envelopes=()),
        lambda: EnvelopeBatch(checkpoint=b"", consistency=None, envelopes=(b"e",)),
        lambda: ReceiptBatch(checkpoint=b"note", consistency=None, receipts=()),
        lambda: ReceiptBatch(checkpoint=b"", consistency=None, receipts=(b"r",)),
        lambda: ReceiptBatch(
            checkpoint=b"note", consistency=None, receipts=(), errors=(InBandError(code="quota"),)
        ),
        lambda: ReceiptBatch(
            checkpoint=b"", consistency=CONSISTENCY, receipts=(), errors=(InBandError(code="quota"),)
        ),
        lambda: InBandError(code="malformed"),
        lambda: InBandError(code="quota", message_id="1"),
        lambda: Consistency(from_size=0, hashes=()),
        lambda: Consistency(from_size=1, hashes=(b"short",)),
        lambda: Consistency(from_size=1, hashes=(bytes(32),) * 127),
        lambda: Bundle(sender="police.nl", recipient="shelter.ngo", envelopes=None, receipts=None),
        lambda: Bundle(sender="police.nl", recipient="police.nl", envelopes=b"e", receipts=None),
    ],
)
def test_values_off_their_form_are_never_born(make: Callable[[], object]) -> None:
    with pytest.raises(Malformed):
        make()


def test_proof_and_checkpoint_join_to_the_text_that_is_stored() -> None:
    assert joined_proof(b"proof\n\n", b"note") == "proof\n\nnote"
    with pytest.raises(Malformed):
        joined_proof(b"\xff", b"note")


@given(st.binary(max_size=200))
def test_no_bytes_make_a_parser_fail_in_another_way(data: bytes) -> None:
    for _, parse, _ in SAMPLES:
        with suppress(Malformed):
            parse(data)
