"""What the fields of the officers' requests name, and which of them look an exchange up (A18)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.v1 import review_pb2 as pb

CROSSED: Final = "an id that may be another's"
_DUTY: Final = "a word of a closed list"
_MEMBER: Final = "a member, public in the directory"
_SIGNED: Final = "content, signed (tests/flow/test_other_ids.py crosses the ids it holds)"

FIELDS: Final[Mapping[str, str]] = {
    "Review/ListHolds.duty": _DUTY,
    "Review/ListHolds.peer": _MEMBER,
    "Review/ListHolds.case": "a filter: what is not found leaves the list empty",
    "Review/ShowHold.exchange_id": CROSSED,
    "Review/AnswerHold.approval": _SIGNED,
    "Review/AnswerHold.at": "a time",
    "Review/NarrowHold.exchange_id": CROSSED,
    "Review/NarrowHold.withhold": "a path within the record that is named beside it",
    "Review/NarrowHold.generalise": "a path within the record that is named beside it",
    "Review/ClaimHold.exchange_id": CROSSED,
    "Review/ClaimHold.officer": "a name of the agency's own, compared with the caller's",
    "Review/ClaimHold.give_up": "a choice",
    "Review/WatchHolds.duty": _DUTY,
    "Review/WatchHolds.peer": _MEMBER,
    "Review/TellHistory.exchange_id": CROSSED,
    "Review/TellPrevious.exchange_id": CROSSED,
    "Review/ReviewEmergency.approval": _SIGNED,
    "Review/ReviewEmergency.at": "a time",
    "Review/TellReach.exchange_id": CROSSED,
    "Review/AddOfficers.files": "content, signed",
    "Review/DisableOfficer.handle": "a name of the agency's own (tests/flow/test_other_ids.py)",
    "Review/NoteAbsence.handle": "a name of the agency's own, compared with the caller's",
    "Review/NoteAbsence.starts_at": "a time",
    "Review/NoteAbsence.ends_at": "a time",
}


def _named(kind: Any) -> Callable[[str], Any]:
    return lambda one: kind(exchange_id=one)


def looked_up(sent: Any, nothing: Any) -> dict[str, tuple[str, Any, Any]]:
    """Return the method, its request and which ids are an agency's own there, by field: nothing is held."""
    held = {"ShowHold": pb.ShowHoldRequest, "TellPrevious": pb.TellPreviousRequest}
    held |= {"NarrowHold": pb.NarrowHoldRequest, "ClaimHold": pb.ClaimHoldRequest}
    told = {"TellHistory": pb.TellHistoryRequest, "TellReach": pb.TellReachRequest}
    return {
        f"Review/{name}.exchange_id": (f"Review/{name}", _named(kind), own)
        for own, kinds in ((nothing, held), (sent, told))
        for name, kind in kinds.items()
    }
