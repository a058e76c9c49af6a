"""The stored vectors of officers and approvals: made again to the same bytes, and read as they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import GatewayError
from gateway.record.vocabulary import Duty, Purpose
from keys.approval import Approval, Verdict, peek_approval, verify_approval
from keys.officer import verify_enrolment
from tests.keys.officers import key_of
from tests.vectors.make_approval import FILES, rendered

_FOLDER = Path(__file__).resolve().parents[1] / "vectors"


def stored(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return found


OFFICERS, APPROVALS = stored("officer.json"), stored("approval.json")


@pytest.mark.parametrize("name", FILES)
def test_the_script_writes_the_stored_file_again(name: str) -> None:
    assert rendered(name) == (_FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("row", OFFICERS["enrolments"], ids=lambda row: row["officer"]["name"])
def test_a_stored_enrolment_holds(row: dict[str, Any]) -> None:
    signed = [bytes.fromhex(one) for one in row["signed_hex"]]

    found = verify_enrolment(signed, key_of(1, 2))

    told = row["officer"]
    assert found.officer.encode().hex() == row["body_hex"]
    assert list(found.vouchers) == row["vouchers"]
    assert (found.officer.person.hex(), found.officer.name) == (told["person"], told["name"])
    assert [duty.token for duty in found.officer.duties] == told["duties"]
    assert found.officer.public_key.hex() == told["public_key"]
    assert found.officer.valid_from_ms == told["valid_from_ms"]
    assert found.officer.valid_until_ms == told["valid_until_ms"]
    assert found.officer.possession.hex() == told["possession"]


@pytest.mark.parametrize("row", OFFICERS["refused"], ids=lambda row: row["code"])
def test_a_stored_enrolment_off_its_rules_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(GatewayError) as refused:
        verify_enrolment([bytes.fromhex(one) for one in row["signed_hex"]], key_of(1, 2))

    assert refused.value.code == row["code"]


@pytest.mark.parametrize("row", APPROVALS["approvals"])
def test_a_stored_approval_holds(row: dict[str, Any]) -> None:
    told = row["approval"]
    expected = Approval(
        release=bytes.fromhex(told["release"]),
        exchange_id=told["exchange_id"],
        recipient=told["recipient"],
        purpose=Purpose.from_token(told["purpose"], "purpose"),
        decision=bytes.fromhex(told["decision"]),
        policy=bytes.fromhex(told["policy"]),
        directory=bytes.fromhex(told["directory"]),
        duty=Duty.from_token(told["duty"], "duty"),
        verdict=Verdict.from_token(told["verdict"], "verdict"),
        reason=told["reason"],
        officer=told["officer"],
        expires_at_ms=told["expires_at_ms"],
    )

    found = verify_approval(
        bytes.fromhex(row["signed_hex"]), bytes.fromhex(APPROVALS["keys_hex"][told["officer"]])
    )

    assert found == expected
    assert found.encode().hex() == row["body_hex"]


@pytest.mark.parametrize("row", APPROVALS["refused"], ids=lambda row: row["code"])
def test_a_stored_approval_off_its_rules_is_refused(row: dict[str, Any]) -> None:
    signed = bytes.fromhex(row["signed_hex"])

    with pytest.raises(GatewayError) as refused:
        claimed = peek_approval(signed)
        verify_approval(signed, bytes.fromhex(APPROVALS["keys_hex"][claimed.officer]))

    assert refused.value.code == row["code"]
