"""Preparing: from submitted bytes to a signed commitment over every portion at every rung."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from gateway.errors import Corrupt, Malformed, Refused
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import CONTENT, NAMES, PORTIONS, STATEMENT, owner_of, read_body
from gateway.flow.meaning import gives_its_own_leave
from gateway.record.commitment import Statement, leaves, parse_statement
from gateway.record.marking import Marking, from_message, statement_part
from gateway.record.portion import Cut, cut, entity_names, leaf_of, parse_portion
from gateway.record.protection import subjects
from gateway.record.subject import Subject
from gateway.record.text import parse_day, uuid7
from gateway.record.ties import Ties, entities, ties_of
from gateway.record.validation import read_record
from gateway.record.vocabulary import Provenance
from gateway.release.statement import sign_statement
from gateway.store.rows import RecordRow
from gateway.v1.record_pb2 import Record
from keys.signed import peek


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One record version ready to be decided on: its portions, who they tell of, and the signed statement.

    `names` maps submitted entity ids to travelling names, `subjects` submitted ids to whom they tell of;
    `ties` says which of them belong together; `entity_markings` maps travelling names to the stricter
    marking an entity carries of its own.
    """

    data: bytes
    record: Record
    record_id: str
    names: Mapping[str, str]
    subjects: Mapping[str, Subject]
    ties: Ties
    cuts: Sequence[Cut]
    statement: Statement
    signed: bytes
    digest: bytes
    marking: Marking
    entity_markings: Mapping[str, Marking]

    @property
    def own_leave(self) -> bool:
        """Whether an originator's consent, where rules want one, is this agency's own to give."""
        return gives_its_own_leave(self.statement.originator, self.record)


def prepare(gateway: Gateway, data: bytes, now: datetime) -> Submission:
    """Check a submitted record, cut it into portions and sign the commitment to them.

    Raises:
        InvalidRecord: the bytes or the content break a rule; every finding is named.
        Refused: code `exercise-mismatch`: invented data at a real home, or the reverse.
    """
    today = now.date()
    record = read_record(data, today=today)
    if record.header.exercise != gateway.exercise:
        kind = "an exercise" if gateway.exercise else "a real"
        raise Refused(
            f"this is {kind} home, the record is not", code="exercise-mismatch", field="header.exercise"
        )
    record_id = uuid7(int(now.timestamp() * 1000), gateway.random(10))
    names = entity_names(record, gateway.random)
    ties = ties_of(record)
    told = subjects(record, on=today, ties=ties)
    cuts = cut(record, names=names, random=gateway.random, sealed_on=today, told=told, ties=ties)
    marking = marking_of(record)
    statement = Statement(
        record_id=record_id,
        version=1,
        supersedes=b"",
        originator=gateway.me,
        sealed_on=today,
        marking=statement_part(marking),
        retain_until=parse_day(record.header.retain_until, "header.retain_until"),
        exercise=gateway.exercise,
        leaves=leaves([piece.leaf for piece in cuts], gateway.random),
    )
    signed = sign_statement(statement, gateway.signing)
    return Submission(
        data=data,
        record=record,
        record_id=record_id,
        names=names,
        subjects=told,
        ties=ties,
        cuts=cuts,
        statement=statement,
        signed=signed,
        digest=sha256(signed).digest(),
        marking=marking,
        entity_markings=_entity_markings(record, names),
    )


def prepared_again(gateway: Gateway, row: RecordRow, now: datetime) -> Submission:
    """Return an own record on file as it would be decided on today: for deciding, its portions are cut anew.

    Raises:
        InvalidRecord: it may not be submitted any more; its retention has ended.
        NotFound: it was erased.
    """
    owner = owner_of(gateway, row)
    signed = read_body(gateway, owner, STATEMENT)
    data = read_body(gateway, owner, CONTENT)
    record = read_record(data, today=now.date())
    names = json.loads(read_body(gateway, owner, NAMES))
    statement = parse_statement(peek(signed).body)
    ties = ties_of(record)
    return Submission(
        data=data,
        record=record,
        record_id=row.record_id,
        names=names,
        subjects=subjects(record, on=now.date(), ties=ties),
        ties=ties,
        cuts=cut(record, names=names, random=gateway.random, sealed_on=statement.sealed_on, ties=ties),
        statement=statement,
        signed=signed,
        digest=row.statement_digest,
        marking=marking_of(record),
        entity_markings=_entity_markings(record, names),
    )


def as_committed(gateway: Gateway, submission: Submission, row: RecordRow) -> Submission:
    """Return a record prepared again with the very portions its statement commits to: for releasing of it.

    Raises:
        Corrupt: code `portion-missing`: what is kept does not hold a portion that deciding cut anew.
    """
    stored = unpack_portions(read_body(gateway, owner_of(gateway, row), PORTIONS))
    parsed = [(parse_portion(data), data) for data in stored]
    by_place = {(one.entity, one.field, one.rung): (one.value, data) for one, data in parsed}
    cuts = []
    for piece in submission.cuts:
        value, data = by_place.get((piece.entity, piece.field, piece.rung), (None, b""))
        if value is None or value != parse_portion(piece.data).value:
            raise Corrupt("a portion of the record is not kept", code="portion-missing", field="portions")
        cuts.append(piece._replace(data=data, leaf=leaf_of(data)))
    return replace(submission, cuts=cuts)


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


def marking_of(record: Record) -> Marking:
    """Return the record's own marking, with the kind of source that its header names.

    Raises:
        Malformed: the marking or the source is off its form.
    """
    header = record.header
    marking = from_message(header.marking, field="header.marking")
    if not header.source or marking.nobody:
        return marking
    # Who contributed must agree (VP-27), wherever the submitter wrote it down.
    source = Provenance.from_number(header.source, "header.source")
    return replace(marking, provenance=marking.provenance | {source})


def _entity_markings(record: Record, names: Mapping[str, str]) -> dict[str, Marking]:
    return {
        names[entity.id]: from_message(entity.marking, field=f"{kind.record_field}.marking")
        for kind, entity in entities(record)
        if entity.HasField("marking")
    }
