"""Nobody is accused by a provider's report alone, and whoever may be a child is protected."""

from __future__ import annotations

import pytest

from adapters.cybertip.persons import NAMED, RECIPIENT, REPORTED
from gateway.record.protection import subjects
from gateway.record.vocabulary import AgeClass
from gateway.v1 import record_pb2 as pb
from tests.adapters.cybertip.samples import SUMMARY, lost, person_of, read, report, reported, victim
from tests.reference import reference

_ADULT = "<dateOfBirth>1980-05-06</dateOfBirth>"
_SUSPECT_IN = pb.RELATION_KIND_SUSPECT_IN


def _annotated(name: str) -> str:
    return SUMMARY.replace(
        "<incidentDateTime>", f"<reportAnnotations><{name}/></reportAnnotations><incidentDateTime>"
    )


@pytest.mark.parametrize(
    "person", ["", "<firstName>Radu</firstName>", "<age>0</age>", "<dateOfBirth>1980</dateOfBirth>"]
)
def test_reported_person_of_no_stated_adult_age_is_no_suspect(person: str) -> None:
    record = read(report(reported("<screenName>poster</screenName>", person)))

    if "1980" in person:
        assert person_of(record, REPORTED, _SUSPECT_IN).role == pb.ROLE_SUSPECT
    else:
        assert person_of(record, REPORTED).role == pb.ROLE_UNKNOWN


@pytest.mark.parametrize("person", [_ADULT, "<age>30</age>", "<approximateAge>18</approximateAge>"])
def test_reported_person_who_is_stated_to_be_an_adult_is_a_suspect(person: str) -> None:
    record = read(report(reported("", person)))

    assert person_of(record, REPORTED, _SUSPECT_IN).role == pb.ROLE_SUSPECT


@pytest.mark.parametrize(
    "person", ["<age>17</age>", "<dateOfBirth>2008-02-04</dateOfBirth>", f"{_ADULT}<age>15</age>"]
)
def test_reported_person_who_may_have_been_a_minor_at_the_time_is_protected(person: str) -> None:
    record = read(report(reported("", person)))

    found = person_of(record, REPORTED)
    assert found.role == pb.ROLE_UNKNOWN
    assert subjects(record)[found.id].protected


@pytest.mark.parametrize("annotation", ["minorToMinorInteraction", "informational"])
def test_report_that_speaks_of_minors_among_themselves_has_no_suspect(annotation: str) -> None:
    record = read(report(reported("", _ADULT), summary=_annotated(annotation)))

    assert person_of(record, REPORTED).role == pb.ROLE_UNKNOWN
    assert list(record.header.crime_areas) == [annotation]


@pytest.mark.parametrize("annotation", ["sextortion", "csamSolicitation", "spam"])
def test_other_annotations_take_no_suspicion_away(annotation: str) -> None:
    record = read(report(reported("", _ADULT), summary=_annotated(annotation)))

    assert person_of(record, REPORTED, _SUSPECT_IN).role == pb.ROLE_SUSPECT


def test_holder_of_a_compromised_account_is_no_suspect() -> None:
    record = read(report(reported("<compromisedAccount>true</compromisedAccount>", _ADULT)))

    assert [person.role for person in record.persons] == [pb.ROLE_UNKNOWN] * 2
    assert not [one for one in record.relationships if one.link.kind == _SUSPECT_IN]


def test_recipient_victim_and_reported_stay_apart() -> None:
    record = read(
        report(
            reported("<screenName>a</screenName>", _ADULT)
            + "<intendedRecipient><screenName>b</screenName></intendedRecipient>"
            + victim("<screenName>c</screenName>")
        )
    )

    assert person_of(record, REPORTED, _SUSPECT_IN).role == pb.ROLE_SUSPECT
    assert person_of(record, RECIPIENT).contacts[0].value == "b"
    assert person_of(record, RECIPIENT).role == pb.ROLE_UNKNOWN
    harmed = person_of(record, kind=pb.RELATION_KIND_VICTIM_IN)
    assert (harmed.role, harmed.contacts[0].value) == (pb.ROLE_PRESUMED_VICTIM, "c")


def test_victim_of_no_stated_age_counts_as_a_minor() -> None:
    record = read(report(victim("<screenName>c</screenName>")))

    found = subjects(record)[person_of(record, kind=pb.RELATION_KIND_VICTIM_IN).id]
    assert found.protected
    assert found.age is not AgeClass.ADULT


@pytest.mark.parametrize("age", ["15", "19"])
def test_approximate_age_is_a_band_and_proves_no_adult(age: str) -> None:
    data = report(victim(person=f"<approximateAge>{age}</approximateAge>"))

    record = read(data)

    person = person_of(record, kind=pb.RELATION_KIND_VICTIM_IN)
    assert person.age_band == (pb.AGE_BAND_15_17 if age == "15" else pb.AGE_BAND_18_20)
    assert subjects(record)[person.id].age is not AgeClass.ADULT
    assert set(lost(data)) == {"report.victim.victimPerson"}


def test_what_names_a_victim_is_hers() -> None:
    record = read(
        report(
            victim(
                "<espIdentifier>u-1</espIdentifier><espService>ExampleChat</espService>"
                "<screenName>sample</screenName><displayName>Sam</displayName>"
                "<profileUrl>https://chat.example.invalid/sample</profileUrl>"
                "<schoolName>School 7</schoolName>"
                "<ipCaptureEvent><ipAddress>192.0.2.1</ipAddress><dateTime>2026-01-02T03:04:05Z</dateTime>"
                "</ipCaptureEvent><deviceId><idType>IMEI</idType><idValue>490154203237518</idValue></deviceId>"
            )
        )
    )

    person = person_of(record, kind=pb.RELATION_KIND_VICTIM_IN)
    assert [(one.kind, one.value, one.provider) for one in person.contacts] == [
        (pb.CONTACT_KIND_SOCIAL_HANDLE, "u-1", "ExampleChat"),
        (pb.CONTACT_KIND_SOCIAL_HANDLE, "sample", "ExampleChat"),
        (pb.CONTACT_KIND_URL, "https://chat.example.invalid/sample", ""),
        (pb.CONTACT_KIND_IP, "192.0.2.1", ""),
        (pb.CONTACT_KIND_IMEI, "490154203237518", ""),
    ]
    assert person.contacts[3].seen.at == 1_767_323_045_000
    assert [(one.kind, one.name) for one in person.workplaces] == [(pb.WORKPLACE_KIND_SCHOOL, "School 7")]
    assert [(one.full, one.kind) for one in person.aliases] == [("Sam", pb.NAME_KIND_NICKNAME)]
    assert not record.accounts
    assert not record.online_contents


def test_accounts_of_who_was_reported_are_held_by_them_and_protected_with_them() -> None:
    record = read(
        report(
            reported(
                "<espIdentifier>u-1</espIdentifier><ipCaptureEvent><ipAddress>192.0.2.1</ipAddress>"
                "<eventName>Upload</eventName><dateTime>2026-01-02T03:04:05Z</dateTime></ipCaptureEvent>"
            )
        )
    )

    person = person_of(record, REPORTED)
    assert [(one.identity.kind, one.identity.value, one.holder) for one in record.accounts] == [
        (pb.ACCOUNT_KIND_SOCIAL_HANDLE, "u-1", person.id),
        (pb.ACCOUNT_KIND_IP, "192.0.2.1", person.id),
    ]
    assert record.accounts[1].identity.seen.at == 1_767_323_045_000
    assert [one.text for one in record.narratives] == ["192.0.2.1 (eventName: Upload)"]
    assert all(subjects(record)[one.id].protected for one in record.accounts)


def test_address_of_the_incident_belongs_to_somebody_unknown() -> None:
    data = report(
        before="<internetDetails><emailIncident><emailAddress>a@example.invalid</emailAddress></emailIncident>"
        "</internetDetails>"
    )

    record = read(data)

    person = person_of(record, NAMED)
    assert (person.role, person.contacts[0].value) == (pb.ROLE_UNKNOWN, "a@example.invalid")


def test_who_reports_is_a_source_and_not_named_as_a_person() -> None:
    record = read(reference("ncmec-like/sample-report.xml").read_bytes())

    (person,) = [one for one in record.persons if one.HasField("source")]
    assert (person.source.name, person.source.contact.value) == ("Trust Team", "trust@example.invalid")
    assert not person.names
    assert not person.contacts
    assert record.organisations[0].identity.names == ["ExampleAds Ltd"]


def test_many_addresses_do_not_burst_the_record() -> None:
    event = "<ipCaptureEvent><ipAddress>192.0.2.{}</ipAddress><eventName>Login</eventName></ipCaptureEvent>"

    record = read(report(reported("".join(event.format(number % 250) for number in range(900)))))

    person = person_of(record, REPORTED)
    assert len(record.accounts) + len(person.contacts) == 900
    assert len(record.accounts) == 200


def test_associated_account_is_tied_and_nobodys() -> None:
    record = read(
        report(
            reported(
                "<associatedAccount type='Parent/Guardian'><platform>ExampleChat</platform>"
                "<screenName>other</screenName><firstName>Ana</firstName></associatedAccount>"
            )
        )
    )

    (account,) = record.accounts
    assert (account.identity.value, account.identity.holder_name, account.holder) == ("other", "Ana", "")
    assert person_of(record, "associated account Parent/Guardian").role == pb.ROLE_UNKNOWN
