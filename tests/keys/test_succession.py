"""What the next version of a keys document may change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import Malformed, VerificationFailed
from keys.keyring import AgencyKeys, PublicKeyRecord
from keys.succession import check_owner, check_succession
from keys.use import KeyUse
from tests.keys.agencies import NL, NOW, START, agency_keys, later_version, origin, record

DAY = timedelta(days=1)
FIRST = agency_keys("police.nl")
CLOSED = origin("police.nl", final="comity.ledger/police.nl/1\n3\nAAAA\n")


def _check(earlier: AgencyKeys | None, later: AgencyKeys) -> None:
    check_succession(earlier, later, now=NOW, judged_at=NOW)


def _with(first: PublicKeyRecord, base: AgencyKeys = FIRST) -> AgencyKeys:
    return replace(base, keys=(first, *base.keys[1:]))


def _refused(earlier: AgencyKeys, later: AgencyKeys, code: str = "keys-rewritten") -> None:
    with pytest.raises(VerificationFailed) as refused:
        _check(earlier, later)
    assert refused.value.code == code


def test_a_first_version_follows_nothing() -> None:
    _check(None, FIRST)


def test_a_version_may_add_a_key_and_change_what_is_not_evidence() -> None:
    added = record("police.nl", KeyUse.SIGNING, 2, start=START)

    _check(FIRST, later_version(FIRST, keys=(added, *FIRST.keys), endpoints=(), schema_version=2))


def test_a_version_may_end_or_revoke_a_key() -> None:
    first = FIRST.keys[0]

    for changed in (
        replace(first, valid_until=NOW),
        replace(first, valid_until=NOW + DAY),
        replace(first, revoked_since=START),
    ):
        _check(FIRST, later_version(_with(changed)))


def test_a_key_is_never_taken_out() -> None:
    _refused(FIRST, later_version(replace(FIRST, keys=FIRST.keys[:-1])))


def test_a_start_is_never_moved() -> None:
    for start in (START - DAY, START + DAY):
        _refused(FIRST, later_version(_with(replace(FIRST.keys[0], valid_from=start))))


def test_a_key_never_changes_its_use() -> None:
    _refused(FIRST, later_version(_with(replace(FIRST.keys[0], use=KeyUse.WITNESS))))


@pytest.mark.parametrize("end", [None, NOW + DAY, NOW - DAY + timedelta(seconds=1)])
def test_an_end_in_the_past_is_never_moved_later(end: object) -> None:
    ended = _with(replace(FIRST.keys[0], valid_until=NOW - DAY))
    changed = replace(ended.keys[0], valid_until=end)  # type: ignore[arg-type]

    _refused(ended, later_version(_with(changed, ended)))


def test_an_end_may_be_moved_earlier_and_one_in_the_future_later() -> None:
    past = _with(replace(FIRST.keys[0], valid_until=NOW - DAY))
    future = _with(replace(FIRST.keys[0], valid_until=NOW + DAY))

    _check(past, later_version(_with(replace(past.keys[0], valid_until=NOW - 2 * DAY), past)))
    _check(future, later_version(_with(replace(future.keys[0], valid_until=None), future)))


def test_an_end_is_past_at_the_time_of_judging_and_not_of_reading() -> None:
    ending = _with(replace(FIRST.keys[0], valid_until=NOW - DAY))
    longer = later_version(_with(replace(ending.keys[0], valid_until=NOW + DAY), ending))

    check_succession(ending, longer, now=NOW, judged_at=NOW - 2 * DAY)
    with pytest.raises(VerificationFailed):
        check_succession(ending, longer, now=NOW, judged_at=NOW - DAY)


@pytest.mark.parametrize("since", [None, START + 2 * DAY])
def test_a_revocation_is_never_withdrawn_or_moved_later(since: object) -> None:
    revoked = _with(replace(FIRST.keys[0], revoked_since=START + DAY))
    changed = replace(revoked.keys[0], revoked_since=since)  # type: ignore[arg-type]

    _refused(revoked, later_version(_with(changed, revoked)))
    _check(revoked, later_version(_with(replace(revoked.keys[0], revoked_since=START), revoked)))


def test_a_new_key_does_not_begin_before_the_version_before_was_published() -> None:
    backdated = record("police.nl", KeyUse.SIGNING, 2, start=START - timedelta(seconds=1))

    _refused(FIRST, later_version(FIRST, keys=(backdated, *FIRST.keys)))


def test_a_version_is_published_after_the_one_before_and_not_in_the_future() -> None:
    for published_at in (START, START - DAY):
        _refused(FIRST, replace(FIRST, published_at=published_at))
    _refused(FIRST, replace(FIRST, published_at=NOW + DAY), "keys-in-future")
    with pytest.raises(VerificationFailed):
        _check(None, replace(FIRST, published_at=NOW + DAY))
    _check(FIRST, replace(FIRST, published_at=NOW + timedelta(minutes=5)))


def test_a_closed_ledger_stays_as_it_was_closed() -> None:
    closed = replace(FIRST, origins=(CLOSED, origin("police.nl", 2)))
    other = replace(CLOSED, final="comity.ledger/police.nl/1\n4\nAAAA\n")

    _check(FIRST, later_version(closed))
    _refused(closed, later_version(closed, origins=(other, origin("police.nl", 2))))
    _refused(closed, later_version(closed, origins=(CLOSED,)))
    _refused(closed, later_version(closed, origins=()))
    _refused(replace(FIRST, origins=(CLOSED,)), later_version(FIRST))


def test_another_agencys_document_follows_nothing_of_ours() -> None:
    _refused(FIRST, later_version(agency_keys("police.ro")))
    with pytest.raises(Malformed):
        check_owner(NL.member(), agency_keys("police.ro"))
    check_owner(NL.member(), FIRST)


def test_the_directory_key_gets_no_second_use() -> None:
    public = NL.signer.public_key
    second = replace(FIRST.keys[0], public=public, key_id=NL.signer.key_id)

    with pytest.raises(Malformed):
        check_owner(NL.member(), _with(second))
