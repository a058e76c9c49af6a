"""The parts of TUF that both sides of the directory use: names, keys, signing, and the checks TUF leaves out.

Source: TUF specification 1.0; PROTOCOL 11; THREATS A11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# python-tuf and securesystemslib are typed, but do not mark what they re-export as such.
from securesystemslib.signer import Key, Signature, SSlibKey  # type: ignore[attr-defined]
from tuf.api.exceptions import (
    DownloadError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    RepositoryError,
)
from tuf.api.metadata import (  # type: ignore[attr-defined]
    DelegatedRole,
    Delegations,
    Metadata,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization import DeserializationError

from gateway.errors import Malformed, Stale, Unreachable, VerificationFailed
from keys.ed25519 import PUBLIC_BYTES, check_public_key
from keys.member import Member
from keys.signer import Signer

BASELINE_PATH: Final = "policy/baseline.cedar"
METADATA_BYTES_MAX: Final = 5_000_000

TOP_LEVEL: Final = (Root.type, Targets.type, Snapshot.type, Timestamp.type)

_TARGET: Final = re.compile(
    r"(?:(members|agreements|communities)/([a-z0-9.-]+)\.json|policy/baseline\.cedar)"
)
_PUBLIC_HEX: Final = re.compile(rf"[0-9a-f]{{{2 * PUBLIC_BYTES}}}")

T = TypeVar("T", Root, Timestamp, Snapshot, Targets)


def keys_role(agency: str) -> str:
    """Return the name of the role delegated to an agency."""
    return f"keys-{agency}"


def keys_path(agency: str) -> str:
    """Return the one target path that role may sign."""
    return f"keys/{agency}.json"


def tuf_key(public: bytes) -> SSlibKey:
    """Return a raw Ed25519 public key as TUF writes it, with the id TUF computes."""
    check_public_key(public)
    return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(public))


def sign_metadata(signed: T, signer: Signer) -> bytes:
    """Return a metadata file with one signature."""
    metadata: Metadata[T] = Metadata(signed)
    key_id = tuf_key(signer.public_key).keyid
    metadata.signatures[key_id] = Signature(key_id, signer.sign(metadata.signed_bytes).hex())
    return metadata.to_bytes()


def describe(path: str, data: bytes) -> TargetFile:
    """Return the description of a target file that metadata carries: its length and SHA-256."""
    return TargetFile.from_data(path, data, ["sha256"])


def digest_hex(described: TargetFile) -> str:
    """Return the SHA-256, hex, that metadata states of a file.

    Raises:
        VerificationFailed: code `bad-directory`: it states another hash only.
    """
    digest: str | None = described.hashes.get("sha256")
    if digest is None:
        raise VerificationFailed("states no SHA-256", code="bad-directory", field=described.path)
    return digest


def read_metadata(data: bytes, kind: type[T]) -> Metadata[T]:
    """Return a metadata file of one kind, its signatures NOT verified.

    A role with a threshold below one, or naming one key id twice, does not parse.

    Raises:
        VerificationFailed: code `bad-directory`.
    """
    if len(data) > METADATA_BYTES_MAX:
        raise VerificationFailed("metadata is too large", code="bad-directory")
    try:
        metadata: Metadata[T] = Metadata.from_bytes(data)
    except DeserializationError as exc:
        raise VerificationFailed("metadata does not parse", code="bad-directory", field=kind.type) from exc
    if not isinstance(metadata.signed, kind):
        raise VerificationFailed("metadata is of another kind", code="bad-directory", field=kind.type)
    return metadata


def check_root(root: Root) -> None:
    """Refuse a root in which one key could count twice, or a key proves nothing.

    TUF compares key ids, which whoever writes the metadata may choose: the same key under two ids would meet
    a threshold of two alone.

    Raises:
        VerificationFailed: code `bad-directory`.
    """
    _check_keys(root.keys)
    for name in TOP_LEVEL:
        role = root.roles[name]
        if role.threshold < 1 or len(set(role.keyids)) != len(role.keyids):
            raise VerificationFailed("has no threshold, or one key twice", code="bad-directory", field=name)
    if not root.consistent_snapshot:
        raise VerificationFailed("does not keep consistent snapshots", code="bad-directory", field="root")


def check_delegations(targets: Targets, members: Mapping[str, Member]) -> None:
    """Refuse delegations that are not exactly: to every member its own role, path and directory key.

    Raises:
        VerificationFailed: code `bad-directory`.
    """
    delegations = targets.delegations
    roles = dict(delegations.roles or {}) if delegations is not None else {}
    if delegations is not None:
        _check_keys(delegations.keys)
        if delegations.succinct_roles is not None:
            raise VerificationFailed("delegates by hash", code="bad-directory", field="targets")
    for agency, member in members.items():
        role = roles.pop(keys_role(agency), None)
        if role is None or delegations is None:
            raise VerificationFailed("has no role of its own", code="bad-directory", field=agency)
        publics = [_public(delegations.keys[key_id]) for key_id in role.keyids]
        if (
            role.paths != [keys_path(agency)]
            or role.path_hash_prefixes is not None
            or role.threshold != 1
            or not role.terminating
            or publics != [member.directory_key]
        ):
            raise VerificationFailed("has a role that is not its own", code="bad-directory", field=agency)
    if roles:
        raise VerificationFailed("delegates to nobody's role", code="bad-directory", field=min(roles))


def delegate_keys(targets: Targets, member: Member) -> None:
    """Delegate a member's keys document to its directory key, in place of any key it had before."""
    delegations = targets.delegations or Delegations({}, {})
    roles = dict(delegations.roles or {})
    key, role = tuf_key(member.directory_key), keys_role(member.id)
    roles[role] = DelegatedRole(role, [key.keyid], 1, True, [keys_path(member.id)])
    used = {key_id for found in roles.values() for key_id in found.keyids}
    listed = {**delegations.keys, key.keyid: key}
    keys = {key_id: found for key_id, found in listed.items() if key_id in used}
    targets.delegations = Delegations(keys, roles)


def check_own_targets(targets: Targets, agency: str) -> TargetFile:
    """Return the description of an agency's keys document from its role, which may hold nothing else.

    Raises:
        VerificationFailed: code `foreign-path`: it names another path, or delegates further.
    """
    path = keys_path(agency)
    if set(targets.targets) != {path} or targets.delegations is not None:
        raise VerificationFailed(
            "a member's role may name its own keys document alone", code="foreign-path", field=agency
        )
    return targets.targets[path]


def split_target(path: str) -> tuple[str, str]:
    """Return folder and id of a path that the federation may sign; the baseline is (`policy`, ``).

    Raises:
        VerificationFailed: code `foreign-path`: anything else, a member's keys document included.
    """
    found = _TARGET.fullmatch(path)
    if not found:
        raise VerificationFailed("is no path the federation may sign", code="foreign-path", field="targets")
    return found[1] or "policy", found[2] or ""


@contextmanager
def tuf_errors() -> Iterator[None]:
    """Turn what python-tuf raises into the project's errors.

    Raises:
        Stale: code `stale-directory`: metadata has expired.
        VerificationFailed: code `bad-directory`: signatures, versions, lengths, hashes or form do not hold.
        Unreachable: code `directory-unreachable`: a file could not be had.
    """
    try:
        yield
    except ExpiredMetadataError as exc:
        raise Stale("the directory has expired", code="stale-directory") from exc
    except (RepositoryError, DownloadLengthMismatchError) as exc:
        raise VerificationFailed("the directory does not verify", code="bad-directory") from exc
    except DownloadError as exc:
        raise Unreachable("the directory could not be fetched", code="directory-unreachable") from exc


def _check_keys(keys: Mapping[str, Key]) -> None:
    publics = [_public(key) for key in keys.values()]
    if len(set(publics)) != len(publics):
        raise VerificationFailed("lists one key under two ids", code="bad-directory", field="keys")


def _public(key: Key) -> bytes:
    value = key.keyval.get("public")
    if (key.keytype, key.scheme) != ("ed25519", "ed25519") or not isinstance(value, str):
        raise VerificationFailed("is signed by another kind of key", code="bad-directory", field="keys")
    if not _PUBLIC_HEX.fullmatch(value):
        raise VerificationFailed("holds a key that cannot be read", code="bad-directory", field="keys")
    public = bytes.fromhex(value)
    try:
        check_public_key(public)
    except Malformed as exc:
        raise VerificationFailed("holds a weak key", code="bad-directory", field="keys") from exc
    return public
