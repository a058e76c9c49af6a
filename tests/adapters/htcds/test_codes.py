"""Every code of every list has its equal, by code and by label; what is in no list is not invented."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from adapters.codelist import CodeList
from adapters.countries import alpha2
from adapters.htcds import codes as htcds_codes
from adapters.htcds import incident_codes as htcds_incident_codes
from adapters.loss import Effect
from gateway.v1 import record_pb2
from tests.adapters.htcds.samples import losses, read
from tests.reference import reference

_LISTS: dict[str, CodeList[Any]] = {
    "org_Type": htcds_codes.ORGANISATION_KIND,
    "prs_Gender": htcds_codes.GENDER,
    "prs_MaritalStatus": htcds_codes.MARITAL_STATUS,
    "prs_HighestLevelOfEducation": htcds_codes.EDUCATION,
    "vic_TraffickingStatus": htcds_codes.TRAFFICKING_STATUS,
    "vic_TraffickingStatusDecisionMakingOrg": htcds_codes.DECIDING_BODY,
    "vic_RelationshipToTrafficker": htcds_codes.TRAFFICKER_RELATION,
    "vic_MethodOfRecruitment": htcds_incident_codes.RECRUITMENT,
    "vic_MethodsOfControl": htcds_incident_codes.CONTROL,
    "vic_TypeOfExploitation": htcds_incident_codes.EXPLOITATION,
    "vic_ForcedLabourIndustry": htcds_incident_codes.INDUSTRY,
    "vic_TypeOfSexExploitation": htcds_incident_codes.SEXUAL,
    "per_RoleInProcess": htcds_codes.PERSON_FUNCTION,
    "cas_Status": htcds_codes.CASE_STATUS,
    "hte_Type": htcds_incident_codes.EVENT,
    "spl_Type": htcds_codes.SUPPORT_KIND,
}
# Lists whose words are kept as they are, because the record holds text there.
_KEPT_AS_TEXT = {
    "vic_RecruitmentWebsitesAndApps",
    "vic_ExploitationWebsitesAndApps",
    "vic_Vulnerabilities",
    "cas_ReasonForIncomingReferral",
    "cas_ReasonForOutgoingReferral",
}


def _standard() -> dict[str, list[dict[str, str]]]:
    lists: dict[str, list[dict[str, str]]] = json.loads(
        reference("htcds/htcds-2.0-codelists.json").read_text(encoding="utf-8")
    )["lists"]
    return lists


def test_every_list_of_the_standard_is_read() -> None:
    assert set(_standard()) == set(_LISTS) | _KEPT_AS_TEXT


@pytest.mark.parametrize("name", sorted(_LISTS))
def test_every_code_and_label_of_the_list_has_one_equal(name: str) -> None:
    codes = _LISTS[name]

    for entry in _standard()[name]:
        found = codes.find(entry["value"])
        assert found is not None, entry["value"]
        assert codes.find(entry["label"]) == found, entry["label"]


@pytest.mark.parametrize("name", sorted(set(_LISTS) - {"vic_TypeOfExploitation"}))
def test_different_codes_have_different_equals(name: str) -> None:
    found = [_LISTS[name].find(entry["value"]) for entry in _standard()[name]]

    assert len(set(found)) == len(found)


@pytest.mark.parametrize("name", sorted(_LISTS))
def test_codes_are_written_as_the_pick_list_spells_them(name: str) -> None:
    codes = _LISTS[name]

    picked = {entry["value"] for entry in _standard()[name]}
    # The definitions document of the standard has these two; its pick list has not.
    defined = {"RestrictsMovement", "UsesChildren"} if name == "vic_MethodsOfControl" else set()
    assert set(codes.spellings.values()) == picked | defined


@pytest.mark.parametrize("name", sorted(_LISTS))
def test_written_code_is_read_as_its_member_or_as_one_that_says_less(name: str) -> None:
    codes = _LISTS[name]

    other = {
        member: found[0]
        for member, code in codes.spellings.items()
        if (found := codes.find(code)) is not None and found[0] != member
    }

    servitude = record_pb2.EXPLOITATION_PURPOSE_SERVITUDE
    assert {read for read in other.values() if read != codes.other} <= {servitude}


def test_exploitation_purposes_and_means_follow_the_crosswalks() -> None:
    for file, column, codes, kind in (
        ("exploitation-purpose", "htcds_vic_TypeOfExploitation", "EXPLOITATION", "EXPLOITATION_PURPOSE_"),
        ("means-of-control", "htcds_vic_MethodsOfControl", "CONTROL", "MEANS_"),
    ):
        lines = reference(f"crosswalk-{file}.csv").read_text(encoding="utf-8").splitlines()
        header = lines[0].split(",")
        for line in lines[1:]:
            row = dict(zip(header, line.split(","), strict=True))
            canonical, code = row[header[0]], row[column]
            if code in ("", "Other") or (canonical, code) in (
                ("domestic_servitude", "Servitude"),
                ("slavery_or_similar", "Servitude"),
            ):
                continue  # several meanings share the code; reading keeps the code's own
            found = getattr(htcds_incident_codes, codes).find(code)
            assert found is not None
            assert found[0] == getattr(record_pb2, kind + canonical.upper()), code


@pytest.mark.parametrize("code", ["RestrictsMovement", "UsesChildren", "MethodsOfControlThreats"])
def test_methods_of_the_definitions_document_are_read_too(code: str) -> None:
    assert htcds_incident_codes.CONTROL.find(code) is not None


@pytest.mark.parametrize(
    ("written", "sector", "exact"),
    [
        ("F_Construction", record_pb2.SECTOR_CONSTRUCTION, True),
        ("Construction", record_pb2.SECTOR_CONSTRUCTION, True),
        ("A_PlantPropagation", record_pb2.SECTOR_AGRICULTURE, False),
        ("C13_ManufactureOfTextiles", record_pb2.SECTOR_MANUFACTURING, False),
    ],
)
def test_finer_industry_keeps_its_section(written: str, sector: int, exact: bool) -> None:
    assert htcds_incident_codes.INDUSTRY.find(written) == (sector, exact)


def test_unknown_code_with_a_member_for_others_is_kept_verbatim_and_declared() -> None:
    document = {"prs_FirstName": "Ana", "vic_MethodsOfControl": ["DebtBondage", "Hypnosis"]}

    (incident,) = read(document).incidents

    assert list(incident.means) == [record_pb2.MEANS_DEBT_BONDAGE, record_pb2.MEANS_OTHER]
    assert incident.description == "Method of control as written: Hypnosis"
    assert losses(document) == {"vic_MethodsOfControl": Effect.KEPT_AS_EXTENSION}


def test_unknown_code_without_a_member_for_others_is_dropped_and_declared() -> None:
    document = {"prs_FirstName": "Ana", "prs_Gender": "Agender"}

    assert not read(document).persons[0].HasField("gender")
    assert losses(document) == {"prs_Gender": Effect.DROPPED}


def test_code_whose_equal_is_only_near_keeps_its_word() -> None:
    document = {"prs_FirstName": "Ana", "vic_TypeOfExploitation": "ForcedMilitaryByNonStateActors"}

    assert "ForcedMilitaryByNonStateActors" in read(document).incidents[0].description
    assert losses(document) == {"vic_TypeOfExploitation": Effect.KEPT_AS_EXTENSION}


@pytest.mark.parametrize(
    "written",
    [
        "DebtBondage;TakesEarnings",
        "DebtBondage|TakesEarnings",
        "DebtBondage TakesEarnings",
        "Debt bondage; Takes earnings",
    ],
)
def test_several_codes_are_read_however_they_are_separated(written: str) -> None:
    (incident,) = read({"prs_FirstName": "Ana", "vic_MethodsOfControl": written}).incidents

    assert list(incident.means) == [record_pb2.MEANS_DEBT_BONDAGE, record_pb2.MEANS_TAKES_EARNINGS]


def test_label_that_holds_a_separator_is_one_code() -> None:
    (incident,) = read(
        {"vic_ForcedLabourIndustry": "Water supply; sewerage, waste management and remediation"}
    ).incidents

    assert list(incident.sectors) == [record_pb2.SECTOR_WATER_AND_WASTE]


def test_every_country_of_the_survey_form_is_known_by_name_and_code() -> None:
    form = reference("htcds/source/htcds_xlsform.xml").read_text(encoding="utf-8")
    choices = form.split('ref="/data/prs_Citizenship">')[1].split("</select1>")[0]

    countries = re.findall(r"<item><label>(.*?)</label><value>(..)</value>", choices)

    assert len(countries) == 249
    assert [(name, code) for name, code in countries if alpha2(name) != code or alpha2(code) != code] == []
