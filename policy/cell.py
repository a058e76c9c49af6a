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
from policy.request import (
    UNKNOWN,
    PortionAttributes,
    Recipient,
    RecipientKind,
    Regime,
    ReleaseContext,
    UnitFunction,
    satisfied,
)

Json = dict[str, object]
"""An object in the JSON forms that Cedar reads."""

Action = Literal["release", "forward", "disclose", "discloseUnbound"]

CLASSES: Final = frozenset(
    name for category in CATEGORIES.values() for name in (category.when_protected, category.otherwise) if name
)
"""Every category class of the catalogue."""

_KINDS: Final = frozenset(RecipientKind)
_REGIMES: Final = frozenset(Regime)
_FUNCTIONS: Final = frozenset(UnitFunction)


class Cell(NamedTuple):
    """One question: may this recipient have this, at this rung, with these approvals?

    `portion` and `rung` are None for the actions on the record as a whole. `approvals` are those assumed
    here, whatever the context holds.
    """

    action: Action
    recipient: Recipient
    context: ReleaseContext
    approvals: frozenset[str]
    portion: PortionAttributes | None = None
    rung: Rung | None = None


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
    """Return the entities that the request names: recipient and record or portion, whole, without parents."""
    return [
        _entity(uid("Agency", cell.recipient.id), _recipient(cell.recipient)),
        _entity(
            _resource_uid(cell),
            {"own": cell.context.own_record} if cell.portion is None else _portion(cell.portion),
        ),
    ]


def _resource_uid(cell: Cell) -> Json:
    # Verdicts depend on attributes alone, so the thing decided about needs no name of its own.
    return uid("Record", "record") if cell.portion is None else uid("Portion", "portion")


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
    }


def _portion(portion: PortionAttributes) -> Json:
    classes = {name if name in CLASSES else UNKNOWN for name in portion.classes} or {UNKNOWN}
    return {
        "category": _known("Category", portion.category, CATEGORIES.keys()),
        "classes": _members("Class", classes),
        "role": _member("Role", portion.role.token),
        "age": _member("Age", portion.age.token),
        "facts": _members("Fact", (fact.token for fact in portion.facts)),
        "doNotReinterview": portion.do_not_reinterview,
        "recipientReleasable": portion.marking.recipient_releasable,
        "purposePermitted": portion.marking.purpose_permitted,
        "consentOnwardNeeded": portion.marking.consent_onward_needed,
        "notes": portion.marking.notes,
    }


def _context(cell: Cell) -> Json:
    context = cell.context
    asked: Json = {
        "purpose": _member("Purpose", context.purpose.token if context.purpose else UNKNOWN),
        "legalBasis": _member("LegalBasis", context.legal_basis.token if context.legal_basis else UNKNOWN),
        "lane": _member("Lane", context.lane.token),
        "approvals": _members("Approval", satisfied(cell.approvals)),
        "breakGlass": context.break_glass,
        "recipientReleasable": context.recipient_releasable,
        "purposePermitted": context.purpose_permitted,
        "consentOnwardNeeded": context.consent_onward_needed,
        "onwardConsent": context.onward_consent,
        "notes": context.notes,
        "expired": context.expired,
        "provenance": _members("Provenance", (source.token for source in context.provenance)),
    }
    if cell.rung is not None:
        asked["rung"] = _member("Rung", cell.rung.token)
    return asked
