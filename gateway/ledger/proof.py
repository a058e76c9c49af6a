"""Proofs as text: an entry's way to a checkpoint's root, and the checkpoint itself.

A proof travels without its checkpoint where many share one: its text then ends after the blank line, and
`proof || checkpoint` is the C2SP tlog-proof.

Source: C2SP tlog-proof v1; PROTOCOL section 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.lexical import decode_base64, encode_base64, parse_decimal
from gateway.ledger.note import NOTE_BYTES_MAX, open_checkpoint
from gateway.ledger.tree import HASH_BYTES, verify_inclusion
from gateway.ledger.trust import Policy

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_HASHES_MAX: Final = 63
_EXTRA_CHARS_MAX: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A parsed proof: entry index, sibling hashes, unauthenticated extra bytes, the checkpoint's note text.

    `checkpoint` is empty where the proof travels apart from it.
    """

    index: int
    hashes: tuple[bytes, ...]
    extra: bytes | None
    checkpoint: str


def build_proof(index: int, hashes: Sequence[bytes], extra: bytes | None = None) -> str:
    """Return the proof's text up to and including its blank line."""
    lines = [_HEADER]
    if extra is not None:
        lines.append(f"extra {encode_base64(extra)}")
    lines.append(f"index {index}")
    lines.extend(encode_base64(value) for value in hashes)
    return "\n".join(lines) + "\n\n"


def parse_proof(text: str | bytes) -> Proof:
    """Return a proof of its one text form, with or without the checkpoint behind the blank line.

    Raises:
        Malformed: any line off its form, more than 63 hashes, or no blank line.
    """
    if len(text) > NOTE_BYTES_MAX:
        raise Malformed("is too large", field="proof")
    head, blank, checkpoint = _decode(text).partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != _HEADER:
        raise Malformed(f"does not begin with {_HEADER} or has no blank line", field="proof")
    at, extra = 1, None
    if len(lines) > 1 and lines[1].startswith("extra "):
        if len(lines[1]) > _EXTRA_CHARS_MAX:
            raise Malformed("is too long", field="proof.extra")
        at, extra = 2, decode_base64(lines[1][6:], "proof.extra")
    if len(lines) <= at or not lines[at].startswith("index "):
        raise Malformed("has no index line", field="proof.index")
    if len(lines) - at - 1 > _HASHES_MAX:
        raise Malformed(f"holds more than {_HASHES_MAX} hashes", field="proof")
    return Proof(
        index=parse_decimal(lines[at][6:], "proof.index"),
        hashes=tuple(decode_base64(line, "proof.hash", HASH_BYTES) for line in lines[at + 1 :]),
        extra=extra,
        checkpoint=checkpoint,
    )


def verify_proof(text: str | bytes, leaf: bytes, policy: Policy) -> Checkpoint:
    """Verify that a leaf hash stands in a ledger the policy accepts; return the checkpoint it stands under.

    Raises:
        Malformed: the proof or its checkpoint.
        VerificationFailed: `no-known-signature`, `signature-invalid`, `wrong-origin`, `quorum-not-met` or
            `proof-invalid`.
    """
    proof = parse_proof(text)
    opened = open_checkpoint(proof.checkpoint, policy.logs, tuple(policy.witnesses.values()))
    if not policy.satisfied(opened.opened.verified):
        raise VerificationFailed("lacks the quorum's cosignatures", code="quorum-not-met", field="checkpoint")
    checkpoint = opened.checkpoint
    verify_inclusion(
        index=proof.index, size=checkpoint.size, leaf=leaf, proof=proof.hashes, root=checkpoint.root
    )
    return checkpoint


def _decode(text: str | bytes) -> str:
    if isinstance(text, str):
        return text
    try:
        return text.decode()
    except UnicodeDecodeError as exc:
        raise Malformed("is not UTF-8", field="proof") from exc
