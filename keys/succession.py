"""What the next version of a keys document may change: more may be said, nothing may be unsaid.

Checked by the federation before it publishes and again by every mirror. Source: PROTOCOL 11.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NoReturn

from gateway.errors import Malformed, VerificationFailed
from keys.keyring import AgencyKeys, PublicKeyRecord
from keys.member import Member

CLOCK_SKEW: Final = timedelta(minutes=5)


def check_succession(
    earlier: AgencyKeys | None, later: AgencyKeys, *, now: datetime, judged_at: datetime
) -> None:
    """Return only if `later` may follow `earlier` (None for a first version). Times are aware UTC.

    `judged_at` decides which ends are past: the present where the version is handed in; where it is read,
    possibly much later, the best known time at which it came.

    A key or ledger stays listed with its use, bytes and start; an end in the past is not moved later; a
    revocation is not withdrawn or moved later; a closed ledger stays closed with the same checkpoint; a new
    key does not begin before the earlier version was published.

    Raises:
        VerificationFailed: code `keys-in-future` (`later` is dated after `now`, give or take the clocks), or
            `keys-rewritten`; `field` names what was changed.
    """
    if later.published_at > now + CLOCK_SKEW:
        raise VerificationFailed("is dated in the future", code="keys-in-future", field="published_at")
    if earlier is None:
        return
    if later.agency != earlier.agency:
        _refuse("is another agency's", "agency")
    if later.published_at <= earlier.published_at:
        _refuse("is not after the version before", "published_at")
    listed = {record.key_id: record for record in later.keys}
    for record in earlier.keys:
        _check_record(record, listed.get(record.key_id), judged_at)
    known = {record.key_id for record in earlier.keys}
    for record in later.keys:
        # A key that could begin earlier would lend validity to signatures made before anybody knew of it.
        if record.key_id not in known and record.valid_from < earlier.published_at:
            _refuse("begins before the previous version was published", f"keys.{record.key_id}.valid_from")
    _check_origins(earlier, later)


def check_owner(member: Member, keys: AgencyKeys) -> None:
    """Refuse a keys document that is another agency's, or gives the directory key a second use.

    Raises:
        Malformed: either.
    """
    if keys.agency != member.id:
        raise Malformed("is another agency's", field="agency")
    if any(record.public == member.directory_key for record in keys.keys):
        raise Malformed("is the directory key", field="keys")


def _check_record(earlier: PublicKeyRecord, later: PublicKeyRecord | None, judged_at: datetime) -> None:
    where = f"keys.{earlier.key_id}"
    if later is None:
        _refuse("was removed", where)
    if later.use is not earlier.use or later.public != earlier.public:
        _refuse("was changed", where)
    if later.valid_from != earlier.valid_from:
        _refuse("was changed", f"{where}.valid_from")
    if (
        earlier.valid_until is not None
        and earlier.valid_until <= judged_at
        and (later.valid_until is None or later.valid_until > earlier.valid_until)
    ):
        _refuse("is past and was moved later", f"{where}.valid_until")
    if earlier.revoked_since is not None and (
        later.revoked_since is None or later.revoked_since > earlier.revoked_since
    ):
        _refuse("was withdrawn or moved later", f"{where}.revoked_since")


def _check_origins(earlier: AgencyKeys, later: AgencyKeys) -> None:
    if len(later.origins) < len(earlier.origins):
        _refuse("was removed", "origins")
    for at, (before, after) in enumerate(zip(earlier.origins, later.origins, strict=False)):
        if before.final is not None and after != before:
            _refuse("was changed though the ledger is closed", f"origins[{at}]")


def _refuse(message: str, field: str) -> NoReturn:
    raise VerificationFailed(message, code="keys-rewritten", field=field)
