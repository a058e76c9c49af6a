"""Settling: from a ruling to what is written for one recipient: a queued envelope, a hold, or a denial.

An exchange that was held may be settled again, when what it was decided on has changed or less is to be
given: then it gets another decision under its own id, and whatever was approved before counts no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from gateway.flow.decide import Verdicts
from gateway.flow.gateway import Gateway
from gateway.flow.grant import plan_for, required_of
from gateway.flow.invoke import Emergency, invoked
from gateway.flow.keeping import (
    ACTOR,
    DECISION,
    NARROWED,
    PAST,
    PAYLOAD_SALT,
    RELEASE,
    STATED,
    Owner,
    body_rows,
    exchange_key,
    exchange_key_row,
    replaced_rows,
)
from gateway.flow.past import Ruling
from gateway.flow.prepare import Submission
from gateway.flow.question import Circumstances, Question
from gateway.flow.retention import ends_ms
from gateway.flow.seal import Letter, release_body, sealed
from gateway.ledger.commitment import CommitmentType, commit_each
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.moment import to_ms
from gateway.record.text import uuid7
from gateway.release.hold import HoldState
from gateway.release.narrowing import Narrowing
from gateway.release.plan import Plan
from gateway.release.release import parse_release, release_digest
from gateway.store.changes import Change, DecidedAnew
from gateway.store.place import EntryAt
from gateway.store.review_rows import HoldCaseRow, HoldRow
from gateway.store.rows import AskRow, ExchangeRow, Row
from gateway.store.unit import About
from policy.decision import Outcome

HOLD_LIFE: Final = timedelta(days=7)

LEDGERED: Final = {Outcome.RELEASE: "release", Outcome.HELD: "hold", Outcome.DENIED: "deny"}
STATES: Final = {Outcome.RELEASE: "released", Outcome.HELD: "held", Outcome.DENIED: "denied"}
"""What an outcome is called in the ledger, and as the state of an exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeAnswer:
    """What became of one recipient of a push: `outcome` is release, held or denied.

    `approvals` are the duties a hold waits for; `reasons` (rule id, sentence) say why anything was withheld.
    """

    exchange_id: str
    recipient: str
    outcome: Outcome
    approvals: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """One exchange ready to be written; `drafts` follow `base` earlier drafts of the same unit."""

    drafts: tuple[Draft | About, ...]
    rows: tuple[Row | Change, ...]
    answer: ExchangeAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """An exchange that is settled again: its row, the round of its hold that closes, and who submitted it."""

    exchange: ExchangeRow
    hold: HoldRow


def settle(
    gateway: Gateway,
    submission: Submission,
    owner: Owner,
    ruling: Ruling,
    *,
    base: int,
    actor: str,
    now: datetime,
    cases: tuple[bytes, ...] = (),
    former: Former | None = None,
    narrowing: Narrowing = Narrowing(),  # noqa: B008  frozen
    acting: str = "",
) -> Settled:
    """Return everything that is written for one recipient.

    `base` is how many drafts stand before these in the unit; `actor` names who submitted, `acting` who has it
    decided again, for the commitments; `cases` are keyed hashes a hold is found by.

    Raises:
        Refused: the request lacks what a release is bound to: purpose or legal basis.
    """
    exchange = _Exchange(
        gateway=gateway,
        submission=submission,
        owner=owner,
        ruling=ruling,
        question=ruling.question,
        verdicts=ruling.verdicts,
        base=base,
        actor=actor,
        acting=acting or actor,
        now=now,
        cases=cases,
        former=former,
        narrowing=narrowing,
        id=uuid7(to_ms(now), gateway.random(10)) if former is None else former.exchange.exchange_id,
        key=gateway.random(32) if former is None else exchange_key(gateway, former.exchange.exchange_id),
        stored=ruling.verdicts.decision.encode() + gateway.random(32),
        required=required_of(ruling.verdicts, narrowing, own_leave=submission.own_leave),
    )
    return exchange.settled()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exchange:
    """One exchange in the making: `id` names it, `key` is its K, `stored` its decision as kept."""

    gateway: Gateway
    submission: Submission
    owner: Owner
    ruling: Ruling
    question: Question
    verdicts: Verdicts
    base: int
    actor: str
    acting: str
    now: datetime
    cases: tuple[bytes, ...]
    former: Former | None
    narrowing: Narrowing
    id: str
    key: bytes
    stored: bytes
    required: tuple[str, ...]

    def settled(self) -> Settled:
        planned = plan_for(self.submission, self.question, self.verdicts, self.now, self.narrowing)
        outcome = self._outcome(planned)
        drafts: list[Draft | About] = [self._decided(outcome)]
        bodies, rows = self._bodies(), self._noted()
        message_id, body = None, b""
        if outcome is not Outcome.DENIED:
            bodies[RELEASE] = body = release_body(self.gateway, self.submission, self.question, planned)
            bodies[PAYLOAD_SALT] = payload_salt = self.gateway.random(32)
        if outcome is Outcome.RELEASE:
            if self.question.stated.threat:
                bodies[ACTOR] = self.actor.encode()
                self._invoke(drafts, rows, body)
            message_id = self._seal(drafts, rows, body, payload_salt)
        elif outcome is Outcome.HELD:
            bodies[ACTOR] = self.actor.encode()
            drafts.append(About(self._held(), EntryAt(self.base)))
            rows += [self._hold(body, HoldState.HELD, EntryAt(self.base + 1)), *self._found_by()]
        rows += self._row(outcome, message_id, EntryAt(self.base + len(drafts) - 1), body)
        rows += self._written(bodies)
        return Settled(drafts=tuple(drafts), rows=tuple(rows), answer=self._answer(outcome))

    def _seal(
        self, drafts: list[Draft | About], rows: list[Row | Change], body: bytes, payload_salt: bytes
    ) -> str:
        """Write what leaves at once; return its message id."""
        letter = Letter(
            exchange_id=self.id,
            recipient=self.question.recipient.id,
            lane=self.question.lane,
            body=body,
            payload_salt=payload_salt,
        )
        made = sealed(self.gateway, letter, EntryAt(self.base + len(drafts)), self.now)
        drafts.append(made.draft)
        rows += [made.row, *self.ruling.told]
        return made.message_id

    def _invoke(self, drafts: list[Draft | About], rows: list[Row | Change], body: bytes) -> None:
        """Write that an emergency was invoked, though nobody had to agree: it stands among the holds, closed
        at once, so that it can be shown and reviewed like any other.
        """
        emergency = Emergency(
            exchange_id=self.id,
            key=self.key,
            peer=self.question.recipient.id,
            actor=self.actor,
            threat=self.question.stated.threat,
        )
        draft, review = invoked(self.gateway, emergency, EntryAt(self.base + len(drafts)), self.now)
        drafts.append(draft)
        rows += [review, self._hold(body, HoldState.APPROVED, EntryAt(self.base + len(drafts) - 1))]

    def _outcome(self, planned: Plan) -> Outcome:
        outcome = self.verdicts.decision.outcome
        if outcome is Outcome.DENIED or not planned.chosen:
            # Where what was granted were only links whose ends stay, nothing is left to send.
            return Outcome.DENIED
        if outcome is Outcome.HELD and not self.required:
            # What took people to agree is not given any more.
            return Outcome.RELEASE
        return outcome

    def _bodies(self) -> dict[str, bytes]:
        bodies = {DECISION: self.stored}
        if self.former is None and (stated := self.question.stated.encode()):
            bodies[STATED] = stated
        past = self.question.past
        if past != Circumstances() or self.former is not None:
            bodies[PAST] = past.encode()
        if self.narrowing:
            bodies[NARROWED] = self.narrowing.encode()
        return bodies

    def _noted(self) -> list[Row | Change]:
        """Return what is written of a new exchange whatever becomes of it."""
        if self.former is not None:
            return []
        rows: list[Row | Change] = [exchange_key_row(self.gateway, self.id, self.key)]
        if self.ruling.counted:
            rows.append(AskRow(self.ruling.counted, self.question.today.isoformat(), self.id))
        return rows

    def _found_by(self) -> list[HoldCaseRow]:
        return [] if self.former is not None else [HoldCaseRow(tag, self.id) for tag in self.cases]

    def _written(self, bodies: Mapping[str, bytes]) -> list[Row | Change]:
        if self.former is None:
            return list(body_rows(self.gateway, self.owner, bodies, part=self.id))
        return replaced_rows(self.gateway, self.owner, bodies, part=self.id)

    def _decided(self, outcome: Outcome) -> Draft:
        decision = self.verdicts.decision
        purpose = self.question.purpose
        contents = {
            CommitmentType.ACTOR: self.acting.encode(),
            CommitmentType.DECISION: sha256(self.stored).digest(),
            CommitmentType.PURPOSE: purpose.token.encode() if purpose is not None else b"",
        }
        if stated := self.question.stated.encode():
            contents[CommitmentType.JUSTIFICATION] = stated
        return Draft(
            kind=EntryKind.DECIDED,
            exchange=self.id,
            peer=self.question.recipient.id,
            policy=decision.policy_digest,
            outcome=LEDGERED[outcome],
            rules=tuple(sorted({reason.rule for reason in decision.reasons})),
            duties=self.required,
            commits=commit_each(self.key, dict(sorted(contents.items()))),
            directory=self._directory(),
        )

    def _held(self) -> Draft:
        return Draft(
            kind=EntryKind.HELD,
            exchange=self.id,
            peer=self.question.recipient.id,
            duties=self.required,
            about=0,
        )

    def _directory(self) -> bytes:
        return self.gateway.directory.version_for(self.gateway.me, self.question.recipient.id)

    def _expires_ms(self, body: bytes) -> int:
        """Return the end of the hold: held again, it ends when it would have ended, and it never outlives the
        use of what it holds.
        """
        life = to_ms(self.now + HOLD_LIFE) if self.former is None else self.former.hold.expires_at
        return min(life, ends_ms(parse_release(body)))

    def _hold(self, body: bytes, state: HoldState, entry: EntryAt) -> HoldRow:
        question, statement = self.question, self.submission.statement
        return HoldRow(
            self.id,
            1 if self.former is None else self.former.hold.round + 1,
            "release",
            state.value,
            question.recipient.id,
            question.purpose.token if question.purpose is not None else "",
            question.lane.token,
            statement.originator,
            statement.record_id,
            statement.version,
            ",".join(self.required),
            release_digest(body),
            sha256(self.stored).digest(),
            self.verdicts.decision.policy_digest,
            self._directory(),
            to_ms(self.now),
            self._expires_ms(body),
            "",
            "",
            0,
            entry,
            None if state.is_open else entry,
        )

    def _row(
        self, outcome: Outcome, message_id: str | None, entry: EntryAt, body: bytes
    ) -> list[Row | Change]:
        if self.former is None:
            return [self._new_row(outcome, message_id, entry, body)]
        state = STATES[outcome]
        anew = DecidedAnew(
            self.id,
            "held",
            state,
            sha256(self.stored).digest(),
            self.verdicts.decision.policy_digest,
            self._directory(),
            ",".join(self.required),
            outcome.value,
            entry,
            message_id,
        )
        return [anew]

    def _new_row(self, outcome: Outcome, message_id: str | None, entry: EntryAt, body: bytes) -> ExchangeRow:
        question, statement = self.question, self.submission.statement
        return ExchangeRow(
            self.id,
            "out",
            question.recipient.id,
            statement.originator,
            statement.record_id,
            statement.version,
            message_id,
            STATES[outcome],
            question.purpose.token if question.purpose is not None else "",
            question.legal_basis.token if question.legal_basis is not None else "",
            question.lane.token,
            sha256(self.stored).digest(),
            self.verdicts.decision.policy_digest,
            self._directory(),
            ",".join(self.required),
            outcome.value,
            to_ms(self.now),
            self._expires_ms(body) if outcome is Outcome.HELD else None,
            entry,
            None,
        )

    def _answer(self, outcome: Outcome) -> ExchangeAnswer:
        decision = self.verdicts.decision
        return ExchangeAnswer(
            exchange_id=self.id,
            recipient=self.question.recipient.id,
            outcome=outcome,
            approvals=self.required if outcome is Outcome.HELD else (),
            reasons=tuple((reason.rule, reason.text) for reason in decision.reasons),
        )
