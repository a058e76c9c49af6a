"""What one agency was sent another gets only with the originator's consent, whoever seals it and however."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import NotFound, VerificationFailed
from gateway.flow.carry import pack, unpack
from gateway.flow.consult import arrivals, show_arrival
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import ANCHOR_SALT, owner_of, read_body
from gateway.flow.receive import admit
from gateway.flow.verify import verify, verify_received
from gateway.ledger.entry import parse
from gateway.ledger.proof import build_proof
from gateway.record.marking import BOTTOM
from gateway.record.vocabulary import LegalBasis, Purpose, Rung
from gateway.release.admitted import AdmittedRelease
from gateway.release.anchor import Anchor
from gateway.release.consent import Consent, sign_consent
from gateway.release.onward import build_onward, plan_onward
from gateway.release.plan import Grant, Terms
from gateway.release.release import Release, parse_release
from gateway.sealing.batch import ReceiptBatch, parse_batch, parse_receipt
from gateway.sealing.bundle import parse_bundle
from tests.flow import forge, oracle, records
from tests.flow.federation import BORDER, NGO, NL, RO, TO_RO, Homes


def _told(answer: ReceiptBatch) -> list[tuple[str, str]]:
    entries = [parse(parse_receipt(one).entry) for one in answer.receipts]
    found = [(entry.kind.name.lower(), entry.code or "") for entry in entries]
    return found + [("not accepted", error.code) for error in answer.errors]


def _received(homes: Homes) -> tuple[str, bytes]:
    """Let police.ro receive a record; return its exchange and the bundle it came in."""
    record = records.small()
    records.mark(record.header.marking, RO, BORDER)
    (exchange,) = homes.push(record, TO_RO).exchanges
    return exchange.exchange_id, homes.carry(RO).there


def test_envelope_brought_to_another_agency_is_not_addressed_to_it(homes: Homes) -> None:
    """A02: the sealed envelope itself, carried on as it is."""
    _, there = _received(homes)
    batch = parse_bundle(there).envelopes
    assert batch is not None
    before = oracle.counts(homes.opened(NGO))

    answer = admit(homes[NGO], batch, NL, homes.now)

    assert _told(answer) == [("not accepted", "not-addressed-to-us")]
    after = oracle.counts(homes.home(NGO))
    assert {name for name in after if after[name] != before[name]} == {"entries", "heads", "nodes"}
    assert oracle.kinds(homes.home(NGO))[-1] == "refused-summary"


def test_record_sealed_anew_as_if_its_originator_had_sent_it_proves_nothing(homes: Homes) -> None:
    """A02: only the originator's ledger can say that the originator sent something."""
    exchange, there = _received(homes)
    body = forge.release_of(homes[RO], exchange)
    forged = forge.announce(homes[RO], NGO, body, homes.now, sender=NL)
    envelope = forge.envelope(homes[RO], forged)
    batch = parse_bundle(there).envelopes
    assert batch is not None
    before = oracle.counts(homes.opened(NGO))

    under_own = admit(homes[NGO], forge.batch(homes[RO], envelope), NL, homes.now)
    under_theirs = admit(
        homes[NGO], replace(parse_batch(batch), envelopes=(envelope,)).encode(), NL, homes.now
    )

    assert _told(under_own) == _told(under_theirs) == [("not accepted", "proof-invalid")]
    assert oracle.counts(homes.home(NGO))["inbox"] == before["inbox"]
    assert arrivals(homes[NGO]) == []


def test_record_sealed_anew_under_the_own_name_was_made_for_somebody_else(homes: Homes) -> None:
    """A02: recipient, purpose and marking are inside the bytes; who changes them needs consent."""
    exchange, _ = _received(homes)
    release = parse_release(forge.release_of(homes[RO], exchange))
    bodies = [release, replace(release, recipient=NGO)]
    forged = [forge.announce(homes[RO], NGO, one.encode(), homes.now) for one in bodies]

    carried = unpack(homes[NGO], forge.sent(homes[RO], NGO, *forged), homes.now)

    assert carried.receipts is not None
    assert _told(carried.receipts) == [("refused", "disclosure-invalid"), ("refused", "consent-missing")]
    assert oracle.counts(homes.home(NGO))["exchanges"] == 0


def test_received_record_waits_for_nobody_and_cannot_be_sent_on(homes: Homes) -> None:
    exchange, _ = _received(homes)

    for agency in (BORDER, NGO, NL):
        with pytest.raises(NotFound):
            pack(homes[RO], agency, homes.now)
        with pytest.raises(NotFound):
            pack(homes[RO], agency, homes.now, only={exchange})


def test_record_passed_on_with_consent_and_anchor_is_received_two_hops_away(homes: Homes) -> None:
    exchange, _ = _received(homes)
    onward = _onward(homes, exchange, _consent(homes, exchange))
    forged = forge.announce(homes[RO], BORDER, onward.encode(), homes.now)

    carried = unpack(homes[BORDER], forge.sent(homes[RO], BORDER, forged), homes.now)

    assert carried.receipts is not None
    assert _told(carried.receipts) == [("received", "")]
    (arrival,) = arrivals(homes[BORDER])
    assert (arrival.sender, arrival.originator) == (RO, NL)
    homes.close()
    found = verify(homes[BORDER], arrival.exchange_id, homes.now)
    assert found.originator == NL
    shown = show_arrival(
        homes[BORDER], arrival.exchange_id, purpose="investigation", actor="system/test", now=homes.now
    )
    assert "XX-1-Y" in str(shown.record)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"consent": None}, "consent-missing"),
        ({"anchor": None}, "consent-invalid"),
        ({"consent": b"x"}, "consent-invalid"),
        ({"anchor": b"x"}, "consent-invalid"),
        ({"purpose": Purpose.VICTIM_PROTECTION}, "consent-invalid"),
    ],
    ids=["no consent", "no anchor", "no Signed consent", "no anchor bytes", "another purpose"],
)
def test_record_passed_on_without_what_it_needs_is_refused_two_hops_away(
    homes: Homes, change: dict[str, object], code: str
) -> None:
    exchange, _ = _received(homes)
    onward = replace(_onward(homes, exchange, _consent(homes, exchange)), **change)  # type: ignore[arg-type]
    forged = forge.announce(homes[RO], BORDER, onward.encode(), homes.now)

    carried = unpack(homes[BORDER], forge.sent(homes[RO], BORDER, forged), homes.now)

    assert carried.receipts is not None
    assert _told(carried.receipts) == [("refused", code)]
    assert oracle.counts(homes.home(BORDER))["records"] == 0


def test_consent_signed_by_who_passes_on_instead_of_the_originator_is_refused(homes: Homes) -> None:
    exchange, _ = _received(homes)
    onward = _onward(homes, exchange, _consent(homes, exchange, signer=RO))
    forged = forge.announce(homes[RO], BORDER, onward.encode(), homes.now)

    carried = unpack(homes[BORDER], forge.sent(homes[RO], BORDER, forged), homes.now)

    assert carried.receipts is not None
    assert _told(carried.receipts) == [("refused", "consent-invalid")]


def test_consent_that_covers_fewer_portions_or_ended_is_refused_where_it_is_used(homes: Homes) -> None:
    exchange, _ = _received(homes)
    leaves = _admitted(homes, exchange).disclosure.leaves

    for consent in (
        _consent(homes, exchange, leaves=tuple(sorted(leaves))[:1]),
        _consent(homes, exchange, to=NGO),
        _consent(homes, exchange, ends_in=-1),
    ):
        with pytest.raises(VerificationFailed) as refused:
            _onward(homes, exchange, consent)
        assert refused.value.code == "consent-invalid"


def _admitted(homes: Homes, exchange: str) -> AdmittedRelease:
    return verify_received(homes[RO], exchange, homes.now)


def _consent(
    homes: Homes,
    exchange: str,
    *,
    signer: str = NL,
    to: str = BORDER,
    leaves: tuple[bytes, ...] = (),
    ends_in: int = 30,
) -> bytes:
    disclosure = _admitted(homes, exchange).disclosure
    today = homes.now.date()
    given = Consent(
        statement=disclosure.digest,
        sender=RO,
        recipient=to,
        purpose=Purpose.INVESTIGATION,
        leaves=leaves or tuple(sorted(disclosure.leaves)),
        expires=today + timedelta(days=ends_in),
        given_on=today - timedelta(days=1 if ends_in < 0 else 0),
    )
    return sign_consent(given, homes[signer].signing)


def _onward(homes: Homes, exchange: str, consent: bytes) -> Release:
    """Return what police.ro passes on of what it received: the suspect's van, as it came."""
    received = _admitted(homes, exchange)
    grants = {
        (portion.entity, portion.field): Grant(Rung.EXACT, (), frozenset())
        for portion in received.disclosure.portions
        if portion.entity.startswith(("vehicle/", "narrative/"))
    }
    terms = Terms(
        recipient=BORDER,
        marking=BOTTOM,
        entity_markings={},
        duties=(),
        obligations=(),
        retain_until=received.disclosure.statement.retain_until,
        released_at_ms=int(homes.now.timestamp() * 1000),
    )
    return build_onward(
        plan_onward(received, grants, terms),
        received,
        sender=RO,
        purpose=Purpose.INVESTIGATION,
        legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK,
        pseudonyms={},
        consent=consent,
        anchor=_anchor(homes[NL]),
        today=homes.now.date(),
    )


def _anchor(gateway: Gateway) -> bytes:
    """Return where the originator's ledger shows its one record."""
    (record,) = gateway.store.read.records("own")
    index = record.submitted_entry
    assert isinstance(index, int)
    signed = gateway.notary.sign_head()
    (proof,) = gateway.store.read.inclusion_proofs([index], signed.checkpoint.size)
    (entry,) = (row.data for row in gateway.store.read.entries(index, index + 1))
    salt = read_body(gateway, owner_of(gateway, record), ANCHOR_SALT)
    return Anchor(entry=entry, salt=salt, proof=build_proof(index, proof) + signed.note).encode()
