"""Onward release over two hops: verbatim portions, the originator's consent, and its ledger's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.errors import Malformed, VerificationFailed
from gateway.record.marking import BOTTOM, PermittedAction
from gateway.record.vocabulary import Fact, LegalBasis, Purpose, Rung
from gateway.release.admitted import AdmittedRelease, release_content
from gateway.release.anchor import VerifiedAnchor
from gateway.release.consent import peek_consent, sign_consent
from gateway.release.onward import build_onward, candidates, plan_onward
from gateway.release.plan import Grant
from gateway.release.release import Release
from gateway.release.statement import statement_digest
from tests.release.case import (
    ALL_FIELDS,
    BORDER,
    POLICE,
    SHELTER,
    TODAY,
    Case,
    admitted,
    anchor,
    consent,
    keys_of,
    no_anchors,
    plain_case,
    released,
    signer,
    terms,
)

CASE = plain_case()
RECEIVED = admitted(released(CASE, CASE.grants(*ALL_FIELDS)))


def onward(
    grants: Mapping[tuple[str, int], Grant] | None = None,
    received: AdmittedRelease = RECEIVED,
    **changes: Any,
) -> Release:
    """Return what the shelter passes to the border."""
    some = CASE.grants(("v", 3), ("v", 35), ("v", 5, Rung.GENERALISED)) if grants is None else grants
    arguments: dict[str, Any] = {
        "sender": SHELTER,
        "purpose": Purpose.VICTIM_PROTECTION,
        "legal_basis": LegalBasis.CONSENT,
        "pseudonyms": {},
        "consent": consent(CASE),
        "anchor": anchor(CASE).encode(),
        "today": TODAY,
    }
    made = plan_onward(received, some, terms(BORDER, marking=BOTTOM))
    return build_onward(made, received, **{**arguments, **changes})


def refused(release: Release, code: str, sender: str = SHELTER, **changes: Any) -> None:
    with pytest.raises(VerificationFailed) as refusal:
        admitted(release, sender, **changes)
    assert refusal.value.code == code


def test_a_subset_goes_on_verbatim_and_still_proves_its_origin() -> None:
    got = admitted(onward(), SHELTER)

    assert got.disclosure.statement.originator == POLICE
    assert set(got.disclosure.data) < set(RECEIVED.disclosure.data)
    assert got.disclosure.digest == statement_digest(CASE.signed)
    assert got.consent is not None
    assert isinstance(got.anchor, VerifiedAnchor)


def test_what_came_from_its_originator_needs_neither_consent_nor_anchor() -> None:
    assert (RECEIVED.consent, RECEIVED.anchor) == (None, None)


def test_another_rung_than_the_one_received_does_not_go_on() -> None:
    key = CASE.key("v", 5)
    for rung in (Rung.EXACT, Rung.COARSE):
        made = plan_onward(RECEIVED, {key: Grant(rung, (), frozenset())}, terms(BORDER))
        assert made.chosen == ()


def test_a_link_does_not_go_on_without_its_ends() -> None:
    made = plan_onward(RECEIVED, CASE.grants(("r", 3), ("v", 3)), terms(BORDER))

    assert made.dropped == (CASE.key("r", 3),)


def test_the_terms_received_go_on_and_only_become_stricter() -> None:
    until = date(2026, 11, 1)
    stricter = replace(BOTTOM, act=PermittedAction.NONE, expires=until)

    made = plan_onward(RECEIVED, CASE.grants(("v", 3)), terms(BORDER, marking=stricter))
    plain = plan_onward(RECEIVED, CASE.grants(("v", 3)), terms(BORDER, marking=BOTTOM))

    assert (made.marking.act, made.expires_at) == (PermittedAction.NONE, until)
    assert plain.marking == replace(RECEIVED.release.marking, rel=frozenset({BORDER}))
    assert plain.expires_at == RECEIVED.release.expires_at


def test_classes_keep_what_the_originator_attested_and_take_the_new_senders_facts() -> None:
    grants = {CASE.key("v", 3): Grant(Rung.EXACT, ("VPO:1",), frozenset({Fact.COUNTRY_SAFE}))}

    ((_, _, protection),) = plan_onward(RECEIVED, grants, terms(BORDER)).chosen

    before = next(c for c in candidates(RECEIVED) if (c.entity, c.field) == CASE.key("v", 3))
    assert (protection.role, protection.age, protection.category) == (
        before.role,
        before.age,
        before.category,
    )
    assert (protection.lifts, protection.facts) == (("VPO:1",), frozenset({Fact.COUNTRY_SAFE}))


def test_without_consent_nothing_is_accepted_from_another_than_the_originator() -> None:
    refused(replace(onward(), consent=None), "consent-missing")
    refused(replace(onward(), consent=None, anchor=None), "consent-missing")
    refused(released(CASE, CASE.grants(("v", 3)), BORDER), "consent-missing")


def test_without_an_anchor_that_holds_nothing_is_accepted() -> None:
    refused(replace(onward(), anchor=None), "consent-invalid")
    refused(replace(onward(), anchor=anchor(Case(label="another case")).encode()), "consent-invalid")
    refused(onward(), "consent-invalid", anchor_trust_for=no_anchors)


@pytest.mark.parametrize(
    "changes",
    [
        {"statement": bytes(32)},
        {"sender": "other.xa"},
        {"recipient": "other.xa"},
        {"purpose": Purpose.INVESTIGATION},
        {"leaves": (CASE.cut("v", 3).leaf,)},
        {"expires": date(2026, 9, 1)},
    ],
)
def test_a_consent_that_does_not_cover_it_is_refused_by_sender_and_recipient(
    changes: dict[str, Any],
) -> None:
    other = consent(CASE, **changes)

    refused(replace(onward(), consent=other), "consent-invalid")
    with pytest.raises(VerificationFailed) as refusal:
        onward(consent=other)
    assert refusal.value.code == "consent-invalid"


def test_a_consent_the_originator_did_not_sign_is_refused() -> None:
    def anybodys_key(originator: str, key_id: str, _day: date, _anchor: VerifiedAnchor | None) -> bytes:
        known = {signer(agency).key_id: signer(agency).public_key for agency in (POLICE, SHELTER)}
        assert originator == POLICE
        return known[key_id] if key_id == signer(POLICE).key_id else signer(POLICE).public_key

    forged = sign_consent(peek_consent(consent(CASE))[0], signer(SHELTER))

    refused(replace(onward(), consent=forged), "consent-invalid")
    refused(replace(onward(), consent=forged), "consent-invalid", key_for=anybodys_key)


def test_a_third_agency_cannot_use_a_consent_given_to_another() -> None:
    refused(onward(), "consent-invalid", sender="other.xa")


def test_a_release_made_for_somebody_else_is_refused() -> None:
    refused(released(CASE, CASE.grants(("v", 3))), "disclosure-invalid", sender=POLICE, me=BORDER)


def test_an_originator_sends_no_consent_to_itself() -> None:
    direct = released(CASE, CASE.grants(("v", 3)), BORDER)

    refused(replace(direct, consent=consent(CASE)), "malformed", sender=POLICE)
    refused(replace(direct, anchor=anchor(CASE).encode()), "malformed", sender=POLICE)


def test_terms_weaker_than_the_originators_are_refused() -> None:
    direct = released(CASE, CASE.grants(("v", 3)), BORDER)
    looser = replace(direct.marking, act=PermittedAction.DIRECT)

    refused(replace(direct, marking=looser), "disclosure-invalid", sender=POLICE)
    refused(replace(direct, marking=replace(direct.marking, purposes=None)), "disclosure-invalid", POLICE)
    refused(replace(direct, expires_at=date(2029, 1, 1)), "disclosure-invalid", sender=POLICE)


def test_an_approval_that_the_release_does_not_name_lifts_nothing() -> None:
    key = CASE.key("v", 3)
    asked = {key: Grant(Rung.EXACT, ("CPO:1", "VPO:2"), frozenset())}
    direct = released(CASE, asked, BORDER)

    for met in ((), ("CPO:1",), ("VPO:2",), ("CPO:1", "VPO:1")):
        refused(replace(direct, duties_met=met), "disclosure-invalid", sender=POLICE)

    for more in (direct.duties_met, ("CPO:2", "DUTY:1", "VPO:2")):
        assert admitted(replace(direct, duties_met=more)).release.duties_met == more


def test_a_pseudonym_for_what_is_not_disclosed_is_refused() -> None:
    direct = released(CASE, CASE.grants(("v", 3)), BORDER)
    named = replace(direct, pseudonyms=((CASE.names["s"], "a" * 16),))

    refused(named, "disclosure-invalid", sender=POLICE)


def test_bytes_that_are_no_release_are_malformed() -> None:
    for body in (b"", b"x", onward().encode() + b"\0"):
        with pytest.raises(VerificationFailed) as refusal:
            release_content(
                body,
                sender=SHELTER,
                me=BORDER,
                country="NL",
                today=TODAY,
                key_for=keys_of,
                anchor_trust_for=no_anchors,
            )
        assert refusal.value.code == "malformed"


def test_a_statement_under_a_revoked_key_needs_its_anchor() -> None:
    def revoked(originator: str, key_id: str, day: date, anchored: VerifiedAnchor | None) -> bytes:
        if anchored is None:
            raise VerificationFailed("is revoked", code="revoked-key")
        return keys_of(originator, key_id, day)

    assert admitted(onward(), SHELTER, key_for=revoked).anchor is not None
    refused(released(CASE, CASE.grants(("v", 3)), BORDER), "statement-invalid", POLICE, key_for=revoked)


def test_an_onward_release_of_nothing_is_not_made() -> None:
    with pytest.raises(Malformed):
        onward({})
