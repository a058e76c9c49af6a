"""Admission: what an envelope must prove before anybody reads what is inside, whatever carried it.

Checks are numbered after PROTOCOL section 6. Those of 1 to 8 raise: the peer is told in band and nothing is
remembered. Those of 9 and 10 return: their outcome is final, stands in our ledger and travels as a receipt.

Source: PROTOCOL section 6; THREATS A02, A03, A05, A48.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.errors import GatewayError, Malformed, Refused
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.commitment import CommitmentType, verify_commitment
from gateway.ledger.entry import Direction, Entry, EntryKind, parse
from gateway.ledger.kinds import FINAL_CODES, IN_BAND_CODES, FinalCode, InBandCode
from gateway.sealing.batch import Envelope, EnvelopeBatch, joined_proof, parse_envelope
from gateway.sealing.envelope import (
    EnvelopeHeader,
    EnvelopeKind,
    Payload,
    envelope_digest,
    open_envelope,
    parse_header,
)
from gateway.sealing.standing import Link, PeerLedger, RootAt, link_head, open_head, prove_entry
from keys.signer import Opener

__all__ = [
    "FINAL_CODES",
    "IN_BAND_CODES",
    "Authenticated",
    "Examined",
    "FinalCode",
    "FinalRefusal",
    "InBandCode",
    "Known",
    "Reception",
    "Repeated",
    "examine",
]

_JUDGED_ANEW = frozenset({FinalCode.UNKNOWN_SEALING_KEY.value, FinalCode.EXPIRED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What became of an envelope seen before: its digest, our entry's kind, code if refused, and index."""

    digest: bytes
    outcome: EntryKind
    code: str | None
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What the receiving gateway knows when an envelope arrives.

    `carrier` is the agency of the connection's certificate, or the one a file names; `now_ms` milliseconds
    UTC; `ledger` what the directory says now of the carrier, None where it says nothing. `known` takes
    (sender, message id) and finds the message's last envelope; `earlier` takes a header and an envelope
    digest, and finds that very envelope though another of its message came after it. `newest` takes an
    origin and finds its newest linked head, `root_at` any head seen; `opener` takes a sealing key id of ours.
    """

    me: str
    carrier: str
    now_ms: int
    ledger: PeerLedger | None
    known: Callable[[str, str], Known | None]
    earlier: Callable[[EnvelopeHeader, bytes], Known | None]
    newest: Callable[[str], Checkpoint | None]
    root_at: RootAt
    opener: Callable[[str], Opener | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticated:
    """An envelope its sender's ledger shows (checks 1 to 8).

    `digest` names it in both ledgers; `index` is its entry's place in the sender's ledger under
    `checkpoint`; `linked` the newest head of that ledger on the branch followed: `checkpoint` itself once it
    is linked; `proof` the joined tlog-proof to store; `earlier` the refusal it is judged anew after.
    """

    header: EnvelopeHeader
    envelope: Envelope
    digest: bytes
    entry: Entry
    index: int
    checkpoint: Checkpoint
    link: Link
    linked: Checkpoint
    proof: str
    earlier: Known | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An envelope that opened (checks 1 to 10): its payload is what the sender's ledger commits to."""

    authenticated: Authenticated
    payload: Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalRefusal:
    """An authentic envelope that is refused for good; to be ledgered and answered with a receipt."""

    authenticated: Authenticated
    code: FinalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """The very envelope that was answered before: answer with the same receipt entry and a fresh proof."""

    header: EnvelopeHeader
    known: Known


def examine(data: bytes, batch: EnvelopeBatch, reception: Reception) -> Examined | FinalRefusal | Repeated:
    """Return what an envelope of a batch proves to be; `data` is one element of `batch.envelopes`.

    Raises:
        Refused: it proves nothing; `code` is one of `IN_BAND_CODES`.
    """
    envelope, header = _read(data)
    _check_addresses(header, reception)
    digest = envelope_digest(envelope.header, envelope.sealed)
    known = reception.known(header.sender, header.message_id)
    if known is not None:
        same = known if known.digest == digest else reception.earlier(header, digest)
        if same is not None:
            return Repeated(header=header, known=same)
        _check_judged_anew(known)
    entry = _read_entry(envelope.entry, header, digest, reception)
    index, checkpoint, link, linked = _prove(envelope, batch, reception)
    authenticated = Authenticated(
        header=header,
        envelope=envelope,
        digest=digest,
        entry=entry,
        index=index,
        checkpoint=checkpoint,
        link=link,
        linked=linked,
        proof=joined_proof(envelope.proof, batch.checkpoint),
        earlier=known,
    )
    return _open(authenticated, reception)


def _read(data: bytes) -> tuple[Envelope, EnvelopeHeader]:
    try:
        envelope = parse_envelope(data)  # 1: the size stands first in it.
        return envelope, parse_header(envelope.header)  # 2
    except Malformed as exc:
        code = exc.code if exc.code in IN_BAND_CODES else InBandCode.MALFORMED_HEADER
        raise Refused("is not an envelope", code=code, field=exc.field) from exc


def _check_addresses(header: EnvelopeHeader, reception: Reception) -> None:
    if header.sender != reception.carrier:  # 3
        raise _refused(InBandCode.WRONG_SENDER, "comes from somebody else than it says")
    if header.recipient != reception.me:  # 4
        raise _refused(InBandCode.NOT_ADDRESSED_TO_US, "is addressed to somebody else")


def _check_judged_anew(known: Known) -> None:
    # 5: only what was refused for a key or deadline that has passed may come again in another envelope.
    if known.outcome is not EntryKind.REFUSED or known.code not in _JUDGED_ANEW:
        raise _refused(InBandCode.CONFLICT, "is another envelope under a message id seen before")


def _read_entry(data: bytes, header: EnvelopeHeader, digest: bytes, reception: Reception) -> Entry:
    if reception.ledger is None or not reception.ledger.vkeys:  # 6
        raise _refused(InBandCode.LEDGER_KEY, "sender has no ledger key valid now")
    if reception.ledger.agency != header.sender:
        raise _refused(InBandCode.LEDGER_KEY, "ledger facts are another agency's")
    try:
        entry = parse(data)  # 7
    except Malformed as exc:
        raise _refused(InBandCode.ENTRY_INVALID, "entry is not canonical") from exc
    kind = EntryKind.RELEASED if header.kind is EnvelopeKind.RELEASE else EntryKind.SENT
    said = (entry.kind, entry.direction, entry.peer, entry.exchange, entry.message, entry.envelope)
    if said != (kind, Direction.OUT, reception.me, header.exchange_id, header.message_id, digest):
        raise _refused(InBandCode.ENTRY_INVALID, "entry is about something else")
    return entry


def _prove(
    envelope: Envelope, batch: EnvelopeBatch, reception: Reception
) -> tuple[int, Checkpoint, Link, Checkpoint]:
    if reception.ledger is None:
        raise _refused(InBandCode.LEDGER_KEY, "sender has no ledger key valid now")
    try:  # 8
        checkpoint = open_head(batch.checkpoint, reception.ledger)
        index = prove_entry(envelope.entry, envelope.proof, checkpoint)
        newest = reception.newest(checkpoint.origin)
        link = link_head(checkpoint, batch.consistency, newest=newest, root_at=reception.root_at)
    except GatewayError as exc:
        code = InBandCode.FORKED if exc.code == InBandCode.FORKED else InBandCode.PROOF_INVALID
        raise Refused(exc.message, code=code, field=exc.field, **exc.facts) from exc
    linked = checkpoint if newest is None or link is Link.GROWN else newest
    return index, checkpoint, link, linked


def _open(authenticated: Authenticated, reception: Reception) -> Examined | FinalRefusal:
    header, envelope, commit = authenticated.header, authenticated.envelope, authenticated.entry.commit

    def refusal(code: FinalCode) -> FinalRefusal:
        return FinalRefusal(authenticated=authenticated, code=code)

    if reception.now_ms >= header.expires_at_ms:  # 9
        return refusal(FinalCode.EXPIRED)
    opener = reception.opener(header.recipient_key_id)  # 10
    if opener is None:
        return refusal(FinalCode.UNKNOWN_SEALING_KEY)
    try:
        payload = open_envelope(envelope.header, envelope.sealed, opener)
    except GatewayError:
        return refusal(FinalCode.DOES_NOT_OPEN)
    try:
        verify_commitment(commit or b"", payload.salt, CommitmentType.PAYLOAD, payload.body)
    except GatewayError:
        return refusal(FinalCode.COMMITMENT_MISMATCH)
    return Examined(authenticated=authenticated, payload=payload)


def _refused(code: InBandCode, message: str) -> Refused:
    return Refused(message, code=code, field="envelope")
