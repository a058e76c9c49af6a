"""Every changed bit and every truncation of what a ledger signs: checkpoints, manifests, proofs.

Source: THREATS A04.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from gateway.errors import GatewayError
from gateway.ledger.checkpoint import Checkpoint, ledger_origin, sign_checkpoint
from gateway.ledger.cosignature import cosign
from gateway.ledger.manifest import manifest_text
from gateway.ledger.note import Note, SignatureType, VKey, open_checkpoint, open_note, parse_note, sign_note
from gateway.ledger.proof import build_proof, verify_proof
from gateway.ledger.tree import Frontier, inclusion_proof, leaf_hash
from gateway.ledger.trust import Policy
from keys.ed25519 import Ed25519Signer

ORIGIN = ledger_origin("police.nl", 1)
SIGNER, WITNESS = Ed25519Signer(b"\x01" * 32), Ed25519Signer(b"\x02" * 32)
VKEY = VKey(name=ORIGIN, type=SignatureType.ED25519, key=SIGNER.public_key)
WITNESS_VKEY = VKey(
    name="comity.witness/police.ro", type=SignatureType.COSIGNATURE_ED25519, key=WITNESS.public_key
)
LEAVES = [leaf_hash(sha256(bytes([number])).digest()) for number in range(5)]
POST_QUANTUM = MLDSA44PrivateKey.from_seed_bytes(b"\x07" * 32)
POST_QUANTUM_VKEY = VKey(
    name=ORIGIN,
    type=SignatureType.COSIGNATURE_ML_DSA_44,
    key=POST_QUANTUM.public_key().public_bytes_raw(),
)


def _node(level: int, position: int) -> bytes:
    return Frontier().append(LEAVES[position << level : (position + 1) << level])[0].root()


CHECKPOINT = Checkpoint(origin=ORIGIN, size=len(LEAVES), root=Frontier().append(LEAVES)[0].root())
PLAIN = sign_checkpoint(CHECKPOINT, VKEY, SIGNER.sign)
COSIGNATURE = cosign(WITNESS_VKEY, CHECKPOINT.body(), 1_790_000_000, WITNESS.sign)
COSIGNED = PLAIN + COSIGNATURE.encode()
PROOF = build_proof(3, inclusion_proof(3, len(LEAVES), _node))
POLICY = Policy.parse(f"log {VKEY.encode()}\nwitness ro {WITNESS_VKEY.encode()}\nquorum ro\n")
MANIFEST = sign_note(manifest_text(ORIGIN, {"checkpoint": PLAIN.encode()}), VKEY, SIGNER.sign)


def _tampered(data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        yield data[:at]
        for bit in range(8):
            yield data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :]
    yield data + b"\n"


def _open_checkpoint(data: bytes) -> None:
    open_checkpoint(data, [VKEY])


def _open_manifest(data: bytes) -> None:
    open_note(data, [VKEY])


def _open_proof(data: bytes) -> None:
    verify_proof(data, LEAVES[3], POLICY)


@pytest.mark.parametrize(
    ("data", "opened"),
    [(PLAIN, _open_checkpoint), (MANIFEST, _open_manifest), (PROOF + COSIGNED, _open_proof)],
    ids=["checkpoint", "manifest", "proof under a cosigned checkpoint"],
)
def test_every_changed_bit_and_every_truncation_is_refused(
    data: str, opened: Callable[[bytes], None]
) -> None:
    opened(data.encode())

    for changed in _tampered(data.encode()):
        with pytest.raises(GatewayError):
            opened(changed)


def test_a_changed_cosignature_never_counts_as_the_witnesss() -> None:
    assert len(open_checkpoint(COSIGNED, [VKEY], [WITNESS_VKEY]).opened.cosigned) == 1
    start = len(PLAIN.encode())
    data = COSIGNED.encode()

    for changed in _tampered(data[start:]):
        try:
            opened = open_checkpoint(data[:start] + changed, [VKEY], [WITNESS_VKEY])
        except GatewayError:
            continue
        # A line by an unknown name or key id is ignored, and then nobody cosigned.
        assert opened.opened.cosigned == ()
        assert opened.checkpoint == CHECKPOINT


def test_a_changed_post_quantum_line_never_counts() -> None:
    note = parse_note(PLAIN)
    line = cosign(POST_QUANTUM_VKEY, note.text, 1_790_000_000, POST_QUANTUM.sign)
    raw = line.signature

    for at in range(0, len(raw) * 8, 61):
        changed = raw[: at // 8] + bytes((raw[at // 8] ^ 1 << at % 8,)) + raw[at // 8 + 1 :]
        forged = Note(
            text=note.text,
            signatures=(*note.signatures, type(line)(name=line.name, key_id=line.key_id, signature=changed)),
        )
        with pytest.raises(GatewayError):
            open_checkpoint(forged, [VKEY, POST_QUANTUM_VKEY])
