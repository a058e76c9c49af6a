"""Consenting: the answer to a request for consent as it leaves, signed and anchored, or a refusal.

Source: PROTOCOL sections 3 (anchor), 5 and 6; THREATS A22; ADR 0021.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Corrupt
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import ANCHOR_SALT, CONSENT_ANSWER, CONSENT_ANSWER_SALT, body_rows, read_body
from gateway.flow.passing.asked import GIVEN, REFUSED, moved, request_on_file
from gateway.flow.passing.considering import CONSENTED
from gateway.flow.review.held import Held
from gateway.flow.seal import Letter, Sealed, sealed
from gateway.ledger.entry import Draft
from gateway.ledger.proof import build_proof
from gateway.record.vocabulary import Lane
from gateway.release.anchor import Anchor
from gateway.release.consent import parse_consent, sign_consent
from gateway.release.consent_answer import ConsentAnswer
from gateway.release.consent_request import ConsentRequest
from gateway.sealing.envelope import EnvelopeKind
from gateway.store.changes import Change, ExchangeState
from gateway.store.passing_rows import ConsentRow
from gateway.store.place import EntryAt
from gateway.store.rows import Row
from keys.approval import RefusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """What is written as an answer leaves."""

    drafts: tuple[Draft, ...]
    rows: tuple[Row | Change, ...]


def consent_row(gateway: Gateway, exchange_id: str) -> ConsentRow:
    """Return the request that a consent's hold is about.

    Raises:
        Corrupt: code `no-record`: there is none.
    """
    row = gateway.read.consent_of_exchange(exchange_id)
    if row is None:
        raise Corrupt("a consent that nobody asked for", code="no-record", field="consent")
    return row


def giving(gateway: Gateway, found: Held, told: tuple[Row, ...], *, base: int, now: datetime) -> Out:
    """Return what is written as an approved consent leaves; `told` says what the third agency hears by it.

    Raises:
        Refused, Stale: nothing can be signed, or sealed to whoever asked, now; nothing leaves.
    """
    exchange_id = found.hold.exchange_id
    row = consent_row(gateway, exchange_id)
    answer = ConsentAnswer(
        request_id=row.request_id,
        consent=sign_consent(parse_consent(found.body), gateway.signing),
        anchor=_anchor(gateway, found),
    )
    made, bodies = _sealed(gateway, found, row, answer, at=EntryAt(base), now=now)
    left = ExchangeState(
        exchange_id, "held", CONSENTED, entry=EntryAt(base), outcome="release", message_id=made.message_id
    )
    changes = moved(row, GIVEN, entry=EntryAt(base))
    return Out(drafts=(made.draft,), rows=(made.row, left, *changes, *bodies, *told))


def refusing(gateway: Gateway, found: Held, reason: RefusalReason, *, base: int, now: datetime) -> Out:
    """Return what is written as an officer's refusal leaves: its closed reason, and none of its words.

    Raises:
        Refused, Stale: nothing can be sealed to whoever asked now.
    """
    exchange_id = found.hold.exchange_id
    row = consent_row(gateway, exchange_id)
    answer = ConsentAnswer(request_id=row.request_id, refusal=reason)
    made, bodies = _sealed(gateway, found, row, answer, at=EntryAt(base), now=now)
    named = ExchangeState(exchange_id, "rejected", "rejected", message_id=made.message_id)
    changes = moved(row, REFUSED, refusal=reason.value, entry=EntryAt(base))
    return Out(drafts=(made.draft,), rows=(made.row, named, *changes, *bodies))


def answer_letter(request: ConsentRequest, body: bytes, salt: bytes) -> Letter:
    """Return an answer as it is sealed to whoever asked."""
    return Letter(
        exchange_id=request.request_id,
        recipient=request.sender,
        lane=Lane.ROUTINE,
        body=body,
        payload_salt=salt,
        kind=EnvelopeKind.CONSENT_ANSWER,
    )


def _sealed(
    gateway: Gateway, found: Held, row: ConsentRow, answer: ConsentAnswer, *, at: EntryAt, now: datetime
) -> tuple[Sealed, list[Row]]:
    request, owner = request_on_file(gateway, row)
    body, salt = answer.encode(), gateway.random(32)
    made = sealed(gateway, answer_letter(request, body, salt), at, now)
    kept = {CONSENT_ANSWER: body, CONSENT_ANSWER_SALT: salt}
    return made, list(body_rows(gateway, owner, kept, part=found.hold.exchange_id))


def _anchor(gateway: Gateway, found: Held) -> bytes:
    """Return where the own ledger shows the record."""
    index = found.record.submitted_entry
    if not isinstance(index, int):
        raise Corrupt("an own record that was never submitted", code="no-record", field="record")
    size, note = _head(gateway, index)
    (proof,) = gateway.read.inclusion_proofs([index], size)
    return Anchor(
        entry=gateway.read.entry(index).data,
        salt=read_body(gateway, found.owner, ANCHOR_SALT),
        proof=build_proof(index, proof) + note,
    ).encode()


def _head(gateway: Gateway, index: int) -> tuple[int, str]:
    """Return size and note of a signed head that covers an entry: the newest one that others cosigned, for
    only they date it; else the newest one signed, so that a stopped home need not sign another.
    """
    cosigned = gateway.read.latest_checkpoint()
    if cosigned is not None and cosigned.size > index:
        return cosigned.size, cosigned.note
    signed = gateway.notary.sign_again()
    if signed is None or signed.checkpoint.size <= index:
        signed = gateway.notary.sign_head()
    return signed.checkpoint.size, signed.note
