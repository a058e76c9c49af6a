"""A witness vouches for one history of a peer's ledger: the one it has seen grow (A27, A28)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import Conflict, Forbidden, GatewayError, Malformed, Refused, VerificationFailed
from gateway.flow.cosign import cosign_for, seen_of
from gateway.flow.witnesses import witness_vkeys
from gateway.ledger.note import open_checkpoint
from gateway.sealing.batch import Consistency
from tests.flow import oracle
from tests.flow.federation import BANK, NGO, NL, RO, Homes
from tests.flow.witnessing import asked, grow, proof, signed


def _cosigned_at(homes: Homes, note: str, lines: list[str]) -> list[tuple[str, int]]:
    """Return under whose listed witness key and when the lines say that they were made."""
    vkeys = witness_vkeys(homes[NL].directory)
    opened = open_checkpoint(note + "".join(lines), [homes[NL].notary.vkey], list(vkeys.values())).opened
    return [(vkey.name, at) for vkey, at in opened.cosigned]


def _seen(homes: Homes) -> list[int]:
    return [size for (size,) in oracle.query(homes.home(RO), "SELECT size FROM peer_heads ORDER BY size")]


def _refused(homes: Homes, note: bytes, grown: Consistency | None, carrier: str = NL) -> GatewayError:
    """Return why police.ro cosigns nothing, and see that it keeps nothing either."""
    before = oracle.counts(homes.opened(RO))
    with pytest.raises(GatewayError) as refused:
        cosign_for(homes[RO], carrier, note, grown, homes.now)
    assert oracle.counts(homes.home(RO)) == before
    return refused.value


def test_first_head_of_a_peer_is_cosigned_and_remembered(witnessing: Homes) -> None:
    head, size = signed(witnessing), oracle.size(witnessing.opened(RO))

    lines = asked(witnessing, head, None)

    made_at = int(witnessing.now.timestamp())
    assert _cosigned_at(witnessing, head.note, lines) == [(f"comity.witness/{RO}", made_at)]
    assert _seen(witnessing) == [head.checkpoint.size]
    assert oracle.size(witnessing.home(RO)) == size


def test_head_that_has_grown_is_cosigned_on_proof(witnessing: Homes) -> None:
    first = signed(witnessing)
    asked(witnessing, first, None)
    size = grow(witnessing, count=5)
    head = signed(witnessing)

    lines = asked(witnessing, head, proof(witnessing, first.checkpoint.size, size))

    assert len(_cosigned_at(witnessing, head.note, lines)) == 1
    assert _seen(witnessing) == [first.checkpoint.size, size]


def test_same_head_is_cosigned_again_at_a_later_time(witnessing: Homes) -> None:
    """An idle ledger needs fresh lines; nothing new is remembered for them."""
    head = signed(witnessing)
    asked(witnessing, head, None)
    before = oracle.counts(witnessing.home(RO))
    witnessing.pass_time(minutes=1)

    lines = asked(witnessing, head, Consistency(from_size=head.checkpoint.size, hashes=()))

    ((_, at),) = _cosigned_at(witnessing, head.note, lines)
    assert at == int(witnessing.now.timestamp())
    assert oracle.counts(witnessing.home(RO)) == before


def test_what_a_witness_has_seen_outlives_its_restart(witnessing: Homes) -> None:
    head = signed(witnessing)
    asked(witnessing, head, None)
    witnessing.close(RO)

    refused = _refused(witnessing, head.note.encode(), None)

    assert (refused.code, refused.facts) == ("other-size", {"size": str(head.checkpoint.size)})


@pytest.mark.parametrize("claimed", [None, -1, 1])
def test_growth_from_another_size_than_the_one_seen_is_told_the_right_one(
    witnessing: Homes, claimed: int | None
) -> None:
    first = signed(witnessing).checkpoint.size
    asked(witnessing, signed(witnessing), None)
    size = grow(witnessing, count=5)
    note = signed(witnessing).note.encode()
    grown = None if claimed is None else proof(witnessing, first + claimed, size)

    refused = _refused(witnessing, note, grown)

    assert isinstance(refused, Conflict)
    assert (refused.code, refused.facts["size"]) == ("other-size", str(first))


def test_growth_claimed_where_nothing_was_seen_is_told_so(witnessing: Homes) -> None:
    size = grow(witnessing)
    refused = _refused(witnessing, signed(witnessing).note.encode(), proof(witnessing, size - 1, size))

    assert (refused.code, refused.facts["size"]) == ("other-size", "0")


def test_older_head_is_not_cosigned_again(witnessing: Homes) -> None:
    """A fresh line over it would say that a ledger cut back to there were still the newest."""
    old = signed(witnessing)
    asked(witnessing, old, None)
    size = grow(witnessing)
    asked(witnessing, signed(witnessing), proof(witnessing, old.checkpoint.size, size))

    for grown in (Consistency(from_size=size, hashes=()), proof(witnessing, 1, size), None):
        refused = _refused(witnessing, old.note.encode(), grown)

        assert (refused.code, refused.facts["size"]) == ("other-size", str(size))


@pytest.mark.parametrize("change", ["flipped", "one less", "one more", "none"])
def test_growth_that_is_not_proved_is_not_cosigned(witnessing: Homes, change: str) -> None:
    first = signed(witnessing).checkpoint.size
    asked(witnessing, signed(witnessing), None)
    size = grow(witnessing, count=5)
    hashes = proof(witnessing, first, size).hashes
    broken = {
        "flipped": (bytes(32), *hashes[1:]),
        "one less": hashes[:-1],
        "one more": (*hashes, bytes(32)),
        "none": (),
    }[change]

    grown = Consistency(from_size=first, hashes=broken)

    refused = _refused(witnessing, signed(witnessing).note.encode(), grown)

    assert isinstance(refused, VerificationFailed)
    assert refused.code == "proof-invalid"


def test_growth_to_the_same_size_has_no_proof(witnessing: Homes) -> None:
    head = signed(witnessing)
    asked(witnessing, head, None)
    grown = Consistency(from_size=head.checkpoint.size, hashes=(bytes(32),))

    refused = _refused(witnessing, head.note.encode(), grown)

    assert refused.code == "proof-invalid"


def test_second_history_is_not_cosigned_and_is_kept_as_evidence_once(witnessing: Homes) -> None:
    kept = witnessing.keep(NL)
    size = grow(witnessing)
    asked(witnessing, signed(witnessing), None)
    witnessing.put_back(NL, kept)
    assert grow(witnessing) == size
    forked = signed(witnessing).note
    before = oracle.size(witnessing.home(RO))

    for _ in range(2):
        with pytest.raises(VerificationFailed) as refused:
            asked(witnessing, signed(witnessing), Consistency(from_size=size, hashes=()))
        assert refused.value.code == "forked"

    assert oracle.kinds(witnessing.home(RO), before) == ["misbehaviour"]
    evidence = oracle.query(witnessing.home(RO), "SELECT value FROM meta WHERE name LIKE 'evidence/%'")
    assert evidence == [(forked,)]
    assert _seen(witnessing) == [size]


def test_second_history_that_goes_on_is_not_cosigned_either(witnessing: Homes) -> None:
    kept = witnessing.keep(NL)
    size = grow(witnessing)
    asked(witnessing, signed(witnessing), None)
    witnessing.put_back(NL, kept)
    longer = grow(witnessing, count=4)

    refused = _refused(witnessing, signed(witnessing).note.encode(), proof(witnessing, size, longer))

    assert refused.code == "proof-invalid"


def test_head_of_another_than_the_carriers_ledger_is_not_cosigned(witnessing: Homes) -> None:
    """A01: who asks is the peer that the connection belongs to, whatever the note says."""
    note = signed(witnessing).note

    refused = _refused(witnessing, note.encode(), None, carrier=NGO)
    renamed = _refused(witnessing, note.replace(NL, NGO).encode(), None, carrier=NGO)

    assert refused.code == renamed.code == "no-known-signature"
    assert len(asked(witnessing, signed(witnessing), None)) == 1


def test_stranger_is_cosigned_nothing(witnessing: Homes) -> None:
    refused = _refused(witnessing, signed(witnessing).note.encode(), None, carrier="police.zz")

    assert isinstance(refused, Forbidden)
    assert refused.code == "unknown-peer"


def test_member_that_witnesses_nobody_is_cosigned_all_the_same(witnessing: Homes) -> None:
    head = signed(witnessing, BANK)

    assert len(cosign_for(witnessing[RO], BANK, head.note.encode(), None, witnessing.now)) == 1


@pytest.mark.parametrize("note", [b"", b"no note", b"\xff\xfe", b"a\n1\n\n"])
def test_what_is_no_checkpoint_is_not_cosigned(witnessing: Homes, note: bytes) -> None:
    assert isinstance(_refused(witnessing, note, None), Malformed)


def test_gateway_whose_guard_tripped_cosigns_for_nobody(witnessing: Homes) -> None:
    head = signed(witnessing)
    witnessing[RO].notary.trip("a witness has seen more")

    refused = _refused(witnessing, head.note.encode(), None)

    assert isinstance(refused, Refused)
    assert refused.code == "guard-tripped"


def test_member_is_told_the_newest_head_of_its_own_ledger_only(witnessing: Homes) -> None:
    first = signed(witnessing)
    origin, now = first.checkpoint.origin, witnessing.now
    before = seen_of(witnessing[RO], NL, origin, now)
    asked(witnessing, first, None)
    size = grow(witnessing)
    newest = signed(witnessing)
    asked(witnessing, newest, proof(witnessing, first.checkpoint.size, size))

    assert before is None
    assert seen_of(witnessing[RO], NL, origin, now) == newest.note.encode()
    for carrier, ledger in ((NGO, origin), (NL, origin.replace("/1", "/2")), ("police.zz", origin)):
        with pytest.raises(Forbidden):
            seen_of(witnessing[RO], carrier, ledger, now)


def test_line_is_made_by_the_witness_key_and_no_other(witnessing: Homes) -> None:
    head = signed(witnessing)
    stranger = replace(witnessing[RO], witness=witnessing[RO].signing)

    (line,) = asked(witnessing, head, None)
    (other,) = cosign_for(stranger, BANK, signed(witnessing, BANK).note.encode(), None, witnessing.now)

    assert _cosigned_at(witnessing, head.note, [line]) != []
    assert _cosigned_at(witnessing, head.note, [other]) == []
