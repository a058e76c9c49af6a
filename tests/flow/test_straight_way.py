"""The straight way: a record is pushed, decided, sealed, carried, opened, and its receipt closes it."""

from __future__ import annotations

import pytest

from gateway.errors import NotFound, Refused
from gateway.flow.audit import export_ledger, trust_of
from gateway.flow.carry import pack, unpack
from gateway.flow.consult import arrivals, show_arrival, show_own
from gateway.flow.deliver import outgoing
from gateway.flow.submit import Addressee, PushItem, push
from gateway.flow.verify import verify
from gateway.ledger.inspection import inspect
from gateway.record.vocabulary import Lane
from policy.decision import Outcome
from tests.flow import oracle, records
from tests.flow.federation import NGO, NL, RO, TO_NGO, TO_RO, Homes


def _states(homes: Homes, agency: str) -> dict[str, str]:
    return dict(oracle.query(homes.home(agency), "SELECT exchange_id, state FROM exchanges"))


def test_released_record_is_received_and_its_receipt_closes_the_exchange(homes: Homes) -> None:
    before, before_ro = (
        oracle.size(homes.opened(NL)),
        oracle.size(homes.opened(RO)),
    )

    (exchange,) = homes.push(records.small()).exchanges
    trip = homes.carry(RO)

    assert exchange.outcome is Outcome.RELEASE
    assert trip.answered is not None
    assert [(one.exchange_id, one.outcome) for one in trip.answered.acknowledged] == [
        (exchange.exchange_id, "delivered")
    ]
    assert oracle.kinds(homes.home(NL), before) == ["submitted", "decided", "released", "delivered"]
    assert oracle.kinds(homes.home(RO), before_ro) == ["received"]
    assert _states(homes, NL) == {exchange.exchange_id: "delivered"}
    assert _states(homes, RO) == {exchange.exchange_id: "received"}


def test_both_ledgers_name_the_same_exchange_message_and_envelope(homes: Homes) -> None:
    homes.push(records.small())
    homes.carry(RO)

    (released,) = (one for one in oracle.entries(homes.home(NL)) if one["kind"] == 6)
    (received,) = (one for one in oracle.entries(homes.home(RO)) if one["kind"] == 7)
    (delivered,) = (one for one in oracle.entries(homes.home(NL)) if one["kind"] == 9)

    for member in ("exchange", "message", "envelope"):
        assert released[member] == received[member]
    assert (released["direction"], received["direction"]) == ("out", "in")
    assert (released["peer"], received["peer"], delivered["peer"]) == (RO, NL, RO)
    assert (released["pair_seq"], received["pair_seq"]) == (1, 1)
    # The peer's head it was received under stands in the one ledger, ours in the other.
    assert received["peer_head"]["origin"] == "comity.ledger/police.nl/1"
    assert delivered["peer_head"]["origin"] == "comity.ledger/police.ro/1"


def test_closed_exchange_keeps_no_sealed_bytes_and_waits_no_more(homes: Homes) -> None:
    homes.push(records.small())
    assert oracle.query(homes.home(NL), "SELECT state, sealed IS NULL FROM outbox") == [("queued", 0)]

    homes.carry(RO)

    assert oracle.query(homes.home(NL), "SELECT state, sealed IS NULL FROM outbox") == [("delivered", 1)]
    with pytest.raises(NotFound):
        pack(homes[NL], RO, homes.now)


def test_what_came_is_shown_for_its_purpose_and_for_no_other(homes: Homes) -> None:
    (exchange,) = homes.push(records.small()).exchanges
    homes.carry(RO)
    size = oracle.size(homes.home(RO))

    shown = show_arrival(
        homes[RO], exchange.exchange_id, purpose="investigation", actor="system/test", now=homes.now
    )
    with pytest.raises(Refused) as refused:
        show_arrival(homes[RO], exchange.exchange_id, purpose="prosecution", actor="a", now=homes.now)

    assert shown.originator == NL
    assert "Fictief" in str(shown.record)
    assert records.SECRET_NAME not in str(shown.record)
    assert "no-reidentification" in shown.obligations
    assert refused.value.code == "other-purpose"
    assert oracle.kinds(homes.home(RO), size) == ["read"]


def test_own_record_is_shown_whole_with_what_became_of_it(homes: Homes) -> None:
    answer = homes.push(records.small(), TO_RO, TO_NGO)
    homes.carry(RO)

    shown = show_own(homes[NL], answer.record_id, purpose="investigation", actor="system/test", now=homes.now)

    assert records.SECRET_NAME in str(shown.record)
    assert {one["recipient"]: one["state"] for one in shown.exchanges} == {RO: "delivered", NGO: "denied"}


def test_received_record_verifies_from_its_stored_bytes_after_a_restart(homes: Homes) -> None:
    answer = homes.push(records.small())
    homes.carry(RO)
    homes.close()

    (arrival,) = arrivals(homes[RO])
    found = verify(homes[RO], arrival.exchange_id, homes.now)
    own = verify(homes[NL], answer.record_id, homes.now)

    assert (found.originator, found.record_id) == (NL, answer.record_id)
    assert own.key_id == found.key_id
    assert own.leaves == found.leaves
    assert 0 < found.portions < own.portions


def test_denied_recipient_gets_nothing_and_the_ledger_says_so(homes: Homes) -> None:
    size = oracle.size(homes.opened(NL))

    (exchange,) = homes.push(records.small(), TO_NGO).exchanges

    assert exchange.outcome is Outcome.DENIED
    assert exchange.reasons
    assert oracle.kinds(homes.home(NL), size) == ["submitted", "decided"]
    assert oracle.entries(homes.home(NL), size)[1]["outcome"] == "deny"
    assert oracle.counts(homes.home(NL))["outbox"] == 0
    with pytest.raises(NotFound):
        pack(homes[NL], NGO, homes.now)


def test_asked_name_of_a_minor_is_held_for_its_officers_and_leaves_by_no_path(homes: Homes) -> None:
    size = oracle.size(homes.opened(NL))

    (exchange,) = homes.push(records.small(), TO_RO, ask=("person.name",)).exchanges

    assert exchange.outcome is Outcome.HELD
    assert exchange.approvals == ("CPO:1", "VPO:1")
    assert oracle.kinds(homes.home(NL), size) == ["submitted", "decided", "held"]
    assert _states(homes, NL) == {exchange.exchange_id: "held"}
    assert oracle.counts(homes.home(NL))["outbox"] == 0
    # Neither by itself, nor by name, nor beside another record that may leave.
    with pytest.raises(NotFound):
        pack(homes[NL], RO, homes.now)
    with pytest.raises(NotFound):
        pack(homes[NL], RO, homes.now, only={exchange.exchange_id})
    (other,) = homes.push(records.small(2)).exchanges
    assert outgoing(homes[NL], RO, homes.now).exchanges == (other.exchange_id,)
    homes.carry(RO)
    assert [one.exchange_id for one in arrivals(homes[RO])] == [other.exchange_id]


def test_hold_outlives_a_restart_and_still_does_not_leave(homes: Homes) -> None:
    (exchange,) = homes.push(records.small(), TO_RO, ask=("person.name",)).exchanges

    homes.close()
    homes.pass_time(days=6)

    assert _states(homes, NL) == {exchange.exchange_id: "held"}
    assert outgoing(homes[NL], RO, homes.now).batch is None


def test_asking_changes_nothing_where_no_approval_would_help(homes: Homes) -> None:
    asked = homes.push(records.small(), TO_RO, ask=("vehicle.identity",)).exchanges[0]
    plain = homes.push(records.small(2), TO_RO).exchanges[0]

    assert asked.outcome is plain.outcome is Outcome.RELEASE


def test_unknown_category_asked_for_is_refused_and_nothing_stays(homes: Homes) -> None:
    before = oracle.counts(homes.opened(NL))

    refusal = homes.refused(records.small(), TO_RO, ask=("person.soul",))

    assert (refusal.code, refusal.field) == ("unknown-category", "ask")
    assert oracle.counts(homes.home(NL)) == before


def test_record_for_two_recipients_travels_in_two_envelopes_of_their_own(homes: Homes) -> None:
    record = records.demonstration()
    answer = homes.push(record, TO_RO, TO_NGO)

    trips = [homes.carry(agency) for agency in (RO, NGO)]

    assert [one.outcome for one in answer.exchanges] == [Outcome.RELEASE, Outcome.RELEASE]
    assert len({one.exchange_id for one in answer.exchanges}) == 2
    assert all(trip.answered and trip.answered.acknowledged[0].outcome == "delivered" for trip in trips)
    found = {agency: arrivals(homes[agency])[0].record_id for agency in (RO, NGO)}
    assert found == {RO: answer.record_id, NGO: answer.record_id}


def test_many_records_travel_under_one_checkpoint(homes: Homes) -> None:
    for number in range(5):
        homes.push(records.small(number))

    trip = homes.carry(RO)

    assert trip.answered is not None
    assert [one.outcome for one in trip.answered.acknowledged] == ["delivered"] * 5
    assert oracle.query(homes.home(RO), "SELECT count(*) FROM peer_heads") == [(1,)]


def test_urgent_record_leaves_before_a_routine_one(homes: Homes) -> None:
    homes.push(records.small())
    urgent = PushItem(record=records.encoded(records.small(2)), addressees=(TO_RO,), lane=Lane.THREAT_TO_LIFE)
    (answer,) = push(homes[NL], [urgent], homes.now)
    assert not isinstance(answer, Exception)

    leaving = outgoing(homes[NL], RO, homes.now, limit=1)

    assert leaving.exchanges == (answer.exchanges[0].exchange_id,)


def test_all_three_ledgers_verify_offline_and_each_shows_the_others_part(homes: Homes) -> None:
    homes.push(records.demonstration(), TO_RO, TO_NGO)
    homes.push(records.small(), TO_RO, ask=("person.name",))
    homes.carry(RO)
    homes.carry(NGO)

    reports = {
        agency: inspect(export_ledger(homes[agency], homes.now), trust_of(homes[NL].directory))
        for agency in (NL, RO, NGO)
    }

    assert {agency: report.exit_code for agency, report in reports.items()} == {NL: 0, RO: 0, NGO: 0}
    for agency, report in reports.items():
        assert report.size == len([one for one in oracle.kinds(homes.home(agency)) if one != "exported"])


def test_nothing_is_sent_back_and_forth_twice(homes: Homes) -> None:
    homes.push(records.small())
    trip = homes.carry(RO)
    before = {agency: oracle.counts(homes.home(agency)) for agency in (NL, RO)}

    again = homes.bring(trip.there, RO)

    assert again.answered is not None
    assert [one.outcome for one in again.answered.acknowledged] == ["repeated"]
    assert {agency: oracle.counts(homes.home(agency)) for agency in (NL, RO)} == before


def test_purpose_and_legal_basis_of_the_header_hold_where_none_is_named(homes: Homes) -> None:
    (exchange,) = homes.push(records.small(), Addressee(agency=RO)).exchanges

    assert exchange.outcome is Outcome.RELEASE
    assert oracle.query(homes.home(NL), "SELECT purpose, legal_basis FROM exchanges") == [
        ("investigation", "law-enforcement-task")
    ]


def test_file_for_another_agency_is_refused_whole(homes: Homes) -> None:
    homes.push(records.small())
    bundle, _ = pack(homes[NL], RO, homes.now)
    before = oracle.counts(homes.opened(NGO))

    with pytest.raises(Refused) as refused:
        unpack(homes[NGO], bundle, homes.now)

    assert refused.value.code == "not-addressed-to-us"
    assert oracle.counts(homes.home(NGO)) == before
