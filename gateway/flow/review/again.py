"""Deciding again what is held: when something it rests on has changed, or less of it is to be given.

Whatever was approved before counts no more: it was for other bytes, or under other rules.

Source: PROTOCOL section 4 (changed since: void, decide again); THREATS A20.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import GatewayError, Malformed, Refused
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import DECISION, exchange_key, read_body
from gateway.flow.past import Past, People, Ruling
from gateway.flow.prepare import Submission, prepared_again
from gateway.flow.question_again import question_again
from gateway.flow.recheck import BLIND_BYTES
from gateway.flow.retention import has_ended
from gateway.flow.review.held import Held, narrowing_of
from gateway.flow.settle import ExchangeAnswer, Former, settle
from gateway.ledger.commitment import CommitmentType, commit_each
from gateway.ledger.entry import Draft, EntryKind
from gateway.release.hold import HoldEvent, advance
from gateway.release.narrowing import Narrowing
from gateway.release.release import parse_release
from gateway.store.changes import ExchangeState, HoldMoved
from gateway.store.place import EntryAt
from gateway.store.unit import Unit
from policy.decision import Outcome

EXPIRED = "hold-expired"
CHANGED = "hold-changed"
"""Stand among the rules of a decision that no rule made: nobody agreed in time, or what is held is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconsidered:
    """A held exchange as it would be decided now, by everything the past says."""

    submission: Submission
    people: People
    ruling: Ruling
    past: Past


def reconsider(gateway: Gateway, found: Held, now: datetime) -> Reconsidered:
    """Return how a held exchange would be decided now.

    Raises:
        GatewayError: it cannot be decided any more: the record may not be submitted, the recipient takes no
            part.
    """
    submission = prepared_again(gateway, found.record, now)
    past = Past(gateway, now)
    (people,) = past.people([submission])
    question = question_again(gateway, found.exchange, found.owner, now)
    ruling = past.decided_again(submission, people, question, found.actor)
    return Reconsidered(submission=submission, people=people, ruling=ruling, past=past)


def what_changed(gateway: Gateway, found: Held, again: Reconsidered | GatewayError, now: datetime) -> str:
    """Return in words why what was held may not be approved as it is; empty where nothing has changed."""
    if isinstance(again, GatewayError):
        return f"it can not be decided any more: {again.message}"
    if why := _moved_on(gateway, found, now):
        return why
    stored = read_body(gateway, found.owner, DECISION, found.hold.exchange_id)
    if again.ruling.verdicts.decision.encode() != stored[:-BLIND_BYTES]:
        return "what it was decided on holds no more: a consent, a date, or what the recipient was told since"
    return ""


def _moved_on(gateway: Gateway, found: Held, now: datetime) -> str:
    """Return what has changed around a hold, seen without deciding it again."""
    exchange = found.exchange
    if exchange.policy_digest != gateway.policy_digest:
        return "the rules have changed since it was decided"
    if gateway.directory.version_for(gateway.me, exchange.peer) != exchange.directory_version:
        return "what the directory says of sender or recipient has changed since it was decided"
    if found.record.state != "current":
        return "the record has changed since it was decided"
    if has_ended(parse_release(found.body), now):
        return "its last day of use has passed"
    return ""


def reconsidered(gateway: Gateway, found: Held, now: datetime) -> Reconsidered | GatewayError:
    """Return how it would be decided now, or why it cannot be."""
    try:
        return reconsider(gateway, found, now)
    except (Malformed, Refused) as exc:
        return exc


def decide_again(
    gateway: Gateway,
    found: Held,
    again: Reconsidered | GatewayError,
    *,
    event: HoldEvent,
    why: str,
    acting: str,
    now: datetime,
    narrowing: Narrowing = Narrowing(),  # noqa: B008  frozen
) -> ExchangeAnswer | None:
    """Close the round of a hold and settle its exchange anew; return what became of it, None where it ended.

    What officers chose to give less of before, they give less of still.
    """
    hold = found.hold
    after = advance(found.state, event)
    if isinstance(again, GatewayError) or not _may_go_on(found, now):
        end_hold(gateway, found, event=event, rule=CHANGED, why=why, acting=acting)
        return None
    moved = HoldMoved(hold.exchange_id, hold.round, hold.state, after.value, why, EntryAt(0))
    settled = settle(
        gateway,
        again.submission,
        found.owner,
        again.ruling,
        base=0,
        actor=found.actor,
        acting=acting,
        now=now,
        former=Former(exchange=found.exchange, hold=hold),
        narrowing=narrowing_of(gateway, found.owner, hold.exchange_id).and_also(narrowing),
    )
    rows = [*settled.rows, moved]
    if settled.answer.outcome is Outcome.RELEASE:
        rows += again.past.told(again.people, again.ruling)
    gateway.store.writer.commit_one(Unit(drafts=settled.drafts, rows=tuple(rows)))
    return settled.answer


def _may_go_on(found: Held, now: datetime) -> bool:
    return found.record.state == "current" and not has_ended(parse_release(found.body), now)


def end_hold(gateway: Gateway, found: Held, *, event: HoldEvent, rule: str, why: str, acting: str) -> None:
    """Close a hold for good, nothing of it leaving: a last decision says so."""
    hold, exchange = found.hold, found.exchange
    after = advance(found.state, event)
    contents = {
        CommitmentType.ACTOR: acting.encode(),
        CommitmentType.DECISION: hold.decision_digest,
        CommitmentType.PURPOSE: hold.purpose.encode(),
    }
    draft = Draft(
        kind=EntryKind.DECIDED,
        exchange=hold.exchange_id,
        peer=hold.peer,
        policy=exchange.policy_digest,
        outcome="deny",
        rules=(rule,),
        duties=(),
        commits=commit_each(exchange_key(gateway, hold.exchange_id), contents),
        directory=exchange.directory_version,
    )
    state = "expired" if event is HoldEvent.EXPIRY else "denied"
    gateway.store.writer.commit_one(
        Unit(
            drafts=(draft,),
            rows=(
                HoldMoved(hold.exchange_id, hold.round, hold.state, after.value, why, EntryAt(0)),
                ExchangeState(hold.exchange_id, "held", state, closing_entry=EntryAt(0), outcome="denied"),
            ),
        )
    )
