"""Every field of the standard arrives, or its loss is named."""

from __future__ import annotations

import csv
import json

import pytest

from adapters.htcds.tables import FIELDS
from adapters.loss import Effect
from gateway.record.folding import squeeze
from gateway.v1 import record_pb2
from tests.adapters.htcds.samples import losses, parse, read
from tests.reference import reference

# A person and a case to hang every field on.
_FRAME = {"prs_FirstName": "Ana", "vic_TraffickingStatus": "ActualVictimOfTrafficking"}
_VALUES = {
    "Date": "2026-02-03",
    "Number": "7",
    "Checkbox": "TRUE",
    "Geolocation": "12.5",
}
_SPECIAL = {
    "prs_Citizenship": "XC",
    "prs_PrimaryLanguage": "ron",
    "prs_SecondaryLanguage": "hun",
    "prs_MailingLongitude": "4.5",
}


def _standard() -> list[dict[str, str]]:
    with reference("htcds/htcds-2.0-fields.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _value(row: dict[str, str]) -> str:
    name = row["field"]
    if name in _SPECIAL:
        return _SPECIAL[name]
    if row["picklist"]:
        return row["picklist"].split("|")[-1]
    return _VALUES.get(row["type"], "Sample words")


def test_reader_knows_exactly_the_fields_of_the_standard() -> None:
    named = {row["field"] for row in _standard() if row["field"] != "N/A"}

    assert set(FIELDS.values()) == named
    assert len(_standard()) == 93
    assert len(named) == 84


def test_every_field_of_the_standard_changes_the_record_or_is_named_as_lost() -> None:
    silent = []
    for row in _standard():
        name = row["field"]
        if name == "N/A":
            continue
        frame = {key: value for key, value in _FRAME.items() if key != name}
        partner = {"Longitude": "Latitude", "Latitude": "Longitude"}
        for one, other in partner.items():
            if name.endswith(one):
                frame[name.removesuffix(one) + other] = "33.25"
        document = frame | {name: _value(row)}
        changed = read(document) != read(frame)
        if not changed and not any(name in path for path in losses(document)):
            silent.append(name)

    assert silent == []


def test_sections_without_field_names_are_named_as_lost() -> None:
    document = _FRAME | {"assessment_and_planning": [{"question": "answer"}]}

    (draft,) = parse(document)

    (loss,) = draft.losses
    assert (loss.path, loss.effect) == ("assessment_and_planning", Effect.DROPPED)
    assert "names no fields" in loss.why


def test_spellings_of_the_survey_form_are_the_same_fields() -> None:
    form = read({"prs_First_Name": "Ana", "prs_Second_Name": "Nume", "vic_Methods_of_Control": "DebtBondage"})
    sheet = read({"prs_FirstName": "Ana", "prs_SecondName": "Nume", "vic_MethodsOfControl": "DebtBondage"})

    assert form == sheet


def test_every_field_of_the_survey_form_is_known() -> None:
    form = reference("htcds/source/htcds_xlsform.xml").read_text(encoding="utf-8")
    nodes = {part.split('"')[0] for part in form.split('nodeset="/data/')[1:]}

    unknown = {node for node in nodes if squeeze(node) not in FIELDS}

    assert unknown == {"start", "end", "__version__", "meta/instanceID"}


def test_the_reference_case_is_read() -> None:
    record = read(reference("htcds/invented-case.json").read_bytes())

    victim, suspect = record.persons
    assert victim.role == record_pb2.ROLE_PRESUMED_VICTIM
    assert victim.age_status == record_pb2.AGE_STATUS_MINOR
    assert suspect.role == record_pb2.ROLE_SUSPECT
    assert record.header.type == record_pb2.RECORD_TYPE_REFERRAL
    assert record.organisations[0].provider.place.country == "XB"
    assert losses(reference("htcds/invented-case.json").read_bytes())["note"] == Effect.DROPPED


def test_provider_is_named_where_only_protected_categories_hold_it() -> None:
    record = read(
        {
            "org_Name": "Pildă",
            "org_Type": "NGO",
            "org_Phone": "+99955540001",
            "org_ShippingStreet": "Strada Pildei 9",
            "org_ShippingCountry": "XB",
            "cas_CaseOwner": "Wanda",
        }
    )

    (organisation,) = record.organisations
    assert not organisation.HasField("identity") and not organisation.HasField("kind")
    assert (organisation.provider.name, organisation.provider.staff_name) == ("Pildă", "Wanda")
    assert organisation.provider.place == record_pb2.Place(country="XB")


def test_address_of_a_provider_that_may_shelter_people_is_kept_as_a_shelter() -> None:
    document = {"org_Type": "NGO", "org_ShippingStreet": "Strada Pildei 9", "org_ShippingCountry": "XB"}

    (location,) = read(document).locations

    assert location.kind == record_pb2.LOCATION_KIND_SHELTER
    assert location.site.street == "Strada Pildei 9"
    assert losses(document) == {"org_ShippingStreet": Effect.INVENTED}


def test_organisation_without_a_kind_is_treated_as_a_provider() -> None:
    (organisation,) = read({"org_Name": "Pildă"}).organisations

    assert organisation.provider.name == "Pildă"


def test_authority_and_firm_are_organisations_with_an_identity() -> None:
    (organisation,) = read(
        {"org_Name": "Hotel", "org_Type": "CorporateBusiness", "org_ShippingCity": "Sampleton"}
    ).organisations

    assert organisation.kind == record_pb2.ORGANISATION_KIND_BUSINESS
    assert list(organisation.identity.names) == ["Hotel"]
    assert organisation.identity.addresses[0].town == "Sampleton"
    assert not organisation.HasField("provider")


def test_draft_states_no_marking_no_retention_and_its_exercise_flag() -> None:
    header = read(_FRAME).header

    assert not header.HasField("marking") and not header.HasField("retain_until")
    assert header.exercise


def test_losses_hold_no_values() -> None:
    document = _FRAME | {"prs_Gender": "Qqqsecret", "nickname": "Qqqsecret", "hte_Country": "Qqqsecret"}

    (draft,) = parse(document)

    assert len(draft.losses) == 3
    assert "Qqqsecret" not in json.dumps([(loss.path, loss.why) for loss in draft.losses])


@pytest.mark.parametrize("unstated", ["", " ", "-99", "0", "00", None, []])
def test_values_that_stand_for_unknown_become_absent(unstated: object) -> None:
    names = ("prs_SecondName", "prs_Citizenship", "vic_AgeWhenTrafficked", "hte_Country", "prs_MobilePhone")

    record = read(_FRAME | dict.fromkeys(names, unstated))

    assert record == read(_FRAME)


def test_no_children_is_a_number_and_not_an_absence() -> None:
    assert read(_FRAME | {"prs_NumberOfChildren": "0"}).persons[0].household.HasField("number_of_children")
    assert not read(_FRAME | {"prs_NumberOfChildren": "-99"}).persons[0].HasField("household")


def test_coordinates_stand_only_together_and_not_at_nought() -> None:
    placed = read(_FRAME | {"hte_Latitude": "-1.5", "hte_Longitude": "0"})
    alone = _FRAME | {"hte_City": "Sampleton", "hte_Latitude": "1.5"}
    nought = _FRAME | {"hte_City": "Sampleton", "hte_Latitude": "0", "hte_Longitude": "0"}

    assert placed.incidents[0].occurred.place == record_pb2.Place(latitude_e6=-1_500_000, longitude_e6=0)
    for document in (alone, nought):
        assert read(document).incidents[0].occurred.place == record_pb2.Place(town="Sampleton")
        assert losses(document) == {"hte_Latitude": Effect.DROPPED}


def test_country_that_nobody_knows_is_kept_as_written() -> None:
    document = _FRAME | {"hte_Country": "Atlantis"}

    assert read(document).incidents[0].occurred.place == record_pb2.Place(original="Atlantis")
    assert losses(document) == {"hte_Country": Effect.KEPT_AS_EXTENSION}


def test_unseen_characters_go_and_composed_letters_come() -> None:
    document = _FRAME | {"prs_SecondName": "Bra\u0306dis\u0326\u200f\u0000or"}

    record = read(document)

    assert record.persons[0].names[0].family == "Brădi\u0219or"
    assert losses(document) == {"prs_SecondName": Effect.GENERALISED}
