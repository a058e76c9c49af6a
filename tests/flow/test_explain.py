"""A record explained before it goes: every field, the reason in words, and what would release more."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import GatewayError, Malformed, NotFound
from gateway.flow.decide import decide
from gateway.flow.explain import explain_record, inquired
from gateway.flow.explain_act import explain_act
from gateway.flow.inquiry import NO_REMEDY, Act, Explained, Inquiry
from gateway.flow.submit import Addressee
from gateway.record.vocabulary import LegalBasis, Purpose, Rung
from keys.agreement import Agreement
from keys.federation import Federation
from policy.bundle import bundle_of, shipped_baseline
from policy.engine import Engine
from tests.flow import oracle, records
from tests.flow.federation import NGO, NL, RO, TO_NGO, TO_RO, Homes

NO_VANS = """
@id("LOCAL-NO-VAN") @layer("local") @reason("vans are not told") @source("test")
forbid (principal, action == Comity::Action::"disclose", resource is Comity::Portion)
unless { resource.category != Comity::Category::"vehicle.identity" };
"""
SECRETS = (records.SECRET_NAME, records.SECRET_PHONE, records.SECRET_STREET, "Zelda", "Boris", "2013")


def _explain(homes: Homes, to: Addressee = TO_RO, *ask: str, data: bytes = b"") -> Explained:
    inquiry = Inquiry(addressee=to, data=data or records.encoded(records.small()), ask=frozenset(ask))
    return explain_record(homes[NL], inquiry, homes.now)


def _row(found: Explained, entity: str, field: str) -> Any:
    (row,) = [row for row in found.rows if (row["entity"], row["field"]) == (entity, field)]
    return row


def _helps(found: Explained, entity: str, field: str) -> list[str]:
    place = _row(found, entity, field)["remedy"]
    return [change["told"] for change in found.remedies[place]["changes"]]


def test_every_field_of_the_record_has_a_row(quiet: Homes) -> None:
    found = _explain(quiet)

    inquiry = Inquiry(addressee=TO_RO, data=records.encoded(records.small()))
    submission, question = inquired(quiet[NL], inquiry, quiet.now)
    assert len(found.rows) == len(decide(quiet[NL], submission, question).by_field)
    assert {row["rung"] for row in found.rows} == {"withheld", "coarse", "generalised", "exact"}


def test_withheld_name_says_why_and_whom_to_ask(quiet: Homes) -> None:
    found = _explain(quiet)

    row = _row(found, "victim", "names")
    assert row["rung"] == "withheld"
    assert row["rules"][0] == "VP-02"
    assert "identity of a minor" in found.rules["VP-02"]["text"]
    assert "Directive" in found.rules["VP-02"]["source"]
    assert _helps(found, "victim", "names") == [
        "if asked for: leaves exactly with a child protection officer and a victim protection officer"
    ]


def test_name_that_was_asked_for_waits_and_says_for_whom(quiet: Homes) -> None:
    found = _explain(quiet, TO_RO, "person.name")

    assert (found.outcome, found.approvals) == ("held", ["CPO:1", "VPO:1"])
    row = _row(found, "victim", "names")
    assert (row["asked"], row["approvals"]) == ("exact", ["CPO:1", "VPO:1"])
    assert _helps(found, "victim", "names")[0] == (
        "with a child protection officer and a victim protection officer: leaves exactly"
    )


def test_what_leaves_in_full_has_no_remedy(quiet: Homes) -> None:
    row = _row(_explain(quiet), "van", "identity")

    assert (row["rung"], row["rules"], row["remedy"]) == ("exact", [], NO_REMEDY)
    assert row["permits"]


def test_denied_record_withholds_every_field(quiet: Homes) -> None:
    found = _explain(quiet, TO_NGO)

    assert found.outcome == "denied"
    assert {row["rung"] for row in found.rows} == {"withheld"}


def test_link_whose_end_stays_is_withheld_with_it(quiet: Homes) -> None:
    engine = Engine(bundle_of(baseline=shipped_baseline(), local={"rules.cedar": NO_VANS}))
    gateway = replace(quiet[NL], engine=engine)
    inquiry = Inquiry(addressee=TO_RO, data=records.encoded(records.small()))

    row = _row(explain_record(gateway, inquiry, quiet.now), "uses", "link")

    assert (row["dropped"], row["rung"], row["remedy"]) == (True, "withheld", NO_REMEDY)


def test_explanation_holds_no_content_and_stores_nothing(homes: Homes) -> None:
    before = oracle.counts(homes.opened(NL))

    told = json.dumps(asdict(_explain(homes, TO_RO, "person.name")))

    assert [secret for secret in SECRETS if secret in told] == []
    assert oracle.counts(homes.home(NL)) == before


def test_record_on_file_is_explained_as_its_file_was(homes: Homes) -> None:
    record_id = homes.push(records.small()).record_id

    found = explain_record(homes[NL], Inquiry(addressee=TO_RO, record_id=record_id), homes.now)

    assert replace(found, record_id="") == _explain(homes)


def test_record_that_is_not_here_is_not_found(quiet: Homes) -> None:
    inquiry = Inquiry(addressee=TO_RO, record_id="0199d0a0-0000-7000-8000-000000000000")

    with pytest.raises(NotFound):
        explain_record(quiet[NL], inquiry, quiet.now)


def test_recipient_nobody_knows_is_refused(quiet: Homes) -> None:
    with pytest.raises(GatewayError) as refused:
        _explain(quiet, replace(TO_RO, agency="police.zz"))

    assert refused.value.code == "unknown-recipient"


def test_inquiry_names_one_record_and_an_interview_one_person() -> None:
    for wrong in (
        {},
        {"record_id": "x", "data": b"y"},
        {"record_id": "x", "act": Act.REQUEST_INTERVIEW},
        {"record_id": "x", "act": Act.JUDICIAL_USE, "person": "victim"},
    ):
        with pytest.raises(Malformed):
            Inquiry(addressee=TO_RO, **wrong)


def test_agreement_past_its_date_counts_as_absent_and_is_named(homes: Homes) -> None:
    _agreed(homes, "nl-ro-2030", ended_days_ago=3)

    found = _explain(homes)

    (told,) = found.agreements
    ended = (homes.now - timedelta(days=3)).date().isoformat()
    assert told == (
        f"agreement nl-ro-2030 ended on {ended}, so it counts as absent; "
        "in force it would change nothing here"
    )


def test_agreement_in_force_is_not_told_as_absent(homes: Homes) -> None:
    _agreed(homes, "nl-ro-2031", ended_days_ago=-3)

    assert _explain(homes).agreements == []


def _agreed(homes: Homes, name: str, *, ended_days_ago: int) -> None:
    federation: Federation = homes.federation()
    day = homes.now.date()
    federation.add_agreement(
        Agreement(
            id=name,
            title="Invented agreement",
            parties=(NL, RO),
            purposes=(Purpose.INVESTIGATION,),
            legal_bases=(LegalBasis.AGREEMENT,),
            categories=("person.name",),
            classes=(),
            rungs=(Rung.EXACT,),
            onward=False,
            safeguards=True,
            clients=(),
            valid_from=day - timedelta(days=30),
            valid_until=day - timedelta(days=ended_days_ago),
            articles=("Art 1",),
        )
    )
    federation.publish()
    homes.refresh(NL)


def _weighed(homes: Homes, act: Act, to: Addressee = TO_RO, **stated: Any) -> list[Any]:
    inquiry = Inquiry(addressee=to, data=records.encoded(records.small()), act=act, **stated)
    return list(explain_act(homes[NL], inquiry, act, homes.now).rows)


def test_interview_with_a_minor_says_what_the_request_lacks(quiet: Homes) -> None:
    (row,) = _weighed(quiet, Act.REQUEST_INTERVIEW, person="victim")

    assert (row["outcome"], row["rules"][0]) == ("denied", "VP-18F")


def test_interview_that_states_it_all_waits_for_both_officers(quiet: Homes) -> None:
    (row,) = _weighed(
        quiet,
        Act.REQUEST_INTERVIEW,
        person="victim",
        specialised_staff=True,
        representative=True,
        sessions=True,
    )

    assert (row["outcome"], row["approvals"]) == ("held", ["CPO:1", "VPO:1"])


@pytest.mark.parametrize("person", ["van", "nobody"])
def test_only_a_person_of_the_record_is_interviewed(quiet: Homes, person: str) -> None:
    with pytest.raises(NotFound) as refused:
        _weighed(quiet, Act.REQUEST_INTERVIEW, person=person)

    assert refused.value.code == "no-such-person"


def test_use_in_court_is_told_field_by_field(quiet: Homes) -> None:
    rows = _weighed(quiet, Act.JUDICIAL_USE, replace(TO_RO, purpose=Purpose.PROSECUTION))

    assert {row["outcome"] for row in rows if row["entity"] == "van"} == {"release"}


def test_matching_is_told_with_and_without_a_match(quiet: Homes) -> None:
    rows = _weighed(quiet, Act.DECONFLICT, replace(TO_RO, purpose=Purpose.VICTIM_IDENTIFICATION))

    told = {(row["case"], row["outcome"]) for row in rows if row["entity"] == "victim"}
    assert told == {("nothing matches", "release"), ("something matches", "held")}


def test_support_organisation_hears_that_nothing_helps_for_others(quiet: Homes) -> None:
    found = _explain(quiet, replace(TO_NGO, agency=NGO))

    remedy = found.remedies[_row(found, "suspect", "names")["remedy"]]
    assert remedy["changes"] == []
    assert remedy["why_not"].startswith("nothing that an officer or the submitter can change releases this: ")
    assert remedy["why_not"].endswith("(VP-29)")
