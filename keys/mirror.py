"""One gateway's copy of the directory, fetched from anybody and trusted on account of the pinned root alone.

`state` is what the last complete refresh left, `kept` every accepted keys document. A refresh works on a
copy and replaces `state` whole, so one that fails half-way changes nothing.
Source: PROTOCOL 11; TUF specification 1.0 section 5; THREATS A11.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import Root, Snapshot, Targets  # type: ignore[attr-defined]
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from gateway.errors import Corrupt, Locked, NotFound, Unreachable
from keys.directory import Directory
from keys.durable import sync_directory, sync_tree, write_public
from keys.metadata import check_root, read_metadata, tuf_errors
from keys.reading import Accepted, KeptKeys, Reader

Fetch = Callable[[str], bytes | None]
"""Returns the file at a path below the repository (`metadata/timestamp.json`), or None if there is none."""

_BASE: Final = "directory:///"
_SEEN: Final = "refreshed"
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_%-][A-Za-z0-9._%-]*")
_ROOT: Final = re.compile(r"metadata/([0-9]{1,9})\.root\.json")
_VERSIONED: Final = re.compile(r"metadata/([0-9]+)\.([^/]+)\.json")


class Mirror:
    """A copy of the directory in one folder. Several processes may use it; one refreshes at a time."""

    def __init__(self, path: Path, pinned_root: bytes) -> None:
        """Take the folder (made when first needed) and the root metadata pinned at joining.

        Raises:
            VerificationFailed: code `bad-directory`: the pinned root is no sound root.
        """
        check_root(read_metadata(pinned_root, Root).signed)
        self._path = path
        self._pinned_root = pinned_root
        self._state = path / "state"
        self._kept = KeptKeys(path / "kept")

    def refresh(self, fetch: Fetch) -> Directory:
        """Return the directory as `fetch` serves it, once every check holds; keep it for `load`.

        A failure leaves what the last complete refresh left.

        Raises:
            Locked: code `refresh-running`: another refresh of this mirror is going on.
            Stale: code `stale-directory`: what is served has expired.
            VerificationFailed: code `bad-directory` (wrong pin, signature, version, length, hash or form), or
                `foreign-path`: the source is wrong or lying.
            Unreachable: code `directory-unreachable`.
        """
        self._path.mkdir(parents=True, exist_ok=True)
        with _locked(self._path / "refresh.lock", wait=False):
            following = self._path / "next"
            with _locked(self._path / "lock", wait=True):
                self._recover()
                if self._state.exists():
                    shutil.copytree(self._state, following, symlinks=True)
            now = datetime.now(UTC)
            directory, accepted = self._read(following, fetch, now=now, offline=False)
            write_public(following / _SEEN, now.isoformat().encode())
            sync_tree(following)
            with _locked(self._path / "lock", wait=True):
                self._replace_state(following)
                self._keep(accepted)
        return directory

    def load(self) -> Directory:
        """Return the directory of the last complete refresh, asking nobody. All checks run again.

        Raises:
            NotFound: code `no-directory`: there was no complete refresh yet.
            Stale: code `stale-directory`: it has expired since.
            VerificationFailed, Corrupt: the files are not as they were stored, or the pinned root is another.
        """
        if not self._path.is_dir():
            raise NotFound("the directory was never fetched", code="no-directory")
        with _locked(self._path / "lock", wait=True):
            self._recover(keep_next=True)
            if not self._state.is_dir():
                raise NotFound("the directory was never fetched", code="no-directory")
            try:
                directory, accepted = self._read(
                    self._state, self._own_file, now=datetime.now(UTC), offline=True
                )
            except Unreachable as exc:
                raise Corrupt("the mirrored directory is incomplete", field="directory") from exc
            self._keep(accepted)
        return directory

    def file(self, path: str) -> bytes | None:
        """Return a file of the repository as this mirror holds it, for others to fetch; None if it has none.

        Every form of path that the repository does not use is None too.
        """
        if not all(_SEGMENT.fullmatch(segment) for segment in path.split("/")):
            return None
        with _locked(self._path / "lock", wait=True):
            root = _ROOT.fullmatch(path)
            if root:
                return _read_if_there(self._state / "metadata" / "root_history" / f"{root[1]}.root.json")
            if path.startswith("metadata/"):
                return self._own_file(path)
            return self._own_target(path)

    def _own_target(self, path: str) -> bytes | None:
        """Serve a target under the name that begins with its hash."""
        folder, _, name = path.removeprefix("targets/").rpartition("/")
        digest, _, plain = name.partition(".")
        if not path.startswith("targets/") or not plain:
            return None
        data = _read_if_there(self._state / "targets" / quote(f"{folder}/{plain}" if folder else plain, ""))
        return data if data is not None and sha256(data).hexdigest() == digest else None

    def _read(
        self, state: Path, fetch: Fetch, *, now: datetime, offline: bool
    ) -> tuple[Directory, tuple[Accepted, ...]]:
        metadata, targets = state / "metadata", state / "targets"
        metadata.mkdir(parents=True, exist_ok=True)
        targets.mkdir(exist_ok=True)
        with tuf_errors():
            updater = Updater(
                str(metadata),
                f"{_BASE}metadata/",
                str(targets),
                f"{_BASE}targets/",
                fetcher=_Fetcher(fetch),
                bootstrap=self._pinned_root,
            )
            updater.refresh()
        reader = Reader(updater, metadata, self._kept, now=now, last_seen=_last_seen(state))
        return reader.read(offline=offline)

    def _own_file(self, path: str) -> bytes | None:
        """Serve the mirror's own metadata as if it were fetched, so that expiry is told from absence."""
        metadata = self._state / "metadata"
        if path == "metadata/timestamp.json":
            return _read_if_there(metadata / "timestamp.json")
        found = _VERSIONED.fullmatch(path)
        # The chain of roots ends at the last one kept.
        if not found or found[2] == Root.type:
            return None
        data = _read_if_there(metadata / f"{found[2]}.json")
        if data is None:
            return None
        version: int
        if found[2] == Snapshot.type:
            version = read_metadata(data, Snapshot).signed.version
        else:
            version = read_metadata(data, Targets).signed.version
        # Of a role whose newest version was refused as expired an earlier one may still lie here.
        return data if version == int(found[1]) else None

    def _recover(self, *, keep_next: bool = False) -> None:
        """Finish or undo a replacement that a crash interrupted."""
        earlier = self._path / "old"
        if self._state.exists():
            shutil.rmtree(earlier, ignore_errors=True)
        elif earlier.exists():
            earlier.rename(self._state)
        if not keep_next:
            shutil.rmtree(self._path / "next", ignore_errors=True)

    def _replace_state(self, following: Path) -> None:
        earlier = self._path / "old"
        shutil.rmtree(earlier, ignore_errors=True)
        if self._state.exists():
            self._state.rename(earlier)
        following.rename(self._state)
        sync_directory(self._path)
        shutil.rmtree(earlier, ignore_errors=True)

    def _keep(self, accepted: tuple[Accepted, ...]) -> None:
        for found in accepted:
            self._kept.keep(found.agency, found.version, found.document)


def file_source(path: Path) -> Fetch:
    """Return a source that reads a repository from a folder holding `metadata` and `targets`.

    Raises:
        Unreachable: code `directory-unreachable`: there is no such folder.
    """
    root = path.resolve()
    if not (root / "metadata").is_dir():
        raise Unreachable("there is no directory repository", code="directory-unreachable", path=path.name)

    def fetch(wanted: str) -> bytes | None:
        # The path may come from what the source itself says: it must not lead out of the folder.
        if not all(_SEGMENT.fullmatch(segment) for segment in wanted.split("/")):
            return None
        file = root / wanted
        if not file.is_file() or not file.resolve().is_relative_to(root):
            return None
        return file.read_bytes()

    return fetch


class _Fetcher(FetcherInterface):
    """Lets python-tuf fetch through a plain function."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch_file = fetch

    def _fetch(self, url: str) -> Iterator[bytes]:
        data = self._fetch_file(url.removeprefix(_BASE))
        if data is None:
            raise DownloadHTTPError("no such file", 404)
        # Not a generator: what is raised while one runs escapes the library's translation.
        return iter([data])


def _read_if_there(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _last_seen(state: Path) -> datetime | None:
    file = state / _SEEN
    if not file.exists():
        return None
    try:
        return datetime.fromisoformat(file.read_text())
    except ValueError as exc:
        raise Corrupt("the mirror does not say when it was refreshed", field=_SEEN) from exc


@contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as exc:
            raise Locked("the directory is being refreshed", code="refresh-running") from exc
        yield
    finally:
        os.close(descriptor)
