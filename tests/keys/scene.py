"""A federation, a mirror that has seen it, and what a thief or a dishonest member could publish."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tuf.api.metadata import (  # type: ignore[attr-defined]
    MetaFile,
    Snapshot,
    Targets,
    Timestamp,
)

from gateway.errors import (
    VerificationFailed,
)
from keys.ed25519 import Ed25519Signer
from keys.metadata import describe, keys_path, sign_metadata
from keys.mirror import Fetch, Mirror, file_source
from keys.use import KeyUse
from tests.keys.agencies import (
    NL,
    RO,
    federation,
    reopened,
)

USES = {
    "root": KeyUse.FEDERATION_ROOT,
    "targets": KeyUse.FEDERATION_TARGETS,
    "snapshot": KeyUse.FEDERATION_SNAPSHOT,
    "timestamp": KeyUse.FEDERATION_TIMESTAMP,
}


class Scene:
    """A federation of two, a mirror that has seen it, and a forger who may hold some of its keys."""

    def __init__(self, path: Path) -> None:
        self.home = path / "federation"
        self.repository = self.home / "repository"
        self.pin = federation(self.home, NL, RO).root()
        self.mirror_path = path / "mirror"
        self.mirror = Mirror(self.mirror_path, self.pin)
        self.before = self.mirror.refresh(self.source())

    def source(self) -> Fetch:
        return file_source(self.repository)

    def copy(self) -> Path:
        """Return a copy of the repository as it stands."""
        kept = self.home.with_name("earlier")
        shutil.copytree(self.repository, kept)
        return kept

    def signer(self, role: str) -> Ed25519Signer:
        return reopened(self.home)._keystore.signer(USES[role])

    def newest(self, role: str) -> Any:
        """Return the newest payload of a top-level role."""
        repository = reopened(self.home)._repository
        return getattr(repository, role)

    def issue(
        self,
        *,
        targets: Targets | None = None,
        snapshot: Snapshot | None = None,
        timestamp: Timestamp | None = None,
        own: dict[str, tuple[int, bytes]] | None = None,
    ) -> None:
        """Write what a thief of the online keys could: payloads signed with the federation's own keys."""
        snapshot = snapshot or self.newest("snapshot")
        timestamp = timestamp or self.newest("timestamp")
        metadata = self.repository / "metadata"
        snapshot.version += 1
        timestamp.version += 1
        if targets is not None:
            targets.version += 1
            data = sign_metadata(targets, self.signer("targets"))
            (metadata / f"{targets.version}.targets.json").write_bytes(data)
            snapshot.meta["targets.json"] = MetaFile.from_data(targets.version, data, ["sha256"])
        for role, (version, data) in (own or {}).items():
            (metadata / f"{version}.{role}.json").write_bytes(data)
            snapshot.meta[f"{role}.json"] = MetaFile.from_data(version, data, ["sha256"])
        data = sign_metadata(snapshot, self.signer("snapshot"))
        (metadata / f"{snapshot.version}.snapshot.json").write_bytes(data)
        timestamp.snapshot_meta = MetaFile.from_data(snapshot.version, data, ["sha256"])
        (metadata / "timestamp.json").write_bytes(sign_metadata(timestamp, self.signer("timestamp")))

    def add_target(self, path: str, data: bytes) -> None:
        folder, _, name = path.rpartition("/")
        file = self.repository / "targets" / folder / f"{describe(path, data).hashes['sha256']}.{name}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def slip_in(self, agency: str, metadata: bytes, document: bytes) -> None:
        """Publish keys that a dishonest federation did not check."""
        keepers = reopened(self.home)
        keepers._delegated[agency] = metadata
        keepers._files[keys_path(agency)] = document
        keepers.publish()

    def refused(self, source: Fetch | None = None, code: str = "bad-directory") -> None:
        """Expect a refresh to be refused and to have changed nothing."""
        with pytest.raises(VerificationFailed) as refused:
            self.mirror.refresh(source or self.source())
        assert refused.value.code == code
        assert self.mirror.load() == self.before
