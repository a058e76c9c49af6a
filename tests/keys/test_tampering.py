"""Every changed bit and every truncation of what keys vouch for: signed objects, the keystore, the directory.

Source: THREATS A04.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tuf.api.metadata import Root, Snapshot, Targets, Timestamp  # type: ignore[attr-defined]

from gateway.errors import GatewayError, VerificationFailed
from keys.ed25519 import Ed25519Signer
from keys.enrolment import check_submission
from keys.keystore import Kdf, Keystore
from keys.metadata import read_metadata, tuf_errors
from keys.mirror import Mirror
from keys.signed import SignedType, sign, verify
from keys.use import KeyUse
from tests.keys.agencies import NL, NOW, PASSPHRASE
from tests.keys.scene import Scene

SIGNER = Ed25519Signer(bytes(range(32)))


def _flips(data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        for bit in range(8):
            yield data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :]


def _truncations(data: bytes) -> Iterator[bytes]:
    return (data[:end] for end in range(len(data)))


@pytest.mark.parametrize("kind", SignedType)
def test_every_changed_bit_and_every_truncation_of_every_signed_type_is_refused(kind: SignedType) -> None:
    data = sign(kind, b"what was signed", SIGNER)

    for changed in (*_flips(data), *_truncations(data), data + b"\x00"):
        with pytest.raises(GatewayError):
            verify(changed, expected=kind, public_key=SIGNER.public_key)


@pytest.mark.deep
def test_every_changed_bit_and_every_truncation_of_a_keystore_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keystore"
    keystore = Keystore.create(path, PASSPHRASE, Kdf.CHEAP_FOR_TESTS)
    keystore.put("signing-1", KeyUse.SIGNING, b"\x05" * KeyUse.SIGNING.material_bytes)
    keystore.save()
    data = path.read_bytes()

    for changed in (*_flips(data), *_truncations(data), data + b"\x00"):
        path.write_bytes(changed)
        with pytest.raises(GatewayError):
            Keystore.open(path, PASSPHRASE, allow_cheap=True)


@pytest.mark.parametrize("kind", [Timestamp, Snapshot, Targets, Root])
def test_every_changed_bit_and_every_truncation_of_metadata_loses_its_signature(
    scene: Scene, kind: type[Any]
) -> None:
    root = scene.newest("root")
    genuine = _metadata_file(scene, kind.type)
    meaning = read_metadata(genuine, kind).signed

    survived = 0
    for changed in (*_flips(genuine), *_truncations(genuine)):
        try:
            found = read_metadata(changed, kind)
            with tuf_errors():
                root.verify_delegate(kind.type, found.signed_bytes, found.signatures)
        except VerificationFailed:
            continue
        # Upper-case digits of a signature in hex say the same; nothing that is signed may differ.
        assert found.signed == meaning
        survived += 1
    assert survived <= 64 * 2


def test_a_changed_timestamp_is_refused_by_a_mirror(scene: Scene) -> None:
    honest = scene.source()
    data = honest("metadata/timestamp.json")
    assert data is not None

    # Some of every part: that each bit breaks the signature is shown above.
    for changed in [*[*_flips(data)][::37], *[*_truncations(data)][::37]]:

        def served(path: str, changed: bytes = changed) -> bytes | None:
            return changed if path == "metadata/timestamp.json" else honest(path)

        try:
            assert scene.mirror.refresh(served) == scene.before
        except VerificationFailed as refusal:
            assert refusal.code == "bad-directory"
    assert scene.mirror.load() == scene.before


def test_a_changed_file_below_the_timestamp_is_refused_by_a_mirror(scene: Scene, tmp_path: Path) -> None:
    honest = scene.source()
    files = ["metadata/2.snapshot.json", "metadata/2.targets.json", "metadata/1.keys-police.ro.json"]
    targets = scene.repository / "targets"
    files += [f"targets/{file.relative_to(targets)}" for file in targets.rglob("*") if file.is_file()]

    for number, path in enumerate(sorted(files)):
        data = honest(path)
        assert data is not None
        for changed in (*[*_flips(data)][:: len(data) * 8 // 3], data[:-1], data + b" "):

            def served(asked: str, path: str = path, changed: bytes = changed) -> bytes | None:
                return changed if asked == path else honest(asked)

            with pytest.raises(VerificationFailed) as refused:
                Mirror(tmp_path / f"{number}", scene.pin).refresh(served)
            assert refused.value.code == "bad-directory"


def test_changed_keys_that_an_agency_hands_in_are_refused(scene: Scene) -> None:
    metadata, document = NL.handed_in(version=2)
    delegator = scene.newest("targets")

    def handed_in(metadata: bytes, document: bytes) -> None:
        check_submission(NL.member(), delegator, metadata, document, listed_version=1, listed=None, now=NOW)

    handed_in(metadata, document)
    survived = 0
    for changed in (*_flips(metadata), *_truncations(metadata)):
        try:
            handed_in(changed, document)
        except GatewayError:
            continue
        assert read_metadata(changed, Targets).signed == read_metadata(metadata, Targets).signed
        survived += 1
    assert survived <= 64 * 2
    for changed in (*[*_flips(document)][::97], document[:-1]):
        with pytest.raises(GatewayError):
            handed_in(metadata, changed)


def _metadata_file(scene: Scene, role: str) -> bytes:
    metadata = scene.repository / "metadata"
    if role == Timestamp.type:
        return (metadata / "timestamp.json").read_bytes()
    return (metadata / f"{scene.newest(role).version}.{role}.json").read_bytes()
