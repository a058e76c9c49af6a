"""The emergency path: what it takes, what follows, and what it never opens (THREATS A24)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.flow.keeping import RELEASE, owner_of, read_body
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import Addressee, PushItem, push
from gateway.ledger.commitment import CommitmentType
from gateway.ledger.entry import EntryKind, parse
from gateway.record.vocabulary import Lane, LegalBasis, ObligationCode, Purpose
from gateway.release.release import Release, parse_release
from policy.decision import Outcome
from tests.flow import records
from tests.flow.federation import NGO, NL, RO, Homes

THREAT = "The suspect told a witness that he will take her over the border tonight."
TO_RO = Addressee(agency=RO, purpose=Purpose.VICTIM_PROTECTION, legal_basis=LegalBasis.VITAL_INTEREST)
IN_DANGER = PushItem(
    record=records.encoded(records.small()),
    addressees=(TO_RO,),
    ask=frozenset({"person.name"}),
    lane=Lane.THREAT_TO_LIFE,
    actor="system/test",
    threat=THREAT,
)


def _pushed(homes: Homes, item: PushItem) -> PushAnswer:
    (answer,) = push(homes[NL], [item], homes.now)
    assert isinstance(answer, PushAnswer)
    return answer


def _planned(homes: Homes, answer: PushAnswer) -> Release:
    gateway = homes[NL]
    record = gateway.read.record(NL, answer.record_id, 1)
    assert record is not None
    return parse_release(
        read_body(gateway, owner_of(gateway, record), RELEASE, answer.exchanges[0].exchange_id)
    )


def test_in_danger_a_minors_name_waits_for_two_duty_officers(homes: Homes) -> None:
    (exchange,) = _pushed(homes, IN_DANGER).exchanges

    assert exchange.outcome is Outcome.HELD
    assert exchange.approvals == ("DUTY:2",)


def test_without_danger_the_same_name_waits_for_the_officers_of_the_child(homes: Homes) -> None:
    (exchange,) = _pushed(homes, replace(IN_DANGER, threat="")).exchanges

    assert exchange.outcome is Outcome.HELD
    assert exchange.approvals == ("CPO:1", "VPO:1")


@pytest.mark.parametrize(
    ("missing", "rule"),
    [
        (replace(IN_DANGER, threat=" \t "), "VP-38T"),
        (replace(IN_DANGER, lane=Lane.URGENT), "VP-38T"),
        (
            replace(IN_DANGER, addressees=(replace(TO_RO, legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK),)),
            "VP-38T",
        ),
        (replace(IN_DANGER, addressees=(replace(TO_RO, agency=NGO),)), "VP-38"),
    ],
    ids=["no threat in words", "another lane", "another legal basis", "to an organisation"],
)
def test_emergency_without_one_of_its_elements_is_refused(homes: Homes, missing: PushItem, rule: str) -> None:
    (exchange,) = _pushed(homes, missing).exchanges

    assert exchange.outcome is Outcome.DENIED
    assert rule in dict(exchange.reasons)


def test_what_would_leave_in_danger_expires_within_a_day_and_is_reviewed_in_three(homes: Homes) -> None:
    release = _planned(homes, _pushed(homes, IN_DANGER))

    due = {duty.code: duty.due_at_ms for duty in release.obligations}
    now_ms = int(homes.now.timestamp() * 1000)
    assert due[ObligationCode.EXPIRE] == now_ms + 24 * 3_600_000
    assert due[ObligationCode.REVIEW_72H] == now_ms + 72 * 3_600_000
    assert ObligationCode.NOTIFY_DPO in due
    assert (release.expires_at - homes.now.date()).days <= 1


def test_threat_is_committed_to_and_stands_in_no_ledger(homes: Homes) -> None:
    _pushed(homes, IN_DANGER)

    entries = [row.data for row in homes[NL].read.entries(0, homes[NL].read.head().size)]

    decided = [entry for entry in map(parse, entries) if entry.kind is EntryKind.DECIDED]
    assert CommitmentType.JUSTIFICATION in dict(decided[-1].commits or ())
    assert not any(b"border tonight" in data for data in entries)


def test_in_danger_nothing_opens_where_a_shelter_is(homes: Homes) -> None:
    record = records.small()
    record.persons[0].shelter.place.street = "Schuilstraat 9"
    record.persons[0].shelter.place.town = "Denkdorp"
    item = replace(
        IN_DANGER, record=records.encoded(record), ask=frozenset({"person.shelter", "person.name"})
    )

    release = _planned(homes, _pushed(homes, item))

    assert b"Schuilstraat" not in release.encode()
    assert b"Denkdorp" not in release.encode()
