"""Passing on, in tests: what police.ro received, how it asks, and what others write in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from gateway.flow.exchange import exchange_now
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import ANCHOR_SALT, CONSENT_ANSWER, CONSENT_REQUEST, Owner, owner_of, read_body
from gateway.flow.passing.forward import Forwarded, forward
from gateway.flow.receive import admit
from gateway.flow.submit import Addressee
from gateway.flow.verify import verify_received
from gateway.ledger.entry import parse
from gateway.ledger.proof import build_proof
from gateway.release.anchor import Anchor
from gateway.release.consent import sign_consent
from gateway.release.consent_answer import ConsentAnswer, parse_consent_answer
from gateway.release.consent_request import ConsentRequest, parse_consent_request
from gateway.sealing.batch import ReceiptBatch, parse_receipt
from gateway.sealing.envelope import EnvelopeKind
from tests.flow import forge, records
from tests.flow.federation import BORDER, NL, RO, TO_RO, Homes
from tests.flow.review import CONSOLE

WHY: Final = "The van was seen at the border."
TO_BORDER: Final = Addressee(agency=BORDER)
ACTOR: Final = CONSOLE.actor


def received(
    homes: Homes,
    *,
    rel: tuple[str, ...] = (RO, BORDER),
    van: tuple[str, ...] = (),
    notes: Sequence[str] = (),
    carried: bool = True,
) -> str:
    """Let police.ro receive a record that its originator marked for these; return its exchange.

    `van` marks the van in it for fewer.
    """
    record = records.small()
    records.mark(record.header.marking, *rel)
    if van:
        records.mark(record.vehicles[0].marking, *van)
    record.header.marking.notes.extend(notes)
    (exchange,) = homes.push(record, TO_RO).exchanges
    if carried:
        homes.carry(RO)
    return exchange.exchange_id


def asked(
    homes: Homes, exchange: str, addressee: Addressee = TO_BORDER, *, holder: str = RO, carried: bool = True
) -> Forwarded:
    """Have a holder ask to pass on what came with an exchange, and carry the question to its originator."""
    found = forward(homes[holder], exchange, addressee, reason=WHY, actor=ACTOR, now=homes.now)
    if found.request_id and carried:
        homes.carry(NL, sender=holder)
    return found


def state(gateway: Gateway, exchange: str) -> str:
    """Return how an exchange stands."""
    return exchange_now(gateway, exchange).state


def told(answer: ReceiptBatch | None) -> list[tuple[str, str]]:
    """Return what envelopes were answered: the kind of entry and its code."""
    assert answer is not None
    entries = [parse(parse_receipt(one).entry) for one in answer.receipts]
    found = [(entry.kind.name.lower(), entry.code or "") for entry in entries]
    return found + [("not accepted", error.code) for error in answer.errors]


def owner(gateway: Gateway, exchange: str) -> Owner:
    """Return who owns the record of an exchange."""
    row = gateway.read.exchange(exchange)
    assert row is not None
    record = gateway.read.record(row.originator, row.record_id, row.version)
    assert record is not None
    return owner_of(gateway, record)


def request_of(homes: Homes, found: Forwarded, holder: str = RO) -> ConsentRequest:
    """Return a request as its holder sent it."""
    gateway, exchange = homes[holder], found.answer.exchange_id
    return parse_consent_request(read_body(gateway, owner(gateway, exchange), CONSENT_REQUEST, exchange))


def answer_of(homes: Homes, found: Forwarded) -> ConsentAnswer:
    """Return an answer as its originator sent it."""
    gateway, exchange = homes[NL], found.request_id
    return parse_consent_answer(read_body(gateway, owner(gateway, exchange), CONSENT_ANSWER, exchange))


def anchor(gateway: Gateway) -> bytes:
    """Return where the originator's ledger shows its one record."""
    (record,) = gateway.store.read.records("own")
    index = record.submitted_entry
    assert isinstance(index, int)
    signed = gateway.notary.sign_head()
    (proof,) = gateway.store.read.inclusion_proofs([index], signed.checkpoint.size)
    salt = read_body(gateway, owner_of(gateway, record), ANCHOR_SALT)
    entry = gateway.read.entry(index).data
    return Anchor(entry=entry, salt=salt, proof=build_proof(index, proof) + signed.note).encode()


def answer_to(
    homes: Homes, request: ConsentRequest, *, signer: str = NL, days: int = 30, **changes: Any
) -> ConsentAnswer:
    """Return an answer that agrees to a request; `changes` are to the consent, which `signer` signs."""
    today = homes.now.date()
    given = request.consent(
        request.leaves, given_on=today - timedelta(days=60), expires=today + timedelta(days=days)
    )
    # Given on a day on which the key held.
    given = replace(given, **{"given_on": min(today, given.expires), **changes})
    signed = sign_consent(given, homes[signer].signing)
    return ConsentAnswer(request_id=request.request_id, consent=signed, anchor=anchor(homes[NL]))


def send_answer(
    homes: Homes, answer: ConsentAnswer, *, sender: str = NL, **header: Any
) -> list[tuple[str, str]]:
    """Have an agency write and send an answer of its own to police.ro; return what it was answered."""
    return send(
        homes,
        answer.encode(),
        sender=sender,
        recipient=RO,
        **{"kind": EnvelopeKind.CONSENT_ANSWER, "exchange_id": answer.request_id, **header},
    )


def send_request(
    homes: Homes, request: ConsentRequest, *, sender: str = RO, **header: Any
) -> list[tuple[str, str]]:
    """Have an agency write and send a request of its own to police.nl; return what it was answered."""
    return send(
        homes,
        request.encode(),
        sender=sender,
        recipient=NL,
        **{"kind": EnvelopeKind.CONSENT_REQUEST, "exchange_id": request.request_id, **header},
    )


def send(homes: Homes, body: bytes, *, sender: str, recipient: str, **header: Any) -> list[tuple[str, str]]:
    """Have an agency write and send whatever it likes; return what it was answered."""
    forged = forge.announce(homes[sender], recipient, body, homes.now, **header)
    batch = forge.batch(homes[sender], forge.envelope(homes[sender], forged))
    return told(admit(homes[recipient], batch, sender, homes.now))


def shown(gateway: Gateway, exchange: str, homes: Homes) -> dict[bytes, int]:
    """Return what came with an exchange: the rung of each leaf."""
    disclosure = verify_received(gateway, exchange, homes.now).disclosure
    return {
        leaf: int(portion.rung) for leaf, portion in zip(disclosure.leaves, disclosure.portions, strict=True)
    }
