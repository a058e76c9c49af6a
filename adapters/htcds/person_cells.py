"""What HTCDS can say of one person: the cells of the person, victim and perpetrator tables."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.htcds import codes as lists
from adapters.htcds.cells import Cells, is_item
from gateway.v1 import record_pb2

_ANSWERS = {
    record_pb2.CONSENT_STATUS_GIVEN: True,
    record_pb2.CONSENT_STATUS_REFUSED: False,
    record_pb2.CONSENT_STATUS_WITHDRAWN: False,
}


def write_person(cells: Cells, person: record_pb2.Person) -> None:
    """Write who a person is, without the role."""
    _write_name(cells, person.names)
    if person.birth.year and not person.birth.HasField("age_band"):
        cells.day("prs_Birthdate", person.birth)
    cells.code("prs_Gender", lists.GENDER, person.gender)
    cells.items("prs_Citizenship", _countries(person.nationalities))
    _write_reach(cells, person)
    _write_circumstances(cells, person)
    _write_consent(cells, person.consents)


def write_identity_number(
    cells: Cells, person: record_pb2.Person, documents: Iterable[record_pb2.IdentityDocument]
) -> str | None:
    """Write the person's national number; return the id of the document it stands in, if there is one."""
    for document in documents:
        national = document.details.kind == record_pb2.DOCUMENT_KIND_NATIONAL_NUMBER
        if national and document.holder == person.id:
            cells.text("prs_IdentityNumber", document.details.number)
            if "prs_IdentityNumber" in cells.values:
                return document.id
    return None


def write_victim(cells: Cells, person: record_pb2.Person) -> None:
    """Write what the victim table says of the person alone."""
    cells.code("vic_TraffickingStatus", lists.TRAFFICKING_STATUS, person.trafficking_status)
    cells.code("vic_TraffickingStatusDecisionMakingOrg", lists.DECIDING_BODY, person.status_decided_by)
    cells.code("vic_RelationshipToTrafficker", lists.TRAFFICKER_RELATION, person.relation_to_trafficker)
    cells.count("vic_AgeWhenTrafficked", person.age_at_exploitation, least=1, most=130)
    for workplace in person.workplaces:
        premises = workplace.kind == record_pb2.WORKPLACE_KIND_PLACE_OF_EXPLOITATION and workplace.name
        if premises and "vic_LocationOfExploitation" not in cells.values:
            cells.text("vic_LocationOfExploitation", premises)
    vulnerabilities = list(person.health.vulnerabilities)
    if vulnerabilities and not is_item(vulnerabilities[-1]):
        cells.text("vic_DetailsOfVulnerabilities", vulnerabilities.pop())
    cells.items("vic_Vulnerabilities", vulnerabilities)


def write_victim_role(cells: Cells, person: record_pb2.Person) -> None:
    """Write a status where the row alone would not make the reader see a victim, or not the right one."""
    if "vic_TraffickingStatus" in cells.values:
        return
    if person.role == record_pb2.ROLE_VICTIM:
        cells.code(
            "vic_TraffickingStatus",
            lists.TRAFFICKING_STATUS,
            record_pb2.TRAFFICKING_STATUS_ACTUAL_VICTIM,
        )
    elif not cells.states_something():
        cells.code(
            "vic_TraffickingStatus",
            lists.TRAFFICKING_STATUS,
            record_pb2.TRAFFICKING_STATUS_POSSIBLE_VICTIM,
        )


def _write_name(cells: Cells, names: Iterable[record_pb2.Name]) -> None:
    """Write the name somebody goes by; an alias or a false name must not pass for it."""
    proper = (record_pb2.NAME_KIND_PRIMARY, record_pb2.NAME_KIND_UNSPECIFIED)
    for name in sorted(names, key=lambda name: name.kind != record_pb2.NAME_KIND_PRIMARY):
        if name.kind not in proper:
            continue
        cells.text("prs_FirstName", name.given)
        cells.text("prs_MiddleName", name.middle)
        cells.text("prs_SecondName", name.family)
        if cells:
            cells.text("prs_Salutation", name.title)
            return


def _countries(nationalities: Iterable[record_pb2.Nationality]) -> list[str]:
    known = Cells()
    countries = []
    for nationality in nationalities:
        known.country(nationality.country, nationality.country)
        if nationality.country in known.values:
            countries.append(nationality.country)
    return countries


def _write_reach(cells: Cells, person: record_pb2.Person) -> None:
    names = {
        record_pb2.CONTACT_KIND_EMAIL: ["prs_Email"],
        record_pb2.CONTACT_KIND_PHONE: ["prs_MobilePhone", "prs_HomePhone"],
    }
    for contact in person.contacts:
        free = [name for name in names.get(contact.kind, []) if name not in cells.values]
        if free:
            cells.text(free[0], contact.value)
    for address in person.addresses:
        # A mailing address is one where somebody lives: a former one must not pass for it.
        former = address.HasField("until") or (address.HasField("current") and not address.current)
        if not former:
            cells.place("prs_Mailing", address.place)
        if any(name.startswith("prs_Mailing") for name in cells.values):
            return


def _write_circumstances(cells: Cells, person: record_pb2.Person) -> None:
    if person.description.HasField("deceased"):
        cells.flag("prs_Deceased", person.description.deceased)
    cells.code("prs_HighestLevelOfEducation", lists.EDUCATION, person.description.education)
    cells.code("prs_MaritalStatus", lists.MARITAL_STATUS, person.household.marital_status)
    if person.household.HasField("number_of_children"):
        cells.count("prs_NumberOfChildren", person.household.number_of_children, least=0, most=100)
    for workplace in person.workplaces:
        employed = workplace.kind == record_pb2.WORKPLACE_KIND_EMPLOYER and workplace.occupation
        if employed and "prs_Title" not in cells.values:
            cells.text("prs_Title", workplace.occupation)
    spoken = dict.fromkeys(
        one for one in person.languages if one.isascii() and one.isalpha() and one.islower()
    )
    codes = [one for one in spoken if len(one) in (2, 3)]
    for name, language in zip(("prs_PrimaryLanguage", "prs_SecondaryLanguage"), codes, strict=False):
        cells.text(name, language)


def _write_consent(cells: Cells, consents: Iterable[record_pb2.ConsentRecord]) -> None:
    """Write a refusal, also one among several, and a consent only if it is the only one and without limits.

    HTCDS has one checkbox: a consent for one purpose or to one recipient would pass for one to everything.
    """
    stated = list(consents)
    answers = [_ANSWERS[consent.status] for consent in stated if consent.status in _ANSWERS]
    if False in answers:
        cells.flag("con_Consent", False)
    elif answers and len(stated) == 1 and not _is_limited(stated[0]):
        cells.flag("con_Consent", True)


def _is_limited(consent: record_pb2.ConsentRecord) -> bool:
    limits = (consent.purposes, consent.recipients, consent.expires, consent.guardian_is_suspect)
    return any(map(bool, limits))
