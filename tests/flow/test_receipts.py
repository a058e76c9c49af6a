"""Only the peer's own ledger, showing exactly this envelope, closes an exchange."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import GatewayError
from gateway.flow.acknowledge import Acknowledged, acknowledge
from gateway.flow.audit import export_ledger, trust_of
from gateway.flow.carry import pack, unpack
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.inspection import inspect
from gateway.ledger.tree import root_of
from gateway.sealing.batch import Consistency, InBandError, ReceiptBatch, parse_receipt, parse_receipt_batch
from gateway.sealing.bundle import parse_bundle
from tests.flow import forge, oracle, records
from tests.flow.federation import NGO, NL, RO, TO_NGO, TO_RO, Homes


def _answer(homes: Homes, recipient: str = RO, *, only: set[str] | None = None) -> ReceiptBatch:
    """Let a recipient receive what waits, and return its answer without bringing it back."""
    there, _ = pack(homes[NL], recipient, homes.now, only=only)
    reply = unpack(homes[recipient], there, homes.now).reply
    assert reply is not None
    data = parse_bundle(reply).receipts
    assert data is not None
    return parse_receipt_batch(data)


def _bring(homes: Homes, batch: ReceiptBatch, carrier: str = RO) -> list[Acknowledged]:
    return acknowledge(homes[NL], batch.encode(), carrier, homes.now)


def _assert_still_waits(homes: Homes, before: dict[str, int]) -> None:
    home = homes.home(NL)
    assert {state for (state,) in oracle.query(home, "SELECT state FROM outbox")} == {"queued"}
    assert {state for (state,) in oracle.query(home, "SELECT state FROM exchanges")} == {"released"}
    assert "delivered" not in oracle.kinds(home)
    assert oracle.counts(home)["receipts"] == before["receipts"] == 0


def test_missing_receipt_leaves_the_envelope_waiting(homes: Homes) -> None:
    homes.push(records.small())
    before = oracle.counts(homes.home(NL))
    answer = _answer(homes)
    (row,) = oracle.query(homes.home(NL), "SELECT message_id FROM outbox")

    done = _bring(
        homes,
        ReceiptBatch(
            checkpoint=b"",
            consistency=None,
            receipts=(),
            errors=(InBandError(code="store", message_id=row[0]),),
        ),
    )

    assert [(one.outcome, one.code) for one in done] == [("not-accepted", "store")]
    _assert_still_waits(homes, before)
    assert [one.outcome for one in _bring(homes, answer)] == ["delivered"]


def test_altered_receipt_changes_nothing(homes: Homes) -> None:
    homes.push(records.small())
    before = oracle.counts(homes.home(NL))
    answer = _answer(homes)
    good = parse_receipt(answer.receipts[0])
    refusal = good.entry.replace(b'"kind":7', b'"kind":8').replace(
        b'"envelope"', b'"code":"expired","envelope"'
    )

    for entry in (refusal, good.entry.replace(b'"v":1', b'"v":1 '), good.entry[:-1], b"{}"):
        done = _bring(homes, replace(answer, receipts=(replace(good, entry=entry).encode(),)))
        assert [one.outcome for one in done] == ["not-accepted"], entry
    done = _bring(homes, replace(answer, receipts=(replace(good, proof=good.proof + b"x").encode(),)))

    assert [one.outcome for one in done] == ["not-accepted"]
    _assert_still_waits(homes, before)


def test_receipt_of_another_envelope_closes_only_that_one(homes: Homes) -> None:
    one = homes.push(records.small(1)).exchanges[0].exchange_id
    two = homes.push(records.small(2)).exchanges[0].exchange_id
    there, _ = pack(homes[NL], RO, homes.now, only={one})
    reply = unpack(homes[RO], there, homes.now).reply

    done = unpack(homes[NL], reply or b"", homes.now).acknowledged

    assert [(answer.exchange_id, answer.outcome) for answer in done] == [(one, "delivered")]
    states = dict(oracle.query(homes.home(NL), "SELECT exchange_id, state FROM exchanges"))
    assert states == {one: "delivered", two: "released"}


def test_receipt_another_agency_shows_is_not_accepted(homes: Homes) -> None:
    homes.push(records.demonstration(), TO_RO, TO_NGO)
    before = oracle.counts(homes.home(NL))
    of_ro, of_ngo = _answer(homes, RO), _answer(homes, NGO)

    # The shelter shows the police's receipt: under the police's checkpoint, and under its own.
    with pytest.raises(GatewayError):
        _bring(homes, of_ro, carrier=NGO)
    swapped = _bring(homes, replace(of_ngo, receipts=of_ro.receipts), carrier=NGO)

    assert [(one.outcome, one.code) for one in swapped] == [("not-accepted", "no-such-message")]
    _assert_still_waits(homes, before)


def test_receipt_of_an_earlier_message_replayed_for_a_later_one_is_nothing_new(homes: Homes) -> None:
    homes.push(records.small(1))
    first = _answer(homes)
    _bring(homes, first)
    later = homes.push(records.small(2)).exchanges[0].exchange_id

    done = _bring(homes, first)

    assert [one.outcome for one in done] == ["repeated"]
    states = dict(oracle.query(homes.home(NL), "SELECT exchange_id, state FROM exchanges"))
    assert states[later] == "released"


def test_receipt_for_a_message_never_sent_is_not_accepted(homes: Homes) -> None:
    """A peer writes a `received` entry of its own invention into its ledger and proves it."""
    homes.push(records.small())
    before = oracle.counts(homes.home(NL))
    invented = forge.acknowledgement(homes[RO], NL)

    done = _bring(homes, invented)

    assert [(one.outcome, one.code) for one in done] == [("not-accepted", "no-such-message")]
    _assert_still_waits(homes, before)


def test_receipt_for_another_envelope_digest_of_our_message_is_not_accepted(homes: Homes) -> None:
    homes.push(records.small())
    before = oracle.counts(homes.home(NL))
    (row,) = oracle.query(homes.home(NL), "SELECT exchange_id, message_id FROM outbox")

    done = _bring(homes, forge.acknowledgement(homes[RO], NL, exchange=row[0], message=row[1]))

    assert [(one.outcome, one.code) for one in done] == [("not-accepted", "receipt-mismatch")]
    _assert_still_waits(homes, before)


def test_receipts_of_an_agency_outside_the_federation_are_refused(homes: Homes) -> None:
    homes.push(records.small())
    before = oracle.counts(homes.home(NL))
    answer = _answer(homes)

    with pytest.raises(GatewayError) as refused:
        _bring(homes, answer, carrier="police.xx")

    assert refused.value.code == "unknown-peer"
    _assert_still_waits(homes, before)


def test_one_bad_receipt_does_not_keep_its_neighbours_from_counting(homes: Homes) -> None:
    for number in range(3):
        homes.push(records.small(number))
    answer = _answer(homes)
    middle = replace(parse_receipt(answer.receipts[1]), proof=b"nonsense").encode()

    done = _bring(homes, replace(answer, receipts=(answer.receipts[0], middle, answer.receipts[2])))

    assert sorted(one.outcome for one in done) == ["delivered", "delivered", "not-accepted"]
    assert oracle.kinds(homes.home(NL)).count("delivered") == 2


def test_receipt_shown_under_a_forked_checkpoint_closes_nothing_and_is_kept_as_evidence(homes: Homes) -> None:
    homes.push(records.small(1))
    kept = homes.keep(RO)
    _bring(homes, _answer(homes))
    homes.put_back(RO, kept)
    homes.push(records.small(2))
    size = oracle.size(homes.home(NL))
    forked = _answer(homes)

    with pytest.raises(GatewayError) as refused:
        _bring(homes, forked)

    assert refused.value.code == "forked"
    assert oracle.kinds(homes.home(NL), size) == ["misbehaviour"]
    evidence = oracle.query(homes.home(NL), "SELECT value FROM meta WHERE name LIKE 'evidence/%'")
    assert evidence == [(forked.checkpoint.decode(),)]
    states = [state for (state,) in oracle.query(homes.home(NL), "SELECT state FROM outbox")]
    assert sorted(states) == ["delivered", "queued"]


def test_closed_exchange_names_the_entry_that_closed_it(homes: Homes) -> None:
    homes.push(records.small())

    _bring(homes, _answer(homes))

    ((released, closing),) = oracle.query(homes.home(NL), "SELECT entry, closing_entry FROM exchanges")
    kinds = oracle.kinds(homes.home(NL))
    assert (kinds[released], kinds[closing]) == ("released", "delivered")


def _forged_seen(homes: Homes, seen: Checkpoint) -> ReceiptBatch:
    """Return a receipt of our one message, right but for the head of ours that it says was seen."""
    ((exchange, message, envelope),) = oracle.query(
        homes.home(NL), "SELECT exchange_id, message_id, envelope_digest FROM outbox"
    )
    return forge.acknowledgement(
        homes[RO], NL, exchange=exchange, message=message, envelope=envelope, peer_head=seen
    )


@pytest.mark.parametrize("claim", ["more than there is", "one more", "another root", "another ledger"])
def test_receipt_that_claims_a_head_our_ledger_never_had_changes_nothing(homes: Homes, claim: str) -> None:
    homes.push(records.small())
    there, _ = pack(homes[NL], RO, homes.now)
    before = oracle.counts(homes.home(NL))
    head = homes[NL].read.head()
    true = Checkpoint(origin=homes[NL].origin, size=head.size, root=head.root)
    seen = {
        "more than there is": replace(true, size=10**9),
        "one more": replace(true, size=head.size + 1),
        "another root": replace(true, root=b"7" * 32),
        "another ledger": replace(true, origin=f"comity.ledger/{NL}/2"),
    }[claim]

    done = _bring(homes, _forged_seen(homes, seen))

    assert [(one.outcome, one.code) for one in done] == [("not-accepted", "receipt-mismatch")]
    _assert_still_waits(homes, before)
    assert oracle.query(homes.home(NL), "SELECT * FROM meta WHERE name LIKE 'shown/%'") == []
    trip = homes.bring(there, RO)
    assert trip.answered is not None
    assert [one.outcome for one in trip.answered.acknowledged] == ["delivered"]
    report = inspect(export_ledger(homes[NL], homes.now), trust_of(homes[NL].directory))
    assert report.exit_code == 0


def test_receipt_may_name_any_head_our_ledger_ever_had(homes: Homes) -> None:
    """Also one that no commit ended at: what matters is that it is ours."""
    homes.push(records.small())
    home = homes.home(NL)
    leaves = [leaf for (leaf,) in oracle.query(home, "SELECT leaf FROM entries ORDER BY idx")]
    ends = {size for (size,) in oracle.query(home, "SELECT size FROM heads")}
    size = max(set(range(1, len(leaves))) - ends)
    seen = Checkpoint(origin=homes[NL].origin, size=size, root=root_of(leaves[:size]))

    done = _bring(homes, _forged_seen(homes, seen))

    assert [one.outcome for one in done] == ["delivered"]
    shown = oracle.query(home, "SELECT name, value FROM meta WHERE name LIKE 'shown/%'")
    assert shown == [(f"shown/{RO}", str(size))]


def test_peer_that_proves_growth_only_from_a_head_it_never_linked_stays_unlinked(homes: Homes) -> None:
    for number in range(3):
        homes.push(records.small(number))
    first, *later = (row[0] for row in oracle.query(homes.home(NL), "SELECT exchange_id FROM outbox"))
    _bring(homes, _answer(homes, only={first}))
    (linked,) = oracle.query(homes.home(NL), "SELECT size FROM linked_heads")
    unlinked = replace(_answer(homes, only={later[0]}), consistency=None)
    _bring(homes, unlinked)
    between = homes[RO].read.head().size
    answer = _answer(homes, only={later[1]})
    size = homes[RO].read.head().size
    hashes = tuple(homes[RO].read.consistency_proof(between, size))

    _bring(homes, replace(answer, consistency=Consistency(from_size=between, hashes=hashes)))
    sizes = oracle.query(homes.home(NL), "SELECT size FROM linked_heads ORDER BY size")
    hashes = tuple(homes[RO].read.consistency_proof(linked[0], size))
    again = _bring(homes, replace(answer, consistency=Consistency(from_size=linked[0], hashes=hashes)))

    assert sizes == [linked]
    assert [one.outcome for one in again] == ["repeated"]
    sizes = oracle.query(homes.home(NL), "SELECT grown_from, size FROM linked_heads ORDER BY size")
    assert sizes == [(0, linked[0]), (linked[0], size)]
