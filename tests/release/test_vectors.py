"""The stored vectors of what is released: made again to the same bytes, and read as they say."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import VerificationFailed
from gateway.ledger.vkey import VKey
from gateway.record.portion import leaf_of
from gateway.record.vocabulary import Purpose
from gateway.release.admitted import release_content
from gateway.release.anchor import AnchorTrust, VerifiedAnchor, verify_anchor
from gateway.release.consent import check_consent, verify_consent
from gateway.release.consent_answer import check_answer, parse_consent_answer
from gateway.release.consent_request import parse_consent_request
from gateway.release.disclosure import verify_disclosure
from gateway.release.pseudonym import pseudonym
from gateway.release.release import release_digest
from tests.release.case import TO_SHELTER
from tests.vectors.make_release import FILES, rendered

_FOLDER = Path(__file__).resolve().parents[1] / "vectors"
TODAY = date(2026, 9, 3)


def stored(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", FILES)
def test_the_script_writes_the_stored_file_again(name: str) -> None:
    assert rendered(name) == (_FOLDER / name).read_text(encoding="utf-8")


def test_stored_disclosures_verify_and_the_refused_ones_do_not() -> None:
    vectors = stored("disclosure.json")
    public = bytes.fromhex(vectors["signing_public_hex"])

    for row in vectors["portions"]:
        assert leaf_of(bytes.fromhex(row["portion_hex"])).hex() == row["leaf_hex"]
    for row in vectors["disclosures"]:
        found = verify_disclosure(bytes.fromhex(row["disclosure_hex"]), lambda *_asked: public, TO_SHELTER)
        assert found.digest.hex() == vectors["statement_digest_hex"]
    for row in vectors["refused"]:
        with pytest.raises(VerificationFailed) as refusal:
            verify_disclosure(bytes.fromhex(row["disclosure_hex"]), lambda *_asked: public, TO_SHELTER)
        assert refusal.value.facts["cause"] == row["cause"]


def _trust(vectors: dict[str, Any]) -> AnchorTrust:
    vkey = VKey.parse(vectors["ledger_vkey"])
    return AnchorTrust(vkeys=(vkey,), origins=frozenset({vkey.name}))


def test_the_stored_consent_and_anchor_hold() -> None:
    vectors = stored("consent.json")
    digest = bytes.fromhex(vectors["statement_digest_hex"])

    consent = verify_consent(
        bytes.fromhex(vectors["consent_hex"]), bytes.fromhex(vectors["signing_public_hex"])
    )
    check_consent(
        consent,
        statement=digest,
        sender=vectors["from"],
        recipient=vectors["to"],
        purpose=Purpose.from_token(vectors["purpose"], "purpose"),
        leaves=[bytes.fromhex(leaf) for leaf in vectors["leaves_hex"]],
        today=TODAY,
    )
    anchor = verify_anchor(bytes.fromhex(vectors["anchor_hex"]), statement=digest, trust=_trust(vectors))
    assert anchor.checkpoint.origin == vectors["ledger_origin"]


def test_the_stored_request_and_its_answers_say_what_stands_beside_them() -> None:
    vectors = stored("consent_request.json")

    request = parse_consent_request(bytes.fromhex(vectors["request_hex"]))
    given = parse_consent_answer(bytes.fromhex(vectors["answer_hex"]))
    refused = parse_consent_answer(bytes.fromhex(vectors["refusal_hex"]))

    said = (request.request_id, request.originator, request.record_id, request.version, request.sender)
    assert said == tuple(
        vectors[name] for name in ("request_id", "originator", "record_id", "version", "from")
    )
    assert [leaf.hex() for leaf in request.leaves] == vectors["leaves_hex"]
    assert (request.reason, request.asked_on.isoformat()) == (vectors["reason"], vectors["asked_on"])
    assert refused.refusal is not None and refused.refusal.value == vectors["refusal"]
    consent = check_answer(
        given,
        request,
        today=TODAY,
        key_for=lambda *_asked: bytes.fromhex(vectors["signing_public_hex"]),
        trust=_trust(vectors),
    )
    assert consent is not None and set(consent.leaves) < set(request.leaves)


def test_the_stored_releases_are_admitted_by_their_recipients() -> None:
    vectors = stored("release.json")
    public = bytes.fromhex(vectors["signing_public_hex"])

    def key_for(_originator: str, _key_id: str, _day: date, _anchor: VerifiedAnchor | None) -> bytes:
        return public

    for row in vectors["releases"]:
        body = bytes.fromhex(row["release_hex"])
        got = release_content(
            body,
            sender=row["sender"],
            me=row["recipient"],
            country="NL",
            today=TODAY,
            key_for=key_for,
            anchor_trust_for=lambda _originator: _trust(vectors),
        )
        assert got.digest == release_digest(body) == bytes.fromhex(row["digest_hex"])


def test_the_stored_pseudonym_comes_out_again() -> None:
    row = stored("release.json")["pseudonym"]

    token = pseudonym(
        bytes.fromhex(row["secret_hex"]),
        recipient=row["recipient"],
        purpose=Purpose.from_token(row["purpose"], "purpose"),
        record_id=row["record_id"],
        subject=row["subject"],
    )

    assert token == row["token"]
