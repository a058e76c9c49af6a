"""What HTCDS can say of the case around its persons: organisations, status, referrals, support, comments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from adapters.htcds import codes as lists
from adapters.htcds.cells import Cells
from adapters.htcds.places import MAY_SHELTER, NO_PROVIDERS
from adapters.htcds.sheet import CASES, COMMENTS, ORGANISATIONS, REFERRALS, SUPPORT, Sheet
from gateway.v1 import record_pb2

_ONE_ORGANISATION = "a CSV row has room for one organisation"
_ONE_COMMENT = "a CSV row has room for one comment"
_NO_CODE = "its kind has no code, and without one it would pass for a provider of support"
_NOTHING_SHOWN = "nothing that HTCDS could say of the organisation is shown"
_NO_TEXT = "holds no text that HTCDS could carry"
_WAYS = {
    record_pb2.REFERRAL_DIRECTION_INCOMING: ("Incoming", "Referring"),
    record_pb2.REFERRAL_DIRECTION_OUTGOING: ("Outgoing", "Referred"),
}


def place_organisations(sheet: Sheet) -> None:
    """Add the organisations; the one whose staff owns the case stands first, where the reader seeks it."""
    for organisation in sorted(sheet.record.organisations, key=lambda one: not one.provider.staff_name):
        cells = Cells()
        if organisation.HasField("provider") and organisation.kind not in NO_PROVIDERS:
            _write_provider(cells, organisation.provider)
        elif organisation.kind in lists.ORGANISATION_KIND.spellings:
            _write_identity(cells, organisation)
        else:
            sheet.reasons[organisation.id] = _NO_CODE
        if not cells:
            sheet.reasons.setdefault(organisation.id, _NOTHING_SHOWN)
        elif not sheet.has_room(ORGANISATIONS):
            sheet.reasons[organisation.id] = _ONE_ORGANISATION
        else:
            sheet.names[f"organisation-{sheet.add(ORGANISATIONS, cells)}"] = organisation.id


def place_case(sheet: Sheet) -> None:
    """Add the case row: status, reason for closure, and the case owner."""
    cells = Cells()
    cells.code("cas_Status", lists.CASE_STATUS, sheet.record.header.case_status)
    cells.text("cas_ReasonForCaseClosure", sheet.record.header.closure_reason)
    owner = _case_owner(sheet)
    if owner:
        cells.text("cas_CaseOwner", owner.provider.staff_name)
    if cells:
        sheet.add(CASES, cells)


def place_referrals(sheet: Sheet) -> None:
    """Add the referrals; a flat sheet holds one of each direction, beside each other."""
    beside: dict[int, Cells] = {}
    for referral in _shared(sheet.protected, "referrals"):
        cells = _referral(referral)
        if cells and sheet.flat:
            beside.setdefault(referral.direction, cells)
        elif cells:
            sheet.add(REFERRALS, cells)
    for cells in beside.values():
        sheet.add(REFERRALS, cells)


def place_support(sheet: Sheet) -> None:
    """Add the support plans."""
    for plan in _shared(sheet.protected, "support_plans"):
        cells = Cells()
        cells.code("spl_Type", lists.SUPPORT_KIND, plan.kind)
        cells.text("spl_Objectives", plan.objectives)
        cells.text("spl_ActionPlan", plan.action_plan)
        cells.day("spl_PlannedEndDate", plan.planned_end)
        cells.day("spl_ActualEndDate", plan.ended)
        if cells and sheet.has_room(SUPPORT):
            sheet.add(SUPPORT, cells)


def place_comments(sheet: Sheet) -> None:
    """Add every narrative that does not stand with a perpetrator's role."""
    told = set(sheet.names.values())
    for narrative in sheet.record.narratives:
        if narrative.id in told:
            continue
        cells = Cells()
        cells.text("cco_CaseComment", narrative.text)
        if not cells:
            sheet.reasons[narrative.id] = _NO_TEXT
        elif not sheet.has_room(COMMENTS):
            sheet.reasons[narrative.id] = _ONE_COMMENT
        else:
            sheet.names[f"comment-{sheet.add(COMMENTS, cells)}"] = narrative.id


def _write_provider(cells: Cells, provider: record_pb2.Provider) -> None:
    kind = provider.kind if provider.kind not in NO_PROVIDERS else record_pb2.ORGANISATION_KIND_UNSPECIFIED
    cells.text("org_Name", provider.name)
    cells.code("org_Type", lists.ORGANISATION_KIND, kind)
    _write_phone(cells, [provider.contact])
    _write_address(cells, provider.place)


def _write_identity(cells: Cells, organisation: record_pb2.Organisation) -> None:
    identity = organisation.identity
    for name in identity.names[:1]:
        cells.text("org_Name", name)
    cells.code("org_Type", lists.ORGANISATION_KIND, organisation.kind)
    _write_phone(cells, identity.contacts)
    for address in identity.addresses[:1]:
        _write_address(cells, address)
    if not any(name.startswith("org_Shipping") for name in cells.values):
        cells.country("org_ShippingCountry", identity.country)


def _write_phone(cells: Cells, contacts: Iterable[record_pb2.Contact]) -> None:
    for contact in contacts:
        if contact.kind == record_pb2.CONTACT_KIND_PHONE and "org_Phone" not in cells.values:
            cells.text("org_Phone", contact.value)


def _write_address(cells: Cells, place: record_pb2.Place) -> None:
    """Write an address; its country alone where HTCDS cannot say that it is no shelter's."""
    code = cells.values.get("org_Type", "")
    found = lists.ORGANISATION_KIND.find(str(code))
    kind = found[0] if found else record_pb2.ORGANISATION_KIND_UNSPECIFIED
    if kind in MAY_SHELTER:
        cells.country("org_ShippingCountry", place.country)
    else:
        cells.place("org_Shipping", place)


def _case_owner(sheet: Sheet) -> record_pb2.Organisation | None:
    """Return whose staff owns the case: the first provider among the rows, or else one without a row.

    The reader gives the owner to the first provider it finds, so nobody else can be named.
    """
    written = [sheet.names[f"organisation-{number + 1}"] for number in range(len(sheet.rows[ORGANISATIONS]))]
    by_id = {organisation.id: organisation for organisation in sheet.record.organisations}
    providers = [one for one in map(by_id.__getitem__, written) if _reads_as_provider(one)]
    if providers:
        return providers[0] if providers[0].provider.staff_name else None
    owner = next((one for one in sheet.record.organisations if one.provider.staff_name), None)
    if owner and owner.id not in written:
        sheet.names[f"owner-{len(written) + 1}"] = owner.id
        return owner
    return None


def _reads_as_provider(organisation: record_pb2.Organisation) -> bool:
    return organisation.kind not in NO_PROVIDERS


def _referral(referral: record_pb2.Referral) -> Cells:
    cells = Cells()
    if referral.direction not in _WAYS:
        return cells
    way, party = _WAYS[referral.direction]
    cells.text(f"cas_{party}Organisation", referral.provider.name)
    cells.day(f"cas_{way}ReferralDate", referral.on)
    cells.text(f"cas_{party}PrimaryCaseWorker", referral.provider.staff_name)
    cells.text(f"cas_ReasonFor{way}Referral", referral.reason)
    cells.text(f"cas_{way}ReferralDetails", referral.details)
    return cells


def _shared(persons: Sequence[record_pb2.Person], name: str) -> list[Any]:
    """Return what all the persons have alike: HTCDS cannot say whose of several persons it is."""
    if not persons:
        return []
    kept = [
        [one.SerializeToString(deterministic=True) for one in getattr(person, name)] for person in persons
    ]
    alike = set(kept[0]).intersection(*kept)
    return [one for one, key in zip(getattr(persons[0], name), kept[0], strict=True) if key in alike]
