"""The release: one encoding, closed lists, and terms that do not contradict themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.record.marking import BOTTOM, TOP, dominates
from gateway.record.vocabulary import ConsentKind, ObligationCode, Purpose
from gateway.release.duty import check_tokens, merge_tokens
from gateway.release.obligation import Obligation, obligations_of
from gateway.release.pseudonym import pseudonym
from gateway.release.release import (
    Release,
    last_day_of_use,
    parse_release,
    release_digest,
    travelling_marking,
)
from gateway.v1 import release_pb2
from tests.release.case import (
    ALL_FIELDS,
    BORDER,
    MARKING,
    NOW_MS,
    RECORD_ID,
    RETAIN_UNTIL,
    SHELTER,
    plain_case,
    released,
)
from tests.release.spelling import flips, respellings, truncations

CASE = plain_case()
FULL = released(
    CASE,
    CASE.grants(*ALL_FIELDS),
    duties_met=("CPO:1", "VPO:2"),
    pseudonyms=((CASE.names["v"], "abcdefghij234567"),),
    consent=b"consent",
    anchor=b"anchor",
)
SECRET = sha256(b"secret").digest()
_CONFIRM = release_pb2.ObligationCode.OBLIGATION_CODE_CONFIRM


def test_a_release_comes_back_from_its_bytes() -> None:
    assert parse_release(FULL.encode()) == FULL
    assert parse_release(released(CASE, CASE.grants(("v", 3))).encode()).consent is None


def test_its_digest_is_the_hash_of_its_bytes() -> None:
    assert release_digest(FULL.encode()) == sha256(FULL.encode()).digest()


@pytest.mark.parametrize("spelling", respellings(FULL.encode()))
def test_another_spelling_of_a_release_is_refused(spelling: str) -> None:
    with pytest.raises(Malformed):
        parse_release(respellings(FULL.encode())[spelling])


def test_every_truncation_is_refused_and_every_changed_bit_makes_another_release_or_none() -> None:
    data = FULL.encode()

    for changed in [*flips(data), *truncations(data)]:
        try:
            other = parse_release(changed)
        except Malformed:
            continue
        assert other != FULL
        assert release_digest(changed) != release_digest(data)
        assert other.encode() == changed


def _put(message: Any, name: str, value: Any) -> None:
    setattr(message, name, value)


CHANGES: dict[str, Callable[[Any], object]] = {
    "purpose of no list": lambda m: _put(m, "purpose", 99),
    "purpose unstated": lambda m: _put(m, "purpose", 0),
    "legal basis of no list": lambda m: _put(m, "legal_basis", 99),
    "obligation of no list": lambda m: _put(m.obligations[0], "code", 99),
    "obligation twice": lambda m: m.obligations.add().CopyFrom(m.obligations[0]),
    "obligations out of order": lambda m: m.obligations.insert(0, release_pb2.Obligation(code=_CONFIRM)),
    "pseudonym of another alphabet": lambda m: _put(m.pseudonyms[0], "token", "ABCDEFGHIJ234567"),
    "pseudonym too short": lambda m: _put(m.pseudonyms[0], "token", "abc"),
    "pseudonym of no entity": lambda m: _put(m.pseudonyms[0], "entity", "v"),
    "pseudonym twice": lambda m: m.pseudonyms.add().CopyFrom(m.pseudonyms[0]),
    "duty of no list": lambda m: m.duties_met.__setitem__(0, "BOSS:1"),
    "duties out of order": lambda m: m.duties_met.insert(0, "VPO:1"),
    "marking of another policy": lambda m: _put(m.marking, "policy_id", "comity/2"),
    "marking above the ceiling": lambda m: _put(m.marking, "level", 4),
    "marking absent": lambda m: m.ClearField("marking"),
    "recipient of no grammar": lambda m: _put(m, "recipient", "Shelter"),
    "a day off the calendar": lambda m: _put(m, "expires_at", "2027-02-30"),
    "a day after the marking's": lambda m: _put(m.marking, "expires", "2026-12-31"),
    "no disclosure": lambda m: m.ClearField("disclosure"),
    "an empty consent": lambda m: _put(m, "consent", b""),
    "no last day": lambda m: m.ClearField("expires_at"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_release_off_its_form_is_refused(change: str) -> None:
    message = release_pb2.Release.FromString(FULL.encode())
    CHANGES[change](message)
    data = message.SerializeToString(deterministic=True)
    assert data != FULL.encode()

    with pytest.raises(Malformed):
        parse_release(data)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_parser_fail_in_another_way(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_release(data)


def test_the_marking_that_travels_names_the_recipient_alone() -> None:
    marking = travelling_marking(replace(MARKING, notes=frozenset({"call first"})), SHELTER)

    assert (marking.rel, marking.excl, marking.compart) == (frozenset({SHELTER}), frozenset(), frozenset())
    assert marking.notes == {"call first"}
    assert dominates(replace(marking, rel=frozenset()), replace(MARKING, rel=frozenset(), excl=frozenset()))


def test_what_nobody_may_have_does_not_travel() -> None:
    with pytest.raises(Malformed):
        travelling_marking(TOP, SHELTER)
    with pytest.raises(Malformed):
        replace(FULL, marking=TOP)


def test_the_last_day_of_use_is_the_earliest_named() -> None:
    until = date(2027, 1, 1)

    assert last_day_of_use(BOTTOM, RETAIN_UNTIL) == RETAIN_UNTIL
    assert last_day_of_use(replace(BOTTOM, expires=until), RETAIN_UNTIL) == until
    assert last_day_of_use(BOTTOM, RETAIN_UNTIL, None, until) == until


def test_obligations_are_those_named_and_those_the_marking_implies() -> None:
    marking = replace(MARKING, consent=frozenset({("", ConsentKind.ONWARD), ("", ConsentKind.JUDICIAL)}))

    found = obligations_of(
        [ObligationCode.REVIEW_72H, ObligationCode.NO_ONWARD],
        marking,
        expires_at=date(2027, 1, 1),
        released_at_ms=NOW_MS,
    )

    assert [one.code for one in found] == [
        ObligationCode.EXPIRE,
        ObligationCode.REVIEW_72H,
        ObligationCode.NO_ONWARD,
        ObligationCode.NO_JUDICIAL_USE,
    ]
    assert [one.due_at_ms for one in found] == [1798848000000, NOW_MS + 72 * 3_600_000, None, None]


def test_an_obligation_has_a_time_of_the_calendar() -> None:
    with pytest.raises(Malformed):
        Obligation(code=ObligationCode.EXPIRE, due_at_ms=0)


def test_approval_tokens_merge_to_the_largest_count_of_each_duty() -> None:
    assert merge_tokens(["VPO:1", "CPO:1", "VPO:2", "CPO:1"]) == ("CPO:1", "VPO:2")
    assert merge_tokens([]) == ()


@pytest.mark.parametrize(
    "tokens", [("CPO",), ("CPO:0",), ("CPO:10",), ("cpo:1",), ("VPO:1", "CPO:1"), ("CPO:1", "CPO:2")]
)
def test_approval_tokens_off_their_form_are_refused(tokens: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        check_tokens(tokens, "duties")


def named(**changes: Any) -> str:
    plain: dict[str, Any] = {
        "recipient": SHELTER,
        "purpose": Purpose.VICTIM_PROTECTION,
        "record_id": RECORD_ID,
        "subject": "v",
    }
    return pseudonym(SECRET, **{**plain, **changes})


def test_a_pseudonym_is_stable_within_recipient_purpose_and_case() -> None:
    assert named() == named()


def test_pseudonyms_of_other_recipients_purposes_cases_and_subjects_have_nothing_in_common() -> None:
    others = [
        named(),
        named(recipient=BORDER),
        named(purpose=Purpose.INVESTIGATION),
        named(record_id=RECORD_ID[:-1] + "1"),
        named(subject="s"),
        pseudonym(
            sha256(b"other").digest(),
            recipient=SHELTER,
            purpose=Purpose.VICTIM_PROTECTION,
            record_id=RECORD_ID,
            subject="v",
        ),
    ]

    assert len(set(others)) == len(others)
    assert all(len(one) == 16 and set(one) <= set("abcdefghijklmnopqrstuvwxyz234567") for one in others)


@pytest.mark.parametrize(
    "changes", [{"subject": ""}, {"subject": "a\nb"}, {"recipient": "x"}, {"record_id": "1"}]
)
def test_a_pseudonym_is_made_of_ids_only(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        named(**changes)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(Malformed):
        pseudonym(b"x", recipient=SHELTER, purpose=Purpose.TREND, record_id=RECORD_ID, subject="v")


def test_a_release_is_born_valid() -> None:
    with pytest.raises(Malformed):
        replace(FULL, recipient="x")
    with pytest.raises(Malformed):
        replace(FULL, disclosure=b"")
    assert isinstance(FULL, Release)
