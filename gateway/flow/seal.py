"""Sealing: from a decision to what is written for one recipient: a queued envelope, a hold, or a denial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from gateway.errors import Refused
from gateway.flow.decide import Verdicts
from gateway.flow.gateway import Gateway
from gateway.flow.grant import plan_for
from gateway.flow.keeping import (
    DECISION,
    PAST,
    PAYLOAD_SALT,
    RELEASE,
    STATED,
    Owner,
    body_rows,
    exchange_key_row,
)
from gateway.flow.past import Ruling
from gateway.flow.peers import sealing_key
from gateway.flow.prepare import Submission
from gateway.flow.question import Question
from gateway.ledger.commitment import CommitmentType, commit, commit_each
from gateway.ledger.entry import Direction, Draft, EntryKind
from gateway.record.moment import to_ms
from gateway.record.text import uuid7
from gateway.release.plan import Plan, build_release
from gateway.release.pseudonym import pseudonym
from gateway.sealing.envelope import EnvelopeHeader, EnvelopeKind, seal_envelope
from gateway.store.changes import Change
from gateway.store.place import EntryAt
from gateway.store.rows import AskRow, ExchangeRow, OutboxRow, Row
from gateway.store.unit import About
from keys.sealing import seal
from policy.decision import Outcome

ENVELOPE_LIFE = timedelta(days=14)
HOLD_LIFE = timedelta(days=7)

_LEDGERED = {Outcome.RELEASE: "release", Outcome.HELD: "hold", Outcome.DENIED: "deny"}
_STATES = {Outcome.RELEASE: "released", Outcome.HELD: "held", Outcome.DENIED: "denied"}


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


def settle(
    gateway: Gateway,
    submission: Submission,
    owner: Owner,
    ruling: Ruling,
    *,
    base: int,
    actor: str,
    now: datetime,
) -> Settled:
    """Return everything that is written for one recipient.

    `base` is how many drafts stand before these in the unit; `actor` names who acts, for the commitment.

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
        now=now,
        id=uuid7(to_ms(now), gateway.random(10)),
        key=gateway.random(32),
        stored=ruling.verdicts.decision.encode() + gateway.random(32),
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
    now: datetime
    id: str
    key: bytes
    stored: bytes

    def settled(self) -> Settled:
        decision = self.verdicts.decision
        outcome = decision.outcome
        planned = plan_for(self.submission, self.question, self.verdicts, self.now)
        if outcome is not Outcome.DENIED and not planned.chosen:
            # What was granted were only links whose ends stay: nothing is left to send.
            outcome = Outcome.DENIED
        drafts: list[Draft | About] = [self._decided(outcome)]
        rows: list[Row | Change] = [exchange_key_row(self.gateway, self.id, self.key)]
        bodies = {DECISION: self.stored}
        if stated := self.question.stated.encode():
            bodies[STATED] = stated
        if past := self.question.past.encode():
            bodies[PAST] = past
        if self.ruling.counted:
            rows.append(AskRow(self.ruling.counted, self.question.today.isoformat(), self.id))
        message_id = None
        if outcome is not Outcome.DENIED:
            bodies[RELEASE] = body = self._release(planned)
            if outcome is Outcome.RELEASE:
                message_id = uuid7(to_ms(self.now), self.gateway.random(10))
                bodies[PAYLOAD_SALT] = payload_salt = self.gateway.random(32)
                draft, row = self._sealed(body, payload_salt, message_id)
                drafts.append(draft)
                rows += [row, *self.ruling.told]
            else:
                drafts.append(About(self._held(), EntryAt(self.base)))
        rows.append(self._row(outcome, message_id))
        rows += body_rows(self.gateway, self.owner, bodies, part=self.id)
        return Settled(drafts=tuple(drafts), rows=tuple(rows), answer=self._answer(outcome))

    def _decided(self, outcome: Outcome) -> Draft:
        decision = self.verdicts.decision
        purpose = self.question.purpose
        contents = {
            CommitmentType.ACTOR: self.actor.encode(),
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
            outcome=_LEDGERED[outcome],
            rules=tuple(sorted({reason.rule for reason in decision.reasons})),
            duties=tuple(sorted(decision.duties)),
            commits=commit_each(self.key, dict(sorted(contents.items()))),
            directory=self._directory(),
        )

    def _held(self) -> Draft:
        return Draft(
            kind=EntryKind.HELD,
            exchange=self.id,
            peer=self.question.recipient.id,
            duties=tuple(sorted(self.verdicts.decision.approvals)),
            about=0,
        )

    def _directory(self) -> bytes:
        return self.gateway.directory.version_for(self.gateway.me, self.question.recipient.id)

    def _release(self, planned: Plan) -> bytes:
        question, submission = self.question, self.submission
        if question.purpose is None or question.legal_basis is None:
            raise Refused(
                "a release is bound to a purpose and a legal basis", code="no-purpose", field="purpose"
            )
        purpose = question.purpose
        pseudonyms = {
            name: pseudonym(
                self.gateway.pseudonym_secret,
                recipient=question.recipient.id,
                purpose=purpose,
                record_id=submission.record_id,
                subject=local,
            )
            for local, name in submission.names.items()
            if name in planned.entities
            and name.startswith("person/")
            and submission.subjects[local].protected
        }
        release = build_release(
            planned,
            submission.signed,
            purpose=purpose,
            legal_basis=question.legal_basis,
            pseudonyms=pseudonyms,
        )
        return release.encode()

    def _sealed(self, body: bytes, payload_salt: bytes, message_id: str) -> tuple[Draft, OutboxRow]:
        recipient = self.question.recipient.id
        key = sealing_key(self.gateway, recipient, self.now)
        header = EnvelopeHeader(
            message_id=message_id,
            exchange_id=self.id,
            sender=self.gateway.me,
            recipient=recipient,
            kind=EnvelopeKind.RELEASE,
            lane=self.question.lane,
            created_at_ms=to_ms(self.now),
            expires_at_ms=to_ms(self.now + ENVELOPE_LIFE),
            recipient_key_id=key.key_id,
        )
        sealed = seal_envelope(header, body, payload_salt, key.public, seal)
        draft = Draft(
            kind=EntryKind.RELEASED,
            exchange=self.id,
            message=message_id,
            peer=recipient,
            direction=Direction.OUT,
            envelope=sealed.digest,
            commit=commit(payload_salt, CommitmentType.PAYLOAD, body),
        )
        row = OutboxRow(
            message_id,
            self.id,
            recipient,
            header.kind.token,
            header.lane.token,
            sealed.header,
            sealed.sealed,
            sha256(sealed.sealed).digest(),
            sealed.digest,
            EntryAt(self.base + 1),
            "queued",
            header.created_at_ms,
            header.expires_at_ms,
        )
        return draft, row

    def _row(self, outcome: Outcome, message_id: str | None) -> ExchangeRow:
        question, statement = self.question, self.submission.statement
        return ExchangeRow(
            self.id,
            "out",
            question.recipient.id,
            statement.originator,
            statement.record_id,
            statement.version,
            message_id,
            _STATES[outcome],
            question.purpose.token if question.purpose is not None else "",
            question.legal_basis.token if question.legal_basis is not None else "",
            question.lane.token,
            sha256(self.stored).digest(),
            self.verdicts.decision.policy_digest,
            self._directory(),
            ",".join(sorted(self.verdicts.decision.duties)),
            outcome.value,
            to_ms(self.now),
            to_ms(self.now + HOLD_LIFE) if outcome is Outcome.HELD else None,
            EntryAt(self.base + 1) if outcome is not Outcome.DENIED else EntryAt(self.base),
            None,
        )

    def _answer(self, outcome: Outcome) -> ExchangeAnswer:
        decision = self.verdicts.decision
        return ExchangeAnswer(
            exchange_id=self.id,
            recipient=self.question.recipient.id,
            outcome=outcome,
            approvals=tuple(sorted(decision.approvals)),
            reasons=tuple((reason.rule, reason.text) for reason in decision.reasons),
        )
