"""What may be signed: only what was read back, never behind or beside what was, never past witnesses."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import Corrupt, Refused
from gateway.flow.notary import HighWater, Notary
from gateway.ledger.checkpoint import ledger_origin
from gateway.ledger.entry import Draft, EntryKind
from gateway.ledger.note import open_checkpoint
from gateway.ledger.vkey import SignatureType, VKey
from gateway.store.store import Store
from gateway.store.unit import Unit
from keys.ed25519 import Ed25519Signer

SIGNER = Ed25519Signer(bytes(range(32)))
VKEY = VKey(name=ledger_origin("police.nl", 1), type=SignatureType.ED25519, key=SIGNER.public_key)


def _notary(store: Store, path: Path, *, witnesses: int = 0) -> Notary:
    file = path / "high-water.json"
    mark = HighWater.read(file) if file.exists() else HighWater.create(file)
    return Notary(vkey=VKEY, store=store, signer=SIGNER, high_water=mark, witnesses=witnesses)


def _append(store: Store, count: int) -> None:
    store.writer.commit([Unit(drafts=(Draft(kind=EntryKind.FILLER),)) for _ in range(count)])


def test_the_newest_head_is_signed_under_the_ledgers_key(tmp_path: Path) -> None:
    with Store.create(tmp_path / "home") as store:
        _append(store, 3)

        signed = _notary(store, tmp_path).sign_head()

        assert open_checkpoint(signed.note, (VKEY,)).checkpoint.size == 3


def test_the_same_head_is_signed_to_the_same_bytes_after_a_restart(tmp_path: Path) -> None:
    with Store.create(tmp_path / "home") as store:
        _append(store, 3)
        first = _notary(store, tmp_path).sign_head()

    with Store.open(tmp_path / "home") as store:
        assert _notary(store, tmp_path).sign_head() == first


def test_a_head_behind_what_was_signed_is_not_signed(tmp_path: Path) -> None:
    with Store.create(tmp_path / "home") as store:
        _append(store, 3)
        HighWater.create(tmp_path / "high-water.json").raise_to(4, bytes(32))

        with pytest.raises(Corrupt, match="old copy") as refused:
            _notary(store, tmp_path).sign_head()

    assert refused.value.code == "behind-high-water"


@pytest.mark.parametrize("size", [2, 3])
def test_a_head_beside_what_was_signed_is_not_signed(tmp_path: Path, size: int) -> None:
    with Store.create(tmp_path / "home") as store:
        _append(store, 3)
        HighWater.create(tmp_path / "high-water.json").raise_to(size, bytes(32))

        with pytest.raises(Corrupt, match="differs") as refused:
            _notary(store, tmp_path).sign_head()

    assert refused.value.code == "behind-high-water"


def test_a_damaged_high_water_file_stops_signing(tmp_path: Path) -> None:
    (tmp_path / "high-water.json").write_text('{"size": 1}')

    with pytest.raises(Corrupt, match="damaged"):
        HighWater.read(tmp_path / "high-water.json")


@pytest.mark.parametrize("witnesses", [0, 1])
def test_a_stopped_home_signs_while_nobody_witnesses(tmp_path: Path, witnesses: int) -> None:
    with Store.create(tmp_path / "home") as store:
        _append(store, 1)

        notary = _notary(store, tmp_path, witnesses=witnesses)

        assert not notary.is_witnessed
        assert notary.sign_head().checkpoint.size == 1


def test_a_stopped_home_signs_no_new_head_once_members_witness_each_other(tmp_path: Path) -> None:
    with Store.create(tmp_path / "home") as store:
        _append(store, 1)

        with pytest.raises(Refused) as refused:
            _notary(store, tmp_path, witnesses=2).sign_head()

    assert refused.value.code == "witnesses-not-asked"
    assert HighWater.read(tmp_path / "high-water.json").size == 0


def test_a_home_whose_high_water_file_is_gone_signs_nothing(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match="gone") as refused:
        HighWater.read(tmp_path / "high-water.json")

    assert refused.value.code == "high-water"
