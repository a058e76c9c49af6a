"""Checkpoints and cosignatures against the reference."""

from __future__ import annotations

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint, ledger_origin, parse_ledger_origin, sign_checkpoint
from gateway.ledger.cosignature import cosign, ed25519_message, ml_dsa_44_message, verify_line
from gateway.ledger.note import (
    Note,
    SignatureLine,
    SignatureType,
    VKey,
    open_checkpoint,
    open_note,
    parse_note,
)
from gateway.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash
from keys.ed25519 import Ed25519Signer
from tests.ledger.loaded import raw, vectors


def test_reference_bodies_parse_and_encode_to_themselves() -> None:
    for case in vectors("checkpoint")["body_accept"]:
        checkpoint = Checkpoint.parse(case["body"])
        assert (checkpoint.origin, checkpoint.size, checkpoint.root, list(checkpoint.extensions)) == (
            case["origin"],
            case["size"],
            raw(case["root_b64"]),
            case["extensions"],
        )
        assert checkpoint.body() == case["body"]


def test_reference_body_refusals_are_refused() -> None:
    for case in vectors("checkpoint")["body_reject"]:
        with pytest.raises(Malformed):
            Checkpoint.parse(case["body"])


def test_a_real_tree_head_verifies_and_the_examples_parse() -> None:
    for case in vectors("checkpoint")["signed"]:
        opened = open_note(case["note"], [VKey.parse(case["vkey"])])
        assert Checkpoint.parse(opened.text).size == case["size"]
    for case in [*vectors("checkpoint")["format_only"], *vectors("cosignature")["format_only"]]:
        Checkpoint.parse(parse_note(case["note"]).text)


def test_signed_checkpoints_of_a_whole_log_are_made_again_byte_for_byte() -> None:
    data = vectors("tile_log_small")
    vkey = VKey.parse(data["vkey"])
    signer = Ed25519Signer(b64decode(data["skey_test_only"].split("+", 4)[4])[1:])
    frontier = Frontier()
    for size in range(16):
        checkpoint = Checkpoint(origin=vkey.name, size=size, root=frontier.root())
        assert sign_checkpoint(checkpoint, vkey, signer.sign) == data["checkpoint_by_size"][str(size)]
        if size < 15:
            frontier, _ = frontier.append([leaf_hash(data["entries_utf8"][size].encode())])


def test_a_checkpoint_is_signed_only_under_its_own_name() -> None:
    signer = Ed25519Signer(b"\x01" * 32)
    vkey = VKey(name="comity.ledger/police.nl/1", type=SignatureType.ED25519, key=signer.public_key)
    with pytest.raises(Malformed):
        sign_checkpoint(
            Checkpoint(origin="comity.ledger/police.ro/1", size=0, root=EMPTY_ROOT), vkey, signer.sign
        )


@pytest.mark.parametrize(
    "origin",
    [
        "comity.ledger/police.nl/0",
        "comity.ledger/police.nl/01",
        "comity.ledger/police.nl/-1",
        "comity.ledger/police.nl/1/2",
        "comity.ledger/police.nl",
        "comity.ledger/police/1",
        "comity.ledger/Police.nl/1",
        "ledger/police.nl/1",
    ],
)
def test_origins_off_the_form_are_refused(origin: str) -> None:
    with pytest.raises(Malformed):
        parse_ledger_origin(origin)


def test_an_origin_names_agency_and_number() -> None:
    assert parse_ledger_origin(ledger_origin("police.nl", 12)) == ("police.nl", 12)


def test_third_party_cosignatures_verify_with_their_time() -> None:
    for case in vectors("cosignature")["verify_ok"]:
        vkey = VKey.parse(case["vkey"])
        opened = open_note(case["note"], [vkey])
        assert opened.cosigned == ((vkey, case["timestamp"]),)
        assert len(opened.unknown) == case["note"].count("\n— ") - 1


def test_reference_cosigner_keys_parse_or_are_refused() -> None:
    for case in vectors("cosignature")["vkeys_ok"]:
        assert VKey.parse(case["vkey"]).type == case["type"]
    for case in vectors("cosignature")["vkeys_reject"]:
        with pytest.raises(Malformed):
            VKey.parse(case["vkey"])


def test_cosigned_messages_are_the_reference_bytes() -> None:
    data = vectors("cosignature")
    ed = data["signed_message_ed25519"]
    assert ed25519_message(ed["body"], ed["timestamp"]) == ed["message"].encode()
    pq, body = data["signed_message_mldsa44_hex"], parse_note(data["derived"]["note_ed25519"]).text
    assert ml_dsa_44_message(pq["name"], Checkpoint.parse(body), pq["timestamp"]).hex() == pq["message_hex"]


def test_derived_cosignatures_are_made_again_and_all_verify() -> None:
    derived = vectors("cosignature")["derived"]
    log, text = VKey.parse(derived["log_vkey"]), parse_note(derived["note_ed25519"]).text
    vkeys = []
    for witness in derived["witnesses"]:
        vkey = VKey.parse(witness["vkey"])
        line = cosign(
            vkey, text, witness["timestamp"], Ed25519Signer(bytes.fromhex(witness["seed_hex"])).sign
        )
        assert line.encode() == witness["line"]
        vkeys.append(vkey)
    post_quantum = VKey.parse(derived["mldsa44"]["vkey"])

    opened = open_checkpoint(derived["note_ed25519_and_mldsa44"], [log], [*vkeys, post_quantum])

    assert opened.opened.verified == (log, *vkeys, post_quantum)
    assert dict(opened.opened.cosigned)[post_quantum] == derived["mldsa44"]["timestamp"]
    assert open_checkpoint(derived["note_ed25519"], [log], vkeys).opened.unknown == ()


def _post_quantum(name: str) -> tuple[VKey, MLDSA44PrivateKey]:
    key = MLDSA44PrivateKey.from_seed_bytes(b"\x07" * 32)
    raw_key = key.public_key().public_bytes_raw()
    return VKey(name=name, type=SignatureType.COSIGNATURE_ML_DSA_44, key=raw_key), key


def test_a_ledger_adds_its_own_post_quantum_line_but_cannot_do_without_the_classical_one() -> None:
    signer, origin = Ed25519Signer(b"\x01" * 32), "comity.ledger/police.nl/1"
    vkey = VKey(name=origin, type=SignatureType.ED25519, key=signer.public_key)
    own_pq, key = _post_quantum(origin)
    note = parse_note(sign_checkpoint(Checkpoint(origin=origin, size=0, root=EMPTY_ROOT), vkey, signer.sign))
    line = cosign(own_pq, note.text, 1_790_000_000, key.sign)

    both = Note(text=note.text, signatures=(*note.signatures, line))
    alone = Note(text=note.text, signatures=(line,))

    assert open_checkpoint(both.encode(), [vkey, own_pq]).opened.verified == (vkey, own_pq)
    with pytest.raises(VerificationFailed) as refusal:
        open_checkpoint(alone.encode(), [vkey, own_pq])
    assert refusal.value.code == "no-known-signature"


def test_a_changed_time_name_text_or_length_fails_a_cosignature() -> None:
    text = Checkpoint(origin="comity.ledger/police.nl/1", size=0, root=EMPTY_ROOT).body()
    signer = Ed25519Signer(b"\x03" * 32)
    ed = VKey(name="comity.witness/police.ro", type=SignatureType.COSIGNATURE_ED25519, key=signer.public_key)
    pq, key = _post_quantum("comity.witness/police.ro")
    for vkey, sign in ((ed, signer.sign), (pq, key.sign)):
        line = cosign(vkey, text, 1_790_000_000, sign)
        assert verify_line(vkey, text, line.signature) == 1_790_000_000
        changed = [
            (1_790_000_001).to_bytes(8, "big") + line.signature[8:],
            (0).to_bytes(8, "big") + line.signature[8:],
            b"\xff" * 8 + line.signature[8:],
            line.signature + b"\x00",
            line.signature[:-1],
            line.signature[:8],
        ]
        for signature in changed:
            with pytest.raises(VerificationFailed) as refusal:
                verify_line(vkey, text, signature)
            assert refusal.value.code == "signature-invalid"
        for other in (text.replace("police.nl", "police.ro"), "no checkpoint\n"):
            with pytest.raises(VerificationFailed):
                verify_line(vkey, other, line.signature)
    renamed, _ = _post_quantum("comity.witness/shelter.ngo")
    with pytest.raises(VerificationFailed):
        verify_line(renamed, text, cosign(pq, text, 1_790_000_000, key.sign).signature)


def test_each_signature_type_verifies_only_what_was_signed_as_that_type() -> None:
    text = Checkpoint(origin="comity.ledger/police.nl/1", size=0, root=EMPTY_ROOT).body()
    signer = Ed25519Signer(b"\x03" * 32)
    log = VKey(name="comity.ledger/police.nl/1", type=SignatureType.ED25519, key=signer.public_key)
    witness = VKey(
        name="comity.ledger/police.nl/1", type=SignatureType.COSIGNATURE_ED25519, key=signer.public_key
    )
    plain = parse_note(sign_checkpoint(Checkpoint.parse(text), log, signer.sign)).signatures[0]
    timed = cosign(witness, text, 1_790_000_000, signer.sign)

    for vkey, signature in ((log, timed.signature[8:]), (witness, (7).to_bytes(8, "big") + plain.signature)):
        with pytest.raises(VerificationFailed):
            verify_line(vkey, text, signature)
    with pytest.raises(Malformed):
        cosign(log, text, 1_790_000_000, signer.sign)
    with pytest.raises(Malformed):
        SignatureLine(name="a", key_id=b"\x00" * 4, signature=b"")
