"""Reviewing emergencies: a data protection officer who had no part in one says whether it was justified.

Source: rules VP-38, VP-39; THREATS A24.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import NotFound, Refused, VerificationFailed
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import body_rows, exchange_key
from gateway.flow.review.approve import Word, check_clocks, check_no_party, note_failure, officer_of
from gateway.flow.review.held import Held, held, judged_at
from gateway.flow.review.roster import Officers, at_seconds, officers_of
from gateway.ledger.commitment import CommitmentType, commit_each
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.vocabulary import Duty
from gateway.store.changes import Reviewed
from gateway.store.place import EntryAt
from gateway.store.review_rows import ReviewRow
from gateway.store.unit import Unit
from keys.approval import Approval, Verdict, peek_approval

REVIEW = "review"
"""Kind of body: the Signed word of whoever reviewed an emergency release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a review came to: `finding` is justified or not-justified."""

    exchange_id: str
    finding: str


def review_emergency(gateway: Gateway, word: Word, now: datetime) -> Found:
    """Take a data protection officer's word on an emergency release.

    Raises:
        NotFound: code `no-such-review`: none waits for this exchange.
        Malformed, VerificationFailed: the word is off its form, or its signature does not hold.
        Refused: it does not count: as for a hold, or code `own-release`: this person approved it.
    """
    claimed = peek_approval(word.signed)
    row = gateway.read.review(claimed.exchange_id)
    if row is None or row.state != "due":
        raise NotFound("no review waits for this exchange", code="no-such-review", field="exchange_id")
    found, officers = held(gateway, claimed.exchange_id), officers_of(gateway)
    try:
        _check(gateway, word, claimed, found, officers, due_ms=row.due_at, now=now)
    except (Refused, VerificationFailed) as exc:
        note_failure(gateway, found, claimed.officer, exc)
        raise
    gateway.store.writer.commit_one(_unit(gateway, word, claimed, found, row))
    justified = claimed.verdict is Verdict.APPROVE
    return Found(exchange_id=claimed.exchange_id, finding="justified" if justified else "not-justified")


def _check(
    gateway: Gateway,
    word: Word,
    claimed: Approval,
    found: Held,
    officers: Officers,
    *,
    due_ms: int,
    now: datetime,
) -> None:
    check_clocks(gateway, word, now)
    row = officer_of(word, claimed, officers)
    if claimed.duty is not Duty.DPO:
        raise Refused(
            "an emergency is reviewed by a data protection officer", code="not-your-duty", field="duty"
        )
    at = at_seconds(judged_at(gateway, now))
    person = officers.roster.may_act(row.public_key, claimed.duty.token, at)
    if claimed.release != found.hold.digest or claimed.recipient != found.hold.peer:
        raise Refused(
            "signed for other bytes than were released", code="other-bytes", field="approval.release"
        )
    if claimed.expires_at_ms != due_ms:
        # A word that was meant for the hold, and never used, is none about the emergency.
        raise Refused(
            "signed about the hold, and not about its review", code="other-bytes", field="approval.expires_at"
        )
    check_no_party(found, officers, person)
    said = gateway.read.approvals(claimed.exchange_id)
    # Whose key it was the ledger says; the row beside it says who it should be. Neither may review.
    spoke = {one.person for one in said} | {_person(officers, one.key_id) for one in said}
    if person in spoke:
        raise Refused("who approved an emergency does not review it", code="own-release", field="officer")


def _person(officers: Officers, identifier: str) -> bytes:
    return officers.roster.person_of(officers.row(identifier).public_key)


def _unit(gateway: Gateway, word: Word, claimed: Approval, found: Held, row: ReviewRow) -> Unit:
    contents = {
        CommitmentType.ACTOR: claimed.officer.encode(),
        CommitmentType.JUSTIFICATION: word.signed,
    }
    draft = Draft(
        kind=EntryKind.BREAK_GLASS_REVIEWED,
        exchange=claimed.exchange_id,
        peer=found.hold.peer,
        about=row.entry if isinstance(row.entry, int) else None,
        commits=commit_each(exchange_key(gateway, claimed.exchange_id), contents),
    )
    kept = body_rows(gateway, found.owner, {REVIEW: word.signed}, part=claimed.exchange_id)
    closed = Reviewed(claimed.exchange_id, "due", "reviewed", EntryAt(0))
    return Unit(drafts=(draft,), rows=(closed, *kept))
