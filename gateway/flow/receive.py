"""Receiving: the one way in. Every envelope enters through `admit`, whatever carried it.

Source: PROTOCOL section 6; THREATS A48.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple

from gateway.errors import Conflict, GatewayError, Refused
from gateway.flow.deliver import growth, read_entries
from gateway.flow.evidence import fork_unit
from gateway.flow.filing import filed_under
from gateway.flow.gateway import Gateway
from gateway.flow.heads import head_units, newest_linked, roots_seen
from gateway.flow.judge import Judged, judge
from gateway.flow.peers import peer_ledger
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.entry import Direction, Draft, EntryKind, parse
from gateway.ledger.kinds import InBandCode
from gateway.ledger.proof import build_proof
from gateway.observe import incident
from gateway.sealing.admission import Known, Reception, Repeated, examine
from gateway.sealing.batch import (
    EnvelopeBatch,
    InBandError,
    Receipt,
    ReceiptBatch,
    parse_batch,
    parse_envelope,
    peek_header,
)
from gateway.sealing.envelope import EnvelopeHeader, parse_header
from gateway.store.rows import InboxRow
from gateway.store.unit import Unit

_OUTCOMES = {
    "received": EntryKind.RECEIVED,
    "refused": EntryKind.REFUSED,
    "quarantined": EntryKind.QUARANTINED,
}


def admit(gateway: Gateway, data: bytes, carrier: str, now: datetime) -> ReceiptBatch:
    """Judge every envelope of a batch and return the answers, durable and ledgered before this returns.

    `carrier` is the agency that brought it: of the connection's certificate, or named on the file.

    Raises:
        Malformed: the batch itself cannot be read; nothing is remembered of it.
        Refused: code `witnesses-not-asked`: no receipt could be signed, so nothing is taken in.
    """
    gateway.notary.check_may_sign()
    batch = parse_batch(data)
    with gateway.at_one_moment() as same:
        seen = _seen(same, batch, carrier, now)
        verdicts = [_verdict(same, envelope, batch, seen, now) for envelope in batch.envelopes]
    answered = _commit(gateway, batch, verdicts=verdicts, carrier=carrier, now=now)
    return _answers(gateway, carrier, answered)


class _Seen(NamedTuple):
    """What is known when a batch arrives; `filed` says where the message of a header was filed before."""

    reception: Reception
    filed: Callable[[str], str | None]


def _seen(gateway: Gateway, batch: EnvelopeBatch, carrier: str, now: datetime) -> _Seen:
    """Return what is known when the batch arrives; what its envelopes share is looked up once."""
    found = gateway.read.inbox_known(carrier, [id_ for id_ in map(_claimed_id, batch.envelopes) if id_])

    def known(_: str, message_id: str) -> Known | None:
        row = found.get(message_id)
        return None if row is None else _known(row)

    @cache
    def newest(origin: str) -> Checkpoint | None:
        return newest_linked(gateway.read, origin)

    def filed(message_id: str) -> str | None:
        row = found.get(message_id)
        return None if row is None else row.exchange_id

    reception = Reception(
        me=gateway.me,
        carrier=carrier,
        now_ms=int(now.timestamp() * 1000),
        ledger=peer_ledger(gateway, carrier, now),
        known=known,
        earlier=partial(_earlier, gateway),
        newest=newest,
        root_at=roots_seen(gateway.read),
        opener=gateway.openers.get,
    )
    return _Seen(reception, filed)


def _known(row: InboxRow) -> Known | None:
    if not isinstance(row.entry, int):
        return None
    outcome = _OUTCOMES[row.outcome]
    return Known(digest=row.envelope_digest, outcome=outcome, code=row.code, entry=row.entry)


def _earlier(gateway: Gateway, header: EnvelopeHeader, digest: bytes) -> Known | None:
    """Return what our ledger answered to an envelope whose message was judged anew in another one since."""
    if gateway.read.sender_proof(header.sender, digest) is None:
        return None  # Never answered: the exchange need not be read.
    for row in gateway.read.entries_of_exchange(header.exchange_id):
        if row.message == header.message_id and row.kind in _OUTCOMES.values():
            entry = parse(row.data)
            if (entry.direction, entry.peer, entry.envelope) == (Direction.IN, header.sender, digest):
                return Known(digest=digest, outcome=entry.kind, code=entry.code, entry=row.idx)
    return None


def _verdict(
    gateway: Gateway, envelope: bytes, batch: EnvelopeBatch, seen: _Seen, now: datetime
) -> Judged | Repeated | InBandError:
    try:
        found = examine(envelope, batch, seen.reception)
        if isinstance(found, Repeated):
            return found
        header = found.authenticated.header
        return judge(gateway, found, filed_under(gateway, header, seen.filed(header.message_id)), now)
    except Refused as exc:
        stale = exc.code == InBandCode.LEDGER_KEY and now >= gateway.directory.expires_at
        code = InBandCode.STALE_DIRECTORY if stale else exc.code
        return InBandError(code=code, message_id=_message_id(envelope))
    except Exception as exc:
        # What cannot be judged, for a reason foreseen or not, must not keep its neighbours from being judged.
        if not isinstance(exc, GatewayError):
            incident("admit", exc)
        return InBandError(code=InBandCode.STORE, message_id=_message_id(envelope))


def _claimed_id(envelope: bytes) -> str | None:
    with suppress(Exception):  # Why it cannot be read is found out when it is judged.
        return parse_header(peek_header(envelope)).message_id
    return None


def _message_id(envelope: bytes) -> str | None:
    with suppress(Exception):  # as above
        return parse_header(parse_envelope(envelope).header).message_id
    return None


def _commit(
    gateway: Gateway,
    batch: EnvelopeBatch,
    *,
    verdicts: Sequence[Judged | Repeated | InBandError],
    carrier: str,
    now: datetime,
) -> list[int | InBandError]:
    """Write all verdicts in one commit; return the index of the entry that answers each envelope, or why not.

    Not looked up by message afterwards: two envelopes of one message may have an answer each.
    """
    judged = [verdict.unit for verdict in verdicts if isinstance(verdict, Judged)]
    about = _about_the_batch(gateway, batch, verdicts, carrier, now)
    outcomes = iter(gateway.store.writer.commit([*judged, *about]))
    answered: list[int | InBandError] = []
    late: list[InBandError] = []
    for envelope, verdict in zip(batch.envelopes, verdicts, strict=True):
        if isinstance(verdict, InBandError):
            answered.append(verdict)
        elif isinstance(verdict, Repeated):
            answered.append(verdict.known.entry)
        elif not isinstance(outcome := next(outcomes), GatewayError):
            answered.append(outcome.first_index)
        else:
            again = _again(gateway, envelope, batch, carrier=carrier, now=now, failure=outcome)
            answered.append(again)
            late += [again] if isinstance(again, InBandError) else []
    gateway.store.writer.commit(_summary(gateway, carrier, late))
    return answered


def _again(
    gateway: Gateway,
    envelope: bytes,
    batch: EnvelopeBatch,
    *,
    carrier: str,
    now: datetime,
    failure: GatewayError,
) -> int | InBandError:
    """Judge once more what met a neighbour of its own batch: the same message, or the same record, twice."""
    if isinstance(failure, Conflict):
        verdict = _verdict(gateway, envelope, batch, _seen(gateway, batch, carrier, now), now)
        if isinstance(verdict, InBandError):
            return verdict
        if isinstance(verdict, Repeated):
            return verdict.known.entry
        outcome = gateway.store.writer.commit([verdict.unit])[0]
        if not isinstance(outcome, GatewayError):
            return outcome.first_index
        if isinstance(outcome, Conflict):
            # Another message of this sender has taken the exchange's id.
            return InBandError(code=InBandCode.CONFLICT, message_id=verdict.message)
    return InBandError(code=InBandCode.STORE, message_id=_message_id(envelope))


def _about_the_batch(
    gateway: Gateway,
    batch: EnvelopeBatch,
    verdicts: Sequence[Judged | Repeated | InBandError],
    carrier: str,
    now: datetime,
) -> list[Unit]:
    """Return what the ledger says of the batch as a whole: the peer's head, refusals counted, a fork."""
    units = []
    seen = next((verdict for verdict in verdicts if isinstance(verdict, Judged)), None)
    if seen is not None:
        note, grown = batch.checkpoint, batch.consistency
        units = head_units(gateway, seen.checkpoint, seen.link, note=note, consistency=grown, now=now)
    refused = [verdict for verdict in verdicts if isinstance(verdict, InBandError)]
    units += _summary(gateway, carrier, refused)
    if any(verdict.code == InBandCode.FORKED for verdict in refused):
        units.append(fork_unit(batch.checkpoint, carrier))
    return units


def _summary(gateway: Gateway, carrier: str, refused: Sequence[InBandError]) -> list[Unit]:
    """Return what the ledger says of refusals in band: how many of each code; strangers leave no trace."""
    if not refused or carrier not in gateway.directory.members:
        return []
    codes = Counter(error.code for error in refused)
    summary = Draft(kind=EntryKind.REFUSED_SUMMARY, peer=carrier, codes=tuple(sorted(codes.items())))
    return [Unit(drafts=(summary,))]


def _answers(gateway: Gateway, carrier: str, answered: Sequence[int | InBandError]) -> ReceiptBatch:
    errors = tuple(answer for answer in answered if isinstance(answer, InBandError))
    indices = [answer for answer in answered if not isinstance(answer, InBandError)]
    if not indices:
        return ReceiptBatch(checkpoint=b"", consistency=None, receipts=(), errors=errors)
    signed = gateway.notary.sign_head()
    size = signed.checkpoint.size
    entries = read_entries(gateway, indices)
    proofs = gateway.read.inclusion_proofs(indices, size)
    receipts = tuple(
        Receipt(entry=entries[index], proof=build_proof(index, proof).encode()).encode()
        for index, proof in zip(indices, proofs, strict=True)
    )
    return ReceiptBatch(
        checkpoint=signed.note.encode(),
        consistency=growth(gateway, carrier, size),
        receipts=receipts,
        errors=errors,
    )
