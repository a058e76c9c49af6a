"""The keystore: opens for its passphrase, shows nothing, and a changed file never opens."""

from __future__ import annotations

import copy
import json
import os
import pickle
import stat
import traceback
from base64 import b64encode
from hashlib import shake_256
from pathlib import Path

import pytest

from gateway.errors import (
    Conflict,
    Corrupt,
    GatewayError,
    Malformed,
    Misconfigured,
    NotFound,
    VerificationFailed,
)
from keys.ed25519 import verify
from keys.keystore import Keystore
from keys.keystore_file import Kdf, Stored, unlock
from keys.sealing import seal
from keys.use import AGENCY_USES, FEDERATION_USES, KeyUse

PASSPHRASE = b"correct horse"


class Randomness:
    """Bytes that look random and come out the same every time."""

    def __init__(self) -> None:
        self._calls = 0

    def __call__(self, size_bytes: int) -> bytes:
        self._calls += 1
        return shake_256(str(self._calls).encode()).digest(size_bytes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keystore"


@pytest.fixture
def keystore(path: Path) -> Keystore:
    made = Keystore.create(path, PASSPHRASE, Kdf.CHEAP_FOR_TESTS)
    made.generate(AGENCY_USES, Randomness())
    made.save()
    return made


def _open(path: Path, passphrase: bytes = PASSPHRASE) -> Keystore:
    return Keystore.open(path, passphrase, allow_cheap=True)


def test_the_keys_come_back_as_they_were_put_in(path: Path, keystore: Keystore) -> None:
    opened = _open(path)

    for use in (KeyUse.SIGNING, KeyUse.LEDGER, KeyUse.WITNESS, KeyUse.DIRECTORY):
        verify(keystore.signer(use).public_key, b"message", opened.signer(use).sign(b"message"))
    for use in (KeyUse.PSEUDONYM, KeyUse.STORAGE, KeyUse.LEDGER_MLDSA):
        assert opened.secret(use) == keystore.secret(use)
    assert opened.storage_secret() == keystore.secret(KeyUse.STORAGE)
    assert opened.opener().open(seal(keystore.opener().public_key, b"x", b"i"), b"i") == b"x"


def test_every_use_gets_a_key_of_its_own(keystore: Keystore) -> None:
    signers = [keystore.signer(use).public_key for use in AGENCY_USES if use.is_ed25519]
    secrets = [keystore.secret(use) for use in (KeyUse.PSEUDONYM, KeyUse.STORAGE, KeyUse.LEDGER_MLDSA)]

    assert len({*signers, *secrets}) == len(signers) + len(secrets) == 7
    # An officer's key is never an agency's: it is made on the officer's own machine.
    assert {*AGENCY_USES, *FEDERATION_USES} == {*KeyUse} - {KeyUse.OFFICER}


def test_randomness_that_repeats_itself_is_noticed(path: Path) -> None:
    made = Keystore.create(path, PASSPHRASE, Kdf.CHEAP_FOR_TESTS)

    with pytest.raises(Conflict):
        made.generate((KeyUse.SIGNING, KeyUse.LEDGER), lambda size_bytes: b"\x07" * size_bytes)


def test_a_key_never_serves_two_uses(keystore: Keystore) -> None:
    keystore.put("one", KeyUse.SIGNING, b"\x07" * 32)

    with pytest.raises(Conflict):
        keystore.put("two", KeyUse.LEDGER, b"\x07" * 32)
    with pytest.raises(Conflict):
        keystore.put("one", KeyUse.SIGNING, b"\x08" * 32)


def test_of_several_keys_of_a_use_the_last_is_current_and_all_still_open(
    path: Path, keystore: Keystore
) -> None:
    earlier, signer = keystore.opener(), keystore.signer(KeyUse.SIGNING)
    names = keystore.generate((KeyUse.SEALING, KeyUse.SIGNING), lambda size_bytes: b"\x09" * size_bytes)
    keystore.save()

    opened = _open(path)

    assert names == ("sealing-2", "signing-2")
    assert opened.opener().key_id != earlier.key_id
    assert list(opened.openers()) == [earlier.key_id, opened.opener().key_id]
    assert opened.signer(KeyUse.SIGNING).key_id != signer.key_id
    assert opened.names(KeyUse.SEALING) == ("sealing-1", "sealing-2")


def test_a_forgotten_key_is_gone(path: Path, keystore: Keystore) -> None:
    keystore.forget("sealing-1")
    keystore.save()

    opened = _open(path)

    assert opened.openers() == {}
    with pytest.raises(NotFound):
        opened.opener()
    with pytest.raises(NotFound):
        opened.forget("sealing-1")


@pytest.mark.parametrize("use", [KeyUse.SIGNING, KeyUse.SEALING, KeyUse.LEDGER, KeyUse.DIRECTORY])
def test_a_key_that_signs_or_opens_is_not_handed_out_raw(keystore: Keystore, use: KeyUse) -> None:
    with pytest.raises(Malformed):
        keystore.secret(use)


@pytest.mark.parametrize("use", [KeyUse.SEALING, KeyUse.STORAGE, KeyUse.PSEUDONYM, KeyUse.LEDGER_MLDSA])
def test_a_key_of_another_kind_does_not_sign(keystore: Keystore, use: KeyUse) -> None:
    with pytest.raises(Malformed):
        keystore.signer(use)


@pytest.mark.parametrize("use", list(KeyUse))
def test_material_of_another_length_is_refused(keystore: Keystore, use: KeyUse) -> None:
    for size_bytes in (0, use.material_bytes - 1, use.material_bytes + 1):
        with pytest.raises(Malformed):
            keystore.put("new", use, b"\x07" * size_bytes)


@pytest.mark.parametrize("passphrase", [b"wrong", b"correct horse\n", b"correct hors", b"\x00"])
def test_a_wrong_passphrase_opens_nothing(path: Path, keystore: Keystore, passphrase: bytes) -> None:
    with pytest.raises(VerificationFailed) as refused:
        _open(path, passphrase)

    assert refused.value.code == "wrong-passphrase"
    assert refused.value.__cause__ is None


def test_an_empty_passphrase_is_refused(path: Path, keystore: Keystore) -> None:
    with pytest.raises(Malformed):
        Keystore.create(path.with_name("other"), b"", Kdf.CHEAP_FOR_TESTS)
    with pytest.raises(Malformed):
        _open(path, b"")


def test_a_file_with_any_bit_changed_does_not_open(path: Path, keystore: Keystore) -> None:
    raw = path.read_bytes()
    header = raw.index(b"\n") + 1

    for at in [*range(header + 8), *range(header + 8, len(raw), 11), len(raw) - 1]:
        for bit in (0x01, 0x10):
            path.write_bytes(raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :])
            with pytest.raises(GatewayError):
                _open(path)


def test_a_file_cut_short_or_longer_does_not_open(path: Path, keystore: Keystore) -> None:
    raw = path.read_bytes()

    for changed in (
        b"",
        raw[:10],
        raw[: raw.index(b"\n")],
        raw[: raw.index(b"\n") + 1],
        raw[:-1],
        raw + b"\x00",
    ):
        path.write_bytes(changed)
        with pytest.raises(GatewayError):
            _open(path)


def test_the_header_of_another_save_does_not_open_this_one(path: Path, keystore: Keystore) -> None:
    first = path.read_bytes()
    keystore.save()
    second = path.read_bytes()

    path.write_bytes(first.split(b"\n", 1)[0] + b"\n" + second.split(b"\n", 1)[1])

    assert first.split(b"\n", 1)[0] != second.split(b"\n", 1)[0]
    with pytest.raises(VerificationFailed):
        _open(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o700, 0o620, 0o602])
def test_a_file_that_others_may_touch_is_refused(path: Path, keystore: Keystore, mode: int) -> None:
    path.chmod(mode)

    with pytest.raises(Misconfigured) as refused:
        _open(path)

    assert refused.value.code == "wrong-mode"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_its_owner_alone_opens(path: Path, keystore: Keystore, mode: int) -> None:
    path.chmod(mode)

    _open(path)


def test_a_link_is_not_followed(path: Path, keystore: Keystore) -> None:
    link = path.with_name("link")
    link.symlink_to(path)

    with pytest.raises(Misconfigured):
        _open(link)
    with pytest.raises(Conflict):
        Keystore.create(link, PASSPHRASE, Kdf.CHEAP_FOR_TESTS)


def test_a_folder_is_no_keystore(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        _open(tmp_path)


def test_no_file_is_said_to_be_no_file(path: Path) -> None:
    with pytest.raises(NotFound):
        _open(path)


def test_a_keystore_is_never_made_over_another(path: Path, keystore: Keystore) -> None:
    with pytest.raises(Conflict):
        Keystore.create(path, PASSPHRASE, Kdf.CHEAP_FOR_TESTS)


def test_a_cheap_file_opens_only_where_that_is_said(path: Path, keystore: Keystore) -> None:
    with pytest.raises(Misconfigured) as refused:
        Keystore.open(path, PASSPHRASE)

    assert refused.value.code == "weak-kdf"
    _open(path)


@pytest.mark.parametrize(
    ("passes", "memory_bytes"),
    [(2, 268_435_456), (3, 268_435_455), (1, 8193), (1, 67_108_864), (0, 0)],
)
@pytest.mark.parametrize("allow_cheap", [True, False])
def test_parameters_below_the_floor_are_refused_before_they_are_used(
    path: Path, keystore: Keystore, passes: int, memory_bytes: int, allow_cheap: bool
) -> None:
    _set_cost(path, passes, memory_bytes)

    with pytest.raises(Misconfigured) as refused:
        Keystore.open(path, PASSPHRASE, allow_cheap=allow_cheap)

    assert refused.value.code == "weak-kdf"


@pytest.mark.parametrize(("passes", "memory_bytes"), [(5, 268_435_456), (3, 2**40)])
def test_parameters_that_would_exhaust_the_machine_are_refused(
    path: Path, keystore: Keystore, passes: int, memory_bytes: int
) -> None:
    _set_cost(path, passes, memory_bytes)

    with pytest.raises(Corrupt):
        _open(path)


def test_a_file_of_full_cost_opens_without_any_allowance(path: Path) -> None:
    made = Keystore.create(path, PASSPHRASE, Kdf.MODERATE)
    made.put("signing-1", KeyUse.SIGNING, b"\x07" * 32)
    made.save()

    opened = Keystore.open(path, PASSPHRASE)

    assert opened.signer(KeyUse.SIGNING).key_id == made.signer(KeyUse.SIGNING).key_id


def test_the_file_is_its_owners_alone_from_the_first_byte(path: Path, keystore: Keystore) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keystore"]


def test_a_save_that_fails_leaves_the_earlier_keys(
    path: Path, keystore: Keystore, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = path.read_bytes()
    keystore.put("more", KeyUse.SIGNING, b"\x07" * 32)

    def fail(descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        keystore.save()
    monkeypatch.undo()

    assert path.read_bytes() == earlier
    assert [file.name for file in path.parent.iterdir()] == ["keystore"]
    _open(path)


def test_no_private_byte_is_shown_or_copied(path: Path, keystore: Keystore) -> None:
    secret = keystore.secret(KeyUse.STORAGE)
    shown = repr(keystore) + str(keystore) + repr(keystore._keys) + repr(keystore._lock)

    assert not any(form in shown for form in (secret.hex(), repr(secret), PASSPHRASE.decode()))
    assert secret not in path.read_bytes()
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leave(keystore)


@pytest.mark.parametrize("passphrase", [PASSPHRASE, b"wrong battery"])
def test_a_forced_traceback_shows_neither_key_nor_passphrase(
    path: Path, keystore: Keystore, passphrase: bytes
) -> None:
    secret = keystore.secret(KeyUse.STORAGE)
    keystore._keys["odd"] = Stored(use=KeyUse.SIGNING, material=secret[:5])
    keystore.save()

    with pytest.raises(GatewayError) as refused:
        _open(path, passphrase)

    shown = "".join(traceback.format_exception(refused.value)) + repr(refused.value.facts)
    forms = (secret[:5].hex(), repr(secret[:5])[2:-1], b64encode(secret[:5]).decode(), passphrase.decode())
    assert not any(form in shown for form in forms)


def test_a_key_of_another_length_inside_is_corrupt(path: Path, keystore: Keystore) -> None:
    keystore._keys["odd"] = Stored(use=KeyUse.SIGNING, material=b"short")
    keystore.save()

    with pytest.raises(Corrupt):
        _open(path)


def test_the_same_passphrase_gives_another_key_in_every_file() -> None:
    first = unlock(PASSPHRASE, *Kdf.CHEAP_FOR_TESTS.value, b"a" * 16)
    second = unlock(PASSPHRASE, *Kdf.CHEAP_FOR_TESTS.value, b"b" * 16)

    assert first.key != second.key


def _set_cost(path: Path, passes: int, memory_bytes: int) -> None:
    line, _, sealed = path.read_bytes().partition(b"\n")
    header = json.loads(line)
    header.update(passes=passes, memory_bytes=memory_bytes)
    path.write_bytes(json.dumps(header, sort_keys=True).encode() + b"\n" + sealed)
