"""Explaining: what would be decided about a record for a recipient, why, and what would release more.

Nothing is stored and nothing leaves; no content is in the answer, so nothing of it is a reading.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.flow.gateway import Gateway
from gateway.flow.grant import plan_for
from gateway.flow.inquiry import NO_REMEDY, WITHHELD, Explained, Inquiry
from gateway.flow.past import Past
from gateway.flow.prepare import Submission, prepare, prepared_again
from gateway.flow.question import FieldKey, Question
from gateway.flow.remedy import gravest_first, plain_remedy, text_of
from gateway.flow.situation import Asked, asked
from gateway.flow.submit import PushItem, questions
from gateway.flow.verify import own_record
from gateway.record.schema import KINDS
from gateway.record.text import HEADER_ENTITY
from policy.changes import Decide, Remedies, remedies
from policy.decision import Decision, Outcome, PortionVerdict
from policy.factor import Lapsed, Situation, apply, factors_of
from policy.rule import Rule


def explain_record(gateway: Gateway, inquiry: Inquiry, now: datetime) -> Explained:
    """Return what would be decided about a record, field by field, and what would release more.

    Raises:
        NotFound: no such own record, or it was erased.
        Refused, InvalidRecord: what a push of it would be answered.
    """
    submission, question = inquired(gateway, inquiry, now)
    found = asked(gateway, submission, question)
    decision = found.verdicts.decision

    def ask(situation: Situation) -> Decision:
        return gateway.engine.decide(
            situation.recipient, situation.context, situation.portions, situation.ask
        )

    helps = remedies(ask, found.situation, found.otherwise)
    told, of_place, of_record = _told_once(helps, gateway.engine.rules)
    planned = plan_for(submission, question, found.verdicts, now)
    encoded = {key: json.loads(verdict.encoded) for key, (_, verdict) in found.verdicts.by_field.items()}
    rows = rows_of(submission, encoded, gateway.engine.rules, dropped=planned.dropped)
    for key, row in rows.items():
        row["remedy"] = NO_REMEDY if row["dropped"] else of_place[found.places[key]]
    leaves = decision.outcome is not Outcome.DENIED and bool(planned.chosen)
    return Explained(
        record_id=inquiry.record_id,
        recipient=question.recipient.id,
        unit=question.stated.unit,
        purpose=question.purpose.token if question.purpose is not None else "",
        legal_basis=question.legal_basis.token if question.legal_basis is not None else "",
        outcome=(decision.outcome if leaves else Outcome.DENIED).value,
        approvals=sorted(decision.approvals),
        head_rules=gravest_first(decision.rules, gateway.engine.rules),
        policy=decision.policy_digest.hex(),
        rows=list(rows.values()),
        rules=rules_told(rows.values(), decision.rules, gateway.engine.rules),
        remedies=told,
        record_remedy=of_record,
        agreements=[_of_agreement(one, found, ask) for one in found.otherwise.lapsed],
        notes=(),
        exchange={},
    )


def inquired(gateway: Gateway, inquiry: Inquiry, now: datetime) -> tuple[Submission, Question]:
    """Return the record asked about and the question that a push to this addressee would put.

    Raises:
        NotFound, Refused, InvalidRecord: as `explain_record`.
    """
    if inquiry.record_id:
        submission = prepared_again(gateway, own_record(gateway, inquiry.record_id), now)
    else:
        submission = prepare(gateway, inquiry.data, now)
    item = PushItem(
        record=submission.data,
        addressees=(inquiry.addressee,),
        ask=inquiry.ask,
        lane=inquiry.lane,
        necessity=inquiry.necessity,
        threat=inquiry.threat,
    )
    (question,) = questions(gateway, item, submission, now)
    past = Past(gateway, now)
    (people,) = past.people([submission])
    return submission, past.decided(submission, people, question, item.actor).question


def rows_of(
    submission: Submission,
    verdicts: Mapping[FieldKey, Mapping[str, Any]],
    rules: Mapping[str, Rule],
    *,
    dropped: Iterable[FieldKey] = (),
) -> dict[FieldKey, dict[str, Any]]:
    """Return one row for each field, in the order of the record, from the verdicts in their stored form."""
    lost, rows = set(dropped), {}
    for piece in submission.cuts:
        key = (piece.entity, piece.field)
        if key in rows or key not in verdicts:
            continue
        verdict = verdicts[key]
        row = {**place_of(key, piece.local, piece.category), **verdict, "dropped": key in lost}
        row["rules"] = gravest_first(verdict["rules"], rules)
        row["remedy"] = NO_REMEDY
        if row["dropped"]:
            row |= {"rung": WITHHELD, "asked": "", "approvals": []}
        rows[key] = row
    return rows


def place_of(key: FieldKey, local: str, category: str) -> dict[str, Any]:
    """Return how a field is named to people."""
    kind = key[0].partition("/")[0]
    return {
        "entity": local or HEADER_ENTITY,
        "kind": kind,
        "field": KINDS[kind].fields[key[1]].name,
        "category": category,
    }


def rules_told(
    rows: Iterable[Mapping[str, Any]], more: Iterable[str], rules: Mapping[str, Rule]
) -> dict[str, dict[str, str]]:
    """Return texts and sources of every rule that the rows name."""
    named = {name for row in rows for name in (*row["rules"], *row["permits"])} | set(more)
    return {name: text_of(name, rules) for name in sorted(named)}


def _told_once(
    helps: Remedies, rules: Mapping[str, Rule]
) -> tuple[Sequence[dict[str, Any]], Sequence[int], int]:
    """Return every remedy once, which of them each portion has, and which the record."""
    told: list[dict[str, Any]] = []

    def place(plain: dict[str, Any]) -> int:
        if plain not in told:
            told.append(plain)
        return told.index(plain)

    whole = NO_REMEDY
    if helps.record is not None:
        whole = place(plain_remedy(helps.record, rules, whole=True))
    of_place = [NO_REMEDY if one is None else place(plain_remedy(one, rules)) for one in helps.portions]
    return told, of_place, whole


def _of_agreement(lapsed: Lapsed, found: Asked, ask: Decide) -> str:
    """Return a sentence about an agreement that is not in force, and what it would change if it were."""
    situation = found.situation
    before = ask(situation)
    factors = [
        one
        for one in factors_of(situation, found.otherwise, before)
        if (one.kind.value, one.value) == ("agreement", lapsed.id)
    ]
    after = ask(apply(factors, situation))
    more = sum(_is_finer(one, other) for one, other in zip(before.verdicts, after.verdicts, strict=True))
    if before.outcome is Outcome.DENIED and after.outcome is not Outcome.DENIED:
        would = "in force it would let the record go"
    elif more:
        would = f"in force it would release more of {more} kind(s) of information"
    elif after.approvals < before.approvals:
        would = "in force it would need fewer approvals"
    else:
        would = "in force it would change nothing here"
    return f"agreement {lapsed.id} {lapsed.told}, so it counts as absent; {would}"


def _is_finer(before: PortionVerdict, after: PortionVerdict) -> bool:
    had, gets = before.asked or before.rung, after.asked or after.rung
    return gets is not None and (had is None or gets < had)
