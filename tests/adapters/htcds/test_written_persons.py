"""In which table a person is written, and how much of what is coarse or withheld."""

from __future__ import annotations

import pytest

from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb
from tests.adapters.htcds.written import ANA, EVA, lost, suspect, victim, written


def test_roles_stand_in_their_tables() -> None:
    record = pb.Record()
    victim(record)
    record.persons.add(id=EVA, role=pb.ROLE_WITNESS).names.add(given="Eva", kind=pb.NAME_KIND_PRIMARY)
    suspect(record, pb.PERSON_FUNCTION_TRANSPORTER)

    document = written(record)

    assert [one["prs_FirstName"] for one in document["person"]] == ["Ana", "Eva"]
    assert document["victim_context"] == [{"vic_TraffickingStatus": "ActualVictimOfTrafficking"}, {}]
    assert document["perpetrator_context"] == [
        {"prs_FirstName": "Radu", "per_RoleInProcess": ["Transporter"]}
    ]
    assert lost(record) == {"persons[1].role": Effect.GENERALISED}


def test_victim_without_a_status_gets_one_which_is_declared_invented() -> None:
    record = pb.Record()
    victim(record).ClearField("trafficking_status")

    assert written(record)["victim_context"] == [{"vic_TraffickingStatus": "ActualVictimOfTrafficking"}]
    assert lost(record) == {"persons[0].trafficking_status": Effect.INVENTED}


def test_suspect_without_a_function_stays_in_the_table_of_perpetrators() -> None:
    record = pb.Record()
    suspect(record)

    assert written(record)["perpetrator_context"][0]["per_RoleInProcess"] == ["Other"]
    assert lost(record) == {"persons[0].functions": Effect.INVENTED}


def test_victim_who_is_a_suspect_too_is_written_as_a_victim() -> None:
    record = pb.Record()
    victim(record).role = pb.ROLE_VICTIM_AND_SUSPECT
    record.persons[0].functions.append(pb.PERSON_FUNCTION_TRANSPORTER)

    assert "perpetrator_context" not in written(record)
    assert lost(record) == {"persons[0].role": Effect.GENERALISED, "persons[0].functions": Effect.DROPPED}


def test_person_whose_role_is_withheld_is_nobodys_victim_and_no_perpetrator() -> None:
    record = pb.Record()
    person = record.persons.add(id=ANA, functions=[pb.PERSON_FUNCTION_EXPLOITER], age_at_exploitation=14)
    person.names.add(given="Ana", kind=pb.NAME_KIND_PRIMARY)

    assert written(record) == {"person": [{"prs_FirstName": "Ana"}]}
    assert lost(record) == {
        "persons[0].role": Effect.INVENTED,
        "persons[0].functions": Effect.DROPPED,
        "persons[0].age_at_exploitation": Effect.DROPPED,
    }


@pytest.mark.parametrize(
    ("birth", "text"),
    [
        (pb.BirthDate(year=1988, month=5, day=6), "1988-05-06"),
        (pb.BirthDate(year=1988, month=5), "1988-05"),
        (pb.BirthDate(year=1988), "1988"),
    ],
)
def test_birth_date_is_written_as_far_as_it_is_known(birth: pb.BirthDate, text: str) -> None:
    record = pb.Record()
    victim(record).birth.CopyFrom(birth)

    assert written(record)["person"][0]["prs_Birthdate"] == text
    assert lost(record) == {}


def test_age_band_is_lost_and_never_made_a_date_or_an_age() -> None:
    record = pb.Record()
    person = victim(record)
    person.birth.age_band = pb.AGE_BAND_15_17
    person.age_band = pb.AGE_BAND_15_17

    assert written(record)["person"] == [{"prs_FirstName": "Ana"}]
    assert lost(record) == {"persons[0].birth": Effect.DROPPED, "persons[0].age_band": Effect.DROPPED}


def test_coarse_places_and_nationalities_are_written_as_coarse_as_they_are() -> None:
    record = pb.Record()
    person = victim(record)
    person.nationalities.add(country="RO")
    person.nationalities.add(region=pb.REGION_EASTERN_EUROPE)
    person.addresses.add(place=pb.Place(country="NL"))

    (told,) = written(record)["person"]

    assert told == {"prs_FirstName": "Ana", "prs_Citizenship": ["RO"], "prs_MailingCountry": "NL"}
    assert lost(record) == {"persons[0].nationalities[1]": Effect.DROPPED}


def test_former_address_and_false_name_do_not_pass_for_the_present_ones() -> None:
    record = pb.Record()
    person = record.persons.add(id=ANA, role=pb.ROLE_UNKNOWN)
    person.names.add(given="Zoe", kind=pb.NAME_KIND_FALSE)
    person.addresses.add(current=False, place=pb.Place(town="Sampleton"))
    person.languages.append("ron")

    assert written(record) == {"person": [{"prs_PrimaryLanguage": "ron"}]}
    assert lost(record) == {"persons[0].names": Effect.DROPPED, "persons[0].addresses": Effect.DROPPED}


def test_consent_with_limits_is_not_written_as_one_without() -> None:
    record = pb.Record()
    victim(record).consents.add(status=pb.CONSENT_STATUS_GIVEN, recipients=["police.ro"])

    assert "con_Consent" not in written(record)["person"][0]
    assert lost(record) == {"persons[0].consents": Effect.DROPPED}


def test_withdrawn_consent_is_written_as_a_refusal() -> None:
    record = pb.Record()
    victim(record).consents.add(status=pb.CONSENT_STATUS_WITHDRAWN)

    assert written(record)["person"][0]["con_Consent"] is False
    assert lost(record) == {"persons[0].consents[0].status": Effect.GENERALISED}
