"""From verified TUF files to a `Directory`: what TUF proves, and what it leaves to whoever reads.

What the federation signs must hold whole, or nothing of it counts. What one agency signs about itself counts
against that agency alone: nobody can stop the others by publishing nonsense.
Source: PROTOCOL 11; THREATS A10, A11, A54.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuf.api.metadata import Root, Snapshot, TargetFile, Targets, Timestamp  # type: ignore[attr-defined]
from tuf.ngclient.updater import Updater

from gateway.errors import Corrupt, Malformed, Stale, Unreachable, VerificationFailed
from gateway.record.text import check_text
from keys.agreement import Agreement, Community
from keys.directory import Directory
from keys.durable import write_public
from keys.keyring import AgencyKeys
from keys.member import Member
from keys.metadata import (
    check_delegations,
    check_own_targets,
    check_root,
    digest_hex,
    keys_path,
    keys_role,
    read_metadata,
    split_target,
    tuf_errors,
)
from keys.succession import check_owner, check_succession


class KeptKeys:
    """Every keys document this gateway ever accepted, one file per agency and version."""

    def __init__(self, path: Path) -> None:
        """Take the folder; it need not exist yet."""
        self._path = path

    def newest(self, agency: str) -> tuple[int, bytes] | None:
        """Return version and bytes of the last accepted document of an agency, if there is one."""
        versions = [int(file.stem) for file in (self._path / agency).glob("*.json") if file.stem.isdecimal()]
        if not versions:
            return None
        return max(versions), (self._path / agency / f"{max(versions)}.json").read_bytes()

    def keep(self, agency: str, version: int, document: bytes) -> None:
        """Keep a document; one that is kept already is left as it is."""
        file = self._path / agency / f"{version}.json"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            write_public(file, document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A keys document to be kept once the refresh is complete."""

    agency: str
    version: int
    document: bytes


@dataclass(slots=True)
class _Own:
    """What the agencies say about themselves, as it is gathered."""

    keys: dict[str, AgencyKeys]
    expire: dict[str, datetime]
    refused: dict[str, str]
    versions: dict[str, str]
    accepted: list[Accepted]


class Reader:
    """Reads one refreshed state of the directory. All times are aware UTC."""

    def __init__(
        self, updater: Updater, metadata: Path, kept: KeptKeys, *, now: datetime, last_seen: datetime | None
    ) -> None:
        """Take a refreshed updater, the folder it persists to, and when a refresh last was complete."""
        self._updater = updater
        self._metadata = metadata
        self._kept = kept
        self._now = now
        self._last_seen = last_seen

    def read(self, *, offline: bool) -> tuple[Directory, tuple[Accepted, ...]]:
        """Return the directory and the keys documents it accepted.

        Raises:
            VerificationFailed: code `bad-directory` or `foreign-path`: something the federation signed does
                not hold.
            Unreachable, Corrupt: a file could not be had, or is not as it was stored.
        """
        root = self._check_roots()
        timestamp = read_metadata(self._file(Timestamp.type), Timestamp).signed
        snapshot = read_metadata(self._file(Snapshot.type), Snapshot).signed
        targets = read_metadata(self._file(Targets.type), Targets).signed
        listed = self._documents(targets)
        members = {path: member for path, member in listed.items() if isinstance(member, Member)}
        by_id = {member.id: member for member in members.values()}
        check_delegations(targets, by_id)
        own = _Own({}, {}, {}, {}, [])
        for agency, member in by_id.items():
            self._read_own(member, snapshot, own, offline=offline)
            if agency in own.refused:
                self._fall_back(agency, own)
        versions = {path: digest_hex(described) for path, described in targets.targets.items()}
        directory = Directory(
            members=by_id,
            keys=own.keys,
            refused=own.refused,
            agreements={found.id: found for found in listed.values() if isinstance(found, Agreement)},
            communities={found.id: found for found in listed.values() if isinstance(found, Community)},
            baseline=next((found for found in listed.values() if isinstance(found, str)), None),
            versions=versions | own.versions,
            keys_expire=own.expire,
            expires_at=min(signed.expires for signed in (root, timestamp, snapshot, targets)),
        )
        return directory, tuple(own.accepted)

    def _check_roots(self) -> Root:
        # Each root on the way admitted the next: one that lets a key count twice spoils the whole chain.
        for file in (self._metadata / "root_history").glob("*.root.json"):
            check_root(read_metadata(file.read_bytes(), Root).signed)
        root = read_metadata(self._file(Root.type), Root).signed
        check_root(root)
        return root

    def _documents(self, targets: Targets) -> dict[str, Member | Agreement | Community | str]:
        found: dict[str, Member | Agreement | Community | str] = {}
        for path, described in targets.targets.items():
            folder, name = split_target(path)
            try:
                document = _parse(folder, self._content(described))
            except (Malformed, VerificationFailed) as exc:
                raise VerificationFailed("does not hold", code="bad-directory", field=path) from exc
            if not isinstance(document, str) and document.id != name:
                raise VerificationFailed("describes another", code="bad-directory", field=path)
            found[path] = document
        return found

    def _read_own(self, member: Member, snapshot: Snapshot, own: _Own, *, offline: bool) -> None:
        """Read one agency's keys; what is wrong with them is noted against it."""
        agency, role = member.id, keys_role(member.id)
        if f"{role}.json" not in snapshot.meta:
            own.refused[agency] = "no-keys"
            return
        try:
            with tuf_errors():
                self._updater.get_targetinfo(keys_path(agency))
        except Stale:
            own.refused[agency] = "keys-expired"
            return
        except Unreachable:
            if not offline:
                raise
            # The last refresh did not persist it because it had expired by then.
            own.refused[agency] = "keys-expired"
            return
        signed = read_metadata(self._file(role), Targets).signed
        try:
            described = check_own_targets(signed, agency)
            document = self._content(described)
            own.keys[agency] = self._accept(member, signed.version, document)
        except VerificationFailed as exc:
            if exc.code == "bad-directory":
                raise
            own.refused[agency] = exc.code
        except Malformed:
            own.refused[agency] = "bad-keys"
        else:
            own.expire[agency] = signed.expires
            own.versions[keys_path(agency)] = digest_hex(described)
            own.accepted.append(Accepted(agency=agency, version=signed.version, document=document))

    def _accept(self, member: Member, version: int, document: bytes) -> AgencyKeys:
        keys = AgencyKeys.parse(document)
        check_owner(member, keys)
        kept = self._kept.newest(member.id)
        if kept is None:
            check_succession(None, keys, now=self._now, judged_at=keys.published_at)
            return keys
        if kept[0] > version or (kept[0] == version and kept[1] != document):
            raise VerificationFailed("is not the newest version seen", code="keys-rewritten", field=member.id)
        if kept[0] < version:
            # What was past when we last looked was past when this version came, whatever its own date.
            judged_at = max(keys.published_at, self._last_seen or keys.published_at)
            check_succession(AgencyKeys.parse(kept[1]), keys, now=self._now, judged_at=judged_at)
        return keys

    def _fall_back(self, agency: str, own: _Own) -> None:
        kept = self._kept.newest(agency)
        if kept is not None:
            own.keys[agency] = AgencyKeys.parse(kept[1])

    def _content(self, described: TargetFile) -> bytes:
        with tuf_errors():
            file = self._updater.find_cached_target(described) or self._updater.download_target(described)
        return Path(file).read_bytes()

    def _file(self, role: str) -> bytes:
        try:
            return (self._metadata / f"{role}.json").read_bytes()
        except OSError as exc:
            raise Corrupt("the mirrored directory is incomplete", field=role) from exc


def parse_baseline(data: bytes) -> str:
    """Return the text of the baseline policy.

    Raises:
        Malformed: not UTF-8, empty, or with characters a reader does not see.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise Malformed("is not UTF-8", field="baseline") from exc
    if not text.strip():
        raise Malformed("is empty", field="baseline")
    return check_text(text, "baseline")


def _parse(folder: str, data: bytes) -> Member | Agreement | Community | str:
    parsers: Mapping[str, type[Member | Agreement | Community]] = {
        "members": Member,
        "agreements": Agreement,
        "communities": Community,
    }
    parser = parsers.get(folder)
    return parser.parse(data) if parser is not None else parse_baseline(data)
