"""One key, every kind of signed bytes: what was signed as one kind verifies as no other.

That keys of different uses are distinct is a second wall; these tests do without it.
Source: THREATS A08.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp  # type: ignore[attr-defined]

from gateway.errors import GatewayError
from gateway.ledger.checkpoint import Checkpoint, ledger_origin, sign_checkpoint
from gateway.ledger.cosignature import cosign
from gateway.ledger.manifest import export_name, manifest_text, parse_manifest
from gateway.ledger.note import (
    Note,
    SignatureLine,
    SignatureType,
    VKey,
    open_checkpoint,
    open_note,
    sign_note,
)
from gateway.ledger.tree import EMPTY_ROOT
from gateway.record.vocabulary import Duty
from gateway.v1 import signed_pb2
from keys.approval import sign_approval, verify_approval
from keys.ed25519 import Ed25519Signer
from keys.member import Member, MemberKind, MemberStatus, Regime, Unit, UnitFunction, prove_possession
from keys.metadata import T, read_metadata, sign_metadata, tuf_errors, tuf_key
from keys.officer import Officer, new_officer, verify_enrolment, vouch
from keys.signed import SignedType, sign, verify
from tests.keys.officers import FROM_MS, YEAR_MS, approval, person

SIGNER = Ed25519Signer(bytes(range(32)))
ORIGIN = ledger_origin("police.nl", 1)
LEDGER = VKey(name=ORIGIN, type=SignatureType.ED25519, key=SIGNER.public_key)
WITNESS = VKey(name=ORIGIN, type=SignatureType.COSIGNATURE_ED25519, key=SIGNER.public_key)
HEAD = Checkpoint(origin=ORIGIN, size=0, root=EMPTY_ROOT)
MANIFEST = manifest_text(ORIGIN, {"checkpoint": b""})
AT = 1_790_000_000
EXPIRES = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


class Listening:
    """The one key; it writes down the bytes it signed last."""

    public_key, key_id = SIGNER.public_key, SIGNER.key_id

    def __init__(self) -> None:
        self.heard = b""

    def sign(self, message: bytes) -> bytes:
        self.heard = message
        return SIGNER.sign(message)


class Context(NamedTuple):
    """A kind of signed bytes: what it says here, the bytes that are signed for that, and its verifier, which
    takes what is said and a signature, and raises.
    """

    said: bytes
    signed: bytes
    check: Callable[[bytes, bytes], object]


def _heard(make: Callable[[Listening], object]) -> bytes:
    key = Listening()
    make(key)
    return key.heard


def _shown(kind: SignedType, said: bytes, signature: bytes) -> bytes:
    data = signed_pb2.Signed(type=kind.value, body=said, key_id=SIGNER.key_id, signature=signature)
    return data.SerializeToString()


def _dsse(kind: SignedType) -> Context:
    def check(said: bytes, signature: bytes) -> object:
        return verify(_shown(kind, said, signature), expected=kind, public_key=SIGNER.public_key)

    said = b"one body for all types"
    return Context(said, _heard(lambda key: sign(kind, said, key)), check)


def _approval() -> Context:
    def check(said: bytes, signature: bytes) -> object:
        return verify_approval(_shown(SignedType.APPROVAL, said, signature), SIGNER.public_key)

    made = approval(officer=SIGNER.key_id)
    return Context(made.encode(), _heard(lambda key: sign_approval(made, key)), check)


def _officer(name: str, key: Listening | Ed25519Signer) -> Officer:
    return new_officer(
        key,
        person=person(1),
        name=name,
        duties=(Duty.VPO,),
        valid_from_ms=FROM_MS,
        valid_until_ms=FROM_MS + YEAR_MS,
    )


def _enrolment() -> Context:
    def check(said: bytes, signature: bytes) -> object:
        return verify_enrolment([_shown(SignedType.OFFICER, said, signature)], lambda _id: SIGNER.public_key)

    body = _officer("Anna", SIGNER).encode()
    return Context(body, _heard(lambda key: vouch(body, key)), check)


def _check_officers_possession(said: bytes, signature: bytes) -> None:
    replace(_officer("Anna", SIGNER), name=said.decode(), possession=signature)


def _note(said: bytes, vkey: VKey, signature: bytes) -> Note:
    line = SignatureLine(name=vkey.name, key_id=vkey.key_id, signature=signature)
    return Note(text=said.decode(), signatures=(line,))


def _check_checkpoint(said: bytes, signature: bytes) -> None:
    open_checkpoint(_note(said, LEDGER, signature), [LEDGER])


def _check_cosignature(said: bytes, signature: bytes) -> None:
    open_note(_note(said, WITNESS, AT.to_bytes(8, "big") + signature), [WITNESS])


def _check_manifest(said: bytes, signature: bytes) -> None:
    name, _ = parse_manifest(open_note(_note(said, LEDGER, signature), [LEDGER]).text)
    assert name == export_name(ORIGIN)


def _check_possession(said: bytes, signature: bytes) -> None:
    Member(
        id=said.decode(),
        kind=MemberKind.LEO,
        country="NL",
        regime=Regime.LED,
        status=MemberStatus.ACTIVE,
        alert=False,
        display_name="Police",
        units=(Unit(name="One", functions=(UnitFunction.BORDER,)),),
        directory_key=SIGNER.public_key,
        proof_of_possession=signature,
    )


def _tuf_root() -> Root:
    root = Root(version=1, expires=EXPIRES, consistent_snapshot=True)
    for role in ("root", "timestamp", "snapshot", "targets"):
        root.add_key(tuf_key(SIGNER.public_key), role)
    return root


TUF_ROOT = _tuf_root()


def _tuf(signed: T) -> Context:
    key_id = tuf_key(SIGNER.public_key).keyid

    def check(said: bytes, signature: bytes) -> None:
        lines = json.dumps([{"keyid": key_id, "sig": signature.hex()}]).encode()
        found = read_metadata(b'{"signatures":%b,"signed":%b}' % (lines, said), type(signed))
        with tuf_errors():
            TUF_ROOT.verify_delegate(signed.type, found.signed_bytes, found.signatures)

    heard = _heard(lambda key: sign_metadata(signed, key))
    return Context(heard, heard, check)


CONTEXTS = {
    **{kind.name.lower(): _dsse(kind) for kind in SignedType},
    # These two by what reads them in earnest.
    "approval": _approval(),
    "officer": _enrolment(),
    "officer-possession": Context(
        b"Anna", _heard(lambda key: _officer("Anna", key)), _check_officers_possession
    ),
    "checkpoint": Context(
        HEAD.body().encode(), _heard(lambda key: sign_checkpoint(HEAD, LEDGER, key.sign)), _check_checkpoint
    ),
    "cosignature": Context(
        HEAD.body().encode(),
        _heard(lambda key: cosign(WITNESS, HEAD.body(), AT, key.sign)),
        _check_cosignature,
    ),
    "manifest": Context(
        MANIFEST.encode(), _heard(lambda key: sign_note(MANIFEST, LEDGER, key.sign)), _check_manifest
    ),
    "possession": Context(
        b"police.nl", _heard(lambda key: prove_possession("police.nl", key)), _check_possession
    ),
    "root": _tuf(TUF_ROOT),
    "timestamp": _tuf(Timestamp(version=1, expires=EXPIRES)),
    "snapshot": _tuf(Snapshot(version=1, expires=EXPIRES)),
    "targets": _tuf(Targets(version=1, expires=EXPIRES)),
}


def _holds(context: Context, said: bytes, signature: bytes) -> bool:
    try:
        context.check(said, signature)
    except (GatewayError, UnicodeDecodeError, AssertionError):
        return False
    return True


def test_a_signature_counts_only_as_the_kind_it_was_made_for() -> None:
    accepted = {
        (made, shown)
        for made, one in CONTEXTS.items()
        for shown, other in CONTEXTS.items()
        # Under what the other kind says itself, what this kind says, and the very bytes that were signed.
        for said in {other.said, one.said, one.signed}
        if _holds(other, said, SIGNER.sign(one.signed))
    }

    assert accepted == {(kind, kind) for kind in CONTEXTS}


def test_no_bytes_are_signed_for_two_kinds() -> None:
    assert len({context.signed for context in CONTEXTS.values()}) == len(CONTEXTS)
