"""A hold as its officers act on it: the newest round, borne out by the ledger, with what would leave.

Source: THREATS A18, A20, A21.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from gateway.errors import Corrupt, GatewayError, NotFound, Refused
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import (
    ACTOR,
    CONSENT,
    CONTENT,
    DECISION,
    NARROWED,
    RELEASE,
    Owner,
    owner_of,
    read_body,
)
from gateway.flow.meaning import gives_its_own_leave
from gateway.flow.question_again import record_of
from gateway.flow.review.roster import Officers, at_seconds, proved_entries
from gateway.flow.settle import HOLD_LIFE
from gateway.ledger.entry import Entry, EntryKind
from gateway.record.moment import to_ms
from gateway.release.consent import parse_consent
from gateway.release.hold import (
    ORIGINATOR,
    Given,
    HoldEvent,
    HoldState,
    advance,
    missing,
    officers_tokens,
)
from gateway.release.narrowing import Narrowing
from gateway.release.release import parse_release, release_digest
from gateway.store.review_rows import ApprovalRow, HoldRow
from gateway.store.rows import ExchangeRow, RecordRow
from gateway.v1.record_pb2 import Record
from keys.approval import Approval, Verdict, verify_approval

SKEW_S = 5 * 60
"""How far two clocks may be apart, and the own one behind the own ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The newest round of a hold: `body` is what would leave, a release or a consent to be signed; `actor`
    submitted it, `author` wrote it (empty where another agency recorded it); `own_leave` is whether an
    originator's consent, where rules want one, is this agency's own to give.
    """

    hold: HoldRow
    exchange: ExchangeRow
    record: RecordRow
    owner: Owner
    body: bytes
    actor: str
    author: str
    own_leave: bool

    @property
    def is_consent(self) -> bool:
        """Whether it is about our consent that another agency passes on what we recorded."""
        return self.hold.subject == "consent"

    @property
    def is_onward(self) -> bool:
        """Whether it is about passing on what another agency recorded."""
        return self.record.direction == "received"

    @property
    def state(self) -> HoldState:
        """How it stands."""
        return HoldState(self.hold.state)

    @property
    def required(self) -> tuple[str, ...]:
        """The tokens that officers must meet."""
        return tuple(self.hold.required.split(",")) if self.hold.required else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One approval on file that verifies: by whom, what it says, and its row."""

    row: ApprovalRow
    approval: Approval


def held(gateway: Gateway, exchange_id: str) -> Held:
    """Return the newest round of an exchange's hold.

    Raises:
        NotFound: code `no-such-hold`: it never was held; `erased`: its record is gone.
        Corrupt: code `ledger-differs`: the store does not say what the ledger does.
    """
    hold, exchange = gateway.read.hold(exchange_id), gateway.read.exchange(exchange_id)
    if hold is None or exchange is None or exchange.direction != "out":
        raise NotFound("nothing was held under this id", code="no-such-hold", field="exchange_id")
    record = record_of(gateway, exchange)
    owner = owner_of(gateway, record)
    kind = CONSENT if hold.subject == "consent" else RELEASE
    body = read_body(gateway, owner, kind, exchange_id)
    if HoldState(hold.state).is_open:
        _check_agrees(hold, exchange, body)
        _check_borne_out(gateway, hold, sha256(read_body(gateway, owner, DECISION, exchange_id)).digest())
    author, own_leave = _of_record(gateway, record, owner)
    return Held(
        hold=hold,
        exchange=exchange,
        record=record,
        owner=owner,
        body=body,
        actor=read_body(gateway, owner, ACTOR, exchange_id).decode(),
        author=author,
        own_leave=own_leave,
    )


def _of_record(gateway: Gateway, record: RecordRow, owner: Owner) -> tuple[str, bool]:
    """Return who wrote a record, and whether nobody but this agency need agree to its release."""
    if record.direction != "own":
        return "", False
    content = Record.FromString(read_body(gateway, owner, CONTENT))
    return content.header.author, gives_its_own_leave(gateway.me, content)


def _check_agrees(hold: HoldRow, exchange: ExchangeRow, body: bytes) -> None:
    """Check that what stands in clear of a hold and its exchange is what would leave: whoever changes a row
    must not have it decided anew for another purpose, or for somebody else.
    """
    if release_digest(body) != hold.digest:
        raise Corrupt("what is kept is not what was held", code="ledger-differs", field="hold.digest")
    if hold.subject == "consent":
        given = parse_consent(body)
        sealed = given.recipient, given.purpose.token, exchange.legal_basis, hold.required
    else:
        release = parse_release(body)
        duties = ",".join(release.duties_met)
        sealed = release.recipient, release.purpose.token, release.legal_basis.token, duties
    clear = exchange.peer, exchange.purpose, exchange.legal_basis, hold.required
    ours = exchange.peer, exchange.purpose, exchange.lane, exchange.duties, exchange.decision_digest
    theirs = hold.peer, hold.purpose, hold.lane, hold.required, hold.decision_digest
    under = exchange.policy_digest, exchange.directory_version
    of = exchange.originator, exchange.record_id, exchange.version
    if (sealed, ours, under, of) != (
        clear,
        theirs,
        (hold.policy_digest, hold.directory_version),
        (hold.originator, hold.record_id, hold.version),
    ):
        raise Corrupt("a hold and its exchange do not agree", code="ledger-differs", field="exchange")


def _check_borne_out(gateway: Gateway, hold: HoldRow, decision: bytes) -> None:
    """Check a hold against the entries that say who must agree, under which rules, and since when."""
    rounds = [row.entry for row in gateway.read.hold_rounds(hold.exchange_id) if isinstance(row.entry, int)]
    entries = proved_entries(gateway, rounds)
    said = entries.get(hold.entry) if isinstance(hold.entry, int) else None
    told = None if said is None else (said.kind, said.exchange, said.peer, ",".join(said.duties or ()))
    if said is None or told != (EntryKind.HELD, hold.exchange_id, hold.peer, hold.required):
        raise _differs()
    about = -1 if said.about is None else said.about
    decided = proved_entries(gateway, [about])[about]
    under = decided.kind, decided.exchange, decided.policy, decided.directory
    if under != (EntryKind.DECIDED, hold.exchange_id, hold.policy_digest, hold.directory_version):
        raise _differs()
    if decision != hold.decision_digest:
        raise _differs()
    # A hold ends when its first round would have ended, at the latest.
    first = min(entry.at for entry in entries.values())
    if hold.expires_at > (first + SKEW_S) * 1000 + HOLD_LIFE // timedelta(milliseconds=1):
        raise _differs()


def _differs() -> Corrupt:
    return Corrupt("the store and the ledger do not agree on a hold", code="ledger-differs", field="hold")


def narrowing_of(gateway: Gateway, owner: Owner, exchange_id: str) -> Narrowing:
    """Return what officers chose to give less of; nothing where they did not."""
    try:
        return Narrowing.decode(read_body(gateway, owner, NARROWED, exchange_id))
    except NotFound:
        return Narrowing()


def spoken(gateway: Gateway, found: Held, officers: Officers) -> list[Spoken]:
    """Return what officers said in this round, each signature and entry verified again.

    Raises:
        Corrupt: code `ledger-differs`: an approval on file is not what the ledger says was given.
    """
    rows = [row for row in gateway.read.approvals(found.hold.exchange_id) if row.round == found.hold.round]
    entries = proved_entries(gateway, [row.entry for row in rows if isinstance(row.entry, int)])
    return [
        _spoken(gateway, found, row, entries.get(row.entry) if isinstance(row.entry, int) else None, officers)
        for row in rows
    ]


def _spoken(
    gateway: Gateway, found: Held, row: ApprovalRow, entry: Entry | None, officers: Officers
) -> Spoken:
    signed = read_body(gateway, found.owner, approval_kind(row.seq), row.exchange_id)
    try:
        approval = verify_approval(signed, officers.row(row.key_id).public_key)
    except GatewayError as exc:
        raise Corrupt("an approval on file does not verify", code="ledger-differs", field="approval") from exc
    approves = approval.verdict is Verdict.APPROVE
    kind = EntryKind.APPROVED if approves else EntryKind.REJECTED
    said = None if entry is None else (entry.kind, entry.exchange, entry.duty)
    person = officers.roster.person_of(officers.row(row.key_id).public_key)
    told = (approval.officer, approval.duty.token, approval.verdict.token, person)
    if said != (kind, row.exchange_id, row.duty) or told != (row.key_id, row.duty, row.verdict, row.person):
        raise Corrupt("an approval on file is not the one given", code="ledger-differs", field="approval")
    return Spoken(row=row, approval=approval)


def approval_kind(seq: int) -> str:
    """Return under which kind of body an exchange's n-th Signed approval is kept."""
    return f"approval/{seq}"


def counted(said: Sequence[Spoken], found: Held, officers: Officers, at: datetime) -> list[Given]:
    """Return the approvals that count for exactly this round at a time; those that do not are left out."""
    given = []
    for one in said:
        if one.approval.verdict is not Verdict.APPROVE or not covers(one.approval, found):
            continue
        try:
            key = officers.row(one.row.key_id).public_key
            person = officers.roster.may_act(key, one.row.duty, at_seconds(at))
        except Refused:
            continue
        given.append(Given(person, one.row.duty))
    return given


def covers(approval: Approval, found: Held) -> bool:
    """Tell whether an approval is for exactly what is held now."""
    hold = found.hold
    signed = (approval.release, approval.exchange_id, approval.recipient, approval.purpose.token)
    under = (approval.decision, approval.policy, approval.directory, approval.expires_at_ms)
    return signed == (hold.digest, hold.exchange_id, hold.peer, hold.purpose) and under == (
        hold.decision_digest,
        hold.policy_digest,
        hold.directory_version,
        hold.expires_at,
    )


def still_missing(found: Held, given: Sequence[Given]) -> tuple[str, ...]:
    """Return what must still be agreed to: by officers, or by an originator whose consent is not there.

    No officer here can give that: what waits for it stays.
    """
    left = missing(officers_tokens(found.required), given)
    theirs = tuple(token for token in found.required if token.partition(":")[0] == ORIGINATOR)
    if not theirs or found.own_leave:
        return left
    if not found.is_consent and parse_release(found.body).consent is not None:
        return left
    return tuple(sorted((*left, *theirs)))


def check_clock(gateway: Gateway, now: datetime) -> None:
    """Pass only if the clock has not gone back behind what this ledger has written.

    Raises:
        Refused: code `clock-behind`: a clock set back would revive what has ended.
    """
    if at_seconds(now) < ledger_at(gateway) - SKEW_S:
        raise Refused(
            "the gateway's clock is behind its own ledger by more than five minutes; set it right",
            code="clock-behind",
            field="clock",
        )


def judged_at(gateway: Gateway, now: datetime) -> datetime:
    """Return the time to judge by: what is in the ledger has happened, whatever the clock says."""
    return max(now, datetime.fromtimestamp(ledger_at(gateway), UTC))


def ledger_at(gateway: Gateway) -> int:
    """Return the time of the newest own entry, POSIX seconds; 0 where there is none."""
    head = gateway.read.head()
    return proved_entries(gateway, [head.size - 1])[head.size - 1].at if head.size else 0


def check_open(found: Held, event: HoldEvent, now: datetime) -> None:
    """Pass only if something may still happen to a hold.

    Raises:
        Refused: as `advance`, where it is closed; code `hold-expired`, where its time has passed.
    """
    advance(found.state, event)
    if is_over(found.hold, now):
        raise Refused("the hold has ended; push the record again", code="hold-expired", field="exchange")


def is_over(hold: HoldRow, now: datetime) -> bool:
    """Tell whether a hold has reached its end, whatever its row says."""
    return to_ms(now) >= hold.expires_at
