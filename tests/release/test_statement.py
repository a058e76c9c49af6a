"""The originator's signature over a statement, and that no signature of one type counts for another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gateway.errors import NotFound, Stale, VerificationFailed
from gateway.record.commitment import statement_body
from gateway.release.consent import verify_consent
from gateway.release.statement import (
    sign_statement,
    statement_digest,
    statement_key_hint,
    verify_statement,
    verify_statement_under,
)
from keys.signed import SignedType, sign, verify
from tests.release.case import BORDER, POLICE, SEALED_ON, consent, plain_case, signer
from tests.release.spelling import flips, respellings, truncations

CASE = plain_case()
PUBLIC = signer(POLICE).public_key
_ORDER = 2**252 + 27742317777372353535851937790883648493


def refused(signed: bytes, public_key: bytes = PUBLIC) -> VerificationFailed:
    with pytest.raises(VerificationFailed) as refusal:
        verify_statement(signed, public_key)
    assert refusal.value.code == "statement-invalid"
    return refusal.value


def test_a_signed_statement_verifies_under_its_originators_key() -> None:
    verified = verify_statement(CASE.signed, PUBLIC)

    assert verified.statement == CASE.statement
    assert verified.digest == statement_digest(CASE.signed)
    assert (verified.signed, verified.key_id) == (CASE.signed, signer(POLICE).key_id)


def test_the_key_is_asked_for_by_originator_key_id_and_day() -> None:
    asked = []

    def key_for(originator: str, key_id: str, day: date) -> bytes:
        asked.append((originator, key_id, day))
        return PUBLIC

    verify_statement_under(CASE.signed, key_for)

    assert asked == [(POLICE, statement_key_hint(CASE.signed), SEALED_ON)]


def test_another_agencys_key_does_not_verify() -> None:
    refused(CASE.signed, signer(BORDER).public_key)


def test_a_key_that_is_not_found_makes_the_statement_invalid() -> None:
    def nothing(_originator: str, _key_id: str, _day: date) -> bytes:
        raise NotFound("is no key")

    with pytest.raises(VerificationFailed) as refusal:
        verify_statement_under(CASE.signed, nothing)

    assert (refusal.value.code, refusal.value.facts["cause"]) == ("statement-invalid", "not-found")


def test_a_stale_directory_is_no_verdict_on_the_statement() -> None:
    def stale(_originator: str, _key_id: str, _day: date) -> bytes:
        raise Stale("is too old", code="stale-directory")

    with pytest.raises(Stale):
        verify_statement_under(CASE.signed, stale)


def test_every_changed_bit_and_every_truncation_of_a_signed_statement_is_refused() -> None:
    for changed in [*flips(CASE.signed), *truncations(CASE.signed)]:
        refused(changed)


@pytest.mark.parametrize("spelling", respellings(CASE.signed))
def test_another_spelling_of_the_signed_object_is_refused(spelling: str) -> None:
    refused(respellings(CASE.signed)[spelling])


@pytest.mark.parametrize("spelling", respellings(statement_body(CASE.statement)))
def test_another_spelling_of_the_statement_is_refused_even_when_signed(spelling: str) -> None:
    body = respellings(statement_body(CASE.statement))[spelling]

    refused(sign(SignedType.STATEMENT, body, signer(POLICE)))


def test_the_signature_with_the_group_order_added_is_refused() -> None:
    scalar = int.from_bytes(CASE.signed[-32:], "little") + _ORDER

    refused(CASE.signed[:-32] + scalar.to_bytes(32, "little"))


def test_no_signed_object_verifies_as_another_type() -> None:
    body = statement_body(CASE.statement)
    accepted = {
        (made, expected)
        for made in SignedType
        for expected in SignedType
        if _verifies(sign(made, body, signer(POLICE)), expected)
    }

    assert accepted == {(kind, kind) for kind in SignedType}


def _verifies(signed: bytes, expected: SignedType) -> bool:
    try:
        verify(signed, expected=expected, public_key=PUBLIC)
    except VerificationFailed:
        return False
    return True


def test_statement_and_consent_do_not_stand_in_for_each_other() -> None:
    refused(consent(CASE))
    with pytest.raises(VerificationFailed):
        verify_consent(CASE.signed, PUBLIC)
    # Even where the body would parse as the other object.
    refused(sign(SignedType.CONSENT, statement_body(CASE.statement), signer(POLICE)))


def test_the_next_version_has_another_digest() -> None:
    following = replace(CASE.statement, version=2, supersedes=statement_digest(CASE.signed))

    assert statement_digest(sign_statement(following, signer(POLICE))) != statement_digest(CASE.signed)
