"""Who is in an HTCDS case, in which role, and how old."""

from __future__ import annotations

from datetime import date

import pytest

from adapters.htcds.format import Htcds
from adapters.loss import Effect
from gateway.errors import Malformed
from gateway.v1 import record_pb2
from tests.adapters.htcds.samples import linked, losses, parse, read

_VICTIM = {"vic_TraffickingStatus": "ActualVictimOfTrafficking"}


@pytest.mark.parametrize(
    ("status", "role"),
    [
        ("ActualVictimOfTrafficking", record_pb2.ROLE_VICTIM),
        ("PossibleVictimOfTrafficking", record_pb2.ROLE_PRESUMED_VICTIM),
        ("something else", record_pb2.ROLE_PRESUMED_VICTIM),
        ("NotAVictimOfTrafficking", record_pb2.ROLE_UNKNOWN),
    ],
)
def test_every_status_gives_a_protected_role(status: str, role: int) -> None:
    record = read({"prs_FirstName": "Ana", "vic_TraffickingStatus": status})

    assert [person.role for person in record.persons] == [role]


def test_victim_row_belongs_to_the_person_row_of_its_place() -> None:
    record = read(
        {
            "person": [{"prs_FirstName": "Ana"}, {"prs_FirstName": "Eva"}],
            "victim_context": [{}, {"vic_AgeWhenTrafficked": 15}],
        }
    )

    assert [(p.names[0].given, p.role, p.age_at_exploitation) for p in record.persons] == [
        ("Ana", record_pb2.ROLE_UNKNOWN, 0),
        ("Eva", record_pb2.ROLE_PRESUMED_VICTIM, 15),
    ]


def test_victim_row_beyond_the_person_rows_makes_a_person_without_a_name() -> None:
    document = {"person": [{"prs_FirstName": "Ana"}], "victim_context": [{}, _VICTIM]}

    record = read(document)

    assert [(len(p.names), p.role) for p in record.persons] == [
        (1, record_pb2.ROLE_UNKNOWN),
        (0, record_pb2.ROLE_VICTIM),
    ]
    assert losses(document) == {"victim_context[1].vic_TraffickingStatus": Effect.INVENTED}


def test_perpetrator_row_makes_a_suspect_of_its_own_and_never_of_a_person_row() -> None:
    document = {
        "person": [{"prs_FirstName": "Ana"}, {"prs_FirstName": "Eva"}],
        "victim_context": [_VICTIM],
        "perpetrator_context": [{"per_RoleInProcess": ["Transporter"]}],
    }

    record = read(document)

    assert [(len(p.names), p.role) for p in record.persons] == [
        (1, record_pb2.ROLE_VICTIM),
        (1, record_pb2.ROLE_UNKNOWN),
        (0, record_pb2.ROLE_SUSPECT),
    ]
    assert losses(document) == {"perpetrator_context[0].per_RoleInProcess": Effect.INVENTED}


def test_perpetrator_row_with_its_own_name_is_that_suspect() -> None:
    record = read({"perpetrator_context": [{"prs_FirstName": "Radu", "per_RoleInProcess": ["Exploiter"]}]})

    assert [(p.names[0].given, p.role, list(p.functions)) for p in record.persons] == [
        ("Radu", record_pb2.ROLE_SUSPECT, [record_pb2.PERSON_FUNCTION_EXPLOITER])
    ]


def test_flat_row_of_a_victim_keeps_the_perpetrator_apart() -> None:
    record = read({"prs_FirstName": "Ana", **_VICTIM, "per_RoleInProcess": "Exploiter"})

    assert [(len(p.names), p.role) for p in record.persons] == [
        (1, record_pb2.ROLE_VICTIM),
        (0, record_pb2.ROLE_SUSPECT),
    ]


@pytest.mark.parametrize("unstated", ["", "-99", "0", "Unknown", None, []])
def test_unstated_function_makes_nobody_a_suspect(unstated: object) -> None:
    record = read({"prs_FirstName": "Ana", "per_RoleInProcess": unstated})

    assert [person.role for person in record.persons] == [record_pb2.ROLE_UNKNOWN]


def test_perpetrator_to_whom_something_was_done_stays_protected() -> None:
    record = read({"prs_FirstName": "Ana", "per_RoleInProcess": "ControlledIndividual|Transporter"})

    assert record.persons[0].role == record_pb2.ROLE_VICTIM_AND_SUSPECT


@pytest.mark.parametrize(
    ("birth", "status"),
    [
        ("2008-06-01", record_pb2.AGE_STATUS_ADULT),
        ("2008-06-02", record_pb2.AGE_STATUS_MINOR),
        ("2008-05", record_pb2.AGE_STATUS_ADULT),
        ("2008-06", record_pb2.AGE_STATUS_UNKNOWN),
        ("2008", record_pb2.AGE_STATUS_UNKNOWN),
        ("2007-00-00", record_pb2.AGE_STATUS_ADULT),
        ("2009", record_pb2.AGE_STATUS_MINOR),
        ("", record_pb2.AGE_STATUS_UNKNOWN),
        ("0000-00-00", record_pb2.AGE_STATUS_UNKNOWN),
    ],
)
def test_adult_is_only_who_the_birth_date_proves_to_be_one(birth: str, status: int) -> None:
    record = read({"prs_FirstName": "Ana", "prs_Birthdate": birth})

    assert record.persons[0].age_status == status


def test_adult_age_when_trafficked_proves_nothing_today() -> None:
    record = read({"vic_AgeWhenTrafficked": 30})

    assert record.persons[0].age_at_exploitation == 30
    assert record.persons[0].age_status == record_pb2.AGE_STATUS_UNKNOWN


def test_same_document_gives_an_adult_on_a_later_day() -> None:
    data = b'{"prs_FirstName": "Ana", "prs_Birthdate": "2010-01-01"}'

    statuses = [
        Htcds().parse(data, today=day, exercise=True)[0].record.persons[0].age_status
        for day in (date(2027, 12, 31), date(2028, 1, 1))
    ]

    assert statuses == [record_pb2.AGE_STATUS_MINOR, record_pb2.AGE_STATUS_ADULT]


def test_birth_after_today_is_refused() -> None:
    with pytest.raises(Malformed) as refusal:
        parse({"person": [{"prs_Birthdate": "2026-06-02"}]})

    assert (refusal.value.field, refusal.value.code) == ("person[0].prs_Birthdate", "bad-date")


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ("1988", (1988, 0, 0)),
        ("1988-05", (1988, 5, 0)),
        ("1988/05/06", (1988, 5, 6)),
        ("1988-00-00", (1988, 0, 0)),
    ],
)
def test_partial_birth_date_is_never_made_fuller(given: str, parts: tuple[int, int, int]) -> None:
    birth = read({"prs_FirstName": "Ana", "prs_Birthdate": given}).persons[0].birth

    assert (birth.year, birth.month, birth.day) == parts
    assert birth.HasField("month") == (parts[1] > 0)


def test_consent_given_names_no_purpose_and_no_recipient() -> None:
    record = read({"person": [{"prs_FirstName": "Ana"}], "consent": [{"con_Consent": True}]})

    (consent,) = record.persons[0].consents
    assert consent.status == record_pb2.CONSENT_STATUS_GIVEN
    assert not consent.purposes and not consent.recipients


@pytest.mark.parametrize(
    ("consent", "agreement", "status"),
    [
        ("TRUE", "TRUE", record_pb2.CONSENT_STATUS_GIVEN),
        ("TRUE", "FALSE", record_pb2.CONSENT_STATUS_REFUSED),
        ("0", "1", record_pb2.CONSENT_STATUS_REFUSED),
        ("", "yes", record_pb2.CONSENT_STATUS_GIVEN),
    ],
)
def test_where_two_consents_disagree_the_refusal_counts(consent: str, agreement: str, status: int) -> None:
    record = read(
        {"prs_FirstName": "Ana", "con_Consent": consent, "vic_AgreementToManagePersonalData": agreement}
    )

    assert [one.status for one in record.persons[0].consents] == [status]


@pytest.mark.parametrize("unstated", ["", "-99", "-1", "yes?", "perhaps", None])
def test_consent_that_is_no_yes_is_no_consent(unstated: str | None) -> None:
    record = read({"prs_FirstName": "Ana", "con_Consent": unstated})

    assert not record.persons[0].consents


def test_consent_rows_go_to_the_persons_of_their_place() -> None:
    record = read(
        {
            "person": [{"prs_FirstName": "Ana"}, {"prs_FirstName": "Eva"}],
            "consent": [{"con_Consent": True}, {"con_Consent": False}],
        }
    )

    assert [person.consents[0].status for person in record.persons] == [
        record_pb2.CONSENT_STATUS_GIVEN,
        record_pb2.CONSENT_STATUS_REFUSED,
    ]


@pytest.mark.parametrize(("answer", "statuses"), [(True, []), (False, [record_pb2.CONSENT_STATUS_REFUSED])])
def test_consent_of_nobody_in_particular_counts_only_as_a_refusal(answer: bool, statuses: list[int]) -> None:
    document = {
        "person": [{"prs_FirstName": "Ana"}, {"prs_FirstName": "Eva"}],
        "consent": [{"con_Consent": answer}],
    }

    record = read(document)

    assert [[one.status for one in person.consents] for person in record.persons] == [statuses, statuses]
    assert "consent[0].con_Consent" in losses(document)


def test_consent_without_any_person_is_declared_lost() -> None:
    document = {"org_Name": "Hotel", "org_Type": "CorporateBusiness", "con_Consent": True}

    assert losses(document) == {"con_Consent": Effect.DROPPED}


def test_victims_are_tied_to_what_was_done_and_suspects_to_the_only_victims_case() -> None:
    record = read(
        {
            "person": [{"prs_FirstName": "Ana"}],
            "victim_context": [
                {"vic_MethodOfRecruitment": ["AtWork"], "vic_TypeOfExploitation": ["Servitude"]}
            ],
            "perpetrator_context": [{"per_RoleInProcess": ["Exploiter"], "per_Organisation": "Ring"}],
            "historic_trafficking_events": [{"hte_Type": "Transit", "hte_Country": "XA"}],
        }
    )

    assert linked(record) == {
        ("person-1", "VICTIM_IN", "incident-1"),
        ("person-1", "VICTIM_IN", "incident-2"),
        ("person-1", "VICTIM_IN", "incident-3"),
        ("person-2", "SUSPECT_IN", "incident-1"),
        ("person-2", "SUSPECT_IN", "incident-2"),
        ("person-2", "MEMBER_OF", "group-2"),
    }


def test_person_found_to_be_no_victim_is_tied_without_being_called_one() -> None:
    record = read({"vic_TraffickingStatus": "NotAVictimOfTrafficking", "vic_TypeOfExploitation": "Servitude"})

    assert linked(record) == {("person-1", "OTHER", "incident-1")}


def test_event_of_several_victims_is_tied_to_each_and_declared() -> None:
    document = {
        "person": [{"prs_FirstName": "Ana"}, {"prs_FirstName": "Eva"}],
        "victim_context": [_VICTIM, _VICTIM],
        "historic_trafficking_events": [{"hte_Type": "Exploitation"}],
    }

    assert linked(read(document)) == {
        ("person-1", "VICTIM_IN", "incident-1"),
        ("person-2", "VICTIM_IN", "incident-1"),
    }
    assert losses(document) == {"historic_trafficking_events[0].hte_Type": Effect.INVENTED}
