"""Offline proofs and trust policies against the reference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError, Malformed, VerificationFailed
from gateway.ledger.proof import build_proof, parse_proof, verify_proof
from gateway.ledger.tree import leaf_hash
from gateway.ledger.trust import Policy, Trust
from tests.ledger.loaded import vectors


def test_reference_proofs_verify_and_parse_to_what_builds_them_again() -> None:
    for case in vectors("tlog_proof")["verify_ok"]:
        verify_proof(
            case["proof"].encode(), leaf_hash(case["entry_utf8"].encode()), Policy.parse(case["policy"])
        )
        proof = parse_proof(case["proof"])
        assert build_proof(proof.index, proof.hashes, proof.extra) + proof.checkpoint == case["proof"]
        assert (proof.extra or b"").decode() == case.get("extra_utf8", "")


def test_reference_proof_refusals_are_refused() -> None:
    for case in vectors("tlog_proof")["verify_reject"]:
        with pytest.raises((Malformed, VerificationFailed)):
            verify_proof(case["proof"], leaf_hash(case["entry_utf8"].encode()), Policy.parse(case["policy"]))


def test_malformed_reference_texts_are_refused() -> None:
    for text in vectors("tlog_proof")["parse_reject"]:
        with pytest.raises(Malformed):
            parse_proof(text)


def test_every_flipped_byte_of_a_proof_is_refused() -> None:
    case = vectors("tlog_proof")["verify_ok"][-1]
    data, leaf, policy = case["proof"].encode(), leaf_hash(b"one"), Policy.parse(case["policy"])
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 0x02
        with pytest.raises((Malformed, VerificationFailed)):
            verify_proof(bytes(changed), leaf, policy)


@given(st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_a_proof_apart_from_its_checkpoint_round_trips(index: int, hashes: list[bytes]) -> None:
    text = build_proof(index, hashes)
    assert text.endswith("\n\n")
    proof = parse_proof(text)
    assert (proof.index, list(proof.hashes), proof.checkpoint) == (index, hashes, "")


def test_too_many_hashes_or_too_much_extra_is_refused() -> None:
    for text in (
        build_proof(0, [bytes(32)] * 64),
        build_proof(0, [], bytes(60_000)),
        "x" * 1_000_001,
        b"\xff",
    ):
        with pytest.raises(Malformed):
            parse_proof(text)


def test_reference_policies_are_met_by_exactly_the_named_witnesses() -> None:
    for case in vectors("tlog_policy")["accept"]:
        policy = Policy.parse(case["policy"])
        for expected, sets in ((True, case["satisfied_by"]), (False, case["not_by"])):
            for names in sets:
                assert policy.satisfied([policy.witnesses[name] for name in names]) is expected


def test_reference_policy_refusals_are_refused() -> None:
    for case in vectors("tlog_policy")["reject"]:
        with pytest.raises(Malformed):
            Policy.parse(case["policy"])


@given(st.text(alphabet="log witnesgrupqm none any all 123\n#\t", max_size=80))
def test_a_policy_of_any_text_is_a_policy_or_malformed(text: str) -> None:
    try:
        Policy.parse(text)
    except GatewayError as refusal:
        assert isinstance(refusal, Malformed)


def test_trust_from_foreign_note_keys_is_refused() -> None:
    with pytest.raises(Malformed):
        Trust.from_vkeys("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n")
