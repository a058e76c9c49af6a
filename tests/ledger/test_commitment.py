"""Commitments open only to what was committed, under one salt and one type."""

from __future__ import annotations

import hmac

import pytest

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.commitment import CommitmentType, commit, salt, verify_commitment

K = b"\x01" * 32


def test_salt_and_commitment_are_the_bytes_of_the_protocol() -> None:
    expected_salt = hmac.new(K, b"comity/salt/v1\ndecision", "sha256").digest()
    expected = hmac.new(expected_salt, b"comity/commit/v1\ndecision\ncontent", "sha256").digest()
    assert salt(K, CommitmentType.DECISION) == expected_salt
    assert commit(expected_salt, CommitmentType.DECISION, b"content") == expected


def test_every_type_has_its_own_salt_and_its_own_commitment() -> None:
    assert len({salt(K, kind) for kind in CommitmentType}) == len(CommitmentType) == 7
    assert len({commit(K, kind, b"") for kind in CommitmentType}) == len(CommitmentType)


def test_a_commitment_opens_to_its_content_and_to_nothing_else() -> None:
    commitment = commit(K, CommitmentType.PURPOSE, b"content")
    verify_commitment(commitment, K, CommitmentType.PURPOSE, b"content")
    for other in (
        (commitment, K, CommitmentType.PURPOSE, b"Content"),
        (commitment, K, CommitmentType.QUERY, b"content"),
        (commitment, b"\x02" * 32, CommitmentType.PURPOSE, b"content"),
        (commitment[:-1], K, CommitmentType.PURPOSE, b"content"),
    ):
        with pytest.raises(VerificationFailed) as refusal:
            verify_commitment(*other)
        assert refusal.value.code == "commitment-mismatch"


@pytest.mark.parametrize("short", [b"", b"x" * 31, b"x" * 33])
def test_keys_and_salts_have_one_length(short: bytes) -> None:
    with pytest.raises(Malformed):
        salt(short, CommitmentType.ACTOR)
    with pytest.raises(Malformed):
        commit(short, CommitmentType.ACTOR, b"")
