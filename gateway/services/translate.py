"""Between the messages of the submission service and the values of the flow."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.errors import GatewayError, Malformed
from gateway.flow.exchange import Exchange, Found
from gateway.flow.inbox import Handed
from gateway.flow.preview import Preview
from gateway.flow.repeat import PushAnswer
from gateway.flow.settle import ExchangeAnswer
from gateway.flow.submit import Addressee, PushItem
from gateway.record.moment import to_ms
from gateway.record.text import check_agency_id
from gateway.record.vocabulary import Lane, LegalBasis, Purpose
from gateway.v1 import disclosure_pb2, marking_pb2, release_pb2
from gateway.v1 import submission_pb2 as pb
from gateway.wire.problem import violations_of
from policy.decision import Outcome
from policy.vocabulary import Target

TARGETS: Mapping[int, Target] = {
    pb.TARGET_UNSPECIFIED: Target.UNKNOWN,
    pb.TARGET_SUBJECT: Target.SUBJECT,
    pb.TARGET_OTHERS: Target.OTHERS,
}
OUTCOMES = {
    Outcome.RELEASE: pb.OUTCOME_RELEASE,
    Outcome.HELD: pb.OUTCOME_HELD,
    Outcome.DENIED: pb.OUTCOME_DENIED,
}


def item_of(message: pb.PushItem, actor: str, *, keyed: bool) -> PushItem:
    """Return a push as the flow takes it; `keyed` demands a key.

    Raises:
        Malformed: a part is missing (code `missing`) or breaks a rule.
    """
    if keyed and not message.key:
        raise Malformed(
            "is missing: without one a repetition would be a second push", field="key", code="missing"
        )
    if not message.HasField("record"):
        raise Malformed("is missing", field="record", code="missing")
    return PushItem(
        record=message.record,
        addressees=tuple(_addressee(one, at) for at, one in enumerate(message.recipients)),
        ask=frozenset(message.ask),
        lane=Lane.from_number(message.lane, "lane") if message.lane else Lane.ROUTINE,
        actor=actor,
        key=message.key,
        necessity=message.necessity,
        threat=message.threat,
    )


def _addressee(message: pb.Addressee, at: int) -> Addressee:
    field = f"recipients[{at}]"
    if not message.agency:
        raise Malformed("is missing", field=f"{field}.agency", code="missing")
    return Addressee(
        # Checked here already: a later refusal names the agency, and then names nothing but one.
        agency=check_agency_id(message.agency, f"{field}.agency"),
        purpose=Purpose.from_number(message.purpose, f"{field}.purpose") if message.purpose else None,
        legal_basis=LegalBasis.from_number(message.legal_basis, f"{field}.legal_basis")
        if message.legal_basis
        else None,
        unit=message.unit,
        target=_target(message.target, f"{field}.target"),
    )


def _target(number: int, field: str) -> Target:
    if number not in TARGETS:
        raise Malformed("holds an unknown value", field=field, code="unknown-value")
    return TARGETS[number]


def answer_message(ordinal: int, key: str, answer: PushAnswer | GatewayError) -> pb.PushAnswer:
    """Return what became of one item."""
    if isinstance(answer, GatewayError):
        return pb.PushAnswer(ordinal=ordinal, key=key, problem=problem_message(answer))
    return pb.PushAnswer(
        ordinal=ordinal,
        key=key,
        record_id=answer.record_id,
        exchanges=[_exchange_answer(one) for one in answer.exchanges],
    )


def problem_message(error: GatewayError) -> pb.Problem:
    """Return a refusal in band."""
    return pb.Problem(
        code=error.code,
        field=error.field,
        message=error.message,
        violations=[
            pb.FieldViolation(field=one.path, message=one.message, rule=one.rule or None)
            for one in violations_of(error)
        ],
        kind=error.kind.value,
    )


def _exchange_answer(one: ExchangeAnswer) -> pb.ExchangeAnswer:
    return pb.ExchangeAnswer(
        exchange_id=one.exchange_id,
        recipient=one.recipient,
        outcome=OUTCOMES[one.outcome],
        approvals=one.approvals,
        reasons=[pb.Reason(rule=rule, text=text) for rule, text in one.reasons],
    )


def exchange_message(one: Exchange) -> pb.ExchangeState:
    """Return how an exchange stands."""
    return pb.ExchangeState(
        exchange_id=one.id,
        record_id=one.record_id,
        version=one.version,
        peer=one.peer,
        direction=one.direction,
        state=one.state,
        open=one.open,
        duties=one.duties,
        created_at=to_ms(one.created_at),
        expires_at=None if one.expires_at is None else to_ms(one.expires_at),
        code=one.code or None,
    )


def found_message(found: list[Found]) -> pb.FindRecordsResponse:
    """Return the records found under a reference."""
    return pb.FindRecordsResponse(
        records=[
            pb.FoundRecord(
                record_id=one.record_id,
                version=one.version,
                state=one.state,
                exchanges=[exchange_message(exchange) for exchange in one.exchanges],
            )
            for one in found
        ]
    )


def preview_message(found: Preview) -> pb.PreviewResponse:
    """Return a preview."""
    return pb.PreviewResponse(
        lines=[
            pb.PreviewLine(
                entity=line.entity,
                kind=line.kind,
                field=line.field,
                category=line.category,
                exact=line.exact,
                texts=line.texts,
                seen=[
                    pb.SeenField(recipient=agency, rung=seen.rung, text=seen.text, why=seen.why)
                    for agency, seen in line.seen.items()
                ],
            )
            for line in found.lines
        ],
        recipients=[
            pb.PreviewRecipient(agency=agency, outcome=OUTCOMES[outcome], headline=found.headlines[agency])
            for agency, outcome in found.outcomes.items()
        ],
        rules=[pb.Reason(rule=rule, text=text) for rule, text in found.rules.items()],
    )


def handed_message(one: Handed, purpose: Purpose) -> pb.InboxResponse:
    """Return one arrival."""
    return pb.InboxResponse(
        position=one.position,
        exchange_id=one.exchange_id,
        sender=one.sender,
        originator=one.originator,
        record_id=one.record_id,
        version=one.version,
        purpose=marking_pb2.Purpose.ValueType(purpose),
        use_until=one.use_until or None,
        obligations=one.obligations,
        restrictions=one.restrictions,
        pseudonyms=[
            release_pb2.Pseudonym(entity=entity, token=token) for entity, token in one.pseudonyms.items()
        ],
        record=one.record,
        rungs=[
            pb.FieldRung(entity=entity, field=field, rung=disclosure_pb2.Rung.ValueType(rung))
            for entity, field, rung in one.rungs
        ],
        absent=one.absent or None,
    )
