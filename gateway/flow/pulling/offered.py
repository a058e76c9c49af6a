"""What may be pulled of one release: what was released then, and would still be released now.

A release is shown while its ledger entry, its approvals and its record stand, and of it only what the rules
in force today would let leave too. Whatever is in doubt is not shown: a row that was changed, a record that
is gone, a decision that cannot be made again.

Left out on purpose: what was passed on of another agency's (its consent covers a sealed release with proof),
what went to one unit alone (a tool is no unit), and emergencies, which people carry.

Source: PROTOCOL section 4 (checks before every send); THREATS P3, A20, A41.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from adapters.export import Disclosed
from gateway.errors import GatewayError, NotFound, Refused, Unreachable
from gateway.flow.decide import Verdicts, decide
from gateway.flow.gateway import Gateway
from gateway.flow.grant import plan_for
from gateway.flow.keeping import DECISION, PAYLOAD_SALT, RELEASE, Owner, owner_of, read_body
from gateway.flow.prepare import as_committed, prepared_again
from gateway.flow.pulling.client import Client
from gateway.flow.question_again import question_again, record_of
from gateway.flow.recheck import BLIND_BYTES
from gateway.flow.retention import check_kept, ends_ms, has_ended, last_day
from gateway.flow.review.roster import proved_entries
from gateway.flow.review.vouched import why_unapproved
from gateway.flow.seal import payload_commitment
from gateway.ledger.entry import Entry, EntryKind
from gateway.observe import counters, incident
from gateway.record.marking import Marking, join
from gateway.record.moment import to_ms
from gateway.record.portion import parse_portion
from gateway.record.view import merge
from gateway.release.disclosure import portions_of
from gateway.release.obligation import Obligation
from gateway.release.overlap import overlap
from gateway.release.plan import Plan
from gateway.release.release import Release, parse_release
from gateway.sealing.envelope import EnvelopeKind
from gateway.store.rows import ExchangeRow, OutboxRow, RecordRow
from policy.decision import Outcome

_SHOWN: Final = ("released", "delivered")
_SENT: Final = ("queued", "delivered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One release as a tool may see it now; `position` is the place of its `released` entry, dated `at`
    (POSIX seconds).
    """

    exchange: ExchangeRow
    record: RecordRow
    position: int
    at: int
    disclosed: Disclosed


def offered(gateway: Gateway, exchange: ExchangeRow, client: Client, now: datetime) -> Offered | None:
    """Return what a tool may see of a release; None where that is nothing.

    Raises:
        Unreachable: the store did not answer, which says nothing of the release.
    """
    try:
        return _offered(gateway, exchange, client, now)
    except Unreachable:
        raise
    except GatewayError:
        counters["taxii.withheld"] += 1
    except (
        Exception
    ) as exc:  # What nobody foresaw of one release is no reason to show it, nor to hide others.
        incident("taxii.offered", exc)
    return None


def _offered(gateway: Gateway, exchange: ExchangeRow, client: Client, now: datetime) -> Offered:
    record = record_of(gateway, exchange)
    if record.direction != "own" or record.state != "current":
        raise NotFound("the record is not shown any more", code="no-such-record")
    check_kept(record, now)
    owner = owner_of(gateway, record)
    release, entry = _released(gateway, exchange, client, owner, now)
    planned = _planned_now(gateway, exchange, record, owner, now)
    then = [parse_portion(data) for data in portions_of(release.disclosure)]
    shown = overlap(then, [parse_portion(data) for _, data, _ in planned.chosen])
    if not any(not portion.unknown_field for portion in shown):
        raise Refused("nothing of it may be shown now", code="denied")
    disclosed = Disclosed(
        record=merge(shown),
        marking=_marking(release, planned),
        discloser=gateway.me,
        pseudonyms=dict(release.pseudonyms),
    )
    position = exchange.entry if isinstance(exchange.entry, int) else -1
    return Offered(exchange=exchange, record=record, position=position, at=entry.at, disclosed=disclosed)


def _released(
    gateway: Gateway, exchange: ExchangeRow, client: Client, owner: Owner, now: datetime
) -> tuple[Release, Entry]:
    """Return the release as it was made, and its entry, once ledger, rows and bytes agree on it.

    Raises:
        Refused: code `ledger-differs`, `unapproved`, `expired` or `use-ended`.
    """
    message = gateway.read.outbox(exchange.message_id or "")
    body = read_body(gateway, owner, RELEASE, exchange.exchange_id)
    release, entry = parse_release(body), _entry(gateway, exchange)
    if message is None or not _agree(exchange, message, release, client, entry):
        raise Refused("its rows and its ledger entry do not agree", code="ledger-differs")
    if entry.commit != payload_commitment(
        read_body(gateway, owner, PAYLOAD_SALT, exchange.exchange_id), body
    ):
        raise Refused("other bytes are kept than were released", code="ledger-differs")
    if message.state == "queued" and message.expires_at <= to_ms(now):
        raise Refused("its delivery deadline has passed", code="expired")
    if has_ended(release, now):
        raise Refused("its last day of use has passed", code="use-ended")
    held = exchange.exchange_id in gateway.read.held_before([exchange.exchange_id])
    if held and (why := why_unapproved(gateway, message)):
        raise Refused(why, code="unapproved")
    return release, entry


def _entry(gateway: Gateway, exchange: ExchangeRow) -> Entry:
    index = exchange.entry if isinstance(exchange.entry, int) else -1
    return proved_entries(gateway, [index])[index]


def _agree(exchange: ExchangeRow, message: OutboxRow, release: Release, client: Client, entry: Entry) -> bool:
    told = (entry.kind, entry.exchange, entry.message, entry.peer, entry.envelope)
    sent = (message.message_id, message.peer, message.envelope_digest)
    purposes = {one.token for one in client.purposes}
    return (
        told == (EntryKind.RELEASED, exchange.exchange_id, *sent)
        and (exchange.direction, exchange.peer) == ("out", client.agency)
        and (message.exchange_id, message.kind) == (exchange.exchange_id, EnvelopeKind.RELEASE.token)
        and (message.peer, message.entry) == (exchange.peer, exchange.entry)
        and (release.recipient, release.purpose.token) == (exchange.peer, exchange.purpose)
        and release.purpose.token in purposes
        and exchange.state in _SHOWN
        and message.state in _SENT
    )


def _planned_now(
    gateway: Gateway, exchange: ExchangeRow, record: RecordRow, owner: Owner, now: datetime
) -> Plan:
    """Return what the rules in force would let leave today.

    What was approved was approved for one decision: where today's is another, nothing rests on approvals.

    Raises:
        Refused: code `denied`, or as the question is put.
    """
    question = question_again(gateway, exchange, owner, now)
    if question.stated.unit or question.stated.threat:
        raise Refused("went to one unit, or in an emergency", code="denied")
    submission = as_committed(gateway, prepared_again(gateway, record, now), record)
    verdicts = decide(gateway, submission, question)
    decision = verdicts.decision
    if decision.outcome is Outcome.DENIED:
        raise Refused("is denied by now", code="denied")
    stored = read_body(gateway, owner, DECISION, exchange.exchange_id)[:-BLIND_BYTES]
    if decision.outcome is Outcome.HELD and decision.encode() != stored:
        if decision.rules:
            raise Refused("would wait for officers by now", code="denied")
        verdicts = _unapproved(verdicts)
    return plan_for(submission, question, verdicts, now)


def _unapproved(verdicts: Verdicts) -> Verdicts:
    """Return a held decision as what it lets leave without any approval."""
    free = replace(verdicts.decision, outcome=Outcome.RELEASE, approvals=frozenset())
    return replace(verdicts, decision=free)


def _marking(release: Release, planned: Plan) -> Marking:
    """Return the stricter of both markings; what travels beside a release stands in it as words."""
    marking = join(release.marking, planned.marking)
    last = date.fromisoformat(last_day(ends_ms(release)))
    ends = min(day for day in (last, planned.expires_at, marking.expires) if day is not None)
    if marking.nobody:
        return marking
    return replace(marking, expires=ends, notes=marking.notes | _in_words(release.obligations))


def _in_words(obligations: Sequence[Obligation]) -> frozenset[str]:
    return frozenset(f"duty: {one.code.token}" for one in obligations)
