"""A ledger has one history: who shows two is found out, and an old copy of a store signs nothing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import Corrupt
from gateway.flow.audit import export_ledger
from gateway.flow.carry import Carried, pack, unpack
from gateway.flow.consult import arrivals
from gateway.ledger.entry import parse
from gateway.sealing.batch import Consistency, parse_receipt
from tests.flow import forge, oracle, records
from tests.flow.federation import NL, RO, Homes


def _told(carried: Carried) -> list[tuple[str, str]]:
    assert carried.receipts is not None
    entries = [parse(parse_receipt(one).entry) for one in carried.receipts.receipts]
    found = [(entry.kind.name.lower(), entry.code or "") for entry in entries]
    return found + [("not accepted", error.code) for error in carried.receipts.errors]


def test_sender_that_shows_two_histories_is_found_out_and_the_proof_is_kept(homes: Homes) -> None:
    kept = homes.keep(NL)
    homes.push(records.small(1))
    homes.carry(RO)
    homes.put_back(NL, kept)
    homes.push(records.small(2))
    size = oracle.size(homes.home(RO))
    forked, _ = pack(homes[NL], RO, homes.now)

    first = unpack(homes[RO], forked, homes.now)
    second = unpack(homes[RO], forked, homes.now)

    assert _told(first) == _told(second) == [("not accepted", "forked")]
    assert oracle.kinds(homes.home(RO), size) == ["refused-summary", "misbehaviour", "refused-summary"]
    assert len(arrivals(homes[RO])) == 1
    (proof,) = oracle.query(homes.home(RO), "SELECT value FROM meta WHERE name LIKE 'evidence/%'")
    ours = [
        note
        for (note,) in oracle.query(homes.home(RO), "SELECT note FROM peer_heads")
        if note.split("\n")[:2] == proof[0].split("\n")[:2]
    ]
    # The same origin and size, two roots, each signed: anybody can see it.
    assert len(ours) == 1
    assert ours[0].split("\n")[2] != proof[0].split("\n")[2]


def test_sender_whose_store_is_behind_what_it_signed_signs_nothing_more(homes: Homes) -> None:
    kept = homes.keep(NL)
    homes.push(records.small(1))
    homes.carry(RO)
    homes.put_back(NL, kept, "store.db")

    with pytest.raises(Corrupt) as refused:
        export_ledger(homes[NL], homes.now)

    assert refused.value.code == "behind-high-water"


def test_sender_whose_store_took_another_branch_signs_nothing_more(homes: Homes) -> None:
    kept = homes.keep(NL)
    homes.push(records.small(1))
    homes.carry(RO)
    homes.put_back(NL, kept, "store.db")

    # However far it grows: the entries are kept, and no head over them is ever signed.
    for number in range(2, 6):
        homes.push(records.small(number))
        with pytest.raises(Corrupt) as refused:
            pack(homes[NL], RO, homes.now)
        assert refused.value.code == "behind-high-water"


def _bring(homes: Homes, *forged: forge.Forged, grown_from: int | None = None) -> list[dict[str, Any]]:
    """Bring envelopes to police.ro with a proof of growth, or none; return the entries that answer them."""
    read, since = homes[NL].read, oracle.size(homes.home(RO))
    consistency = None
    if grown_from is not None:
        hashes = tuple(read.consistency_proof(grown_from, read.head().size))
        consistency = Consistency(from_size=grown_from, hashes=hashes)
    envelopes = [forge.envelope(homes[NL], one) for one in forged]
    batch = forge.batch(homes[NL], *envelopes, consistency=consistency)
    unpack(homes[RO], forge.bundle(NL, RO, batch), homes.now)
    return oracle.entries(homes.home(RO), since)


def _seen(entries: list[dict[str, Any]]) -> list[int]:
    return [entry["peer_head"]["size"] for entry in entries]


def _linked(homes: Homes) -> list[int]:
    rows = oracle.query(homes.home(RO), "SELECT size FROM linked_heads ORDER BY size")
    return [size for (size,) in rows]


def _announced(homes: Homes) -> forge.Forged:
    return forge.announce(homes[NL], RO, b"no release", homes.now)


def test_second_history_that_goes_on_from_itself_never_counts_as_grown(homes: Homes) -> None:
    """One history, then a longer one without proof, then proof of growth from that one alone."""
    kept = homes.keep(NL)
    homes.push(records.small(1))
    first = oracle.size(homes.home(NL))
    homes.carry(RO)
    homes.put_back(NL, kept)
    others = [_announced(homes) for _ in range(first)]
    other = oracle.size(homes.home(NL))

    unproved = _bring(homes, others[0])
    others.append(_announced(homes))
    continued = _bring(homes, others[-1], grown_from=other)

    assert first < other
    assert _seen(unproved) == _seen(continued) == [first]
    assert _linked(homes) == [first]
    assert oracle.query(homes.home(RO), "SELECT count(*) FROM peer_heads") == [(3,)]
    # Nor can it ever be joined to what was shown first.
    (refused,) = _bring(homes, _announced(homes), grown_from=first)
    assert refused["codes"] == {"proof-invalid": 1}


def test_head_shown_without_proof_is_linked_once_growth_to_it_is_proved(homes: Homes) -> None:
    homes.push(records.small(1))
    first = oracle.size(homes.home(NL))
    homes.carry(RO)
    one, two = _announced(homes), _announced(homes)
    size = oracle.size(homes.home(NL))

    unproved, unlinked = _bring(homes, one), _linked(homes)
    proved = _bring(homes, two, grown_from=first)

    assert (_seen(unproved), unlinked) == ([first], [first])
    assert (_seen(proved), _linked(homes)) == ([size], [first, size])


def test_honest_sender_whose_receipts_were_lost_is_linked_again_by_the_next(homes: Homes) -> None:
    homes.push(records.small(1))
    first = oracle.size(homes.home(NL))
    there, _ = pack(homes[NL], RO, homes.now)
    unpack(homes[RO], there, homes.now)  # the reply is lost on its way

    homes.push(records.small(2))
    homes.carry(RO)
    unlinked = _linked(homes)
    homes.push(records.small(3))
    third = oracle.size(homes.home(NL))
    homes.carry(RO)

    assert (unlinked, _linked(homes)) == ([first], [first, third])
    assert oracle.query(homes.home(NL), "SELECT DISTINCT state FROM outbox") == [("delivered",)]


def test_history_that_contradicts_a_head_shown_without_proof_is_found_out(homes: Homes) -> None:
    homes.push(records.small(1))
    homes.carry(RO)
    kept = homes.keep(NL)
    _bring(homes, _announced(homes))
    homes.put_back(NL, kept)
    size = oracle.size(homes.home(RO))

    _bring(homes, _announced(homes))

    assert oracle.kinds(homes.home(RO), size) == ["refused-summary", "misbehaviour"]
