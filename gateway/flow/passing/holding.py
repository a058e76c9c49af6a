"""Holding a request for consent: an originator's officers decide on it as they do on a release.

Source: PROTOCOL sections 4 to 6; THREATS A22; ADR 0021.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from gateway.flow.gateway import Gateway
from gateway.flow.keeping import (
    ACTOR,
    CONSENT,
    CONSENT_ANSWER,
    CONSENT_ANSWER_SALT,
    CONSENT_REQUEST,
    CONSENT_REQUEST_SALT,
    DECISION,
    NARROWED,
    PAST,
    PAYLOAD_SALT,
    STATED,
    Owner,
    body_rows,
    exchange_key,
    exchange_key_row,
    replaced_rows,
)
from gateway.flow.passing.asked import ORIGINATOR, REFUSED, WAITING, moved
from gateway.flow.passing.consenting import answer_letter, consent_row
from gateway.flow.passing.considering import Considered, consent_of
from gateway.flow.prepare import Submission
from gateway.flow.seal import Sealed, sealed
from gateway.flow.settle import HOLD_LIFE, ExchangeAnswer, Settled
from gateway.ledger.commitment import CommitmentType, commit_each
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.moment import to_ms
from gateway.release.consent_answer import ConsentAnswer
from gateway.release.consent_request import ConsentRequest
from gateway.store.changes import Change, DecidedAnew
from gateway.store.passing_rows import ConsentRow
from gateway.store.place import EntryAt
from gateway.store.review_rows import HoldRow
from gateway.store.rows import ExchangeRow, RecordRow, Row
from gateway.store.unit import About
from keys.approval import RefusalReason
from policy.decision import Outcome

SUBJECT = "consent"
"""What a hold is about whose approval lets a consent leave, and no release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request for our consent: `exchange_id` is what it is kept under here, `salt` its payload's."""

    gateway: Gateway
    record: RecordRow
    owner: Owner
    request: ConsentRequest
    exchange_id: str
    salt: bytes
    now: datetime

    @property
    def actor(self) -> str:
        """Who wants it."""
        return f"{self.request.sender}/gateway"


def asked_row(case: Case, state: str, refusal: str = "") -> ConsentRow:
    """Return the row of a request that came; its entry is the first of the unit that takes it in."""
    request, record = case.request, case.record
    return ConsentRow(
        ORIGINATOR,
        request.sender,
        request.request_id,
        case.exchange_id,
        "",
        request.recipient,
        record.originator,
        record.record_id,
        record.version,
        state,
        refusal,
        None,
        to_ms(case.now),
        to_ms(case.now + HOLD_LIFE),
        EntryAt(0),
        None,
    )


def settle_consent(
    case: Case,
    submission: Submission,
    found: Considered,
    *,
    base: int,
    acting: str,
    former: HoldRow | None = None,
) -> Settled:
    """Return what is written for a request: a hold for officers, or the refusal that own policy gives.

    `base` drafts of the unit stand before these; `former` is the round of its hold that closes.

    Raises:
        Refused, Stale: nothing can be sealed to whoever asked now.
    """
    return _Settling(
        case=case,
        submission=submission,
        found=found,
        base=base,
        acting=acting,
        former=former,
        key=case.gateway.random(32) if former is None else exchange_key(case.gateway, case.exchange_id),
        stored=found.ruling.verdicts.decision.encode() + case.gateway.random(32),
    ).settled()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settling:
    case: Case
    submission: Submission
    found: Considered
    base: int
    acting: str
    former: HoldRow | None
    key: bytes
    stored: bytes

    def settled(self) -> Settled:
        gateway, found = self.case.gateway, self.found
        held = not found.refused
        drafts: list[Draft | About] = [self._decided()]
        bodies = self._bodies()
        rows: list[Row | Change] = []
        message_id = None
        if self.former is None:
            rows += [
                exchange_key_row(gateway, self.case.exchange_id, self.key),
                asked_row(
                    self.case,
                    WAITING if held else REFUSED,
                    "" if held else RefusalReason.NOT_LAWFUL.value,
                ),
            ]
        if held:
            body = self._consent()
            bodies |= {CONSENT: body, PAYLOAD_SALT: gateway.random(32), ACTOR: self.case.actor.encode()}
            drafts.append(About(self._held(), EntryAt(self.base)))
            rows.append(self._hold(body))
        else:
            answer = ConsentAnswer(request_id=self.case.request.request_id, refusal=RefusalReason.NOT_LAWFUL)
            made = self._answer(answer, bodies, EntryAt(self.base + 1))
            message_id = made.message_id
            drafts.append(made.draft)
            rows.append(made.row)
            rows += self._ended()
        rows += self._exchange(message_id)
        rows += self._written(bodies)
        return Settled(drafts=tuple(drafts), rows=tuple(rows), answer=self._told())

    def _bodies(self) -> dict[str, bytes]:
        question = self.found.ruling.question
        bodies = {
            DECISION: self.stored,
            PAST: question.past.encode(),
            NARROWED: self.found.narrowing.encode(),
        }
        if self.former is None:
            bodies[CONSENT_REQUEST] = self.case.request.encode()
            bodies[CONSENT_REQUEST_SALT] = self.case.salt
            if stated := question.stated.encode():
                bodies[STATED] = stated
        return bodies

    def _consent(self) -> bytes:
        case = self.case
        return consent_of(case.request, self.found.leaves, self.submission, case.now.date()).encode()

    def _answer(self, answer: ConsentAnswer, bodies: dict[str, bytes], at: EntryAt) -> Sealed:
        bodies[CONSENT_ANSWER] = answer.encode()
        bodies[CONSENT_ANSWER_SALT] = salt = self.case.gateway.random(32)
        return sealed(
            self.case.gateway,
            answer_letter(self.case.request, bodies[CONSENT_ANSWER], salt),
            at,
            self.case.now,
        )

    def _ended(self) -> list[Row | Change]:
        """Return what ends a request that waited until now."""
        if self.former is None:
            return []
        row = consent_row(self.case.gateway, self.case.exchange_id)
        at = EntryAt(self.base)
        return list(moved(row, REFUSED, refusal=RefusalReason.NOT_LAWFUL.value, entry=at))

    def _written(self, bodies: dict[str, bytes]) -> list[Row | Change]:
        case = self.case
        if self.former is None:
            return list(body_rows(case.gateway, case.owner, bodies, part=case.exchange_id))
        return replaced_rows(case.gateway, case.owner, bodies, part=case.exchange_id)

    def _directory(self) -> bytes:
        return self.case.gateway.directory.version_for(self.case.gateway.me, self.case.request.recipient)

    def _required(self) -> tuple[str, ...]:
        return () if self.found.refused else self.found.required

    def _decided(self) -> Draft:
        decision = self.found.ruling.verdicts.decision
        contents = {
            CommitmentType.ACTOR: self.acting.encode(),
            CommitmentType.DECISION: sha256(self.stored).digest(),
            CommitmentType.PURPOSE: self.case.request.purpose.token.encode(),
            CommitmentType.JUSTIFICATION: self.case.request.reason.encode(),
        }
        return Draft(
            kind=EntryKind.DECIDED,
            exchange=self.case.exchange_id,
            peer=self.case.request.recipient,
            policy=decision.policy_digest,
            outcome="deny" if self.found.refused else "hold",
            rules=tuple(sorted({reason.rule for reason in decision.reasons})),
            duties=self._required(),
            commits=commit_each(self.key, dict(sorted(contents.items()))),
            directory=self._directory(),
        )

    def _held(self) -> Draft:
        return Draft(
            kind=EntryKind.HELD,
            exchange=self.case.exchange_id,
            peer=self.case.request.recipient,
            duties=self._required(),
            about=0,
        )

    def _hold(self, body: bytes) -> HoldRow:
        case, former = self.case, self.former
        return HoldRow(
            case.exchange_id,
            1 if former is None else former.round + 1,
            SUBJECT,
            "held",
            case.request.recipient,
            case.request.purpose.token,
            self.found.ruling.question.lane.token,
            case.record.originator,
            case.record.record_id,
            case.record.version,
            ",".join(self._required()),
            sha256(body).digest(),
            sha256(self.stored).digest(),
            self.found.ruling.verdicts.decision.policy_digest,
            self._directory(),
            to_ms(case.now),
            to_ms(case.now + HOLD_LIFE) if former is None else former.expires_at,
            "",
            "",
            0,
            EntryAt(self.base + 1),
            None,
        )

    def _exchange(self, message_id: str | None) -> list[Row | Change]:
        refused = self.found.refused
        state, outcome = ("denied", Outcome.DENIED) if refused else ("held", Outcome.HELD)
        entry = EntryAt(self.base) if refused else EntryAt(self.base + 1)
        decision = sha256(self.stored).digest()
        policy = self.found.ruling.verdicts.decision.policy_digest
        duties, directory = ",".join(self._required()), self._directory()
        case = self.case
        if self.former is not None:
            about = (decision, policy, directory, duties, outcome.value, entry, message_id)
            return [DecidedAnew(case.exchange_id, "held", state, *about)]
        row = ExchangeRow(
            case.exchange_id,
            "out",
            case.request.recipient,
            case.record.originator,
            case.record.record_id,
            case.record.version,
            message_id,
            state,
            case.request.purpose.token,
            case.request.legal_basis.token,
            self.found.ruling.question.lane.token,
            decision,
            policy,
            directory,
            duties,
            outcome.value,
            to_ms(case.now),
            None if refused else to_ms(case.now + HOLD_LIFE),
            entry,
            None,
        )
        return [row]

    def _told(self) -> ExchangeAnswer:
        decision = self.found.ruling.verdicts.decision
        return ExchangeAnswer(
            exchange_id=self.case.exchange_id,
            recipient=self.case.request.recipient,
            outcome=Outcome.DENIED if self.found.refused else Outcome.HELD,
            approvals=self._required(),
            reasons=tuple((reason.rule, reason.text) for reason in decision.reasons),
        )
