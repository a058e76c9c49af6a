"""Requests for consent and their answers: one encoding each, and an answer counts for its request alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed, VerificationFailed
from gateway.record.text import uuid7
from gateway.record.vocabulary import LegalBasis, Purpose
from gateway.release.anchor import VerifiedAnchor
from gateway.release.consent import Consent, sign_consent, verify_consent
from gateway.release.consent_answer import ConsentAnswer, check_answer, parse_consent_answer
from gateway.release.consent_request import REASON_CHARS_MAX, ConsentRequest, parse_consent_request
from gateway.release.statement import statement_digest
from keys.approval import RefusalReason
from tests.release.case import (
    BORDER,
    NOW_MS,
    POLICE,
    RECORD_ID,
    SHELTER,
    TODAY,
    Case,
    anchor,
    anchor_trust,
    consent,
    plain_case,
    signer,
)
from tests.release.spelling import respellings, truncations

CASE = plain_case()
LEAVES = tuple(sorted(one.leaf for one in CASE.cuts))
ASKED = ConsentRequest(
    request_id=uuid7(NOW_MS, b"r" * 10),
    originator=POLICE,
    record_id=RECORD_ID,
    version=1,
    statement=statement_digest(CASE.signed),
    sender=SHELTER,
    recipient=BORDER,
    purpose=Purpose.VICTIM_PROTECTION,
    legal_basis=LegalBasis.CONSENT,
    leaves=LEAVES,
    reason="She asks to be taken home.",
    asked_on=TODAY,
    exercise=True,
)
GIVEN = ConsentAnswer(request_id=ASKED.request_id, consent=consent(CASE), anchor=anchor(CASE).encode())
HELD = verify_consent(consent(CASE), signer(POLICE).public_key)
REFUSED = ConsentAnswer(request_id=ASKED.request_id, refusal=RefusalReason.NO_CONSENT)

digests = st.binary(min_size=32, max_size=32)
requests = st.builds(
    lambda leaves, reason, purpose, basis, day, exercise: replace(
        ASKED,
        leaves=tuple(sorted(leaves)),
        reason=f"x{reason}",
        purpose=purpose,
        legal_basis=basis,
        asked_on=day,
        exercise=exercise,
    ),
    st.sets(digests, min_size=1, max_size=40),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=100),
    st.sampled_from(Purpose),
    st.sampled_from(LegalBasis),
    st.dates(date(2026, 1, 1), date(2099, 1, 1)),
    st.booleans(),
)


@given(requests)
def test_a_request_comes_back_as_it_was_written(request: ConsentRequest) -> None:
    assert parse_consent_request(request.encode()) == request


@given(st.sampled_from(RefusalReason), st.binary(min_size=1, max_size=99), st.binary(min_size=1, max_size=99))
def test_an_answer_comes_back_as_it_was_written(
    reason: RefusalReason, signed: bytes, anchored: bytes
) -> None:
    refused = replace(REFUSED, refusal=reason)
    granted = replace(GIVEN, consent=signed, anchor=anchored)

    assert parse_consent_answer(refused.encode()) == refused
    assert parse_consent_answer(granted.encode()) == granted


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parsers_fail_in_another_way(data: bytes) -> None:
    for parse in (parse_consent_request, parse_consent_answer):
        with pytest.raises(Malformed):
            parse(data)


@pytest.mark.parametrize("spelling", respellings(ASKED.encode()))
def test_another_spelling_of_a_request_is_refused(spelling: str) -> None:
    with pytest.raises(Malformed):
        parse_consent_request(respellings(ASKED.encode())[spelling])


@pytest.mark.parametrize("spelling", respellings(GIVEN.encode()))
def test_another_spelling_of_an_answer_is_refused(spelling: str) -> None:
    with pytest.raises(Malformed):
        parse_consent_answer(respellings(GIVEN.encode())[spelling])


def test_every_truncation_is_refused() -> None:
    for cut in truncations(ASKED.encode()):
        with pytest.raises(Malformed):
            parse_consent_request(cut)
    for cut in truncations(REFUSED.encode()):
        with pytest.raises(Malformed):
            parse_consent_answer(cut)


@pytest.mark.parametrize(
    "changes",
    [
        {"request_id": "x"},
        {"record_id": "x"},
        {"version": 0},
        {"version": 2**32},
        {"statement": b"short"},
        {"originator": "x"},
        {"sender": "x"},
        {"sender": POLICE},
        {"recipient": "x"},
        {"recipient": SHELTER},
        {"recipient": POLICE},
        {"leaves": ()},
        {"leaves": (b"short",)},
        {"leaves": (bytes(32), bytes(32))},
        {"leaves": LEAVES[::-1]},
        {"reason": " "},
        {"reason": "x" * (REASON_CHARS_MAX + 1)},
        {"reason": "a\u202eb"},
    ],
)
def test_a_request_is_born_valid(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(ASKED, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"request_id": "x"},
        {"consent": None},
        {"anchor": None},
        {"consent": b""},
        {"anchor": b""},
        {"refusal": RefusalReason.OTHER},
        {"consent": None, "anchor": None},
    ],
)
def test_an_answer_is_either_a_consent_with_its_anchor_or_a_refusal(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(GIVEN, **changes)


def test_a_refusal_outside_the_closed_list_is_no_answer() -> None:
    data = REFUSED.encode().replace(b"no-consent", b"no-regrets")

    with pytest.raises(Malformed):
        parse_consent_answer(data)


def test_a_request_makes_the_consent_to_some_of_what_it_asks() -> None:
    made = ASKED.consent(LEAVES[:1], given_on=TODAY, expires=TODAY)

    assert (made.leaves, made.sender, made.recipient) == (LEAVES[:1], SHELTER, BORDER)
    with pytest.raises(Malformed):
        ASKED.consent((bytes(32),), given_on=TODAY, expires=TODAY)
    with pytest.raises(Malformed):
        ASKED.consent((), given_on=TODAY, expires=TODAY)


def checked(answer: ConsentAnswer = GIVEN, request: ConsentRequest = ASKED, **changes: Any) -> Consent | None:
    def key_for(agency: str, key_id: str, on: date, anchored: VerifiedAnchor | None) -> bytes:
        assert (agency, anchored is not None) == (POLICE, True)
        return signer(POLICE).public_key

    facts: dict[str, Any] = {"today": TODAY, "key_for": key_for, "trust": anchor_trust(POLICE)}
    return check_answer(answer, request, **{**facts, **changes})


def test_an_answer_that_holds_gives_its_consent_and_a_refusal_gives_none() -> None:
    assert checked() == HELD
    assert checked(REFUSED) is None


def test_a_consent_to_less_than_was_asked_for_counts() -> None:
    fewer = replace(GIVEN, consent=consent(CASE, leaves=LEAVES[:1]))

    found = checked(fewer)

    assert found is not None and found.leaves == LEAVES[:1]


@pytest.mark.parametrize(
    "changes",
    [
        {"request_id": uuid7(NOW_MS, b"o" * 10)},
        {"statement": bytes(32)},
        {"sender": "other.xa"},
        {"recipient": "other.xa"},
        {"purpose": Purpose.INVESTIGATION},
        {"leaves": LEAVES[1:]},
    ],
)
def test_a_consent_to_anything_else_than_was_asked_for_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(VerificationFailed) as refusal:
        checked(request=replace(ASKED, **changes))

    assert refusal.value.code == "consent-invalid"


@pytest.mark.parametrize(
    "answer",
    [
        replace(GIVEN, consent=sign_consent(HELD, signer(SHELTER))),
        replace(GIVEN, consent=b"x"),
        replace(GIVEN, anchor=b"x"),
        replace(GIVEN, anchor=anchor(Case(label="another case")).encode()),
    ],
    ids=["signed by another", "no Signed consent", "no anchor", "anchor of another record"],
)
def test_a_consent_that_proves_nothing_is_refused(answer: ConsentAnswer) -> None:
    with pytest.raises(VerificationFailed) as refusal:
        checked(answer)

    assert refusal.value.code == "consent-invalid"


def test_a_consent_that_has_ended_is_refused() -> None:
    assert checked(today=HELD.expires) is not None
    with pytest.raises(VerificationFailed):
        checked(today=HELD.expires + timedelta(days=1))
