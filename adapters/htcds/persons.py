"""The persons of an HTCDS case: what the rows of one person say, as one entity of the record."""

from __future__ import annotations

from datetime import date

from adapters.countries import alpha2
from adapters.htcds import codes as lists
from adapters.htcds.places import draw_place
from adapters.htcds.subjects import Subject
from adapters.loss import Effect
from adapters.row import Row
from gateway.errors import Malformed
from gateway.record.age import ADULT, age_range
from gateway.v1 import record_pb2

SUFFERED = frozenset(
    {
        record_pb2.PERSON_FUNCTION_TRANSFERRED_INDIVIDUAL,
        record_pb2.PERSON_FUNCTION_HARBOURED_INDIVIDUAL,
        record_pb2.PERSON_FUNCTION_SOLD_INDIVIDUAL,
        record_pb2.PERSON_FUNCTION_BOUGHT_INDIVIDUAL,
        record_pb2.PERSON_FUNCTION_RECEIVED_INDIVIDUAL,
        record_pb2.PERSON_FUNCTION_CONTROLLED_INDIVIDUAL,
    }
)
"""Functions that say something was done to the person: they protect, even in the perpetrator table."""

ROLE_DETAILS = "Role in the process"
"""Title of the narrative that holds what is said of a perpetrator's part."""
ROLE_WORDS = "Role as written: "
"""Begins the line that holds the source's words for functions without an equal."""

# Whoever was found to be no victim stays protected: the standard states no other role for them.
_ROLE_OF_STATUS = {
    record_pb2.TRAFFICKING_STATUS_ACTUAL_VICTIM: record_pb2.ROLE_VICTIM,
    record_pb2.TRAFFICKING_STATUS_NOT_A_VICTIM: record_pb2.ROLE_UNKNOWN,
}


def draw_person(
    subject: Subject, number: int, record: record_pb2.Record, *, today: date
) -> record_pb2.Person:
    """Add one person to the record, with the identity document and the texts that belong to it.

    Raises:
        Malformed: a field of one of its rows does not read; `bad-date` also for a birth after `today`.
    """
    person = record.persons.add(id=f"person-{number}", role=record_pb2.ROLE_UNKNOWN)
    person.age_status = record_pb2.AGE_STATUS_UNKNOWN
    if subject.person:
        _draw_identity(subject.person, person, today)
        _draw_reach(subject.person, person)
        _draw_circumstances(subject.person, person)
        if identity_number := subject.person.text("prs_IdentityNumber"):
            document = record.documents.add(id=f"document-{number}", holder=person.id)
            document.details.kind = record_pb2.DOCUMENT_KIND_NATIONAL_NUMBER
            document.details.number = identity_number
    if subject.victim:
        _draw_victim(subject.victim, person)
    if subject.perpetrator:
        _draw_perpetrator(subject.perpetrator, number, person, record)
    _draw_consent(subject, person)
    return person


def _draw_identity(row: Row, person: record_pb2.Person, today: date) -> None:
    _draw_name(row, person)
    if birth := row.day("prs_Birthdate"):
        person.birth.year = birth.year
        if birth.HasField("month"):
            person.birth.month = birth.month
        if birth.HasField("day"):
            person.birth.day = birth.day
        person.age_status = _age_status(row, person.birth, today)
    if gender := row.code("prs_Gender", lists.GENDER):
        person.gender = gender
    for item in row.items("prs_Citizenship", lambda word: alpha2(word) is not None):
        country = alpha2(item)
        if country:
            person.nationalities.add(country=country)
        else:
            row.lose("prs_Citizenship", Effect.DROPPED, "is no country known here")


def _draw_name(row: Row, person: record_pb2.Person) -> None:
    parts = {
        "given": row.text("prs_FirstName"),
        "middle": row.text("prs_MiddleName"),
        "family": row.text("prs_SecondName"),
    }
    title = row.text("prs_Salutation")
    if any(parts.values()):
        name = person.names.add(kind=record_pb2.NAME_KIND_PRIMARY)
        for field, part in (parts | {"title": title}).items():
            if part:
                setattr(name, field, part)
    elif title:
        row.lose("prs_Salutation", Effect.DROPPED, "there is no name it belongs to")


def _age_status(row: Row, birth: record_pb2.BirthDate, today: date) -> record_pb2.AgeStatus.ValueType:
    """An adult only when even the latest day the date allows proves it, a minor when the earliest does."""
    ages = age_range(birth, today)
    if ages is None:
        raise Malformed("lies in the future", field=row.where("prs_Birthdate"), code="bad-date")
    if ages.lowest >= ADULT:
        return record_pb2.AGE_STATUS_ADULT
    return record_pb2.AGE_STATUS_MINOR if ages.highest < ADULT else record_pb2.AGE_STATUS_UNKNOWN


def _draw_reach(row: Row, person: record_pb2.Person) -> None:
    for name, kind in (
        ("prs_Email", record_pb2.CONTACT_KIND_EMAIL),
        ("prs_MobilePhone", record_pb2.CONTACT_KIND_PHONE),
        ("prs_HomePhone", record_pb2.CONTACT_KIND_PHONE),
    ):
        if value := row.text(name):
            person.contacts.add(kind=kind, value=value)
            if kind == record_pb2.CONTACT_KIND_PHONE:
                row.lose(name, Effect.GENERALISED, "home and mobile telephones are not told apart")
    if place := draw_place(row, "prs_Mailing"):
        person.addresses.add(place=place)


def _draw_circumstances(row: Row, person: record_pb2.Person) -> None:
    deceased = row.flag("prs_Deceased")
    if deceased is not None:
        person.description.deceased = deceased
    if education := row.code("prs_HighestLevelOfEducation", lists.EDUCATION):
        person.description.education = education
    if marital_status := row.code("prs_MaritalStatus", lists.MARITAL_STATUS):
        person.household.marital_status = marital_status
    children = row.count("prs_NumberOfChildren", most=100, zero=True)
    if children is not None:
        person.household.number_of_children = children
    if title := row.text("prs_Title"):
        person.workplaces.add(kind=record_pb2.WORKPLACE_KIND_EMPLOYER, occupation=title)
    for name in ("prs_PrimaryLanguage", "prs_SecondaryLanguage"):
        language = (row.text(name) or "").lower()
        if language.isascii() and language.isalpha() and len(language) in (2, 3):
            if language not in person.languages:
                person.languages.append(language)
        elif language:
            row.lose(name, Effect.DROPPED, "is not an ISO 639 code")


def _draw_victim(row: Row, person: record_pb2.Person) -> None:
    person.role = record_pb2.ROLE_PRESUMED_VICTIM
    if status := row.code("vic_TraffickingStatus", lists.TRAFFICKING_STATUS):
        person.trafficking_status = status
        person.role = _ROLE_OF_STATUS.get(status, person.role)
    if body := row.code("vic_TraffickingStatusDecisionMakingOrg", lists.DECIDING_BODY):
        person.status_decided_by = body
    if relation := row.code("vic_RelationshipToTrafficker", lists.TRAFFICKER_RELATION):
        person.relation_to_trafficker = relation
    if age := row.count("vic_AgeWhenTrafficked", most=130, zero=False):
        person.age_at_exploitation = age
    if premises := row.text("vic_LocationOfExploitation"):
        person.workplaces.add(kind=record_pb2.WORKPLACE_KIND_PLACE_OF_EXPLOITATION, name=premises)
    person.health.vulnerabilities.extend(row.items("vic_Vulnerabilities"))
    if details := row.text("vic_DetailsOfVulnerabilities"):
        person.health.vulnerabilities.append(details)
    if not person.health.ByteSize():
        person.ClearField("health")


def _draw_perpetrator(row: Row, number: int, person: record_pb2.Person, record: record_pb2.Record) -> None:
    functions, foreign = row.codes("per_RoleInProcess", lists.PERSON_FUNCTION)
    person.functions.extend(functions)
    suffered = not SUFFERED.isdisjoint(functions)
    person.role = record_pb2.ROLE_VICTIM_AND_SUSPECT if suffered else record_pb2.ROLE_SUSPECT
    details = row.text("per_RoleDetails")
    texts = [
        *([ROLE_WORDS + "; ".join(foreign)] if foreign else []),
        *([details] if details else []),
    ]
    if texts:
        narrative = record.narratives.add(id=f"role-{number}", title=ROLE_DETAILS)
        narrative.text = "\n".join(texts)
        narrative.subjects.append(person.id)
    if name := row.text("per_Organisation"):
        organisation = record.organisations.add(id=f"group-{number}")
        organisation.identity.names.append(name)
        link = record.relationships.add(id=f"member-{number}").link
        setattr(link, "from", person.id)
        link.to, link.kind = organisation.id, record_pb2.RELATION_KIND_MEMBER_OF


def _draw_consent(subject: Subject, person: record_pb2.Person) -> None:
    """Keep the one consent the standard knows. It names no purpose and no recipient, so it covers nothing."""
    answers = [subject.consent.flag("con_Consent")] if subject.consent else []
    if subject.victim:
        old = subject.victim.flag("vic_AgreementToManagePersonalData")
        if old is not None:
            subject.victim.lose(
                "vic_AgreementToManagePersonalData", Effect.GENERALISED, "deprecated; kept as consent"
            )
        answers.append(old)
    if False in answers:  # where the two disagree, the refusal counts
        person.consents.add(status=record_pb2.CONSENT_STATUS_REFUSED)
    elif True in answers:
        person.consents.add(status=record_pb2.CONSENT_STATUS_GIVEN)
