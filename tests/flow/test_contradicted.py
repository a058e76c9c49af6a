"""What a member with valid keys attests beyond what it shows: refused for good, and nothing of it is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.flow.carry import unpack
from gateway.flow.consult import arrivals
from gateway.flow.verify import verify
from gateway.ledger.entry import parse
from gateway.record.portion import Cut
from gateway.record.vocabulary import Fact, LegalBasis, Purpose, Rung
from gateway.release.plan import Grant
from gateway.release.release import Release
from gateway.sealing.batch import parse_receipt
from gateway.v1 import record_pb2 as pb
from tests.flow import forge, oracle, records
from tests.flow.federation import NGO, NL, RO, Homes

ATTESTED = frozenset({Fact.CONSENT_VALID, Fact.SUPPORTS_SUBJECT, Fact.COUNTRY_SAFE})
SHOWN = {3, 7, 33, 34, 35, 40}
"""Name, age status, consents, safety, role and care of the victim."""
CARE = 40
"""Who supports the victim: whatever is attested, the floor lets nobody but police learn it (VP-28)."""


def _answered(homes: Homes, recipient: str, release: Release) -> tuple[str, str]:
    """Return how the recipient answers a release, by the entry of its receipt."""
    forged = forge.announce(homes[NL], recipient, release.encode(), homes.now)
    carried = unpack(homes[recipient], forge.sent(homes[NL], recipient, forged), homes.now)
    assert carried.receipts is not None
    (receipt,) = carried.receipts.receipts
    entry = parse(parse_receipt(receipt).entry)
    return entry.kind.name.lower(), entry.code or ""


def _victim() -> pb.Record:
    """Return a record of an adult victim who consented, whom the shelter supports, afraid of Romania."""
    record = records.small()
    victim = record.persons[0]
    victim.age_status, victim.birth.year = pb.AGE_STATUS_ADULT, 1990
    given = victim.consents.add(status=pb.CONSENT_STATUS_GIVEN, recipients=[NGO], expires="2031-01-01")
    given.purposes.append(records.VICTIM_PROTECTION)
    victim.safety.unsafe_countries.append("RO")
    victim.care.add(provider=NGO)
    return record


def _showing(fields: set[int]) -> forge.Granting:
    def granting(piece: Cut) -> Grant | None:
        shown = piece.local == "victim" and piece.field in fields and piece.rung is Rung.EXACT
        return Grant(Rung.EXACT, (), ATTESTED) if shown else None

    return granting


def _to_shelter(homes: Homes, record: pb.Record, fields: set[int] = SHOWN) -> Release:
    purpose, basis = Purpose.VICTIM_PROTECTION, LegalBasis.CONSENT
    granting = _showing(fields)
    return forge.release(homes[NL], record, NGO, homes.now, granting, purpose=purpose, legal_basis=basis)


def _withdrawn(victim: pb.Person) -> None:
    victim.consents.add(status=pb.CONSENT_STATUS_WITHDRAWN)


def _for_others(victim: pb.Person) -> None:
    victim.consents[0].recipients[:] = [RO]


def _ended(victim: pb.Person) -> None:
    victim.consents[0].expires = "2020-01-01"


def _afraid_here(victim: pb.Person) -> None:
    victim.safety.unsafe_countries.append("NL")


def _supported_by_others(victim: pb.Person) -> None:
    victim.care[0].provider = RO


@pytest.mark.parametrize("change", [_withdrawn, _for_others, _ended, _afraid_here, _supported_by_others])
def test_release_whose_portions_belie_what_is_attested_is_refused(homes: Homes, change: object) -> None:
    record = _victim()
    assert callable(change)
    change(record.persons[0])

    answer = _answered(homes, NGO, _to_shelter(homes, record))

    assert answer == ("refused", "disclosure-invalid")
    homes.close()
    assert oracle.places([records.SECRET_NAME], oracle.files_of(homes.home(NGO))) == []


def test_release_whose_portions_bear_out_what_is_attested_is_received(homes: Homes) -> None:
    assert _answered(homes, NGO, _to_shelter(homes, _victim(), SHOWN - {CARE})) == ("received", "")

    (arrival,) = arrivals(homes[NGO])
    assert verify(homes[NGO], arrival.exchange_id, homes.now).originator == NL


def test_consent_that_ends_after_the_arrival_still_verifies(homes: Homes) -> None:
    """What is kept is verified as of its day of arrival: a consent that ended since made nothing untrue."""
    record = _victim()
    record.persons[0].consents[0].expires = homes.now.date().isoformat()
    assert _answered(homes, NGO, _to_shelter(homes, record, SHOWN - {CARE})) == ("received", "")
    (arrival,) = arrivals(homes[NGO])

    homes.pass_time(days=3)

    assert verify(homes[NGO], arrival.exchange_id, homes.now).originator == NL


def _sealed_ahead(homes: Homes, days: int) -> Release:
    granting = forge.only("vehicle.identity")
    return forge.release(homes[NL], records.small(), RO, homes.now + timedelta(days=days), granting)


def test_statement_of_a_day_that_has_not_come_is_refused(homes: Homes) -> None:
    assert _answered(homes, RO, _sealed_ahead(homes, 2)) == ("refused", "statement-invalid")
    assert _answered(homes, RO, _sealed_ahead(homes, 400)) == ("refused", "statement-invalid")

    # Midnight may fall between two clocks.
    assert _answered(homes, RO, _sealed_ahead(homes, 1)) == ("received", "")


def test_lifts_that_the_release_does_not_name_are_refused(homes: Homes) -> None:
    """Without the approvals it claims of a minor's name, the record says nothing of who answers for it."""
    facts = frozenset({Fact.COUNTRY_SAFE})
    granting = forge.only(
        "person.name", "person.role", "person.age-band", lifts=("CPO:1", "VPO:1"), facts=facts
    )
    purpose = Purpose.VICTIM_IDENTIFICATION
    named = forge.release(homes[NL], records.small(), RO, homes.now, granting, purpose=purpose)
    other = forge.release(homes[NL], records.small(), RO, homes.now, granting, purpose=purpose)

    for met in ((), ("CPO:1",)):
        unnamed = replace(other, duties_met=met)
        assert _answered(homes, RO, unnamed) == ("refused", "disclosure-invalid")

    assert _answered(homes, RO, named) == ("received", "")
