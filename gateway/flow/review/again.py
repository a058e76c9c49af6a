"""Deciding again what is held: when something it rests on has changed, or less of it is to be given.

Whatever was approved before counts no more: it was for other bytes, or under other rules.

Source: PROTOCOL section 4 (changed since: void, decide again); THREATS A20.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import GatewayError, Malformed, Refused
from gateway.flow.denial import denial
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import DECISION, read_body
from gateway.flow.passing.reviewing import onward_matter, settle_consent_again
from gateway.flow.past import Past, People, Ruling
from gateway.flow.prepare import Submission, as_committed, prepared_again
from gateway.flow.question import FieldKey
from gateway.flow.question_again import question_again
from gateway.flow.recheck import BLIND_BYTES
from gateway.flow.retention import has_ended
from gateway.flow.review.held import Held, narrowing_of
from gateway.flow.review.matter import Matter
from gateway.flow.settle import ExchangeAnswer, Former, Settled, settle
from gateway.record.vocabulary import Rung
from gateway.release.consent import parse_consent
from gateway.release.hold import HoldEvent, advance
from gateway.release.narrowing import Narrowing
from gateway.release.release import parse_release
from gateway.store.changes import ExchangeState, HoldMoved
from gateway.store.place import EntryAt
from gateway.store.review_rows import HoldRow
from gateway.store.rows import Row
from gateway.store.unit import Unit
from policy.decision import Decision, Outcome

EXPIRED = "hold-expired"
CHANGED = "hold-changed"
"""Stand among the rules of a decision that no rule made: nobody agreed in time, or what is held is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconsidered:
    """What this agency recorded, held, as it would be decided now, by everything the past says."""

    gateway: Gateway
    found: Held
    submission: Submission
    people: People
    ruling: Ruling
    past: Past
    now: datetime

    @property
    def decision(self) -> Decision:
        """What policy says to it now."""
        return self.ruling.verdicts.decision

    @property
    def threat(self) -> str:
        """The threat to life it was asked for by; empty where it is no emergency."""
        return self.ruling.question.stated.threat

    def told(self, withheld: Collection[FieldKey] = ()) -> tuple[Row, ...]:
        """Return what is written of what the recipient hears by it."""
        return self.past.told(self.people, self.ruling, withheld)

    def rungs(self, key: FieldKey) -> Sequence[Rung]:
        """Return at which rungs a field was committed to."""
        return self.ruling.verdicts.by_field[key][0].rungs

    def settled(self, *, acting: str, former: HoldRow, narrowing: Narrowing) -> Settled:
        """Return what is written where it is decided anew."""
        if self.found.is_consent:
            return settle_consent_again(
                self.gateway,
                self.found,
                self.submission,
                self.ruling,
                acting=acting,
                narrowing=narrowing,
                now=self.now,
            )
        return settle(
            self.gateway,
            self.submission,
            self.found.owner,
            self.ruling,
            base=0,
            actor=self.found.actor,
            acting=acting,
            now=self.now,
            former=Former(exchange=self.found.exchange, hold=former),
            narrowing=narrowing,
        )


def reconsider(gateway: Gateway, found: Held, now: datetime) -> Reconsidered:
    """Return how a held exchange would be decided now.

    Raises:
        GatewayError: it cannot be decided any more: the record may not be submitted, the recipient takes no
            part.
    """
    submission = as_committed(gateway, prepared_again(gateway, found.record, now), found.record)
    past = Past(gateway, now)
    (people,) = past.people([submission])
    question = question_again(gateway, found.exchange, found.owner, now)
    ruling = past.decided_again(submission, people, question, found.actor)
    return Reconsidered(
        gateway=gateway,
        found=found,
        submission=submission,
        people=people,
        ruling=ruling,
        past=past,
        now=now,
    )


def what_changed(gateway: Gateway, found: Held, again: Matter | GatewayError, now: datetime) -> str:
    """Return in words why what was held may not be approved as it is; empty where nothing has changed."""
    if isinstance(again, GatewayError):
        return f"it can not be decided any more: {again.message}"
    if why := _moved_on(gateway, found, now):
        return why
    stored = read_body(gateway, found.owner, DECISION, found.hold.exchange_id)
    if again.decision.encode() != stored[:-BLIND_BYTES]:
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
    if _is_over(found, now):
        return "its last day of use has passed"
    return ""


def _is_over(found: Held, now: datetime) -> bool:
    if found.is_consent:
        return parse_consent(found.body).expires < now.date()
    return has_ended(parse_release(found.body), now)


def reconsidered(gateway: Gateway, found: Held, now: datetime) -> Matter | GatewayError:
    """Return how it would be decided now, or why it cannot be."""
    try:
        if found.is_onward:
            return onward_matter(gateway, found, now)
        return reconsider(gateway, found, now)
    except (Malformed, Refused) as exc:
        return exc


def decide_again(
    gateway: Gateway,
    found: Held,
    again: Matter | GatewayError,
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
    less = narrowing_of(gateway, found.owner, hold.exchange_id).and_also(narrowing)
    settled = again.settled(acting=acting, former=hold, narrowing=less)
    rows = [*settled.rows, moved]
    if settled.answer.outcome is Outcome.RELEASE:
        rows += again.told(less.withheld)
    gateway.store.writer.commit_one(Unit(drafts=settled.drafts, rows=tuple(rows)))
    return settled.answer


def _may_go_on(found: Held, now: datetime) -> bool:
    return found.record.state == "current" and not _is_over(found, now)


def end_hold(gateway: Gateway, found: Held, *, event: HoldEvent, rule: str, why: str, acting: str) -> None:
    """Close a hold for good, nothing of it leaving: a last decision says so."""
    hold = found.hold
    after = advance(found.state, event)
    state = "expired" if event is HoldEvent.EXPIRY else "denied"
    gateway.store.writer.commit_one(
        Unit(
            drafts=(denial(gateway, found.exchange, rule=rule, acting=acting),),
            rows=(
                HoldMoved(hold.exchange_id, hold.round, hold.state, after.value, why, EntryAt(0)),
                ExchangeState(hold.exchange_id, "held", state, closing_entry=EntryAt(0), outcome="denied"),
            ),
        )
    )
