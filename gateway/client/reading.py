"""Between the messages of the wire and the plain values of a client."""

from __future__ import annotations

from typing import Final

from gateway.client.answers import (
    Answer,
    Arrived,
    Exchange,
    ExchangeAnswer,
    Found,
    Preview,
    PreviewLine,
    Problem,
    Push,
    Seen,
)
from gateway.errors import Malformed
from gateway.record.findings import Finding
from gateway.record.json_form import from_json
from gateway.record.moment import from_ms
from gateway.record.vocabulary import Lane, LegalBasis, Purpose, Rung
from gateway.v1 import envelope_pb2, marking_pb2
from gateway.v1 import submission_pb2 as pb
from gateway.v1.record_pb2 import Record
from gateway.wire.limits import BATCH_BYTES_MAX

TARGETS: Final = {"subject": pb.TARGET_SUBJECT, "others": pb.TARGET_OTHERS}
OUTCOMES: Final = {pb.OUTCOME_RELEASE: "release", pb.OUTCOME_HELD: "held", pb.OUTCOME_DENIED: "denied"}


def item(push: Push) -> pb.PushItem:
    """Return a push as it travels.

    Raises:
        Malformed: a purpose, basis, target or lane that does not exist, text that is no record, or more than
            one message can hold (code `too-large`).
    """
    made = pb.PushItem(
        record=_record(push.record),
        key=push.key,
        ask=push.ask,
        lane=envelope_pb2.Lane.ValueType(Lane.from_token(push.lane, "lane")),
    )
    if push.necessity:
        made.necessity = push.necessity
    if push.threat:
        made.threat = push.threat
    for to in push.to:
        one = made.recipients.add(agency=to.agency)
        if to.purpose:
            one.purpose = purpose(to.purpose)
        if to.basis:
            one.legal_basis = marking_pb2.LegalBasis.ValueType(LegalBasis.from_token(to.basis, "basis"))
        if to.unit:
            one.unit = to.unit
        if to.target:
            one.target = target(to.target)
    if made.ByteSize() > BATCH_BYTES_MAX:
        raise Malformed(f"is larger than {BATCH_BYTES_MAX} bytes", field="record", code="too-large")
    return made


def _record(record: bytes | str | Record) -> bytes:
    match record:
        case bytes():
            return record
        case str():
            return from_json(record)
        case Record():
            return record.SerializeToString(deterministic=True)


def purpose(token: str) -> marking_pb2.Purpose.ValueType:
    """Return a purpose by its token; anything else is Malformed."""
    return marking_pb2.Purpose.ValueType(Purpose.from_token(token, "purpose"))


def target(token: str) -> pb.Target.ValueType:
    """Return whom a prosecution is directed at by its token; anything else is Malformed."""
    if token not in TARGETS:
        raise Malformed(f"is not one of {', '.join(TARGETS)}", field="target", code="unknown-value")
    return TARGETS[token]


def answer(message: pb.PushAnswer) -> Answer:
    """Return what became of an item."""
    return Answer(
        key=message.key,
        record_id=message.record_id,
        exchanges=tuple(
            ExchangeAnswer(
                exchange_id=one.exchange_id,
                recipient=one.recipient,
                outcome=OUTCOMES.get(one.outcome, ""),
                approvals=tuple(one.approvals),
                reasons=tuple((reason.rule, reason.text) for reason in one.reasons),
            )
            for one in message.exchanges
        ),
        problem=_problem(message.problem) if message.HasField("problem") else None,
    )


def _problem(message: pb.Problem) -> Problem:
    return Problem(
        kind=message.kind,
        code=message.code,
        field=message.field,
        message=message.message,
        findings=tuple(
            Finding(path=one.field, rule=one.rule, message=one.message) for one in message.violations
        ),
    )


def exchange(message: pb.ExchangeState) -> Exchange:
    """Return how an exchange stands."""
    return Exchange(
        id=message.exchange_id,
        record_id=message.record_id,
        version=message.version,
        peer=message.peer,
        direction=message.direction,
        state=message.state,
        open=message.open,
        duties=tuple(message.duties),
        created_at=from_ms(message.created_at),
        expires_at=from_ms(message.expires_at) if message.HasField("expires_at") else None,
        code=message.code,
    )


def found(message: pb.FoundRecord) -> Found:
    """Return a record found by its reference."""
    return Found(
        record_id=message.record_id,
        version=message.version,
        state=message.state,
        exchanges=tuple(exchange(one) for one in message.exchanges),
    )


def preview(message: pb.PreviewResponse) -> Preview:
    """Return what a push would do."""
    return Preview(
        lines=tuple(
            PreviewLine(
                entity=line.entity,
                kind=line.kind,
                field=line.field,
                category=line.category,
                exact=line.exact,
                texts=tuple(line.texts),
                seen=tuple(
                    Seen(recipient=one.recipient, rung=one.rung, text=one.text, why=one.why)
                    for one in line.seen
                ),
            )
            for line in message.lines
        ),
        outcomes={one.agency: OUTCOMES.get(one.outcome, "") for one in message.recipients},
        headlines={one.agency: one.headline for one in message.recipients},
        rules={rule.rule: rule.text for rule in message.rules},
    )


def arrived(message: pb.InboxResponse) -> Arrived:
    """Return one arrival."""
    return Arrived(
        position=message.position,
        exchange_id=message.exchange_id,
        sender=message.sender,
        originator=message.originator,
        record_id=message.record_id,
        version=message.version,
        purpose=Purpose.from_number(message.purpose, "purpose").token,
        use_until=message.use_until,
        obligations=tuple(message.obligations),
        restrictions=tuple(message.restrictions),
        pseudonyms={one.entity: one.token for one in message.pseudonyms},
        record=Record.FromString(message.record) if message.HasField("record") else None,
        rungs={(one.entity, one.field): Rung.from_number(one.rung, "rung").token for one in message.rungs},
        absent=message.absent,
    )
