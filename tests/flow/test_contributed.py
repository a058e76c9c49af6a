"""What a support organisation contributed: the consent and the agreement it takes, wherever it is stated."""

from __future__ import annotations

import pytest

from gateway.flow.keeping import RELEASE, owner_of, read_body
from gateway.record.vocabulary import Provenance
from gateway.release.release import parse_release
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.flow import records
from tests.flow.federation import NGO, NL, RO, Homes


def _from_an_organisation(record: pb.Record, where: str) -> pb.Record:
    if where == "header":
        record.header.source = marking_pb2.PROVENANCE_NGO
    else:
        record.header.marking.provenance.append(marking_pb2.PROVENANCE_NGO)
    return record


def _consented(record: pb.Record) -> pb.Record:
    victim = record.persons[0]
    victim.age_status, victim.birth.year = pb.AGE_STATUS_ADULT, 1990
    given = victim.consents.add(status=pb.CONSENT_STATUS_GIVEN, recipients=[RO], expires="2031-01-01")
    given.purposes.append(marking_pb2.PURPOSE_INVESTIGATION)
    return record


def _reasons(homes: Homes, record: pb.Record, *, sender: str = NL) -> set[str]:
    answer = homes.push(record, sender=sender)
    return {rule for rule, _ in answer.exchanges[0].reasons}


@pytest.mark.parametrize("where", ["header", "marking"])
def test_what_an_organisation_contributed_goes_on_with_its_agreement_only(homes: Homes, where: str) -> None:
    assert "VP-27" in _reasons(homes, _from_an_organisation(records.small(), where))


def test_what_police_found_needs_no_organisation(homes: Homes) -> None:
    assert "VP-27" not in _reasons(homes, records.small())


def test_record_of_an_organisation_is_its_contribution_though_it_does_not_say_so(homes: Homes) -> None:
    assert "VP-27" in _reasons(homes, records.small(), sender=NGO)


def test_organisation_sends_of_a_client_who_consented_without_asking_itself(homes: Homes) -> None:
    assert "VP-27" not in _reasons(homes, _consented(records.small()), sender=NGO)


@pytest.mark.parametrize("where", ["header", "marking"])
def test_recipient_learns_that_an_organisation_contributed(homes: Homes, where: str) -> None:
    answer = homes.push(_from_an_organisation(records.small(), where))
    gateway, exchange = homes[NL], answer.exchanges[0].exchange_id
    record = gateway.read.record(NL, answer.record_id, 1)
    assert record is not None

    release = parse_release(read_body(gateway, owner_of(gateway, record), RELEASE, exchange))

    assert Provenance.NGO in release.marking.provenance
