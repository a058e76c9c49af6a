"""Attacks on the directory on its way: rollback, freeze, fast-forward, tampering, mixing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import (  # type: ignore[attr-defined]
    MetaFile,
)

from gateway.errors import (
    Stale,
    VerificationFailed,
)
from keys.ed25519 import Ed25519Signer
from keys.metadata import sign_metadata
from keys.mirror import Mirror, file_source
from tests.keys.agencies import (
    NOW,
    federation,
    reopened,
)
from tests.keys.scene import Scene

# Rollback.


def test_an_earlier_directory_is_refused(scene: Scene) -> None:
    earlier = scene.copy()
    reopened(scene.home).publish()
    scene.before = scene.mirror.refresh(scene.source())

    scene.refused(file_source(earlier))


@pytest.mark.parametrize("role", ["timestamp", "snapshot"])
def test_a_thief_of_an_online_key_cannot_go_back(scene: Scene, role: str) -> None:
    reopened(scene.home).publish()
    scene.before = scene.mirror.refresh(scene.source())
    if role == "timestamp":
        timestamp = scene.newest("timestamp")
        timestamp.version += 1
        data = (scene.repository / "metadata" / "2.snapshot.json").read_bytes()
        timestamp.snapshot_meta = MetaFile.from_data(2, data, ["sha256"])
        (scene.repository / "metadata" / "timestamp.json").write_bytes(
            sign_metadata(timestamp, scene.signer("timestamp"))
        )
    else:
        snapshot = scene.newest("snapshot")
        data = (scene.repository / "metadata" / "1.targets.json").read_bytes()
        snapshot.meta["targets.json"] = MetaFile.from_data(1, data, ["sha256"])
        scene.issue(snapshot=snapshot)

    scene.refused()


def test_a_member_cannot_be_made_to_vanish_by_the_snapshot(scene: Scene) -> None:
    snapshot = scene.newest("snapshot")
    del snapshot.meta["keys-police.ro.json"]
    scene.issue(snapshot=snapshot)

    scene.refused()


# Freeze.


def test_a_directory_that_has_expired_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "federation"
    made = federation(home, now=NOW - timedelta(days=8))

    with pytest.raises(Stale) as refused:
        Mirror(tmp_path / "mirror", made.root()).refresh(file_source(home / "repository"))

    assert refused.value.code == "stale-directory"


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_every_role_expires(scene: Scene, role: str) -> None:
    payload = scene.newest(role)
    payload.expires = NOW - timedelta(seconds=1)
    scene.issue(**{role: payload})

    with pytest.raises(Stale) as refused:
        scene.mirror.refresh(scene.source())

    assert refused.value.code == "stale-directory"
    assert scene.mirror.load() == scene.before


def test_a_root_expires(tmp_path: Path) -> None:
    home = tmp_path / "federation"
    made = federation(home, now=NOW - timedelta(days=366))
    reopened(home).publish()

    with pytest.raises(Stale):
        Mirror(tmp_path / "mirror", made.root()).refresh(file_source(home / "repository"))


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_what_is_kept_expires_too(scene: Scene, role: str) -> None:
    # The same state, but signed with an end in the past: what a mirror holds when nobody renews.
    expired = {name: scene.newest(name) for name in ("targets", "snapshot", "timestamp")}
    expired[role].expires = NOW - timedelta(seconds=1)
    state = scene.mirror_path / "state" / "metadata"
    below: bytes = b""
    for name in ("targets", "snapshot", "timestamp"):
        described = MetaFile.from_data(expired["targets"].version, below, ["sha256"]) if below else None
        if name == "snapshot" and described is not None:
            expired["snapshot"].meta["targets.json"] = described
        if name == "timestamp":
            expired["timestamp"].snapshot_meta = MetaFile.from_data(
                expired["snapshot"].version, below, ["sha256"]
            )
        below = sign_metadata(expired[name], scene.signer(name))
        (state / f"{name}.json").write_bytes(below)

    with pytest.raises(Stale) as refused:
        scene.mirror.load()

    assert refused.value.code == "stale-directory"


# Fast-forward.


def test_a_version_far_ahead_by_a_stranger_is_neither_believed_nor_remembered(scene: Scene) -> None:
    honest = scene.copy()
    timestamp = scene.newest("timestamp")
    timestamp.version = 2**31
    (scene.repository / "metadata" / "timestamp.json").write_bytes(
        sign_metadata(timestamp, Ed25519Signer(bytes(32)))
    )

    scene.refused()

    assert scene.mirror.refresh(file_source(honest)) == scene.before


# Tampering, mixing.


@pytest.mark.parametrize("kind", ["metadata", "targets"])
def test_any_file_changed_on_the_way_is_refused(scene: Scene, kind: str, tmp_path: Path) -> None:
    served = [file for file in (scene.repository / kind).rglob("*.*") if file.is_file()]
    refused = 0
    for number, file in enumerate(served):
        honest = file.read_bytes()
        file.write_bytes(
            honest.replace(b"police", b"polise").replace(b"permit", b"forbid").replace(b"2026", b"2027")
        )
        try:
            Mirror(tmp_path / f"{number}", scene.pin).refresh(scene.source())
        except VerificationFailed:
            refused += 1
        file.write_bytes(honest)

    # Everything but the superseded versions and the root, which is pinned and not asked for.
    unused = ("1.targets.json", "1.snapshot.json", "1.root.json")
    assert refused == len([file for file in served if file.name not in unused])


def test_a_file_longer_than_it_should_be_is_refused(scene: Scene, tmp_path: Path) -> None:
    honest = scene.source()

    def endless(path: str) -> bytes | None:
        data = honest(path)
        return data + b" " * 6_000_000 if data is not None and path.endswith("timestamp.json") else data

    with pytest.raises(VerificationFailed):
        Mirror(tmp_path / "other", scene.pin).refresh(endless)


def test_parts_of_two_states_are_not_mixed(scene: Scene) -> None:
    first = file_source(scene.copy())
    keepers = reopened(scene.home)
    keepers.set_baseline("forbid (principal, action, resource);\n")
    keepers.publish()
    second = scene.source()

    def older_snapshot(path: str) -> bytes | None:
        return first("metadata/2.snapshot.json") if path.endswith(".snapshot.json") else second(path)

    def older_targets(path: str) -> bytes | None:
        return first("metadata/2.targets.json") if path.endswith(".targets.json") else second(path)

    for mixed in (older_snapshot, older_targets):
        scene.refused(mixed)
