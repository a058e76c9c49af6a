"""Approving and refusing: an officer's signed word is verified, counted, and lets a release leave or not.

Everything is verified when a word is given, and again in the transaction that releases. A word that does not
count leaves its own entry, and nothing leaves.

Source: PROTOCOL section 4; DESIGN section 6; THREATS A18-A21, A25, A52.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import GatewayError, Refused, VerificationFailed
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import PAYLOAD_SALT, body_rows, exchange_key, read_body
from gateway.flow.passing.consenting import refusing
from gateway.flow.review.again import decide_again, reconsidered, what_changed
from gateway.flow.review.held import (
    SKEW_S,
    Held,
    approval_kind,
    check_clock,
    check_open,
    counted,
    held,
    judged_at,
    spoken,
    still_missing,
)
from gateway.flow.review.leaving import leaving
from gateway.flow.review.matter import Matter
from gateway.flow.review.roster import Officers, at_seconds, officers_of
from gateway.flow.seal import payload_commitment
from gateway.ledger.commitment import CommitmentType, commit_each
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.moment import to_ms
from gateway.release.hold import Given, HoldEvent, advance
from gateway.store.changes import Change, ExchangeState, HoldMoved
from gateway.store.place import EntryAt
from gateway.store.review_rows import ApprovalRow, OfficerRow
from gateway.store.rows import Row
from gateway.store.unit import Unit
from gateway.tls.identity import Identity, Role
from keys.approval import Approval, Verdict, peek_approval, refusal_of, verify_approval


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an officer's word did: `state` is the hold's, `missing` what is still needed."""

    exchange_id: str
    state: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """An officer's word as it came: the Signed approval, its maker's time in ms, and who calls."""

    signed: bytes
    at_ms: int
    caller: Identity


def answer_hold(gateway: Gateway, word: Word, now: datetime) -> Answered:
    """Take an officer's word on a hold; what it does is durable and ledgered when this returns.

    Raises:
        NotFound: code `no-such-hold`.
        Malformed, VerificationFailed: the word is off its form, or its signature does not hold.
        Refused: the word does not count, with the code that says why; or code `hold-voided`: something it
            rests on has changed, and it was decided anew.
    """
    claimed = peek_approval(word.signed)
    found, officers = held(gateway, claimed.exchange_id), officers_of(gateway)
    clock, now = now, judged_at(gateway, now)
    try:
        check_clocks(gateway, word, clock)
        person = _checked(gateway, word, claimed, found, officers, now=now)
    except (Refused, VerificationFailed) as exc:
        note_failure(gateway, found, claimed.officer, exc)
        raise
    if claimed.verdict is Verdict.REFUSE:
        return _refused(gateway, word, claimed, found, person, now=now)
    again = reconsidered(gateway, found, now)
    if why := what_changed(gateway, found, again, now):
        raise void(gateway, found, again, why=why, acting=word.caller.actor, now=now)
    assert not isinstance(again, GatewayError)
    return _approved(gateway, word, claimed, found, person, again=again, officers=officers, now=now)


def void(
    gateway: Gateway,
    found: Held,
    again: Matter | GatewayError,
    *,
    why: str,
    acting: str,
    now: datetime,
) -> Refused:
    """Void a hold that something changed under, decide it anew, and return what officers are told."""
    answer = decide_again(gateway, found, again, event=HoldEvent.CHANGE, why=why, acting=acting, now=now)
    now_is = "it leaves no more" if answer is None else f"decided anew: {answer.outcome.value}"
    return Refused(f"{why}; {now_is}", code="hold-voided", field="exchange", outcome=now_is)


def _checked(
    gateway: Gateway, word: Word, claimed: Approval, found: Held, officers: Officers, *, now: datetime
) -> bytes:
    """Return the person whose word counts here now."""
    row = officer_of(word, claimed, officers)
    person = officers.roster.may_act(row.public_key, claimed.duty.token, at_seconds(now))
    check_open(found, HoldEvent.APPROVAL, now)
    _check_same(claimed, found)
    check_no_party(found, officers, person)
    _check_wanted(gateway, claimed, found, officers, person, now=now)
    return person


def check_clocks(gateway: Gateway, word: Word, now: datetime) -> None:
    """Pass only if the clocks of gateway, ledger and officer agree to within five minutes.

    Raises:
        Refused: code `clock-behind`, `clock-skew`.
    """
    check_clock(gateway, now)
    if abs(word.at_ms - to_ms(now)) > SKEW_S * 1000:
        raise Refused(
            "the officer's clock and the gateway's are more than five minutes apart",
            code="clock-skew",
            field="at",
        )


def officer_of(word: Word, claimed: Approval, officers: Officers) -> OfficerRow:
    """Return whose word it is, once the signature holds and the connection is nobody else's.

    Raises:
        VerificationFailed: the signature does not hold.
        Refused: code `not-an-officer`, `other-officer`.
    """
    row = officers.row(claimed.officer)
    verify_approval(word.signed, row.public_key)
    if word.caller.role is Role.OFFICER and word.caller.name != row.handle:
        raise Refused(
            f"this connection is {word.caller.name}'s, the signature is {row.handle}'s",
            code="other-officer",
            field="officer",
        )
    return row


def _check_same(claimed: Approval, found: Held) -> None:
    """Check that what was signed is what is held, part by part, so that the refusal says which is not."""
    hold = found.hold
    if claimed.recipient != hold.peer:
        raise Refused(f"signed for {claimed.recipient}", code="other-recipient", field="approval.recipient")
    if claimed.purpose.token != hold.purpose:
        raise Refused(f"signed for {claimed.purpose.token}", code="other-purpose", field="approval.purpose")
    if claimed.release != hold.digest:
        raise Refused("signed for other bytes than are held", code="other-bytes", field="approval.release")
    under = claimed.decision, claimed.policy, claimed.directory
    if under != (hold.decision_digest, hold.policy_digest, hold.directory_version):
        raise Refused("signed under another decision", code="other-decision", field="approval.decision")
    if claimed.expires_at_ms != hold.expires_at:
        raise Refused("signed for another end of the hold", code="other-end", field="approval.expires_at")


def check_no_party(found: Held, officers: Officers, person: bytes) -> None:
    """Pass only who neither submitted nor wrote the record, under any key and name they were enrolled with.

    Raises:
        Refused: code `own-submission`.
    """
    submitter = found.actor.rpartition("/")[2].casefold()
    author = " ".join(found.author.casefold().split())
    handles, names = officers.called(person)
    if submitter in handles or author in {*handles, *names, person.hex()}:
        raise Refused(
            "who submitted or wrote the record does not approve it", code="own-submission", field="officer"
        )


def _check_wanted(
    gateway: Gateway, claimed: Approval, found: Held, officers: Officers, person: bytes, *, now: datetime
) -> None:
    said = spoken(gateway, found, officers)
    if any(one.row.person == person for one in said):
        raise Refused("this person has spoken on it already", code="already-approved", field="officer")
    check_free(found, officers, {claimed.officer}, now)
    left = still_missing(found, counted(said, found, officers, now))
    if claimed.duty.token not in {token.partition(":")[0] for token in left}:
        raise Refused(
            f"nobody is needed any more in the duty {claimed.duty.token}",
            code="duty-not-needed",
            field="approval.duty",
        )


def check_free(found: Held, officers: Officers, own: Collection[str], now: datetime) -> None:
    """Pass unless somebody with another key than these is at work on a hold.

    Raises:
        Refused: code `claimed`.
    """
    hold = found.hold
    if hold.claimed_until > to_ms(now) and hold.claimed_by not in own:
        raise Refused(
            f"{officers.name_of(hold.claimed_by)} is working on it", code="claimed", field="exchange"
        )


def _approved(
    gateway: Gateway,
    word: Word,
    claimed: Approval,
    found: Held,
    person: bytes,
    *,
    again: Matter,
    officers: Officers,
    now: datetime,
) -> Answered:
    said = spoken(gateway, found, officers)
    before = counted(said, found, officers, now)
    if len(before) != len(said):
        why = "an officer who had approved it may not act any more"
        raise void(gateway, found, again, why=why, acting=word.caller.actor, now=now)
    left = still_missing(found, [*before, Given(person, claimed.duty.token)])
    event = HoldEvent.APPROVAL if left else HoldEvent.LAST_APPROVAL
    state = advance(found.state, event)
    drafts, rows = (
        [_draft(gateway, EntryKind.APPROVED, word, claimed, found)],
        _kept(gateway, word, claimed, found, person, now=now),
    )
    if not left:
        out = leaving(gateway, found, again, base=len(drafts), now=now)
        drafts, rows = [*drafts, *out.drafts], [*rows, *out.rows]
    rows.append(
        HoldMoved(
            found.hold.exchange_id,
            found.hold.round,
            found.hold.state,
            state.value,
            closing_entry=EntryAt(len(drafts) - 1) if not left else None,
        )
    )
    gateway.store.writer.commit_one(Unit(drafts=tuple(drafts), rows=tuple(rows)))
    return Answered(exchange_id=found.hold.exchange_id, state=state.value, missing=left)


def _refused(
    gateway: Gateway, word: Word, claimed: Approval, found: Held, person: bytes, *, now: datetime
) -> Answered:
    state = advance(found.state, HoldEvent.REFUSAL)
    hold = found.hold
    rows: list[Row | Change] = [
        *_kept(gateway, word, claimed, found, person, now=now),
        HoldMoved(hold.exchange_id, hold.round, hold.state, state.value, "", EntryAt(0)),
        ExchangeState(hold.exchange_id, "held", "rejected", closing_entry=EntryAt(0), outcome="denied"),
    ]
    drafts: tuple[Draft, ...] = (_draft(gateway, EntryKind.REJECTED, word, claimed, found),)
    if found.is_consent:
        # Whoever asked is told the reason of the closed list; its words stay here.
        out = refusing(gateway, found, refusal_of(claimed.reason)[0], base=len(drafts), now=now)
        drafts, rows = (*drafts, *out.drafts), [*rows, *out.rows]
    gateway.store.writer.commit_one(Unit(drafts=drafts, rows=tuple(rows)))
    return Answered(exchange_id=hold.exchange_id, state=state.value, missing=())


def _draft(gateway: Gateway, kind: EntryKind, word: Word, claimed: Approval, found: Held) -> Draft:
    hold = found.hold
    contents = {
        CommitmentType.ACTOR: claimed.officer.encode(),
        CommitmentType.JUSTIFICATION: word.signed,
    }
    commits = commit_each(exchange_key(gateway, hold.exchange_id), contents)
    if kind is EntryKind.APPROVED:
        # The same commitment as the `released` entry will bear: what was approved is what left.
        salt = read_body(gateway, found.owner, PAYLOAD_SALT, hold.exchange_id)
        commits = (*commits, (CommitmentType.PAYLOAD, payload_commitment(salt, found.body)))
    return Draft(
        kind=kind,
        exchange=hold.exchange_id,
        peer=hold.peer,
        duty=claimed.duty.token,
        about=hold.entry if isinstance(hold.entry, int) else None,
        commits=tuple(sorted(commits)),
    )


def _kept(
    gateway: Gateway, word: Word, claimed: Approval, found: Held, person: bytes, *, now: datetime
) -> list[Row | Change]:
    hold = found.hold
    seq = len(gateway.read.approvals(hold.exchange_id)) + 1
    row = ApprovalRow(
        hold.exchange_id,
        seq,
        hold.round,
        claimed.officer,
        person,
        claimed.duty.token,
        claimed.verdict.token,
        to_ms(now),
        EntryAt(0),
    )
    bodies = body_rows(gateway, found.owner, {approval_kind(seq): word.signed}, part=hold.exchange_id)
    return [row, *bodies]


def note_failure(gateway: Gateway, found: Held, officer: str, why: GatewayError) -> None:
    """Write into the ledger that a word was given which does not count: the hold stays in place."""
    hold = found.hold
    contents = {
        CommitmentType.ACTOR: officer.encode(),
        CommitmentType.JUSTIFICATION: why.code.encode(),
    }
    draft = Draft(
        kind=EntryKind.HOLD_PLACED,
        exchange=hold.exchange_id,
        peer=hold.peer,
        about=hold.entry if isinstance(hold.entry, int) else None,
        commits=commit_each(exchange_key(gateway, hold.exchange_id), contents),
    )
    gateway.store.writer.commit_one(Unit(drafts=(draft,)))
