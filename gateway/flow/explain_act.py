"""Explaining other acts than releasing: asking for an interview, using in court, matching blindly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from gateway.errors import NotFound
from gateway.flow.explain import inquired, place_of, rules_told
from gateway.flow.gateway import Gateway
from gateway.flow.inquiry import Act, Inquiry, Weighed
from gateway.flow.prepare import Submission
from gateway.flow.remedy import gravest_first
from gateway.flow.situation import heard
from policy.cell import Action
from policy.decision import Opinion
from policy.factor import Situation
from policy.request import Interviewee

_ACTIONS: Final[dict[Act, Action]] = {
    Act.REQUEST_INTERVIEW: "requestInterview",
    Act.JUDICIAL_USE: "judicialUse",
    Act.DECONFLICT: "deconflict",
}


def explain_act(gateway: Gateway, inquiry: Inquiry, act: Act, now: datetime) -> Weighed:
    """Return what the rules say to an act: on the person named, or on every field of the record.

    Raises:
        NotFound: code `no-such-person`; no such own record, or it was erased.
        Refused, InvalidRecord: what a push of it would be answered.
    """
    submission, question = inquired(gateway, inquiry, now)
    verdicts, situation = heard(gateway, submission, question)
    if act is Act.REQUEST_INTERVIEW:
        rows = [_interview(gateway, inquiry, submission, situation)]
    else:
        rows = []
        # A field is named as its first portion is.
        first = {piece[:2]: piece for piece in reversed(submission.cuts)}
        for key, (attributes, _) in verdicts.by_field.items():
            place = place_of(key, first[key].local, first[key].category)
            for hit, told in _hits(act):
                opinion = gateway.engine.weigh(
                    _ACTIONS[act], situation.recipient, situation.context, portion=attributes, hit=hit
                )
                rows.append({**place, "case": told, **_plain(gateway, opinion)})
    return Weighed(
        record_id=inquiry.record_id,
        recipient=question.recipient.id,
        purpose=question.purpose.token if question.purpose is not None else "",
        legal_basis=question.legal_basis.token if question.legal_basis is not None else "",
        act=act.value,
        policy=gateway.policy_digest.hex(),
        rows=rows,
        rules=rules_told(rows, (), gateway.engine.rules),
    )


def _hits(act: Act) -> Iterator[tuple[bool, str]]:
    if act is not Act.DECONFLICT:
        yield False, ""
        return
    yield False, "nothing matches"
    yield True, "something matches"


def _interview(
    gateway: Gateway, inquiry: Inquiry, submission: Submission, situation: Situation
) -> dict[str, Any]:
    name = submission.names.get(inquiry.person, "")
    if not name.startswith("person/"):
        raise NotFound("is no person of this record", field="person", code="no-such-person")
    subject = submission.subjects[inquiry.person]
    person = Interviewee(
        role=subject.role,
        age=subject.age,
        do_not_reinterview=subject.do_not_reinterview,
        reason_stated=inquiry.reason_stated,
        specialised_staff=inquiry.specialised_staff,
        representative=inquiry.representative,
        sessions_stated=inquiry.sessions,
    )
    opinion = gateway.engine.weigh(
        "requestInterview", situation.recipient, situation.context, interviewee=person
    )
    place = {"entity": inquiry.person, "kind": "person", "field": "", "category": "", "case": ""}
    return {**place, **_plain(gateway, opinion)}


def _plain(gateway: Gateway, opinion: Opinion) -> dict[str, Any]:
    return {
        "outcome": opinion.outcome.value,
        "approvals": sorted(opinion.approvals),
        "rules": gravest_first(opinion.rules, gateway.engine.rules),
        "permits": list(opinion.permits),
    }
