"""Consents and anchors: what the originator agreed to, for whom, and that its ledger shows the statement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.vocabulary import Purpose
from gateway.release.anchor import Anchor, AnchorTrust, parse_anchor, verify_anchor
from gateway.release.consent import Consent, check_consent, parse_consent, peek_consent, verify_consent
from gateway.release.statement import statement_digest
from keys.signed import SignedType, sign
from tests.release.case import (
    BORDER,
    ORIGIN,
    POLICE,
    SHELTER,
    TODAY,
    VKEY,
    Case,
    anchor,
    anchor_trust,
    consent,
    plain_case,
    proven,
    signer,
)
from tests.release.spelling import flips, respellings, truncations

CASE = plain_case()
DIGEST = statement_digest(CASE.signed)
PUBLIC = signer(POLICE).public_key
GIVEN = verify_consent(consent(CASE), PUBLIC)
_ORDER = 2**252 + 27742317777372353535851937790883648493


def checked(given_: Consent = GIVEN, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "statement": DIGEST,
        "sender": SHELTER,
        "recipient": BORDER,
        "purpose": Purpose.VICTIM_PROTECTION,
        "leaves": [CASE.cut("v", 3).leaf],
        "today": TODAY,
    }
    check_consent(given_, **{**facts, **changes})


def test_a_consent_covers_what_it_names() -> None:
    checked()
    checked(leaves=[one.leaf for one in CASE.cuts], today=GIVEN.expires)
    assert peek_consent(consent(CASE)) == (GIVEN, signer(POLICE).key_id)


@pytest.mark.parametrize(
    "changes",
    [
        {"statement": bytes(32)},
        {"sender": "other.xa"},
        {"recipient": "other.xa"},
        {"purpose": Purpose.INVESTIGATION},
        {"leaves": [CASE.cut("v", 3).leaf, bytes(32)]},
        {"today": GIVEN.expires + timedelta(days=1)},
        {"today": GIVEN.given_on - timedelta(days=1)},
    ],
)
def test_a_consent_covers_nothing_else(changes: dict[str, Any]) -> None:
    with pytest.raises(VerificationFailed) as refusal:
        checked(**changes)

    assert refusal.value.code == "consent-invalid"


def test_a_consent_for_fewer_portions_does_not_cover_more() -> None:
    fewer = verify_consent(consent(CASE, leaves=(CASE.cut("v", 3).leaf,)), PUBLIC)

    checked(fewer)
    with pytest.raises(VerificationFailed):
        checked(fewer, leaves=[CASE.cut("v", 3).leaf, CASE.cut("v", 35).leaf])


def refused(signed: bytes, public_key: bytes = PUBLIC) -> None:
    with pytest.raises(VerificationFailed) as refusal:
        verify_consent(signed, public_key)
    assert refusal.value.code == "consent-invalid"


def test_only_the_originators_signature_counts() -> None:
    refused(consent(CASE), signer(SHELTER).public_key)
    refused(sign(SignedType.CONSENT, GIVEN.encode(), signer(SHELTER)))
    refused(sign(SignedType.STATEMENT, GIVEN.encode(), signer(POLICE)))


def test_every_changed_bit_and_every_truncation_of_a_signed_consent_is_refused() -> None:
    signed = consent(CASE, leaves=(CASE.cut("v", 3).leaf,))

    for changed in [*flips(signed), *truncations(signed)]:
        refused(changed)


@pytest.mark.parametrize("spelling", respellings(GIVEN.encode()))
def test_another_spelling_of_a_consent_is_refused_even_when_signed(spelling: str) -> None:
    body = respellings(GIVEN.encode())[spelling]

    with pytest.raises(Malformed):
        parse_consent(body)
    refused(sign(SignedType.CONSENT, body, signer(POLICE)))


def test_the_signature_with_the_group_order_added_is_refused() -> None:
    signed = consent(CASE)
    scalar = int.from_bytes(signed[-32:], "little") + _ORDER

    refused(signed[:-32] + scalar.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "changes",
    [
        {"statement": b"short"},
        {"sender": "x"},
        {"recipient": "x"},
        {"recipient": SHELTER},
        {"leaves": ()},
        {"leaves": (b"short",)},
        {"leaves": (bytes(32), bytes(32))},
        {"leaves": tuple(sorted(one.leaf for one in CASE.cuts))[::-1]},
        {"expires": date(2026, 1, 1)},
    ],
)
def test_a_consent_is_born_valid(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(GIVEN, **changes)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parsers_fail_in_another_way(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_consent(data)
    with pytest.raises(Malformed):
        parse_anchor(data)


def test_an_anchor_shows_the_statement_in_the_originators_ledger() -> None:
    verified = verify_anchor(anchor(CASE).encode(), statement=DIGEST, trust=anchor_trust(POLICE))

    assert (verified.index, verified.checkpoint.size, verified.checkpoint.origin) == (2, 3, ORIGIN)
    assert verified.submitted_at > 0
    assert verified.cosigned == ()


def unanchored(data: bytes, *, statement: bytes = DIGEST, trust: AnchorTrust | None = None) -> None:
    with pytest.raises(VerificationFailed) as refusal:
        verify_anchor(data, statement=statement, trust=trust or anchor_trust(POLICE))
    assert refusal.value.code == "consent-invalid"


def test_an_anchor_of_another_statement_or_ledger_is_refused() -> None:
    data = anchor(CASE).encode()

    unanchored(data, statement=bytes(32))
    unanchored(anchor(Case(label="another case")).encode())
    unanchored(data, trust=AnchorTrust(vkeys=(VKEY,), origins=frozenset()))
    unanchored(data, trust=AnchorTrust(vkeys=(), origins=frozenset({ORIGIN})))


def test_an_entry_of_another_kind_is_no_anchor() -> None:
    unanchored(anchor(CASE, kind=EntryKind.FILLER, commit=None).encode())
    digest_of_policy = Draft(kind=EntryKind.POLICY_CHANGED, policy=bytes(32))
    unanchored(anchor(CASE, kind=digest_of_policy.kind, commit=None, policy=bytes(32)).encode())


def test_an_anchor_with_another_salt_or_place_is_refused() -> None:
    genuine = anchor(CASE)

    unanchored(replace(genuine, salt=bytes(32)).encode())
    unanchored(replace(genuine, proof=proven([genuine.entry, genuine.entry], 0)).encode()[:-1])
    unanchored(replace(genuine, proof=genuine.proof.replace("index 2", "index 1")).encode())
    unanchored(replace(genuine, proof=genuine.proof.replace("index 2", "extra AAAA\nindex 2")).encode())


def test_every_changed_bit_and_every_truncation_of_an_anchor_is_refused() -> None:
    data = anchor(CASE).encode()

    for changed in [*flips(data), *truncations(data)]:
        unanchored(changed)


@pytest.mark.parametrize("spelling", respellings(anchor(CASE).encode()))
def test_another_spelling_of_an_anchor_is_refused(spelling: str) -> None:
    unanchored(respellings(anchor(CASE).encode())[spelling])


def test_an_anchors_salt_has_one_length() -> None:
    with pytest.raises(Malformed):
        Anchor(entry=b"{}", salt=b"short", proof="")
