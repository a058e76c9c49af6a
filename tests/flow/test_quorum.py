"""Who witnesses, and how many of them it takes: any two quorums of one ledger share a witness (A28)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway import app
from gateway.config import read_config
from gateway.flow.audit import trust_of
from gateway.flow.cosign import cosign_for
from gateway.flow.notary import Signed
from gateway.flow.witnessed import keep_cosigned, verified_line
from gateway.flow.witnesses import answers_at_start, quorum_of, witness_vkeys
from gateway.ledger.checkpoint import ledger_origin
from keys.directory import Directory
from keys.ed25519 import Ed25519Signer
from keys.keyring import AgencyKeys, PublicKeyRecord
from keys.member import MemberStatus
from keys.signer import key_id
from keys.use import KeyUse
from tests.flow.federation import AGENCIES, BANK, BORDER, NGO, NL, RO, WITNESSES, Homes
from tests.flow.witnessing import grow, signed


def _publishing(directory: Directory, agencies: Collection[str]) -> Directory:
    """Return the directory with the witness keys of these agencies and no others."""

    def without(keys: AgencyKeys) -> AgencyKeys:
        return replace(keys, keys=tuple(record for record in keys.keys if record.use is not KeyUse.WITNESS))

    found = {agency: keys if agency in agencies else without(keys) for agency, keys in directory.keys.items()}
    return replace(directory, keys=found)


def _changed(directory: Directory, agency: str, *witness: PublicKeyRecord) -> Directory:
    """Return the directory in which an agency's witness keys are these."""
    keys = directory.keys[agency]
    others = tuple(record for record in keys.keys if record.use is not KeyUse.WITNESS)
    return replace(directory, keys={**directory.keys, agency: replace(keys, keys=(*others, *witness))})


def _key(number: int, start: datetime) -> PublicKeyRecord:
    public = Ed25519Signer(bytes([number]) * 32).public_key
    return PublicKeyRecord(
        use=KeyUse.WITNESS,
        key_id=key_id(public),
        public=public,
        valid_from=start,
        valid_until=None,
        revoked_since=None,
    )


@pytest.mark.parametrize(
    ("publishing", "of_a_witness", "of_another"),
    [((), 0, 0), ((NL,), 0, 0), ((NL, RO), 1, 2), ((NL, RO, NGO), 2, 2), (WITNESSES, 2, 3)],
    ids=["nobody", "one", "two", "three", "four"],
)
def test_quorum_is_a_majority_of_the_others(
    witnessing: Homes, publishing: Collection[str], of_a_witness: int, of_another: int
) -> None:
    directory = _publishing(witnessing[NL].directory, publishing)

    assert list(witness_vkeys(directory)) == sorted(publishing)
    assert quorum_of(directory, NL) == answers_at_start(directory, NL) == of_a_witness
    assert quorum_of(directory, BANK) == answers_at_start(directory, BANK) == of_another


def test_two_quorums_of_one_ledger_always_share_a_witness(witnessing: Homes) -> None:
    directory = witnessing[NL].directory

    for count in range(2, len(WITNESSES) + 1):
        some = _publishing(directory, WITNESSES[:count])
        for agency in AGENCIES:
            others = len(witness_vkeys(some).keys() - {agency})
            assert others < 2 * quorum_of(some, agency) <= 2 * others


def test_start_in_a_small_federation_needs_one_answer(witnessing: Homes) -> None:
    directory = witnessing[NL].directory
    three = (NL, RO, NGO)
    small = replace(directory, members={agency: directory.members[agency] for agency in three})

    assert (quorum_of(small, NL), answers_at_start(small, NL)) == (2, 1)
    assert (quorum_of(directory, NL), answers_at_start(directory, NL)) == (2, 2)


def _lines(homes: Homes, head: Signed, *witnesses: str) -> dict[str, str]:
    found = {}
    for witness in witnesses:
        lines = cosign_for(homes[witness], BANK, head.note.encode(), None, homes.now)
        found[witness] = verified_line(homes[BANK], witness, head, lines)
    return found


def test_member_that_is_no_witness_gets_no_two_histories_past_its_witnesses(witnessing: Homes) -> None:
    """Four could cosign: two would see the one history, two the other, and both would look witnessed."""
    kept = witnessing.keep(BANK)
    grow(witnessing, BANK)
    one = signed(witnessing, BANK)
    of_one = _lines(witnessing, one, NL, RO)
    enough_for_one = keep_cosigned(witnessing[BANK], one, of_one)

    witnessing.put_back(BANK, kept)
    grow(witnessing, BANK)
    other = signed(witnessing, BANK)
    of_other = _lines(witnessing, other, NGO, BORDER)

    assert one.checkpoint.size == other.checkpoint.size and one != other
    assert not enough_for_one
    assert not keep_cosigned(witnessing[BANK], other, of_other)


def test_member_that_is_no_witness_is_witnessed_by_three_of_four(witnessing: Homes) -> None:
    head = signed(witnessing, BANK)

    assert keep_cosigned(witnessing[BANK], head, _lines(witnessing, head, NL, RO, NGO))


def test_auditor_asks_of_each_ledger_the_quorum_of_its_own_agency(witnessing: Homes) -> None:
    trust = trust_of(witnessing[NL].directory)

    needed = {agency: trust.quorum_for(ledger_origin(agency, 1)) for agency in AGENCIES}

    assert needed == dict.fromkeys(WITNESSES, 2) | {BANK: 3}


def test_revoked_key_witnesses_nothing_and_an_older_one_stands_in(witnessing: Homes) -> None:
    directory, now = witnessing[NL].directory, witnessing.now
    old, new = _key(1, now - timedelta(days=9)), _key(2, now - timedelta(days=2))
    revoked = replace(new, revoked_since=now)

    assert witness_vkeys(_changed(directory, RO, old, new))[RO].key == new.public
    assert witness_vkeys(_changed(directory, RO, old, revoked))[RO].key == old.public
    assert RO not in witness_vkeys(_changed(directory, RO, revoked))


@pytest.mark.parametrize(("revoking", "guarded"), [((RO, NGO), True), ((RO, NGO, BORDER), False)])
def test_guard_and_quorum_count_the_same_keys(
    witnessing: Homes, revoking: Collection[str], guarded: bool
) -> None:
    """Where too few keys are left to cosign, nobody waits for those who cannot answer."""
    gateway, now = witnessing[NL], witnessing.now
    directory = gateway.directory
    for number, agency in enumerate(revoking, start=1):
        key = replace(_key(number, now - timedelta(days=2)), revoked_since=now)
        directory = _changed(directory, agency, key)

    app.renewed(read_config(witnessing.home(NL)), gateway, directory, now)

    assert gateway.notary.is_witnessed is guarded
    assert bool(quorum_of(directory, NL)) is guarded
    assert bool(gateway.notary.trouble) is guarded


def test_member_that_takes_no_part_now_is_no_witness(witnessing: Homes) -> None:
    directory = witnessing[NL].directory
    suspended = replace(directory.members[RO], status=MemberStatus.SUSPENDED)

    found = witness_vkeys(replace(directory, members={**directory.members, RO: suspended}))

    assert sorted(found) == sorted(set(WITNESSES) - {RO})
