"""What an agency brings to the federation: its description, and its keys signed by its own directory key.

Source: PROTOCOL 11.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tuf.api.metadata import Targets  # type: ignore[attr-defined]

from gateway.errors import Conflict, Malformed, Stale
from keys.document import check_moment, read_document, write_blob, write_document
from keys.keyring import AgencyKeys
from keys.member import Member
from keys.metadata import (
    check_own_targets,
    describe,
    digest_hex,
    keys_path,
    keys_role,
    read_metadata,
    sign_metadata,
    tuf_errors,
)
from keys.signer import Signer
from keys.succession import check_owner, check_succession

FORMAT: Final = "comity-enrolment"
VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A member asking to be listed.

    `member` is proposed: the federation decides what it signs. `keys_metadata` is the metadata of the
    member's own role, NOT verified here; `keys` the keys document it describes, both byte for byte.
    """

    member: Member
    keys_metadata: bytes
    keys: bytes


def sign_keys_file(
    keys: AgencyKeys, directory_signer: Signer, version: int, expires: datetime
) -> tuple[bytes, bytes]:
    """Return the metadata of the agency's own role and the keys document it describes, ready to hand in.

    `version` grows by at least one each time; `expires` (aware UTC, whole seconds) ends the trust in the
    document unless a newer version replaces it first.

    Raises:
        Malformed: the version is below 1 or the time is off its form.
    """
    if version < 1:
        raise Malformed("is not 1 or more", field="version")
    check_moment(expires, "expires")
    target = keys.encode()
    path = keys_path(keys.agency)
    signed = Targets(version=version, expires=expires, targets={path: describe(path, target)})
    return sign_metadata(signed, directory_signer), target


def enrolment_bundle(member: Member, keys_metadata: bytes, keys: bytes) -> bytes:
    """Return the one file an agency hands to the federation."""
    return write_document(
        {
            "format": FORMAT,
            "version": VERSION,
            "member": member.members(),
            "keys_metadata": write_blob(keys_metadata),
            "keys": write_blob(keys),
        }
    )


def parse_enrolment(data: bytes) -> Enrolment:
    """Return what an agency handed in; the federation verifies the signature when it accepts the keys.

    Raises:
        Malformed: the file, the member or the keys document is off its form, a key is weak, or the two are
            of different agencies.
        VerificationFailed: code `no-possession`: the member does not hold its directory key.
    """
    document = read_document(data, "enrolment")
    if (document.text("format"), document.integer("version")) != (FORMAT, VERSION):
        raise Malformed("is not an enrolment of a known version", field="enrolment")
    enrolment = Enrolment(
        member=Member.read(document.object("member")),
        keys_metadata=document.blob("keys_metadata"),
        keys=document.blob("keys"),
    )
    document.close()
    if AgencyKeys.parse(enrolment.keys).agency != enrolment.member.id:
        raise Malformed("is another agency's", field="keys.agency")
    return enrolment


def check_submission(
    member: Member,
    delegator: Targets,
    keys_metadata: bytes,
    keys: bytes,
    *,
    listed_version: int,
    listed: AgencyKeys | None,
    now: datetime,
) -> AgencyKeys:
    """Return the keys an agency hands in, once they may replace what is listed (version 0, None: nothing).

    Raises:
        VerificationFailed: code `bad-directory` (not signed by the directory key that `delegator` names, or
            the two files do not belong together), `foreign-path`, `keys-rewritten` or `keys-in-future`.
        Conflict: code `version-not-newer`.
        Stale: code `keys-expired`.
        Malformed: the document is off its form, another agency's, or holds a weak key.
    """
    metadata = read_metadata(keys_metadata, Targets)
    with tuf_errors():
        delegator.verify_delegate(keys_role(member.id), metadata.signed_bytes, metadata.signatures)
    described = check_own_targets(metadata.signed, member.id)
    with tuf_errors():
        described.verify_length_and_hashes(keys)
    digest_hex(described)
    if metadata.signed.expires <= now:
        raise Stale("the keys document has expired already", code="keys-expired", agency=member.id)
    if metadata.signed.version <= listed_version:
        raise Conflict("is not newer than the version listed", code="version-not-newer", agency=member.id)
    parsed = AgencyKeys.parse(keys)
    check_owner(member, parsed)
    check_succession(listed, parsed, now=now, judged_at=now)
    return parsed
