"""Submitting: a record enters, is checked, committed to, decided for every recipient, and released or held.

All that happens to one push commits in one unit or not at all; nothing of a refused push stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import GatewayError, Malformed, Refused
from gateway.flow.decide import recipient_of, unit_of
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import (
    ANCHOR_SALT,
    ANSWER,
    CONTENT,
    NAMES,
    PORTIONS,
    STATEMENT,
    body_rows,
    key_row,
    new_owner,
)
from gateway.flow.past import Past, People
from gateway.flow.prepare import Submission, prepare
from gateway.flow.question import Question, Stated
from gateway.flow.references import case_tags, reference_tag
from gateway.flow.repeat import Marks, PushAnswer, answers_again, marks_of
from gateway.flow.settle import settle
from gateway.ledger.commitment import CommitmentType, commit
from gateway.ledger.entry import Draft, EntryKind
from gateway.observe import incident
from gateway.record.vocabulary import Lane, LegalBasis, Purpose
from gateway.store.changes import Change
from gateway.store.place import EntryAt
from gateway.store.rows import RecordRow, Row
from gateway.store.unit import About, Unit
from policy.vocabulary import Target

RECIPIENTS_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """One recipient of a push; purpose and legal basis default to those of the record header.

    `unit` is the unit of the agency it is for, empty for the whole; `target` whom a prosecution is directed
    at.
    """

    agency: str
    purpose: Purpose | None = None
    legal_basis: LegalBasis | None = None
    unit: str = ""
    target: Target = Target.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class PushItem:
    """One record to submit: its bytes, to whom, and the categories of which more than usual is asked.

    `necessity` says why sensitive data is strictly necessary, `threat` invokes vital interest: against whom
    and how. `key`, chosen by `actor`, makes a repetition known for 90 days; without one every push is new.
    """

    record: bytes
    addressees: tuple[Addressee, ...]
    ask: frozenset[str] = frozenset()
    lane: Lane = Lane.ROUTINE
    actor: str = "operator/cli"
    key: str = ""
    necessity: str = ""
    threat: str = ""

    def __post_init__(self) -> None:
        if not self.addressees:
            raise Malformed("names nobody", field="recipients", code="no-recipient")
        if len(self.addressees) > RECIPIENTS_MAX:
            raise Malformed(f"names more than {RECIPIENTS_MAX}", field="recipients", code="too-many")
        agencies = [addressee.agency for addressee in self.addressees]
        if len(set(agencies)) != len(agencies):
            raise Malformed("names an agency twice", field="recipients", code="duplicate")

    def marks(self, secret: bytes) -> Marks:
        """Return by what this push is known again."""
        addressed = [
            f"{one.agency} {one.purpose.token if one.purpose else ''} "
            f"{one.legal_basis.token if one.legal_basis else ''} {one.target.value} {one.unit}".encode()
            for one in self.addressees
        ]
        asked = [self.record, self.lane.token.encode(), ",".join(sorted(self.ask)).encode()]
        asked += [self.necessity.encode(), self.threat.encode(), *addressed]
        return marks_of(secret, actor=self.actor, key=self.key, asked=asked)


def push(gateway: Gateway, items: Sequence[PushItem], now: datetime) -> list[PushAnswer | GatewayError]:
    """Submit records; each is durable and ledgered, or an error and nowhere, when this returns.

    An item whose key was used before is answered as it was then, and one that used it for something else is
    refused (Conflict, code `key-reused`).
    """
    marks, results = _marks(gateway, items)
    results |= answers_again(gateway, marks)
    prepared = _prepared(gateway, items, marks, results, now)
    units = _units(gateway, items, marks, results, prepared=prepared, now=now)
    refused: dict[int, GatewayError] = {}
    for position, outcome in zip(units, gateway.store.writer.commit(list(units.values())), strict=True):
        if isinstance(outcome, GatewayError):
            refused[position] = outcome
    results |= refused
    late = {at: mark for at, mark in marks.items() if at in refused or at not in results}
    results |= answers_again(gateway, late)
    # A twin of what was refused stands alone: nothing of the other was kept.
    alone = [at for at in range(len(items)) if at not in results]
    results |= zip(alone, push(gateway, [items[at] for at in alone], now) if alone else (), strict=True)
    return [results[at] for at in range(len(items))]


def _prepared(
    gateway: Gateway,
    items: Sequence[PushItem],
    marks: Mapping[int, Marks],
    results: dict[int, PushAnswer | GatewayError],
    now: datetime,
) -> dict[int, Submission]:
    """Return, by position, what of these is decided on; what is refused goes to the results."""
    first: dict[bytes, int] = {}
    prepared: dict[int, Submission] = {}
    for position, item in enumerate(items):
        mark = marks.get(position)
        if position in results or (mark is not None and first.setdefault(mark.tag, position) != position):
            continue  # answered, or a twin within this batch: answered after the other
        try:
            prepared[position] = prepare(gateway, item.record, now)
        except Exception as exc:
            # One that raises what nobody foresaw is refused alone, like any other.
            results[position] = exc if isinstance(exc, GatewayError) else incident("push", exc)
    return prepared


def _units(
    gateway: Gateway,
    items: Sequence[PushItem],
    marks: Mapping[int, Marks],
    results: dict[int, PushAnswer | GatewayError],
    *,
    prepared: Mapping[int, Submission],
    now: datetime,
) -> dict[int, Unit]:
    """Return, by position, what is to be written; answers and refusals go to the results."""
    past, units = Past(gateway, now), dict[int, Unit]()
    # The past is asked about all of them at once: one question costs what deciding a record does.
    found = past.people(list(prepared.values()))
    for (position, submission), people in zip(prepared.items(), found, strict=True):
        try:
            with past.unless_refused():
                units[position], results[position] = _unit(
                    gateway,
                    items[position],
                    submission,
                    mark=marks.get(position),
                    people=people,
                    past=past,
                    now=now,
                )
        except Exception as exc:
            results[position] = exc if isinstance(exc, GatewayError) else incident("push", exc)
    return units


def _marks(
    gateway: Gateway, items: Sequence[PushItem]
) -> tuple[dict[int, Marks], dict[int, PushAnswer | GatewayError]]:
    """Return by what pushes with a key are known again, and the refusals of keys off their form."""
    marks: dict[int, Marks] = {}
    refused: dict[int, PushAnswer | GatewayError] = {}
    for position, item in enumerate(items):
        try:
            if item.key:
                marks[position] = item.marks(gateway.storage_secret)
        except GatewayError as exc:
            refused[position] = exc
    return marks, refused


def questions(gateway: Gateway, item: PushItem, submission: Submission, now: datetime) -> list[Question]:
    """Return what is asked of policy, one question per recipient.

    Raises:
        Refused: a recipient or its unit is unknown (codes `unknown-recipient`, `unknown-unit`), or no
            purpose or legal basis is stated for it (codes `no-purpose`, `no-legal-basis`).
    """
    asked = []
    header = submission.record.header
    for addressee in item.addressees:
        purpose = addressee.purpose or (Purpose(header.purpose) if header.purpose else None)
        recipient = recipient_of(gateway, addressee.agency, now, purpose=purpose, unit=addressee.unit)
        basis = addressee.legal_basis or (LegalBasis(header.legal_basis) if header.legal_basis else None)
        if purpose is None:
            raise Refused(
                f"no purpose is stated for {recipient.id}", code="no-purpose", field="header.purpose"
            )
        if basis is None:
            raise Refused(
                f"no legal basis is stated for {recipient.id}",
                code="no-legal-basis",
                field="header.legal_basis",
            )
        asked.append(
            Question(
                recipient=recipient,
                purpose=purpose,
                legal_basis=basis,
                lane=item.lane,
                today=now.date(),
                stated=_stated(gateway, item, addressee),
            )
        )
    return asked


def _stated(gateway: Gateway, item: PushItem, addressee: Addressee) -> Stated:
    member = gateway.directory.member(addressee.agency)
    return Stated(
        unit=unit_of(member, addressee.unit).name if addressee.unit else "",
        target=addressee.target,
        necessity=item.necessity,
        threat=item.threat,
        ask=item.ask,
    )


def _unit(
    gateway: Gateway,
    item: PushItem,
    submission: Submission,
    *,
    mark: Marks | None,
    people: People,
    past: Past,
    now: datetime,
) -> tuple[Unit, PushAnswer]:
    owner = new_owner(gateway, gateway.me, submission.record_id, 1)
    anchor_salt = gateway.random(32)
    drafts: list[Draft | About] = [
        Draft(
            kind=EntryKind.SUBMITTED,
            commit=commit(anchor_salt, CommitmentType.STATEMENT, submission.digest),
        )
    ]
    rows: list[Row | Change] = [_record_row(gateway, submission, now), key_row(gateway, owner)]
    rows += body_rows(
        gateway,
        owner,
        {
            CONTENT: submission.data,
            NAMES: json.dumps(dict(submission.names)).encode(),
            PORTIONS: pack_portions([piece.data for piece in submission.cuts]),
            STATEMENT: submission.signed,
            ANCHOR_SALT: anchor_salt,
        },
    )
    rows += people.rows()
    answers = []
    cases = case_tags(gateway, submission.record.header)
    for question in questions(gateway, item, submission, now):
        ruling = past.decided(submission, people, question, item.actor)
        at = len(drafts)
        settled = settle(gateway, submission, owner, ruling, base=at, actor=item.actor, now=now, cases=cases)
        drafts += settled.drafts
        rows += settled.rows
        answers.append(settled.answer)
    answer = PushAnswer(record_id=submission.record_id, exchanges=tuple(answers))
    if mark is not None:
        rows.append(mark.row(submission.record_id, now))
        rows += body_rows(gateway, owner, {ANSWER: answer.encode()})
    return Unit(drafts=tuple(drafts), rows=tuple(rows)), answer


def _record_row(gateway: Gateway, submission: Submission, now: datetime) -> RecordRow:
    statement = submission.statement
    reference = submission.record.header.own_reference
    return RecordRow(
        statement.originator,
        statement.record_id,
        statement.version,
        "own",
        submission.digest,
        EntryAt(0),
        statement.sealed_on.isoformat(),
        statement.retain_until.isoformat(),
        statement.exercise,
        "current",
        reference_tag(gateway, reference) if reference else None,
        int(now.timestamp() * 1000),
    )


def pack_portions(portions: Sequence[bytes]) -> bytes:
    """Return portions in one body, each preceded by its length (u32 big-endian)."""
    return b"".join([len(data).to_bytes(4, "big") + data for data in portions])


def unpack_portions(body: bytes) -> list[bytes]:
    """Return the portions of one body; a body cut short is Malformed."""
    portions, at = [], 0
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        data = body[at + 4 : at + 4 + size]
        if len(data) != size:
            raise Malformed("ends within a portion", field="portions")
        portions.append(data)
        at += 4 + size
    return portions
