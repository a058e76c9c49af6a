"""Forwarding: a received record is to go on to a third agency. Own policy first, then its originator.

Nothing leaves here but the question, and it names only what own policy would let go on.

Source: PROTOCOL sections 5 and 6; DESIGN section 5 (forward); THREATS A22; ADR 0021.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from gateway.errors import Conflict, NotFound, Refused
from gateway.flow.decide import recipient_of, unit_of
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import (
    ACTOR,
    CONSENT_REQUEST,
    CONSENT_REQUEST_SALT,
    DECISION,
    STATED,
    Owner,
    body_rows,
    exchange_key_row,
    owner_of,
)
from gateway.flow.passing.asked import HOLDER, WAITING
from gateway.flow.passing.settling import Ruled, answer_of
from gateway.flow.passing.weighing import CONSENT, planned, weigh
from gateway.flow.question import Question, Stated
from gateway.flow.retention import check_in_use
from gateway.flow.seal import ENVELOPE_LIFE, Letter, sealed
from gateway.flow.settle import STATES, ExchangeAnswer
from gateway.flow.submit import Addressee
from gateway.flow.verify import kept_of, verify_received
from gateway.ledger.entry import Draft
from gateway.record.moment import to_ms
from gateway.record.text import uuid7
from gateway.record.vocabulary import Lane, Purpose
from gateway.release.admitted import AdmittedRelease
from gateway.release.consent_request import ConsentRequest
from gateway.release.duty import merge_tokens
from gateway.sealing.envelope import EnvelopeKind
from gateway.store.changes import Change
from gateway.store.passing_rows import ConsentRow
from gateway.store.place import EntryAt
from gateway.store.rows import ExchangeRow, RecordRow, Row
from gateway.store.unit import About, Unit
from policy.decision import Outcome

ANSWER_LIFE: Final = ENVELOPE_LIFE + timedelta(days=7)
"""How long an originator's answer is waited for: what its delivery and its officers may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """What became of a wish to pass on: held until the originator answers, or denied by own policy.

    `request_id` and `portions`, how many were asked for, are empty and 0 where nothing was sent.
    """

    answer: ExchangeAnswer
    originator: str
    request_id: str
    portions: int


def forward(
    gateway: Gateway, came_with: str, addressee: Addressee, *, reason: str, actor: str, now: datetime
) -> Forwarded:
    """Ask the originator of what came with an exchange to let it go on; durable and ledgered on return.

    Purpose and legal basis default to those it was released for; `reason` says in words why.

    Raises:
        NotFound: nothing that may be shown came with this exchange.
        Refused: code `use-ended`, `own-record`, `to-originator`, `unknown-recipient`, `unknown-unit`.
        Conflict: code `already-asked`: the same was asked and waits for its answer.
        Malformed: no reason is given, or it is too long.
        Stale: the directory is too old to act on.
    """
    row = gateway.read.exchange(came_with)
    if row is None or row.direction != "in" or row.outcome != "received":
        raise NotFound("nothing came with this exchange", code="no-such-exchange", field="exchange_id")
    record = kept_of(gateway, row)
    came = verify_received(gateway, came_with, now)
    check_in_use(came.release, now)
    question = _question(gateway, came, addressee, now)
    _check_not_asked(gateway, row, question)
    return _Forwarding(
        gateway=gateway,
        came_with=row,
        record=record,
        owner=owner_of(gateway, record),
        came=came,
        question=question,
        reason=reason,
        actor=actor,
        now=now,
        id=uuid7(to_ms(now), gateway.random(10)),
        request_id=uuid7(to_ms(now), gateway.random(10)),
    ).forwarded()


def _question(gateway: Gateway, came: AdmittedRelease, addressee: Addressee, now: datetime) -> Question:
    originator = came.disclosure.statement.originator
    if originator == gateway.me:
        raise Refused("this agency recorded it itself: push it", code="own-record", field="exchange_id")
    if addressee.agency == originator:
        raise Refused("its originator has it already", code="to-originator", field="recipients")
    purpose = addressee.purpose or came.release.purpose
    unit = addressee.unit
    return Question(
        recipient=recipient_of(gateway, addressee.agency, now, purpose=purpose, unit=unit),
        purpose=purpose,
        legal_basis=addressee.legal_basis or came.release.legal_basis,
        lane=Lane.ROUTINE,
        today=now.date(),
        stated=Stated(unit=unit_of(gateway.directory.member(addressee.agency), unit).name if unit else ""),
    )


def _check_not_asked(gateway: Gateway, came_with: ExchangeRow, question: Question) -> None:
    key = (came_with.originator, came_with.record_id, came_with.version)
    for asked in gateway.read.consents_of_record(*key):
        if (asked.side, asked.state, asked.came_with, asked.recipient) != (
            HOLDER,
            WAITING,
            came_with.exchange_id,
            question.recipient.id,
        ):
            continue
        exchange = gateway.read.exchange(asked.exchange_id)
        if exchange is not None and question.purpose is Purpose.from_token(exchange.purpose, "purpose"):
            raise Conflict(
                "its originator was asked this and has not answered yet",
                code="already-asked",
                field="exchange_id",
                exchange=asked.exchange_id,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forwarding:
    """One onward exchange in the making: `id` names it, `request_id` the question to its originator."""

    gateway: Gateway
    came_with: ExchangeRow
    record: RecordRow
    owner: Owner
    came: AdmittedRelease
    question: Question
    reason: str
    actor: str
    now: datetime
    id: str
    request_id: str

    def forwarded(self) -> Forwarded:
        weighed = weigh(self.gateway, self.came, self.question, self.now, consented=False)
        chosen = planned(self.came, weighed, self.now).chosen
        leaves = tuple(sorted(leaf for leaf, _, _ in chosen))
        denied = weighed.decision.outcome is Outcome.DENIED or not leaves
        ruled = Ruled(
            exchange_id=self.id,
            key=self.gateway.random(32),
            stored=weighed.decision.encode() + self.gateway.random(32),
            weighed=weighed,
            # Whatever the rules say, nothing goes on before its originator agreed.
            outcome=Outcome.DENIED if denied else Outcome.HELD,
            acting=self.actor,
        )
        # Made first: what is off its form writes nothing, not even a decision.
        request = None if denied else self._request(leaves)
        drafts: list[Draft | About] = [ruled.decided(self._directory())]
        rows: list[Row | Change] = [exchange_key_row(self.gateway, self.id, ruled.key)]
        bodies = {DECISION: ruled.stored, ACTOR: self.actor.encode()}
        if stated := self.question.stated.encode():
            bodies[STATED] = stated
        if request is not None:
            drafts.append(About(ruled.held(), EntryAt(0)))
            bodies[CONSENT_REQUEST] = body = request.encode()
            bodies[CONSENT_REQUEST_SALT] = salt = self.gateway.random(32)
            made = sealed(self.gateway, self._letter(body, salt), EntryAt(2), self.now)
            drafts.append(made.draft)
            rows += [made.row, self._asked(ruled)]
        rows.append(self._exchange(ruled))
        rows += body_rows(self.gateway, self.owner, bodies, part=self.id)
        self.gateway.store.writer.commit_one(Unit(drafts=tuple(drafts), rows=tuple(rows)))
        return Forwarded(
            answer=_answer(ruled),
            originator=self.record.originator,
            request_id=self.request_id if request is not None else "",
            portions=len(leaves) if request is not None else 0,
        )

    def _request(self, leaves: tuple[bytes, ...]) -> ConsentRequest:
        statement, question = self.came.disclosure.statement, self.question
        return ConsentRequest(
            request_id=self.request_id,
            originator=statement.originator,
            record_id=statement.record_id,
            version=statement.version,
            statement=self.came.disclosure.digest,
            sender=self.gateway.me,
            recipient=question.recipient.id,
            purpose=question.purpose or self.came.release.purpose,
            legal_basis=question.legal_basis or self.came.release.legal_basis,
            leaves=leaves,
            reason=self.reason,
            asked_on=self.now.date(),
            exercise=self.gateway.exercise,
        )

    def _letter(self, body: bytes, salt: bytes) -> Letter:
        return Letter(
            exchange_id=self.request_id,
            recipient=self.record.originator,
            lane=self.question.lane,
            body=body,
            payload_salt=salt,
            kind=EnvelopeKind.CONSENT_REQUEST,
        )

    def _directory(self) -> bytes:
        return self.gateway.directory.version_for(self.gateway.me, self.question.recipient.id)

    def _expires_ms(self) -> int:
        return to_ms(self.now + ANSWER_LIFE)

    def _asked(self, ruled: Ruled) -> ConsentRow:
        return ConsentRow(
            HOLDER,
            self.record.originator,
            self.request_id,
            self.id,
            self.came_with.exchange_id,
            self.question.recipient.id,
            self.record.originator,
            self.record.record_id,
            self.record.version,
            WAITING,
            "",
            sha256(ruled.stored).digest(),
            to_ms(self.now),
            self._expires_ms(),
            EntryAt(2),
            None,
        )

    def _exchange(self, ruled: Ruled) -> ExchangeRow:
        question, waits = self.question, ruled.outcome is Outcome.HELD
        return ExchangeRow(
            self.id,
            "out",
            question.recipient.id,
            self.record.originator,
            self.record.record_id,
            self.record.version,
            None,
            STATES[ruled.outcome],
            question.purpose.token if question.purpose is not None else "",
            question.legal_basis.token if question.legal_basis is not None else "",
            question.lane.token,
            sha256(ruled.stored).digest(),
            ruled.weighed.decision.policy_digest,
            self._directory(),
            ",".join(ruled.duties),
            ruled.outcome.value,
            to_ms(self.now),
            self._expires_ms() if waits else None,
            EntryAt(1) if waits else EntryAt(0),
            None,
        )


def _answer(ruled: Ruled) -> ExchangeAnswer:
    """Return what whoever asked is told: that the originator must agree, whatever else it takes."""
    answer = answer_of(ruled)
    if ruled.outcome is not Outcome.HELD:
        return answer
    return replace(answer, approvals=merge_tokens([*answer.approvals, CONSENT]))
