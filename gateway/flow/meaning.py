"""What a marking means to one recipient, for one purpose, on one day: the facts that rules read of it.

Source: DESIGN section 5; `reference/policy/markings.md` 2.2.
"""

from __future__ import annotations

from gateway.flow.question import Question
from gateway.record.audience import admits, is_over, permits
from gateway.record.marking import Holders, Marking
from gateway.record.ties import entities
from gateway.record.vocabulary import ConsentKind
from gateway.v1.record_pb2 import Record
from policy.request import MarkingFacts


def marking_facts(me: str, originator: str, marking: Marking, question: Question) -> MarkingFacts:
    """Return what a marking means where this agency, `me`, is asked for release of what is `originator`'s."""
    recipient = question.recipient
    return MarkingFacts(
        recipient_releasable=admits(
            marking, agency=recipient.id, communities=recipient.communities, originator=originator
        ),
        purpose_permitted=permits(marking, question.purpose),
        # No originator named means the record's own, which is this agency: it needs nobody's leave.
        consent_onward_needed=any(originator not in ("", me) for originator, _ in marking.consent),
        consent_judicial_needed=any(kind is ConsentKind.JUDICIAL for _, kind in marking.consent),
        notes=bool(marking.notes),
        expired=is_over(marking, question.today),
        review_overdue=marking.review_by is not None and marking.review_by < question.today,
        close_holders=marking.holders < Holders.COMMUNITY,
    )


def gives_its_own_leave(me: str, record: Record) -> bool:
    """Tell whether nobody but this agency need agree where rules want the originators' consent for a record
    of its own: none of its markings names another originator.
    """
    marked = [record.header.marking, *(entity.marking for _, entity in entities(record))]
    return all(needed.originator in ("", me) for marking in marked for needed in marking.consent)
