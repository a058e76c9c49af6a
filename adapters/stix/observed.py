"""Accounts, online contents and files as observables, each entity inside one observed-data object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

from adapters.stix.layout import Layout
from adapters.stix.names import NO_TIME, Stix
from adapters.stix.vocabulary import ACCOUNTS, ARTEFACTS, ONLINE
from adapters.values import HASH_NAMES, write_instant
from gateway.v1 import record_pb2 as pb

OBSERVED: Final = "observed-data"
ACCOUNT: Final = "account"
ONLINE_CONTENT: Final = "online-content"
ARTEFACT: Final = "artefact"
"""First label of an observed-data object of ours: what it is; the second one, its kind."""

TEXT: Final = "text/plain"
LARGEST: Final = 2**53 - 1
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_FUZZY: Final = {
    pb.HASH_ALGORITHM_SSDEEP: re.compile(rb"[a-zA-Z0-9/+:.]{1,128}"),
    pb.HASH_ALGORITHM_TLSH: re.compile(rb"[a-zA-Z0-9]{70}"),
}
LENGTHS: Final[Mapping[int, int]] = {
    pb.HASH_ALGORITHM_MD5: 16,
    pb.HASH_ALGORITHM_SHA1: 20,
    pb.HASH_ALGORITHM_SHA256: 32,
    pb.HASH_ALGORITHM_SHA512: 64,
    pb.HASH_ALGORITHM_SHA3_256: 32,
    pb.HASH_ALGORITHM_SHA3_512: 64,
}
"""How many bytes a digest has; those of other algorithms have no one length."""


def has_account(account: pb.CommunicationAccount) -> bool:
    """Tell whether STIX has an observable for an account."""
    return _account(account.identity) is not None


def has_online(content: pb.OnlineContent) -> bool:
    """Tell whether STIX has an observable for an online content: its address must be one."""
    return _is_url(content.content.url)


def has_file(artefact: pb.DigitalArtefact) -> bool:
    """Tell whether STIX has an observable for an artefact: a file needs a hash or a name."""
    return bool(write_hashes(artefact) or artefact.metadata.file_name)


def place_account(layout: Layout, account: pb.CommunicationAccount) -> Stix:
    """Write an account and return the object that stands for it."""
    observable = _account(account.identity)
    assert observable is not None
    kind = ACCOUNTS.words.get(account.identity.kind)
    return _observe(
        layout, account.id, [layout.observable(observable)], [ACCOUNT, kind], account.identity.seen
    )


def place_online(layout: Layout, content: pb.OnlineContent) -> Stix:
    """Write an online content with the accounts and hashes shown in it."""
    reference = content.content
    seen = [layout.observable({"type": "url", "value": reference.url})]
    if len(reference.text_digest) == LENGTHS[pb.HASH_ALGORITHM_SHA256]:
        text = {"type": "file", "hashes": {"SHA-256": reference.text_digest.hex()}, "mime_type": TEXT}
        seen.append(layout.observable(text))
    for identity in content.accounts:
        account = _account(identity)
        if account is not None:
            seen.append(layout.observable(account))
    for digest in content.image_hashes:
        written = _hash(digest)
        if written is not None:
            seen.append(layout.observable({"type": "file", "hashes": dict([written])}))
    return _observe(
        layout, content.id, seen, [ONLINE_CONTENT, ONLINE.words.get(reference.kind)], reference.captured
    )


def place_file(layout: Layout, artefact: pb.DigitalArtefact) -> Stix:
    """Write a file."""
    metadata = artefact.metadata
    file: Stix = {"type": "file"}
    hashes = write_hashes(artefact)
    if hashes:
        file["hashes"] = hashes
    if metadata.file_name:
        file["name"] = metadata.file_name
    if metadata.HasField("size_bytes") and metadata.size_bytes <= LARGEST:
        file["size"] = metadata.size_bytes
    if metadata.media_type:
        file["mime_type"] = metadata.media_type
    created = write_instant(metadata.created)
    if created:
        file["ctime"] = created
    labels = [ARTEFACT, ARTEFACTS.words.get(metadata.kind)]
    return _observe(layout, artefact.id, [layout.observable(file)], labels, pb.Moment())


def write_hashes(artefact: pb.DigitalArtefact) -> dict[str, str]:
    """Return the hashes of a file by the names of STIX, one of each algorithm."""
    found: dict[str, str] = {}
    for digest in artefact.hashes:
        written = _hash(digest)
        if written is not None:
            found.setdefault(*written)
    return found


def _observe(layout: Layout, entity: str, seen: list[str], labels: list[str | None], at: pb.Moment) -> Stix:
    instant = write_instant(at) or NO_TIME
    return layout.add(
        layout.ids[entity],
        labels=[label for label in labels if label],
        first_observed=instant,
        last_observed=instant,
        number_observed=1,
        object_refs=seen,
    )


def _account(identity: pb.AccountIdentity) -> Stix | None:
    kind, value = identity.kind, identity.value
    if not value:
        return None
    if kind == pb.ACCOUNT_KIND_EMAIL and _EMAIL.fullmatch(value):
        written: Stix = {"type": "email-addr", "value": value}
    elif kind == pb.ACCOUNT_KIND_IP and (version := _ip_version(value)):
        return {"type": f"ipv{version}-addr", "value": value}
    else:
        written = {"type": "user-account", "user_id": value}
        type_ = identity.provider or ACCOUNTS.words.get(kind)
        if type_:
            written["account_type"] = type_
    if identity.display_name:
        written["display_name"] = identity.display_name
    return written


def _is_url(value: str) -> bool:
    return _URL.fullmatch(value) is not None


def _ip_version(value: str) -> int:
    """Return 4 or 6 for an address in its usual writing, else 0."""
    try:
        address = ip_address(value)
    except ValueError:
        return 0
    # The other writings of an IPv6 address (`::1.2.3.4`, `fe80::1%eth0`) do not pass the standard's schema.
    plain = address.version == 4 or not any(sign in value for sign in ".%")
    return address.version if plain and str(address) == value else 0


def _hash(digest: pb.Hash) -> tuple[str, str] | None:
    algorithm, value = digest.algorithm, digest.value
    name = HASH_NAMES.get(algorithm)
    if name is None or not value or len(value) != LENGTHS.get(algorithm, len(value)):
        return None
    pattern = _FUZZY.get(algorithm)
    if pattern is None:
        return name, value.hex()
    return (name, value.decode()) if pattern.fullmatch(value) else None
