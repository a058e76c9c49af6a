"""Consent counts only as given: for its purpose, recipient and time, and for each protected person apart."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gateway.record.protection import subjects
from gateway.record.subject import subject_of
from gateway.record.vocabulary import Purpose
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.record.samples import TODAY, link, marked


def _consenting(**fields: Any) -> pb.Person:
    person = pb.Person(id="p", role=pb.ROLE_VICTIM, age_status=pb.AGE_STATUS_ADULT)
    consent = pb.ConsentRecord(
        status=pb.CONSENT_STATUS_GIVEN,
        purposes=[marking_pb2.PURPOSE_VICTIM_PROTECTION],
        recipients=["shelter.ngo"],
        expires="2026-12-31",
    )
    consent.MergeFrom(pb.ConsentRecord(**fields))
    person.consents.append(consent)
    return person


def _consented(person: pb.Person, *, today: date = TODAY) -> bool:
    return subject_of(person).has_consented(Purpose.VICTIM_PROTECTION, "shelter.ngo", today=today)


def test_consent_counts_for_its_purpose_recipient_and_time_only() -> None:
    subject = subject_of(_consenting())

    assert subject.has_consented(Purpose.VICTIM_PROTECTION, "shelter.ngo", today=TODAY)
    assert not subject.has_consented(Purpose.INVESTIGATION, "shelter.ngo", today=TODAY)
    assert not subject.has_consented(Purpose.VICTIM_PROTECTION, "police.ro", today=TODAY)
    assert not _consented(_consenting(), today=date(2027, 1, 1))
    assert not _consented(pb.Person(id="p", role=pb.ROLE_VICTIM))


@pytest.mark.parametrize(
    "status",
    [
        pb.CONSENT_STATUS_WITHDRAWN,
        pb.CONSENT_STATUS_REFUSED,
        pb.CONSENT_STATUS_NOT_ASKED,
        pb.CONSENT_STATUS_NOT_REQUIRED,
        pb.CONSENT_STATUS_UNKNOWN,
        pb.CONSENT_STATUS_GUARDIAN_GIVEN,
    ],
)
def test_any_other_status_is_no_consent(status: pb.ConsentStatus.ValueType) -> None:
    assert not _consented(_consenting(status=status))


def test_a_withdrawal_beats_an_older_consent() -> None:
    person = _consenting()
    person.consents.add(status=pb.CONSENT_STATUS_WITHDRAWN)

    assert not _consented(person)


def test_consent_without_an_end_or_a_scope_is_none() -> None:
    for missing in ("expires", "purposes", "recipients"):
        person = _consenting()
        person.consents[0].ClearField(missing)
        assert not _consented(person)


@pytest.mark.parametrize("age", [pb.AGE_STATUS_MINOR, pb.AGE_STATUS_UNKNOWN])
def test_for_a_minor_only_a_cleared_guardians_consent_counts(age: pb.AgeStatus.ValueType) -> None:
    own = _consenting()
    own.age_status = age
    guardian = _consenting(
        status=pb.CONSENT_STATUS_GUARDIAN_GIVEN, child_view_recorded=True, guardian_is_suspect=False
    )
    guardian.age_status = age

    assert not _consented(own)
    assert _consented(guardian)
    for change in ({"child_view_recorded": False}, {"guardian_is_suspect": True}):
        spoilt = pb.Person()
        spoilt.CopyFrom(guardian)
        spoilt.consents[0].MergeFrom(pb.ConsentRecord(**change))  # type: ignore[arg-type]
        assert not _consented(spoilt)
    guardian.consents[0].ClearField("guardian_is_suspect")
    assert not _consented(guardian)


def test_of_several_protected_persons_each_must_agree_and_be_supported() -> None:
    record = marked(pb.Record())
    agrees = record.persons.add()
    agrees.CopyFrom(_consenting())
    agrees.care.add(provider="shelter.ngo")
    silent = record.persons.add(id="silent", role=pb.ROLE_VICTIM)
    record.accounts.add(id="hers", holder="p")
    record.accounts.add(id="theirs", holder="p")
    link(record, "uses", "silent", "theirs", pb.RELATION_KIND_USES)

    found = subjects(record)

    assert found["hers"].has_consented(Purpose.VICTIM_PROTECTION, "shelter.ngo", today=TODAY)
    assert found["hers"].is_supported_by("shelter.ngo")
    assert not found["theirs"].has_consented(Purpose.VICTIM_PROTECTION, "shelter.ngo", today=TODAY)
    assert not found["theirs"].is_supported_by("shelter.ngo")
    assert silent.id == "silent"
