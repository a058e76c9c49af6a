"""The case of an HTCDS document around its persons: status, referrals, incidents, comments, support plans."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.htcds import incident_codes as lists
from adapters.htcds.codes import CASE_STATUS, SUPPORT_KIND
from adapters.htcds.places import draw_organisation, draw_place
from adapters.htcds.tables import Tables
from adapters.loss import Effect
from adapters.row import Row
from gateway.v1 import record_pb2

_EVERY_VICTIM = "nothing in the standard says to whom of several persons it belongs; tied to each"


def draw_header(tables: Tables, record: record_pb2.Record) -> None:
    """Write what the case rows say of the case as a whole; of several rows the first statement counts."""
    header = record.header
    for row in tables.of("cas"):
        status = row.code("cas_Status", CASE_STATUS)
        if status and not header.HasField("case_status"):
            header.case_status = status
        elif status and status != header.case_status:
            row.lose("cas_Status", Effect.DROPPED, "an earlier row states another status")
        reason = row.text("cas_ReasonForCaseClosure")
        if reason and not header.HasField("closure_reason"):
            header.closure_reason = reason
        elif reason and reason != header.closure_reason:
            row.lose("cas_ReasonForCaseClosure", Effect.DROPPED, "an earlier row states another reason")


def draw_providers(tables: Tables, record: record_pb2.Record) -> None:
    """Add the organisations, and the case owner as staff of the first provider among them."""
    for number, row in enumerate(tables.of("org"), 1):
        organisation = draw_organisation(row, number, record)
        shelter = f"shelter-{number}"
        if any(location.id == shelter for location in record.locations):
            _relate(record, organisation.id, shelter, record_pb2.RELATION_KIND_LOCATED_AT)
    for row in tables.of("cas"):
        owner = row.text("cas_CaseOwner")
        if owner is None:
            continue
        free = (
            one for one in record.organisations if one.HasField("provider") and not one.provider.staff_name
        )
        employer = next(free, None) or record.organisations.add(id=f"owner-{len(record.organisations) + 1}")
        employer.provider.staff_name = owner


def draw_referrals(tables: Tables, persons: Sequence[record_pb2.Person], record: record_pb2.Record) -> None:
    """Add the referrals to every protected person; a record with one is a referral, without one a case."""
    record.header.type = record_pb2.RECORD_TYPE_CASE
    for row in tables.of("cas"):
        incoming = _referral(row, record_pb2.REFERRAL_DIRECTION_INCOMING, "Incoming", "Referring")
        outgoing = _referral(row, record_pb2.REFERRAL_DIRECTION_OUTGOING, "Outgoing", "Referred")
        for referral, name in (
            (incoming, "cas_IncomingReferralDate"),
            (outgoing, "cas_OutgoingReferralDate"),
        ):
            if referral is None:
                continue
            record.header.type = record_pb2.RECORD_TYPE_REFERRAL
            for person in persons:
                person.referrals.add().CopyFrom(referral)
            _declare_tie(row, name, persons)


def _referral(
    row: Row, direction: record_pb2.ReferralDirection.ValueType, way: str, party: str
) -> record_pb2.Referral | None:
    referral = record_pb2.Referral()
    if on := row.day(f"cas_{way}ReferralDate"):
        referral.on.CopyFrom(on)
    if organisation := row.text(f"cas_{party}Organisation"):
        referral.provider.name = organisation
    if case_worker := row.text(f"cas_{party}PrimaryCaseWorker"):
        referral.provider.staff_name = case_worker
    if reason := row.text(f"cas_ReasonFor{way}Referral"):
        referral.reason = reason
    if details := row.text(f"cas_{way}ReferralDetails"):
        referral.details = details
    if not referral.ByteSize():
        return None
    referral.direction = direction
    return referral


def draw_support(tables: Tables, persons: Sequence[record_pb2.Person]) -> None:
    """Add the support plans to every protected person of the case."""
    for row in tables.of("spl"):
        plan = record_pb2.SupportPlan()
        if kind := row.code("spl_Type", SUPPORT_KIND):
            plan.kind = kind
        if objectives := row.text("spl_Objectives"):
            plan.objectives = objectives
        if action_plan := row.text("spl_ActionPlan"):
            plan.action_plan = action_plan
        if planned_end := row.day("spl_PlannedEndDate"):
            plan.planned_end.CopyFrom(planned_end)
        if ended := row.day("spl_ActualEndDate"):
            plan.ended.CopyFrom(ended)
        if plan.ByteSize():
            for person in persons:
                person.support_plans.add().CopyFrom(plan)
            _declare_tie(row, "spl_Type", persons)


def draw_comments(tables: Tables, persons: Sequence[record_pb2.Person], record: record_pb2.Record) -> None:
    """Add the comments as narratives about every protected person."""
    for number, row in enumerate(tables.of("cco"), 1):
        if text := row.text("cco_CaseComment"):
            narrative = record.narratives.add(id=f"comment-{number}", title="Case comment", text=text)
            narrative.subjects.extend(person.id for person in persons)


def draw_context(row: Row, person: record_pb2.Person, record: record_pb2.Record) -> list[record_pb2.Incident]:
    """Add what a victim row says was done: a recruitment and an exploitation, as far as stated."""
    drawn = [_recruitment(row), _exploitation(row)]
    incidents = []
    for incident in drawn:
        if incident.ByteSize():
            incident.id = f"incident-{len(record.incidents) + 1}"
            kind = (
                record_pb2.INCIDENT_KIND_RECRUITMENT
                if incident is drawn[0]
                else record_pb2.INCIDENT_KIND_EXPLOITATION
            )
            incident.kind = kind
            incident.acts.append(lists.ACT_OF_EVENT[kind])
            record.incidents.append(incident)
            _tie(record, person, incident.id)
            incidents.append(incident)
    return incidents


def _recruitment(row: Row) -> record_pb2.Incident:
    incident = record_pb2.Incident()
    methods, foreign = row.codes("vic_MethodOfRecruitment", lists.RECRUITMENT)
    incident.recruitment_methods.extend(methods)
    incident.platforms.extend(row.items("vic_RecruitmentWebsitesAndApps"))
    if premises := row.text("vic_LocationOfRecruitment"):
        incident.occurred.place.name = premises
    _describe(incident, {"Method of recruitment": foreign})
    return incident


def _exploitation(row: Row) -> record_pb2.Incident:
    incident = record_pb2.Incident()
    means, foreign_means = row.codes("vic_MethodsOfControl", lists.CONTROL)
    purposes, foreign_purposes = row.codes("vic_TypeOfExploitation", lists.EXPLOITATION)
    sexual_kinds, foreign_kinds = row.codes("vic_TypeOfSexExploitation", lists.SEXUAL)
    sectors, foreign_sectors = row.codes("vic_ForcedLabourIndustry", lists.INDUSTRY)
    incident.means.extend(means)
    incident.purposes.extend(purposes)
    incident.sexual_kinds.extend(sexual_kinds)
    incident.sectors.extend(sectors)
    incident.platforms.extend(row.items("vic_ExploitationWebsitesAndApps"))
    foreign = {
        "Method of control": foreign_means,
        "Type of exploitation": foreign_purposes,
        "Type of sex exploitation": foreign_kinds,
        "Industry": foreign_sectors,
    }
    _describe(incident, foreign)
    return incident


def draw_events(tables: Tables, persons: Sequence[record_pb2.Person], record: record_pb2.Record) -> None:
    """Add the historic events as incidents of every protected person of the case."""
    for row in tables.of("hte"):
        incident = record_pb2.Incident()
        kinds, foreign = row.codes("hte_Type", lists.EVENT)
        if kinds:
            incident.kind = kinds[0]
            incident.acts.extend(lists.ACT_OF_EVENT[kind] for kind in kinds if kind in lists.ACT_OF_EVENT)
        if place := draw_place(row, "hte_"):
            incident.occurred.place.CopyFrom(place)
        if day := row.day("hte_Date"):
            incident.occurred.start.date.CopyFrom(day)
        if description := row.text("hte_Description"):
            incident.description = description
        _describe(incident, {"Type of event": foreign})
        if not incident.ByteSize():
            continue
        incident.id = f"incident-{len(record.incidents) + 1}"
        record.incidents.append(incident)
        for person in persons:
            _tie(record, person, incident.id)
        _declare_tie(row, "hte_Type", persons)


def draw_suspicion(
    perpetrators: Sequence[tuple[Row, record_pb2.Person]],
    incidents: Sequence[record_pb2.Incident],
    record: record_pb2.Record,
) -> None:
    """Tie the perpetrators to what was done to the only victim of the case."""
    for row, person in perpetrators:
        for incident in incidents:
            _relate(record, person.id, incident.id, record_pb2.RELATION_KIND_SUSPECT_IN)
        if incidents:
            row.lose(
                "per_RoleInProcess", Effect.INVENTED, "tied to what was done to the only victim of the case"
            )


def _describe(incident: record_pb2.Incident, foreign: dict[str, list[str]]) -> None:
    lines = [f"{title} as written: {'; '.join(words)}" for title, words in foreign.items() if words]
    if lines:
        incident.description = "\n".join([*([incident.description] if incident.description else []), *lines])


def _tie(record: record_pb2.Record, person: record_pb2.Person, incident: str) -> None:
    victim = person.role in (record_pb2.ROLE_VICTIM, record_pb2.ROLE_PRESUMED_VICTIM)
    kind = record_pb2.RELATION_KIND_VICTIM_IN if victim else record_pb2.RELATION_KIND_OTHER
    _relate(record, person.id, incident, kind)


def _relate(
    record: record_pb2.Record, source: str, target: str, kind: record_pb2.RelationKind.ValueType
) -> None:
    link = record.relationships.add(id=f"relationship-{len(record.relationships) + 1}").link
    setattr(link, "from", source)  # `from` is a keyword of the language
    link.to, link.kind = target, kind


def _declare_tie(row: Row, name: str, persons: Sequence[record_pb2.Person]) -> None:
    if len(persons) > 1:
        row.lose(name, Effect.INVENTED, _EVERY_VICTIM)
    elif not persons:
        row.lose(name, Effect.DROPPED, "there is no person it could belong to")
