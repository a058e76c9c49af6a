"""Timestamped cosignatures: what a witness, or the ledger's own post-quantum key, signs over a checkpoint.

The line's payload is u64be POSIX seconds || signature. It says: at that time this was the largest consistent
tree I had seen under this origin; never that the entries are true.

Source: C2SP tlog-cosignature (types 0x04 and 0x06); FIPS 204 (ML-DSA-44, empty context).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.lexical import INT63_MAX
from gateway.ledger.vkey import SignatureLine, SignatureType, SignBytes, VKey, check_note_text
from keys.ed25519 import verify as verify_ed25519

_ML_DSA_44_SIGNATURE_BYTES: Final = 2420
_ED25519_SIGNATURE_BYTES: Final = 64


def ed25519_message(text: str, at: int) -> bytes:
    """Return the bytes a 0x04 cosignature at POSIX second `at` signs over note text."""
    check_note_text(text)
    return f"cosignature/v1\ntime {_check_time(at)}\n{text}".encode()


def ml_dsa_44_message(name: str, checkpoint: Checkpoint, at: int) -> bytes:
    """Return the bytes a 0x06 cosignature by key `name` at POSIX second `at` signs over a checkpoint."""
    return b"".join(
        (
            b"subtree/v1\n\x00",
            _short(name),
            _check_time(at).to_bytes(8, "big"),
            _short(checkpoint.origin),
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def cosign(vkey: VKey, text: str, at: int, sign: SignBytes) -> SignatureLine:
    """Return the cosignature line of `vkey` over checkpoint text, made at POSIX second `at`.

    Raises:
        Malformed: the text is no checkpoint, the time is not positive, or the key cosigns nothing.
    """
    message = _message(vkey, text, at)
    signature = at.to_bytes(8, "big") + sign(message)
    return SignatureLine(name=vkey.name, key_id=vkey.key_id, signature=signature)


def verify_line(vkey: VKey, text: str, signature: bytes) -> int | None:
    """Verify one signature line's payload over note text, as the key's type defines it.

    Returns the time of a cosignature in POSIX seconds; None for a plain note signature.

    Raises:
        VerificationFailed: code `signature-invalid`.
    """
    if vkey.type is SignatureType.ED25519:
        _verify_ed25519(vkey, text.encode(), signature)
        return None
    if len(signature) <= 8:
        raise _invalid(vkey)
    at = int.from_bytes(signature[:8], "big")
    try:
        message = _message(vkey, text, at)
    except Malformed as exc:
        raise _invalid(vkey) from exc
    if vkey.type is SignatureType.COSIGNATURE_ED25519:
        _verify_ed25519(vkey, message, signature[8:])
    else:
        _verify_ml_dsa_44(vkey, message, signature[8:])
    return at


def _message(vkey: VKey, text: str, at: int) -> bytes:
    match vkey.type:
        case SignatureType.COSIGNATURE_ED25519:
            Checkpoint.parse(text)
            return ed25519_message(text, at)
        case SignatureType.COSIGNATURE_ML_DSA_44:
            return ml_dsa_44_message(vkey.name, Checkpoint.parse(text), at)
        case SignatureType.ED25519:
            raise Malformed("is not a cosigning key", field="vkey.type")


def _verify_ed25519(vkey: VKey, message: bytes, signature: bytes) -> None:
    if len(signature) != _ED25519_SIGNATURE_BYTES:
        raise _invalid(vkey)
    try:
        verify_ed25519(vkey.key, message, signature)
    except VerificationFailed as exc:
        raise _invalid(vkey) from exc


def _verify_ml_dsa_44(vkey: VKey, message: bytes, signature: bytes) -> None:
    if len(signature) != _ML_DSA_44_SIGNATURE_BYTES:
        raise _invalid(vkey)
    try:
        _ml_dsa_44_key(vkey.key).verify(signature, message)
    except (InvalidSignature, ValueError) as exc:
        raise _invalid(vkey) from exc


@lru_cache(maxsize=64)
def _ml_dsa_44_key(raw: bytes) -> MLDSA44PublicKey:
    return MLDSA44PublicKey.from_public_bytes(raw)


def _check_time(at: int) -> int:
    if not 0 < at <= INT63_MAX:
        raise Malformed("is not a positive POSIX time", field="cosignature.time")
    return at


def _short(text: str) -> bytes:
    raw = text.encode()
    if len(raw) > 255:
        raise Malformed("is longer than 255 bytes", field="cosignature.name")
    return bytes([len(raw)]) + raw


def _invalid(vkey: VKey) -> VerificationFailed:
    return VerificationFailed(
        "a trusted key's signature line does not verify",
        code="signature-invalid",
        field="note.signature",
        key=vkey.name,
    )
