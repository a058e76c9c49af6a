"""Delivering: what waits for a peer, with proof that the own ledger shows it, checked again before it leaves.

Source: PROTOCOL sections 4 (checks before every send), 5 (batch, consistency).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from gateway.errors import GatewayError, Refused
from gateway.flow.gateway import Gateway
from gateway.flow.promised import why_differs
from gateway.flow.recheck import reason_to_stay, use_has_ended
from gateway.flow.review.held import check_clock
from gateway.flow.review.vouched import why_unapproved
from gateway.ledger.kinds import FinalCode
from gateway.ledger.proof import build_proof
from gateway.sealing.batch import BATCH_BYTES_MAX, Consistency, Envelope, EnvelopeBatch
from gateway.sealing.envelope import EnvelopeKind
from gateway.store.changes import MetaSet
from gateway.store.message_queries import LANES
from gateway.store.rows import ActivationRow, MetaRow, OutboxRow
from gateway.store.unit import Unit

BATCH_MAX = 64
PROVED_BYTES = 8 * 1024
"""Room for an envelope's entry and proof in a batch, and more."""

_DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A release that may not leave any more: why in words, and the ledger's code where that is for good.

    `code` is empty where the reason may pass by itself.
    """

    row: OutboxRow
    why: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A batch ready to be carried to a peer, and what stays here."""

    batch: EnvelopeBatch | None
    exchanges: tuple[str, ...]
    messages: tuple[str, ...]
    stopped: tuple[Stopped, ...]

    @property
    def held_back(self) -> tuple[tuple[str, str], ...]:
        """Say, by exchange, why something stays here."""
        return tuple((one.row.exchange_id, one.why) for one in self.stopped)


def outgoing(
    gateway: Gateway,
    peer: str,
    now: datetime,
    *,
    only: Collection[str] | None = None,
    but: Collection[str] = (),
    limit: int = BATCH_MAX,
    limit_bytes: int = BATCH_BYTES_MAX,
) -> Outgoing:
    """Return what waits for a peer, most urgent lane first, at most `limit` envelopes of `limit_bytes`.

    `only` names exchanges to limit it to, `but` messages to leave out: those on the way, or resting after a
    refusal. One envelope is taken however large it is. Nothing changes here: an envelope waits until its
    receipt is back.

    Raises:
        NotFound, Refused, Stale: the peer takes no part in the exchange now.
        Refused: code `clock-behind`: by this clock something might leave whose time has passed.
    """
    gateway.directory.peer(peer, now)
    check_clock(gateway, now)
    stopped: list[Stopped] = []
    leaving: list[_Waiting] = []
    activation = gateway.read.latest_activation()
    room_bytes = limit_bytes
    for waiting in _waiting(gateway, peer, only):
        row = waiting.row
        if row.message_id in but:
            continue
        reason = _reason_to_stay(gateway, waiting, activation, now)
        if reason is not None:
            stopped.append(reason)
        elif row.sealed is not None:
            room_bytes -= len(row.header) + len(row.sealed) + PROVED_BYTES
            if leaving and room_bytes < 0:
                break
            leaving.append(waiting)
        if len(leaving) == limit:
            break
    if not leaving:
        return Outgoing(batch=None, exchanges=(), messages=(), stopped=tuple(stopped))
    signed = gateway.notary.sign_head()
    batch = EnvelopeBatch(
        checkpoint=signed.note.encode(),
        consistency=growth(gateway, peer, signed.checkpoint.size),
        envelopes=tuple(_envelopes(gateway, leaving, signed.checkpoint.size)),
    )
    return Outgoing(
        batch=batch,
        exchanges=tuple(one.row.exchange_id for one in leaving),
        messages=tuple(one.row.message_id for one in leaving),
        stopped=tuple(stopped),
    )


class _Waiting(NamedTuple):
    """What waits, its ledger entry's bytes (empty where there is none), and whether officers held it."""

    row: OutboxRow
    entry: bytes
    was_held: bool


def _envelopes(gateway: Gateway, leaving: Sequence[_Waiting], size: int) -> list[bytes]:
    indices = [one.row.entry for one in leaving if isinstance(one.row.entry, int)]
    proofs = gateway.read.inclusion_proofs(indices, size)
    return [
        Envelope(
            header=one.row.header,
            sealed=one.row.sealed or b"",
            entry=one.entry,
            proof=build_proof(index, proof).encode(),
        ).encode()
        for one, index, proof in zip(leaving, indices, proofs, strict=True)
    ]


def read_entries(gateway: Gateway, indices: Sequence[int]) -> dict[int, bytes]:
    """Return the exact bytes of some entries; neighbours are read in one query."""
    found: dict[int, bytes] = {}
    wanted = set(indices)
    for index in sorted(wanted):
        if index not in found:
            rows = gateway.read.entries(index, index + 4 * BATCH_MAX)
            found.update((row.idx, row.data) for row in rows if row.idx in wanted)
    return found


def _waiting(gateway: Gateway, peer: str, only: Collection[str] | None) -> Iterator[_Waiting]:
    """Yield what waits for a peer in the order to send it, however much of it stays here."""
    for lane in LANES:
        after = ""
        while page := gateway.read.queued_in_lane(peer, lane, after=after, limit=BATCH_MAX):
            wanted = [row for row in page if only is None or row.exchange_id in only]
            held = gateway.read.held_before([row.exchange_id for row in wanted])
            entries = read_entries(gateway, [row.entry for row in wanted if isinstance(row.entry, int)])
            for row in wanted:
                entry = entries.get(row.entry, b"") if isinstance(row.entry, int) else b""
                yield _Waiting(row, entry, row.exchange_id in held)
            after = page[-1].message_id


def _reason_to_stay(
    gateway: Gateway, waiting: _Waiting, activation: ActivationRow | None, now: datetime
) -> Stopped | None:
    """Say why a release may not leave any more: what it was decided by has changed since. None: it may."""
    row, now_ms = waiting.row, int(now.timestamp() * 1000)
    if row.sealed is not None and (why := why_differs(gateway, row, waiting.entry)):
        return Stopped(row=row, why=why, code="")
    if row.expires_at <= now_ms:
        return Stopped(row=row, why="its delivery deadline has passed", code=FinalCode.EXPIRED)
    was_held = waiting.was_held or row.kind == EnvelopeKind.CONSENT_ANSWER.token
    if was_held and (why := why_unapproved(gateway, row)):
        return Stopped(row=row, why=why, code="")
    if row.kind != EnvelopeKind.RELEASE.token:
        return None  # Only releases were decided on; what else is sent says what was so when it was.
    # An activation is dated by the second: what was decided within that second may be of before it.
    of_old_rules = activation is None or row.created_at < (activation.at + 1) * 1000
    of_another_day = row.created_at // _DAY_MS != now_ms // _DAY_MS
    return _changed(gateway, row, now, again=of_another_day) if of_old_rules or of_another_day else None


def _changed(gateway: Gateway, row: OutboxRow, now: datetime, *, again: bool) -> Stopped | None:
    """Say what has changed since a release was decided; with `again` decide it anew on the facts of today."""
    exchange = gateway.read.exchange(row.exchange_id)
    if exchange is None:
        return Stopped(row=row, why="its exchange is not on file", code="")
    if exchange.policy_digest != gateway.policy_digest:
        return Stopped(row=row, why="the rules changed since it was decided; push it again", code="rules")
    try:
        if gateway.directory.version_for(gateway.me, row.peer) != exchange.directory_version:
            why = "the directory changed since it was decided; push it again"
            return Stopped(row=row, why=why, code="directory")
        if again and use_has_ended(gateway, exchange, now):
            return Stopped(row=row, why="its last day of use has passed", code=FinalCode.EXPIRED)
        why = reason_to_stay(gateway, exchange, now) if again else ""
    except GatewayError as exc:
        return Stopped(row=row, why=exc.message, code="")
    return Stopped(row=row, why=why, code="rules") if why else None


def growth(gateway: Gateway, peer: str, size: int) -> Consistency | None:
    """Return the proof that the own ledger grew from the last size the peer showed it had seen."""
    shown = gateway.read.meta(shown_name(peer))
    if shown is None or not 0 < int(shown) < size:
        return None
    old = int(shown)
    return Consistency(from_size=old, hashes=tuple(growth_from(gateway, old, size)))


def growth_from(gateway: Gateway, old: int, size: int) -> list[bytes]:
    """Return the hashes that prove growth of the own ledger; none from size 0, or to the same size.

    Raises:
        Refused: code `other-size`: the ledger never had the older size, or it is not the older one.
    """
    if not 0 <= old <= size:
        raise Refused("the ledger did not grow from that size", code="other-size", field="size")
    return gateway.read.consistency_proof(old, size)


def shown_units(gateway: Gateway, carrier: str, size: int) -> list[Unit]:
    """Remember the newest own head the peer has verified, to prove growth from there next time."""
    name = shown_name(carrier)
    known = gateway.read.meta(name)
    if size == 0 or (known is not None and int(known) >= size):
        return []
    row = MetaRow(name, str(size)) if known is None else MetaSet(name, known, str(size))
    return [Unit(rows=(row,))]


def shown_name(peer: str) -> str:
    """Return under which name the last size shown to a peer is kept."""
    return f"shown/{peer}"
