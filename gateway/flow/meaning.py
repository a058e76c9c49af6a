"""What a marking means to one recipient, for one purpose, on one day: the facts that rules read of it.

Source: DESIGN section 5; `reference/policy/markings.md` 2.2.
"""

from __future__ import annotations

from gateway.flow.question import Question
from gateway.record.marking import Marking
from gateway.record.vocabulary import ConsentKind
from policy.request import MarkingFacts


def marking_facts(me: str, marking: Marking, question: Question) -> MarkingFacts:
    """Return what a marking means where this agency is asked for release."""
    recipient = question.recipient
    return MarkingFacts(
        recipient_releasable=not marking.nobody
        and (marking.rel is None or recipient.id in marking.rel)
        and recipient.id not in marking.excl
        and marking.compart <= recipient.communities,
        purpose_permitted=marking.purposes is None or question.purpose in marking.purposes,
        # No originator named means the record's own, which is this agency: it needs nobody's leave.
        consent_onward_needed=any(originator not in ("", me) for originator, _ in marking.consent),
        consent_judicial_needed=any(kind is ConsentKind.JUDICIAL for _, kind in marking.consent),
        notes=bool(marking.notes),
        expired=marking.expires is not None and marking.expires < question.today,
        review_overdue=marking.review_by is not None and marking.review_by < question.today,
    )
