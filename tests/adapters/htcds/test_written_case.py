"""What is written of incidents, organisations and support, and what is rather left out."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.adapter import View
from adapters.htcds.format import Htcds
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb
from tests.adapters.htcds.samples import parse
from tests.adapters.htcds.written import ANA, EVA, link, lost, suspect, victim, written


def test_meaning_without_a_code_becomes_the_nearest_and_is_declared() -> None:
    record = pb.Record()
    victim(record)
    incident = record.incidents.add(id="incident/aaaaaaaaaa", kind=pb.INCIDENT_KIND_EXPLOITATION)
    incident.acts.append(pb.ACT_EXPLOITATION)
    incident.means.append(pb.MEANS_ABDUCTION)
    incident.purposes.append(pb.EXPLOITATION_PURPOSE_DOMESTIC_SERVITUDE)
    link(record, ANA, incident.id, pb.RELATION_KIND_VICTIM_IN)

    assert lost(record) == {
        "incidents[0].means[0]": Effect.GENERALISED,
        "incidents[0].purposes[0]": Effect.GENERALISED,
    }


@pytest.mark.parametrize("form", ["json", "csv"])
def test_foreign_words_are_written_back_verbatim(form: str) -> None:
    document = {
        "prs_FirstName": "Ana",
        "vic_MethodsOfControl": ["DebtBondage", "Hypnosis"],
        "vic_ForcedLabourIndustry": "C13_ManufactureOfTextiles",
        "hte_Type": "Detention",
        "hte_Country": "Atlantis",
        "per_RoleInProcess": ["Exploiter", "Lookout"],
        "per_RoleDetails": "Stands at the door.",
    }
    before = parse(document)[0].record
    names = {one.id: f"{kind}/{'abcdefghij'[at] * 10}" for kind, at, one in _entities(before)}

    rendered = Htcds().render([View(record=_travelling(before, names))], form=form)

    text = rendered.data.decode()
    for word in ("Hypnosis", "C13_ManufactureOfTextiles", "Detention", "Atlantis", "Lookout"):
        assert text.count(word) == 1
    assert "as written" not in text
    assert parse(rendered.data)[0].record == before


def _entities(record: pb.Record) -> list[tuple[str, int, Any]]:
    return [
        (kind, at, one)
        for kind in ("person", "incident", "narrative", "relationship")
        for at, one in enumerate(getattr(record, f"{kind}s"))
    ]


def _travelling(record: pb.Record, names: dict[str, str]) -> pb.Record:
    """Return the record as a disclosure shows it, in the order it has."""
    view = pb.Record()
    view.CopyFrom(record)
    view.header.ClearField("source")
    view.header.ClearField("exercise")
    for _, _, one in _entities(view):
        one.id = names[one.id]
    for narrative in view.narratives:
        narrative.subjects[:] = [names[one] for one in narrative.subjects]
    for relationship in view.relationships:
        setattr(relationship.link, "from", names[getattr(relationship.link, "from")])
        relationship.link.to = names[relationship.link.to]
    return view


def test_incident_with_means_and_a_date_stands_in_both_rows_and_is_declared_to_read_as_two() -> None:
    record = pb.Record()
    victim(record)
    incident = record.incidents.add(id="incident/aaaaaaaaaa", kind=pb.INCIDENT_KIND_EXPLOITATION)
    incident.acts.append(pb.ACT_EXPLOITATION)
    incident.means.append(pb.MEANS_DEBT_BONDAGE)
    incident.occurred.start.date.CopyFrom(pb.PartialDate(year=2026, month=3))
    incident.occurred.place.country = "NL"
    link(record, ANA, incident.id, pb.RELATION_KIND_VICTIM_IN)

    document = written(record)

    assert document["victim_context"][0]["vic_MethodsOfControl"] == ["DebtBondage"]
    assert document["historic_trafficking_events"] == [
        {"hte_Country": "NL", "hte_Date": "2026-03", "hte_Type": "Exploitation"}
    ]
    assert lost(record) == {"incidents[0]": Effect.INVENTED}


def test_incident_of_one_of_two_victims_is_tied_to_the_other_only_with_a_declared_invention() -> None:
    record = pb.Record()
    victim(record)
    victim(record, EVA, "Eva")
    incident = record.incidents.add(id="incident/aaaaaaaaaa", kind=pb.INCIDENT_KIND_TRANSIT)
    incident.acts.append(pb.ACT_TRANSPORTATION)
    link(record, ANA, incident.id, pb.RELATION_KIND_VICTIM_IN)

    assert lost(record) == {"relationships": Effect.INVENTED}


def test_support_of_one_of_two_victims_is_not_given_to_the_other() -> None:
    record = pb.Record()
    both = pb.SupportPlan(kind=pb.SUPPORT_KIND_LEGAL)
    victim(record).support_plans.extend([both, pb.SupportPlan(kind=pb.SUPPORT_KIND_HEALTH)])
    victim(record, EVA, "Eva").support_plans.append(both)

    assert written(record)["support_plan"] == [{"spl_Type": "Legal"}]
    assert lost(record) == {"persons[0].support_plans[1]": Effect.DROPPED}


def test_provider_that_may_shelter_people_is_written_without_its_address() -> None:
    record = pb.Record()
    organisation = record.organisations.add(id="organisation/aaaaaaaaaa")
    organisation.provider.kind = pb.ORGANISATION_KIND_NGO
    organisation.provider.place.CopyFrom(pb.Place(street="Strada Pildei 9", town="Sampleton", country="RO"))

    assert written(record) == {"organisation": [{"org_Type": "NGO", "org_ShippingCountry": "RO"}]}
    assert set(lost(record)) == {
        "organisations[0].provider.place.street",
        "organisations[0].provider.place.town",
    }


def test_criminal_group_does_not_pass_for_a_provider_of_support() -> None:
    record = pb.Record()
    person = suspect(record, pb.PERSON_FUNCTION_EXPLOITER)
    ring = record.organisations.add(id="organisation/aaaaaaaaaa", kind=pb.ORGANISATION_KIND_CRIMINAL_GROUP)
    ring.identity.names.append("Ring")
    link(record, person.id, ring.id, pb.RELATION_KIND_MEMBER_OF)

    document = written(record)

    assert "organisation" not in document
    assert document["perpetrator_context"][0]["per_Organisation"] == "Ring"
    assert lost(record) == {"organisations[0].kind": Effect.DROPPED}
