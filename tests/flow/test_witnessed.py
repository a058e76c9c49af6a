"""A witnessed gateway signs nothing unasked, and counts only lines by keys of enough other members (A27)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography import x509

from gateway.errors import Malformed, Refused, VerificationFailed
from gateway.flow import cosign
from gateway.flow.audit import exported_head
from gateway.flow.carry import pack, unpack
from gateway.flow.gateway import Gateway
from gateway.flow.witnessed import keep_cosigned, note_seen, uncosigned, verified_line
from gateway.flow.witnesses import answers_at_start, quorum_of, witness_vkeys
from gateway.ledger.cosignature import cosign as sign_line
from keys.use import KeyUse
from tests.flow import oracle, records
from tests.flow.federation import AGENCIES, BANK, BORDER, NGO, NL, RO, WITNESSES, Homes, endpoint_of
from tests.flow.witnessing import asked, cosigned, grow, lines_of, signed


def test_home_with_an_endpoint_publishes_what_witnesses_need_and_the_others_do_not(witnessing: Homes) -> None:
    directory = witnessing[NL].directory

    for agency in AGENCIES:
        keys, reachable = directory.keys_of(agency), agency in WITNESSES
        assert keys.endpoints == ((endpoint_of(agency),) if reachable else ())
        assert bool(keys.all(KeyUse.WITNESS)) is reachable
        assert [x509.load_der_x509_certificate(der).subject.rfc4514_string() for der in keys.tls_ca] == (
            [f"CN={agency} gateway authority"] if reachable else []
        )
    assert list(witness_vkeys(directory)) == sorted(WITNESSES)
    assert witness_vkeys(directory)[RO].key == witnessing[RO].witness.public_key


def test_federation_whose_members_publish_no_endpoint_is_not_witnessed(homes: Homes) -> None:
    assert witness_vkeys(homes[NL].directory) == {}
    assert (quorum_of(homes[NL].directory, NL), answers_at_start(homes[NL].directory, NL)) == (0, 0)
    assert not homes[NL].notary.is_witnessed
    assert homes[NL].notary.trouble == ""
    assert homes[NL].notary.sign_head().checkpoint.size > 0


_SIGNING: dict[str, Callable[[Homes, Gateway], object]] = {
    "a head": lambda _, gateway: gateway.notary.sign_head(),
    "envelopes": lambda homes, gateway: pack(gateway, RO, homes.now),
    "a head to be cosigned": lambda _, gateway: uncosigned(gateway),
}


@pytest.mark.parametrize("what", _SIGNING)
def test_nothing_is_signed_before_witnesses_were_asked(witnessing: Homes, what: str) -> None:
    witnessing.push(records.small())
    gateway = witnessing[NL]
    trouble = gateway.notary.trouble

    with pytest.raises(Refused) as refused:
        _SIGNING[what](witnessing, gateway)
    gateway.notary.vouched()

    assert refused.value.code == "witnesses-not-asked"
    assert "witness" in trouble and gateway.notary.trouble == ""
    assert _SIGNING[what](witnessing, gateway) is not None


def test_nothing_is_received_before_witnesses_were_asked(witnessing: Homes) -> None:
    """A receipt is signed; what cannot be receipted must not be taken in."""
    witnessing.push(records.small())
    witnessing[NL].notary.vouched()
    there, _ = pack(witnessing[NL], RO, witnessing.now)
    before = oracle.counts(witnessing.opened(RO))

    with pytest.raises(Refused) as refused:
        unpack(witnessing[RO], there, witnessing.now)
    kept = oracle.counts(witnessing.home(RO))
    witnessing[RO].notary.vouched()

    assert refused.value.code == "witnesses-not-asked"
    assert kept == before
    assert unpack(witnessing[RO], there, witnessing.now).reply is not None


def test_gateway_that_was_told_of_a_newer_state_signs_nothing_more(witnessing: Homes) -> None:
    head = signed(witnessing)
    gateway = witnessing[NL]
    witnessing.push(records.small())

    gateway.notary.trip("a witness has seen 99 entries")
    gateway.notary.vouched()

    for signing in _SIGNING.values():
        with pytest.raises(Refused) as refused:
            signing(witnessing, gateway)
        assert refused.value.code == "guard-tripped"
    assert gateway.notary.tripped and gateway.notary.trouble == "a witness has seen 99 entries"
    # What was signed before may be shown: it says nothing new.
    assert exported_head(gateway) == head


def test_what_a_witness_has_seen_is_stored_before_it_signs(
    witnessing: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a line is out its maker must know of it, whatever happens to the machine in between."""
    head = signed(witnessing)
    seen: list[int] = []

    def looking(*arguments: object) -> object:
        seen.extend(row for (row,) in oracle.query(witnessing.home(RO), "SELECT size FROM linked_heads"))
        return sign_line(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(cosign, "cosign", looking)
    asked(witnessing, head, None)

    assert seen == [head.checkpoint.size]


def test_line_of_a_listed_witness_is_taken_from_among_others(witnessing: Homes) -> None:
    head, lines = lines_of(witnessing, RO, NGO)

    found = verified_line(witnessing[NL], RO, head, [lines[NGO].rstrip("\n"), lines[RO].rstrip("\n")])

    assert found == lines[RO]


def _renamed(line: str, of: str, to: str) -> str:
    return line.replace(f"comity.witness/{of}", f"comity.witness/{to}")


@pytest.mark.parametrize("case", ["none", "of another", "renamed", "no witness", "a stranger", "own"])
def test_line_by_no_listed_key_of_that_witness_is_refused(witnessing: Homes, case: str) -> None:
    head, lines = lines_of(witnessing, RO, NGO)
    witness, answer = {
        "none": (RO, []),
        "of another": (RO, [lines[NGO]]),
        "renamed": (RO, [_renamed(lines[NGO], NGO, RO)]),
        "no witness": (BANK, [lines[RO]]),
        "a stranger": ("police.zz", [lines[RO]]),
        "own": (RO, [head.note.split("\n\n")[1]]),
    }[case]

    with pytest.raises(VerificationFailed) as refused:
        verified_line(witnessing[NL], witness, head, answer)

    assert refused.value.code == "no-known-signature"


def test_line_over_another_head_does_not_verify(witnessing: Homes) -> None:
    _, lines = lines_of(witnessing, RO)
    grow(witnessing)

    with pytest.raises(VerificationFailed) as refused:
        verified_line(witnessing[NL], RO, signed(witnessing), [lines[RO]])

    assert refused.value.code == "signature-invalid"


@pytest.mark.parametrize("line", ["", "no line", "— a b", "x" * 10_000, "\n", "two\nlines"])
def test_answer_that_is_no_line_is_refused(witnessing: Homes, line: str) -> None:
    with pytest.raises(Malformed):
        verified_line(witnessing[NL], RO, signed(witnessing), [line])


def test_checkpoint_is_kept_once_enough_others_cosigned_it_and_not_before(witnessing: Homes) -> None:
    head, lines = lines_of(witnessing, RO, NGO, BORDER)
    gateway = witnessing[NL]
    one, two = {RO: lines[RO]}, {RO: lines[RO], NGO: lines[NGO]}

    too_few = [keep_cosigned(gateway, head, few) for few in ({}, one)]
    unkept = uncosigned(gateway)
    kept = keep_cosigned(gateway, head, two)

    assert (too_few, kept) == ([False, False], True)
    assert unkept == head and uncosigned(gateway) is None
    # One quorum is as good as another, and what was kept stands.
    assert keep_cosigned(gateway, head, lines)
    rows = oracle.query(witnessing.home(NL), "SELECT size, note FROM checkpoints")
    assert rows == [(head.checkpoint.size, head.note + lines[RO] + lines[NGO])]


def test_own_line_is_none_of_the_quorum(witnessing: Homes) -> None:
    """An agency is no witness of itself: an export with such a quorum would be found unwitnessed."""
    head, lines = lines_of(witnessing, RO, NGO)
    gateway = witnessing[NL]
    vkey, at = witness_vkeys(gateway.directory)[NL], int(witnessing.now.timestamp())
    own = {RO: lines[RO], NL: sign_line(vkey, head.checkpoint.body(), at, gateway.witness.sign).encode()}

    assert not keep_cosigned(gateway, head, own)
    assert oracle.counts(witnessing.home(NL))["checkpoints"] == 0
    assert keep_cosigned(gateway, head, lines)


def test_ledger_that_has_grown_is_to_be_cosigned_again(witnessing: Homes) -> None:
    first = cosigned(witnessing, RO, NGO)
    before = uncosigned(witnessing[NL])
    grow(witnessing)

    newer = uncosigned(witnessing[NL])

    assert before is None
    assert newer is not None and newer.checkpoint.size > first.checkpoint.size
    assert cosigned(witnessing, RO, BORDER) == newer


def test_what_a_witness_has_seen_is_remembered_and_never_less(witnessing: Homes) -> None:
    gateway = witnessing[NL]

    for size in (3, 5, 4, 0):
        note_seen(gateway, RO, size)

    assert oracle.query(witnessing.home(NL), "SELECT value FROM meta WHERE name LIKE 'shown/%'") == [("5",)]
