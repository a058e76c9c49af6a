"""The federation's side of the directory: what its keepers decide, and the keys that sign it.

`repository` below its folder is what anybody may copy and serve, `federation.keys` the keystore beside it.
Changes are gathered in memory; `publish` writes them, the file that makes them count last.
Source: PROTOCOL 11; TUF specification 1.0 section 4.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from tuf.api.metadata import (  # type: ignore[attr-defined]
    Delegations,
    Root,
    Snapshot,
    Targets,
    Timestamp,
)

from gateway.errors import Conflict, GatewayError, NotFound, Refused, VerificationFailed
from keys.agreement import Agreement, Community
from keys.document import check_moment
from keys.enrolment import Enrolment, check_submission
from keys.keyring import AgencyKeys
from keys.keystore import Kdf, Keystore
from keys.member import Member
from keys.metadata import (
    BASELINE_PATH,
    check_own_targets,
    delegate_keys,
    describe,
    keys_path,
    keys_role,
    read_metadata,
    sign_metadata,
    split_target,
    tuf_errors,
    tuf_key,
)
from keys.reading import parse_baseline
from keys.repository import Repository
from keys.resemblance import check_names
from keys.use import FEDERATION_USES, KeyUse

ROOT_LIFE: Final = timedelta(days=365)
TARGETS_LIFE: Final = timedelta(days=90)
SNAPSHOT_LIFE: Final = timedelta(days=7)
TIMESTAMP_LIFE: Final = timedelta(days=7)

_ROLE_USES: Final = {
    Root.type: KeyUse.FEDERATION_ROOT,
    Targets.type: KeyUse.FEDERATION_TARGETS,
    Snapshot.type: KeyUse.FEDERATION_SNAPSHOT,
    Timestamp.type: KeyUse.FEDERATION_TIMESTAMP,
}


class Federation:
    """One sitting of the people who keep the directory, at one time `now` (aware UTC)."""

    def __init__(self, keystore: Keystore, repository: Repository, now: datetime) -> None:
        """Use `create` or `open`."""
        self._keystore = keystore
        self._repository = repository
        self._now = now
        self._changed = False
        self._files: dict[str, bytes] = {}
        self._delegated: dict[str, bytes] = {}

    @classmethod
    def create(
        cls,
        path: Path,
        passphrase: bytes,
        now: datetime,
        kdf: Kdf,
        *,
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> Self:
        """Make a federation without members in the folder `path`, published from the start.

        Each of the four roles has one key and threshold 1.

        Raises:
            Conflict: code `exists`: the folder holds something already.
            Malformed: `now` is not aware UTC in whole seconds, or the passphrase is empty.
        """
        check_moment(now, "now")
        if path.exists() and any(path.iterdir()):
            raise Conflict("the folder is not empty", code="exists", path=path.name)
        path.mkdir(parents=True, exist_ok=True)
        keystore = Keystore.create(path / "federation.keys", passphrase, kdf)
        keystore.generate(FEDERATION_USES, randomness)
        # On disk before anything is signed: a root whose key is lost binds everybody for ever.
        keystore.save()
        root = Root(version=1, expires=now + ROOT_LIFE, consistent_snapshot=True)
        for role, use in _ROLE_USES.items():
            root.add_key(tuf_key(keystore.signer(use).public_key), role)
        repository = Repository(
            path=path / "repository",
            root=root,
            targets=Targets(version=1, expires=now + TARGETS_LIFE, delegations=Delegations({}, {})),
            snapshot=Snapshot(version=1, expires=now + SNAPSHOT_LIFE),
            timestamp=Timestamp(version=1, expires=now + TIMESTAMP_LIFE),
            timestamp_raw=None,
        )
        repository.write_root(sign_metadata(root, keystore.signer(KeyUse.FEDERATION_ROOT)))
        federation = cls(keystore, repository, now)
        federation._write(with_targets=True)
        return federation

    @classmethod
    def open(cls, path: Path, passphrase: bytes, now: datetime, *, allow_cheap: bool = False) -> Self:
        """Return the federation in the folder `path` in its newest published state.

        Raises:
            NotFound, Misconfigured, Corrupt, VerificationFailed: as `Keystore.open` and `Repository.open`.
        """
        check_moment(now, "now")
        keystore = Keystore.open(path / "federation.keys", passphrase, allow_cheap=allow_cheap)
        return cls(keystore, Repository.open(path / "repository"), now)

    @property
    def repository_path(self) -> Path:
        """The folder to copy and serve."""
        return self._repository.path

    def root(self) -> bytes:
        """Return the newest root metadata, which a new member pins."""
        name = f"{self._repository.root.version}.root.json"
        return (self._repository.path / "metadata" / name).read_bytes()

    def members(self) -> dict[str, Member]:
        """Return every member by id, as it would be published."""
        paths = [path for path in self._repository.targets.targets if split_target(path)[0] == "members"]
        return {member.id: member for member in (Member.parse(self._content(path)) for path in paths)}

    def keys(self, agency: str) -> AgencyKeys | None:
        """Return the newest accepted keys of an agency, or None."""
        raw = self._own_metadata(agency)
        if raw is None:
            return None
        described = check_own_targets(read_metadata(raw, Targets).signed, agency)
        staged = self._files.get(keys_path(agency))
        return AgencyKeys.parse(staged if staged is not None else self._repository.content(described))

    def enrol(self, enrolment: Enrolment) -> None:
        """List a new member together with its first keys, or neither; raises what the two steps raise."""
        if enrolment.member.id in self.members():
            raise Conflict("is a member already", code="exists", agency=enrolment.member.id)
        before = deepcopy(self._repository.targets), dict(self._files), self._changed
        try:
            self.add_member(enrolment.member)
            self.accept_keys(enrolment.member.id, enrolment.keys_metadata, enrolment.keys)
        except GatewayError:
            self._repository.targets, self._files, self._changed = before
            raise

    def add_member(self, member: Member) -> None:
        """List a member, or replace how it is described; delegate its keys document to its directory key.

        After a change of the directory key the agency must hand in its keys anew before `publish`.

        Raises:
            Conflict: code `key-in-use`: another agency has this key.
            Malformed: the display name is none; codes of `check_display_name`.
            Refused: code `look-alike`: id or display name may be taken for another member's.
        """
        self._check_unused(member.id, {member.directory_key})
        check_names(member, self.members())
        self._stage(f"members/{member.id}.json", member.encode())
        delegate_keys(self._repository.targets, member)

    def add_agreement(self, agreement: Agreement) -> None:
        """List an agreement, or replace it; a party that is no member is NotFound."""
        self._check_members(agreement.parties, "parties")
        self._stage(f"agreements/{agreement.id}.json", agreement.encode())

    def add_community(self, community: Community) -> None:
        """List a community, or replace it; one of its members that is no member is NotFound."""
        self._check_members(community.members, "members")
        self._stage(f"communities/{community.id}.json", community.encode())

    def set_baseline(self, text: str) -> None:
        """Set the federation's baseline policy; text that is empty or hides characters is Malformed."""
        data = text.encode(errors="surrogatepass")
        parse_baseline(data)
        self._stage(BASELINE_PATH, data)

    def accept_keys(self, agency: str, delegated_metadata: bytes, target: bytes) -> None:
        """List a version of an agency's keys that its directory key signed.

        Raises:
            NotFound: code `unknown-agency`.
            VerificationFailed: not signed by the directory key of this member (code `bad-directory`), another
                path (`foreign-path`), or not a successor of the version before (`keys-rewritten`).
            Conflict: code `version-not-newer`, or `key-in-use`: another agency has one of these keys.
            Stale: code `keys-expired`.
            Malformed: the document is off its form, another agency's, or holds a weak key.
        """
        member = self.members().get(agency)
        if member is None:
            raise NotFound("is not a member of the federation", code="unknown-agency", agency=agency)
        before = self._own_metadata(agency)
        keys = check_submission(
            member,
            self._repository.targets,
            delegated_metadata,
            target,
            listed_version=read_metadata(before, Targets).signed.version if before is not None else 0,
            listed=self.keys(agency),
            now=self._now,
        )
        self._check_unused(agency, {record.public for record in keys.keys})
        self._files[keys_path(agency)] = target
        self._delegated[agency] = delegated_metadata

    def publish(self) -> None:
        """Write what was gathered, and a new snapshot and timestamp; targets too when due for renewal.

        Raises:
            Refused: code `keys-not-resigned`: an agency's directory key changed, its keys metadata did not.
            Conflict: code `moved`: somebody else published since this federation was opened.
        """
        self._check_delegated()
        repository = self._repository
        renew = self._changed or repository.targets.expires - self._now < TARGETS_LIFE / 2
        if renew:
            repository.targets.version += 1
            repository.targets.expires = self._now + TARGETS_LIFE
        repository.snapshot.version += 1
        repository.snapshot.expires = self._now + SNAPSHOT_LIFE
        repository.timestamp.version += 1
        repository.timestamp.expires = self._now + TIMESTAMP_LIFE
        self._write(with_targets=renew)

    def _write(self, *, with_targets: bool) -> None:
        for path, data in self._files.items():
            self._repository.write_file(path, data)
        for agency, data in self._delegated.items():
            self._repository.write_delegated(agency, read_metadata(data, Targets).signed.version, data)
        if with_targets:
            self._repository.write_targets(self._keystore.signer(KeyUse.FEDERATION_TARGETS))
        self._repository.write_snapshot(
            self._keystore.signer(KeyUse.FEDERATION_SNAPSHOT),
            self._keystore.signer(KeyUse.FEDERATION_TIMESTAMP),
        )
        self._files, self._delegated, self._changed = {}, {}, False

    def _stage(self, path: str, data: bytes) -> None:
        self._files[path] = data
        self._repository.targets.targets[path] = describe(path, data)
        self._changed = True

    def _content(self, path: str) -> bytes:
        staged = self._files.get(path)
        if staged is not None:
            return staged
        return self._repository.content(self._repository.targets.targets[path])

    def _own_metadata(self, agency: str) -> bytes | None:
        staged = self._delegated.get(agency)
        return staged if staged is not None else self._repository.delegated(agency)

    def _check_unused(self, agency: str, publics: set[bytes]) -> None:
        for other, member in self.members().items():
            keys = self.keys(other) if other != agency else None
            taken = {record.public for record in keys.keys} if keys is not None else set()
            if other != agency and publics & (taken | {member.directory_key}):
                raise Conflict("another agency has this key", code="key-in-use", agency=agency)

    def _check_members(self, agencies: tuple[str, ...], field: str) -> None:
        known = self.members()
        for at, agency in enumerate(agencies):
            if agency not in known:
                raise NotFound("is not a member", field=f"{field}[{at}]", code="unknown-agency")

    def _check_delegated(self) -> None:
        for agency in self.members():
            raw = self._own_metadata(agency)
            if raw is None:
                continue
            metadata = read_metadata(raw, Targets)
            try:
                with tuf_errors():
                    self._repository.targets.verify_delegate(
                        keys_role(agency), metadata.signed_bytes, metadata.signatures
                    )
            except VerificationFailed as exc:
                raise Refused(
                    "must sign its keys anew with its new directory key",
                    code="keys-not-resigned",
                    agency=agency,
                ) from exc
