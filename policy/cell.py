"""One question to the rules, and its translation into the terms of the schema.

Entity ids are built from typed parts by one function and travel as JSON members, never inside policy syntax:
an id with quotes, colons or newlines in it names nothing else. What a closed list does not know becomes
`unknown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Final, Literal, NamedTuple

from gateway.record.categories import CATEGORIES
from gateway.record.vocabulary import Rung
from policy.request import Interviewee, MarkingFacts, PortionAttributes, Recipient, ReleaseContext
from policy.vocabulary import UNKNOWN, RecipientKind, Regime, UnitFunction, satisfied

Json = dict[str, object]
"""An object in the JSON forms that Cedar reads."""

Action = Literal[
    "release", "forward", "disclose", "discloseUnbound", "judicialUse", "deconflict", "requestInterview"
]

CLASSES: Final = frozenset(
    name for category in CATEGORIES.values() for name in (category.when_protected, category.otherwise) if name
)
"""Every category class of the catalogue."""

_KINDS: Final = frozenset(RecipientKind)
_REGIMES: Final = frozenset(Regime)
_FUNCTIONS: Final = frozenset(UnitFunction)


class Cell(NamedTuple):
    """One question: may this recipient have this, at this rung, with these approvals?

    `portion` is None for the actions on the record as a whole, `rung` for all but disclosing, `interviewee`
    for all but asking for an interview; `hit` is whether a match was found, for `deconflict`. `approvals` are
    those assumed here, whatever the context holds.
    """

    action: Action
    recipient: Recipient
    context: ReleaseContext
    approvals: frozenset[str]
    portion: PortionAttributes | None = None
    rung: Rung | None = None
    interviewee: Interviewee | None = None
    hit: bool = False


def uid(kind: str, name: str) -> Json:
    """Return the id of an entity from its typed parts; the only place where one is made."""
    return {"type": f"Comity::{kind}", "id": name}


def request_of(cell: Cell) -> Json:
    """Return the request in Cedar's JSON form."""
    return {
        "principal": uid("Agency", cell.recipient.id),
        "action": uid("Action", cell.action),
        "resource": _resource_uid(cell),
        "context": _context(cell),
    }


def entities_of(cell: Cell) -> list[Json]:
    """Return the entities that the request names: recipient and what it is about, whole, without parents."""
    return [
        _entity(uid("Agency", cell.recipient.id), _recipient(cell.recipient)),
        _entity(_resource_uid(cell), _resource(cell)),
    ]


def named(cell: Cell) -> object:
    """Return what the entities of a cell depend on: cells in which it is equal have the same ones."""
    return cell.recipient, cell.portion or cell.interviewee or cell.context.own_record


def asked(cell: Cell) -> object:
    """Return what the request of a cell depends on: cells in which it is equal have the same one."""
    kind = cell.portion is not None, cell.interviewee is not None
    return cell.action, cell.recipient.id, kind, cell.context, cell.approvals, cell.rung, cell.hit


def _resource_uid(cell: Cell) -> Json:
    # Verdicts depend on attributes alone, so the thing decided about needs no name of its own.
    if cell.portion is not None:
        return uid("Portion", "portion")
    return uid("Record", "record") if cell.interviewee is None else uid("Interviewee", "interviewee")


def _resource(cell: Cell) -> Json:
    if cell.portion is not None:
        return _portion(cell.portion)
    return {"own": cell.context.own_record} if cell.interviewee is None else _person(cell.interviewee)


def _entity(name: Json, attributes: Json) -> Json:
    return {"uid": name, "attrs": attributes, "parents": []}


def _member(kind: str, token: str) -> Json:
    return {"__entity": uid(kind, token)}


def _known(kind: str, token: str, known: Set[str]) -> Json:
    return _member(kind, str(token) if token in known else UNKNOWN)


def _members(kind: str, tokens: Iterable[str]) -> list[Json]:
    return [_member(kind, token) for token in sorted(tokens)]


def _recipient(recipient: Recipient) -> Json:
    functions = {str(name) if name in _FUNCTIONS else UNKNOWN for name in recipient.functions}
    return {
        "kind": _known("Kind", recipient.kind, _KINDS),
        "country": recipient.country,
        "regime": _known("Regime", recipient.regime, _REGIMES),
        "alert": recipient.alert,
        "functions": _members("Function", functions),
        "communities": sorted(recipient.communities),
        "agreements": sorted(recipient.agreements),
        "safeguards": recipient.safeguards,
    }


def _portion(portion: PortionAttributes) -> Json:
    classes = {name if name in CLASSES else UNKNOWN for name in portion.classes} or {UNKNOWN}
    return {
        "category": _known("Category", portion.category, CATEGORIES.keys()),
        "classes": _members("Class", classes),
        "role": _member("Role", portion.role.token),
        "age": _member("Age", portion.age.token),
        "facts": _members("Fact", (fact.token for fact in portion.facts)),
        "consent": _member("Consent", portion.consent),
        "doNotReinterview": portion.do_not_reinterview,
        "harmfulWording": portion.harmful_wording,
        "graded": portion.graded,
        "singlesOut": portion.singles_out,
        "count": portion.count,
        **_marking(portion.marking),
    }


def _person(person: Interviewee) -> Json:
    return {
        "role": _member("Role", person.role.token),
        "age": _member("Age", person.age.token),
        "doNotReinterview": person.do_not_reinterview,
        "reasonStated": person.reason_stated,
        "specialisedStaff": person.specialised_staff,
        "representative": person.representative,
        "sessionsStated": person.sessions_stated,
    }


def _marking(marking: MarkingFacts) -> Json:
    return {
        "recipientReleasable": marking.recipient_releasable,
        "purposePermitted": marking.purpose_permitted,
        "consentOnwardNeeded": marking.consent_onward_needed,
        "consentJudicialNeeded": marking.consent_judicial_needed,
        "notes": marking.notes,
        "expired": marking.expired,
        "reviewOverdue": marking.review_overdue,
        "closeHolders": marking.close_holders,
    }


def _context(cell: Cell) -> Json:
    context = cell.context
    asked: Json = {
        "purpose": _member("Purpose", context.purpose.token if context.purpose else UNKNOWN),
        "legalBasis": _member("LegalBasis", context.legal_basis.token if context.legal_basis else UNKNOWN),
        "lane": _member("Lane", context.lane.token),
        "approvals": _members("Approval", satisfied(cell.approvals)),
        "selfKind": _known("Kind", context.self_kind, _KINDS),
        "provenance": _members("Provenance", (source.token for source in context.provenance)),
        "fromProvider": context.from_provider,
        "onwardConsent": context.onward_consent,
        "necessity": context.necessity,
        "target": _member("Target", context.target),
        "correction": context.correction,
        "overBudget": context.over_budget,
        "breakGlass": context.break_glass,
        "threatStated": context.threat_stated,
        "reviewOutstanding": context.review_outstanding,
        **_marking(context.marking),
    }
    if cell.rung is not None:
        asked["rung"] = _member("Rung", cell.rung.token)
    if cell.action == "deconflict":
        asked["hit"] = cell.hit
    return asked
