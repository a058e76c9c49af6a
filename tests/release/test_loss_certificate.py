"""A loss certificate binds one document, one signer and every loss; anything else is refused."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from adapters.loss import Effect
from gateway.errors import Malformed, VerificationFailed
from gateway.record.vocabulary import Purpose
from gateway.release.loss_certificate import (
    EFFECTS,
    CertifiedLoss,
    CertifiedView,
    LossCertificate,
    peek_certificate,
    sign_certificate,
    verify_certificate,
)
from keys.signed import SignedType, sign
from tests.release.case import POLICE, SHELTER, signer
from tests.release.spelling import flips, respellings, truncations

DOCUMENT = b'{"persons": []}'
EXCHANGE = "0193aaaa-0000-7000-8000-000000000001"
RECORD = "0193aaaa-0000-7000-8000-000000000002"
SIGNER = signer(POLICE)
LOSS = CertifiedLoss("persons[0].names", "dropped", "finds or names a protected person")
VIEW = CertifiedView(exchange=EXCHANGE, originator=POLICE, record=RECORD, version=1, losses=(LOSS,))
STATED = LossCertificate(
    agency=POLICE,
    format="stix21",
    form="json",
    document=sha256(DOCUMENT).digest(),
    size=len(DOCUMENT),
    written_at_ms=1_790_000_000_000,
    purpose=Purpose.INVESTIGATION,
    allowed=("evaluation", "handling"),
    views=(VIEW,),
)
SIGNED = sign_certificate(STATED, SIGNER)


def _verify(signed: bytes, document: bytes = DOCUMENT, key: bytes = SIGNER.public_key) -> LossCertificate:
    return verify_certificate(signed, key, digest=sha256(document).digest(), size=len(document))


def test_certificate_comes_back_as_it_was_signed() -> None:
    assert _verify(SIGNED) == STATED
    assert peek_certificate(SIGNED) == (STATED, SIGNER.key_id)


def test_another_document_is_found_out() -> None:
    for document in (DOCUMENT + b" ", b"", DOCUMENT.replace(b"persons", b"victims")):
        with pytest.raises(VerificationFailed) as refusal:
            _verify(SIGNED, document)
        assert refusal.value.code == "other-document"


def test_another_signer_is_found_out() -> None:
    with pytest.raises(VerificationFailed):
        _verify(SIGNED, key=signer(SHELTER).public_key)


def test_something_else_that_is_signed_is_no_certificate() -> None:
    consent = sign(SignedType.CONSENT, STATED.encode(), SIGNER)

    with pytest.raises(VerificationFailed) as refusal:
        peek_certificate(consent)
    assert refusal.value.code == "wrong-type"
    with pytest.raises(VerificationFailed):
        _verify(consent)


def test_no_changed_byte_passes() -> None:
    for changed in (*flips(SIGNED), *truncations(SIGNED)):
        with pytest.raises((Malformed, VerificationFailed)):
            _verify(changed)


def test_no_other_spelling_of_it_passes() -> None:
    for body in respellings(STATED.encode()).values():
        with pytest.raises(Malformed):
            _verify(sign(SignedType.LOSS_CERTIFICATE, body, SIGNER))


@pytest.mark.parametrize(
    "changes",
    [
        {"agency": "Police"},
        {"document": b"short"},
        {"written_at_ms": 0},
        {"allowed": ("handling", "evaluation")},
        {"allowed": ("handling", "handling")},
        {"views": ()},
        {"form": "json\x1b[2J"},
    ],
)
def test_certificate_that_says_nothing_sound_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(STATED, **changes)


@pytest.mark.parametrize(
    "changes", [{"exchange": "x"}, {"record": "x"}, {"version": 0}, {"originator": "nobody"}]
)
def test_view_names_what_came(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(VIEW, **changes)


@pytest.mark.parametrize("loss", [("", "dropped", "why"), ("path", "lost", "why"), ("path", "dropped", "")])
def test_loss_names_a_path_an_effect_and_a_reason(loss: tuple[str, str, str]) -> None:
    with pytest.raises(Malformed):
        CertifiedLoss(*loss)


def test_effects_are_those_of_the_adapters() -> None:
    assert tuple(effect.value for effect in Effect) == EFFECTS
