"""A TUF repository in a folder, as its keepers read and write it.

`metadata/<n>.<role>.json` and `metadata/timestamp.json`; `targets/<folder>/<sha256>.<name>`. Versions once
published are never written again. Source: TUF specification 1.0, sections 3 and 6 (consistent snapshots).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tuf.api.metadata import (  # type: ignore[attr-defined]
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from gateway.errors import Conflict, Corrupt, NotFound
from keys.durable import write_public
from keys.metadata import (
    check_root,
    describe,
    digest_hex,
    keys_role,
    read_metadata,
    sign_metadata,
    tuf_errors,
)
from keys.signer import Signer

_TARGETS: Final = f"{Targets.type}.json"
_TIMESTAMP: Final = f"{Timestamp.type}.json"


@dataclass(slots=True, kw_only=True)
class Repository:
    """The newest version of everything, read and verified, or about to be written for the first time.

    `targets`, `snapshot` and `timestamp` may be changed; `write` issues them.
    """

    path: Path
    root: Root
    targets: Targets
    snapshot: Snapshot
    timestamp: Timestamp
    timestamp_raw: bytes | None

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the newest state in a folder, whether or not it has expired.

        Raises:
            NotFound: code `no-repository`.
            VerificationFailed: code `bad-directory`: a signature does not hold.
        """
        versions = [int(file.name.split(".")[0]) for file in (path / "metadata").glob("[0-9]*.root.json")]
        if not versions:
            raise NotFound("there is no directory repository", code="no-repository", path=path.name)
        root_metadata = read_metadata(_read(path, f"metadata/{max(versions)}.root.json"), Root)
        root = root_metadata.signed
        check_root(root)
        timestamp_raw = _read(path, f"metadata/{_TIMESTAMP}")
        timestamp = read_metadata(timestamp_raw, Timestamp)
        snapshot_raw = _read(path, f"metadata/{timestamp.signed.snapshot_meta.version}.snapshot.json")
        snapshot = read_metadata(snapshot_raw, Snapshot)
        described = snapshot.signed.meta.get(_TARGETS, MetaFile())
        targets_raw = _read(path, f"metadata/{described.version}.targets.json")
        targets = read_metadata(targets_raw, Targets)
        with tuf_errors():
            for role, metadata in (
                (Root.type, root_metadata),
                (Timestamp.type, timestamp),
                (Snapshot.type, snapshot),
                (Targets.type, targets),
            ):
                root.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
            timestamp.signed.snapshot_meta.verify_length_and_hashes(snapshot_raw)
            described.verify_length_and_hashes(targets_raw)
        return cls(
            path=path,
            root=root,
            targets=targets.signed,
            snapshot=snapshot.signed,
            timestamp=timestamp.signed,
            timestamp_raw=timestamp_raw,
        )

    def delegated(self, agency: str) -> bytes | None:
        """Return the newest metadata of an agency's own role, or None if it has none yet."""
        role = keys_role(agency)
        described = self.snapshot.meta.get(f"{role}.json")
        return _read(self.path, f"metadata/{described.version}.{role}.json") if described else None

    def content(self, described: TargetFile) -> bytes:
        """Return the file that metadata describes, once length and hash fit."""
        data = _read(self.path, _stored_at(described))
        with tuf_errors():
            described.verify_length_and_hashes(data)
        return data

    def write_root(self, data: bytes) -> None:
        """Write the root metadata of the current version."""
        write_public(_made(self.path / "metadata" / f"{self.root.version}.root.json"), data)

    def write_file(self, path: str, data: bytes) -> None:
        """Write a target file where its hash puts it; nothing refers to it yet."""
        write_public(_made(self.path / _stored_at(describe(path, data))), data)

    def write_delegated(self, agency: str, version: int, data: bytes) -> None:
        """Write the metadata of an agency's own role and let the next snapshot name it."""
        role = keys_role(agency)
        write_public(_made(self.path / "metadata" / f"{version}.{role}.json"), data)
        self.snapshot.meta[f"{role}.json"] = MetaFile.from_data(version, data, ["sha256"])

    def write_targets(self, signer: Signer) -> None:
        """Sign and write the targets metadata and let the next snapshot name it."""
        data = sign_metadata(self.targets, signer)
        write_public(_made(self.path / "metadata" / f"{self.targets.version}.targets.json"), data)
        self.snapshot.meta[_TARGETS] = MetaFile.from_data(self.targets.version, data, ["sha256"])

    def write_snapshot(self, snapshot_signer: Signer, timestamp_signer: Signer) -> None:
        """Sign and write snapshot and timestamp; the timestamp, last, makes everything before it count.

        Raises:
            Conflict: code `moved`: somebody else published since this state was read.
        """
        current = self.path / "metadata" / _TIMESTAMP
        if (current.read_bytes() if current.exists() else None) != self.timestamp_raw:
            raise Conflict("somebody else has published meanwhile", code="moved")
        data = sign_metadata(self.snapshot, snapshot_signer)
        version = self.snapshot.version
        write_public(_made(self.path / "metadata" / f"{version}.snapshot.json"), data)
        self.timestamp.snapshot_meta = MetaFile.from_data(version, data, ["sha256"])
        self.timestamp_raw = sign_metadata(self.timestamp, timestamp_signer)
        write_public(current, self.timestamp_raw)


def _stored_at(described: TargetFile) -> str:
    folder, _, name = described.path.rpartition("/")
    return f"targets/{folder}/{digest_hex(described)}.{name}"


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _read(root: Path, path: str) -> bytes:
    try:
        return (root / path).read_bytes()
    except OSError as exc:
        raise Corrupt("the repository is incomplete", field=path) from exc
