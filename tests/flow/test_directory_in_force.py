"""The directory decides who takes part: expired, suspended or absent, nothing passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import GatewayError, Stale
from gateway.flow.carry import Carried, pack, unpack
from gateway.flow.deliver import outgoing
from gateway.flow.submit import Addressee
from gateway.ledger.entry import parse
from gateway.record.vocabulary import Purpose
from gateway.sealing.batch import parse_receipt
from keys.member import MemberStatus
from policy.bundle import shipped_baseline
from tests.flow import forge, oracle, records
from tests.flow.federation import NGO, NL, RO, Homes, found, make_home


def _told(carried: Carried) -> list[tuple[str, str]]:
    assert carried.receipts is not None
    entries = [parse(parse_receipt(one).entry) for one in carried.receipts.receipts]
    found = [(entry.kind.name.lower(), entry.code or "") for entry in entries]
    return found + [("not accepted", error.code) for error in carried.receipts.errors]


def test_expired_directory_stops_what_leaves_and_what_comes_in(homes: Homes) -> None:
    homes.push(records.small())
    there, _ = pack(homes[NL], RO, homes.now)
    homes.carry(RO)
    homes.push(records.small(2))
    second, _ = pack(homes[NL], RO, homes.now)
    homes.pass_time(days=8)
    before = {agency: oracle.counts(homes.home(agency)) for agency in (NL, RO)}

    with pytest.raises(Stale):
        pack(homes[NL], RO, homes.now)
    refused = homes.refused(records.small(3))
    carried = unpack(homes[RO], second, homes.now)
    repeated = unpack(homes[RO], there, homes.now)

    assert refused.code == "stale-directory"
    assert _told(carried) == [("not accepted", "stale-directory")]
    # What was answered before is answered again, whatever the directory's age.
    assert _told(repeated) == [("received", "")]
    assert oracle.counts(homes.home(NL)) == before[NL]
    after = oracle.counts(homes.home(RO))
    assert {name for name in after if after[name] != before[RO][name]} == {"entries", "heads", "nodes"}
    # Nothing is remembered of it: with a fresh directory it comes in.
    homes.now -= timedelta(days=8)
    assert _told(unpack(homes[RO], second, homes.now)) == [("received", "")]


def test_receipts_under_an_expired_directory_close_nothing_and_count_later(homes: Homes) -> None:
    homes.push(records.small())
    there, _ = pack(homes[NL], RO, homes.now)
    reply = unpack(homes[RO], there, homes.now).reply or b""

    with pytest.raises(Stale):
        unpack(homes[NL], reply, homes.now + timedelta(days=8))

    assert oracle.query(homes.home(NL), "SELECT state FROM outbox") == [("queued",)]
    assert unpack(homes[NL], reply, homes.now).acknowledged[0].outcome == "delivered"


def test_agency_outside_the_directory_is_refused_at_every_door(homes: Homes) -> None:
    stranger = "police.zz"
    make_home(homes.folder, stranger, homes.now)
    before = oracle.counts(homes.opened(RO))
    there = forge.bundle(stranger, RO, forge.batch(homes[NL], b"anything"))

    carried = unpack(homes[RO], there, homes.now)
    to_stranger = homes.refused(
        records.small(),
        Addressee(agency=stranger, purpose=Purpose.INVESTIGATION, legal_basis=records.BASIS),
    )
    with pytest.raises(GatewayError) as no_way:
        pack(homes[NL], stranger, homes.now)

    assert [outcome for outcome, _ in _told(carried)] == ["not accepted"]
    assert (to_stranger.code, no_way.value.code) == ("unknown-recipient", "unknown-agency")
    # A stranger cannot make the ledger grow either.
    assert oracle.counts(homes.home(RO)) == before


def test_envelope_of_an_agency_outside_the_directory_has_no_ledger_key(homes: Homes) -> None:
    """The stranger is a member of a federation of its own, and does everything right there."""
    template = homes.folder / "template"
    template.mkdir()
    found(template, homes.now - timedelta(minutes=1))
    other = Homes(template, homes.folder / "other", homes.now)
    other.push(records.small())
    there, _ = pack(other[NL], RO, homes.now)
    other.close()

    # The same name in another federation is not the same agency: no key of it is in the directory here.
    carried = unpack(homes[RO], there, homes.now)

    assert _told(carried) == [("not accepted", "proof-invalid")]
    assert oracle.counts(homes.home(RO))["inbox"] == 0


def test_suspended_agency_neither_gets_nor_brings_anything(homes: Homes) -> None:
    homes.push(records.small())
    there, _ = pack(homes[NL], RO, homes.now)
    federation = homes.federation()
    federation.add_member(replace(federation.members()[NL], status=MemberStatus.SUSPENDED))
    federation.publish()
    homes.refresh(RO, NGO)

    carried = unpack(homes[RO], there, homes.now)
    refusal = homes.refused(
        records.small(),
        Addressee(agency=NL, purpose=Purpose.INVESTIGATION, legal_basis=records.BASIS),
        sender=RO,
    )

    assert _told(carried) == [("not accepted", "ledger-key")]
    assert refusal.code == "unknown-recipient"
    with pytest.raises(GatewayError):
        homes.refresh(NL)


def test_release_decided_under_other_rules_stays_until_it_is_pushed_again(homes: Homes) -> None:
    (exchange,) = homes.push(records.small()).exchanges
    federation = homes.federation()
    federation.set_baseline(shipped_baseline() + "\n// The rules were changed.\n")
    federation.publish()
    homes.pass_time(minutes=5)
    homes.refresh(NL)

    leaving = outgoing(homes[NL], RO, homes.now)
    (again,) = homes.push(records.small()).exchanges

    assert leaving.batch is None
    assert [one for one, _ in leaving.held_back] == [exchange.exchange_id]
    assert outgoing(homes[NL], RO, homes.now).exchanges == (again.exchange_id,)
    assert "policy-changed" in oracle.kinds(homes.home(NL))[6:]


def test_real_home_refuses_what_an_exercise_sends(homes: Homes) -> None:
    """A home for real data would take an invented case for a true one."""
    homes.push(records.small())
    there, _ = pack(homes[NL], RO, homes.now)

    carried = unpack(replace(homes[RO], exercise=False), there, homes.now)

    assert _told(carried) == [("refused", "exercise-mismatch")]
    assert oracle.counts(homes.home(RO))["records"] == 0
