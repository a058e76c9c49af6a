"""The tables of an HTCDS document: which field belongs where, however the document spells and nests them.

The standard names fields and no wire form. Three are read: an object of tables, one flat object, and CSV
with one row a case; an array holds several of the first two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from adapters.document import Json, read_json, read_table
from adapters.loss import Effect, Loss
from adapters.row import Row
from gateway.errors import Malformed
from gateway.record.folding import squeeze

_NAMES = (
    "org_Name org_ShippingCity org_ShippingCountry org_ShippingState org_ShippingStreet "
    "org_ShippingPostalCode org_ShippingLongitude org_ShippingLatitude org_Phone org_Type "
    "prs_Salutation prs_FirstName prs_MiddleName prs_SecondName prs_Birthdate prs_Gender prs_Deceased "
    "prs_MaritalStatus prs_NumberOfChildren prs_PrimaryLanguage prs_SecondaryLanguage "
    "prs_HighestLevelOfEducation prs_Citizenship prs_IdentityNumber prs_Title prs_Email prs_HomePhone "
    "prs_MobilePhone prs_MailingCity prs_MailingCountry prs_MailingState prs_MailingStreet "
    "prs_MailingPostalCode prs_MailingLongitude prs_MailingLatitude "
    "vic_AgreementToManagePersonalData vic_TraffickingStatus vic_TraffickingStatusDecisionMakingOrg "
    "vic_RelationshipToTrafficker vic_AgeWhenTrafficked vic_RecruitmentWebsitesAndApps "
    "vic_MethodOfRecruitment vic_LocationOfRecruitment vic_MethodsOfControl vic_TypeOfExploitation "
    "vic_ForcedLabourIndustry vic_TypeOfSexExploitation vic_LocationOfExploitation "
    "vic_ExploitationWebsitesAndApps vic_Vulnerabilities vic_DetailsOfVulnerabilities "
    "per_RoleInProcess per_RoleDetails per_Organisation "
    "cas_Status cas_ReasonForCaseClosure cas_CaseOwner cas_ReferringOrganisation "
    "cas_IncomingReferralDate cas_ReferringPrimaryCaseWorker cas_ReasonForIncomingReferral "
    "cas_IncomingReferralDetails cas_ReferredOrganisation cas_ReferredPrimaryCaseWorker "
    "cas_ReasonForOutgoingReferral cas_OutgoingReferralDate cas_OutgoingReferralDetails "
    "cco_CaseComment "
    "hte_Longitude hte_Latitude hte_City hte_Country hte_State hte_Street hte_PostalCode hte_Date "
    "hte_Type hte_Description "
    "spl_Objectives spl_ActionPlan spl_PlannedEndDate spl_ActualEndDate spl_Type "
    "con_Consent"
)
FIELDS: Mapping[str, str] = MappingProxyType({squeeze(name): name for name in _NAMES.split()})
"""Folded spelling -> the sheet's name. Folding makes the survey form's `prs_First_Name` the same field."""

PREFIXES = ("org", "prs", "vic", "per", "cas", "cco", "hte", "spl", "con")
_TABLES: Mapping[str, str] = MappingProxyType(
    {
        spelling: prefix
        for prefix, spellings in {
            "org": "org organisation organisations organization organizations",
            "prs": "person persons",
            "vic": "victim victimcontext personvictimcontext",
            "per": "perpetrator perpetratorcontext personperpetratorcontext",
            "cas": "case cases referral referrals referraldetails",
            "cco": "comment comments casecomment casecomments",
            "hte": "historictraffickingevent historictraffickingevents",
            "spl": "supportplan supportplans",
            "con": "consent consents",
        }.items()
        for spelling in spellings.split()
    }
)
_NOT_A_FIELD = "is not a field of HTCDS 2.0"
_ASSESSMENT = "HTCDS 2.0 names no fields for assessment and planning, only example questions"

Part = Mapping[str, Row]
"""One row of the document, cut by prefix: a person row may carry its own `con_Consent`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """One case: its place in the document, its rows by their table, and the list that losses are noted in."""

    path: str
    rows: Mapping[str, tuple[Part, ...]]
    flat: Part | None
    losses: list[Loss]

    def of(self, prefix: str) -> Iterator[Row]:
        """Yield every stated row of this prefix, in whichever table it stood."""
        parts = [part for table in self.rows.values() for part in table]
        for part in [self.flat, *parts] if self.flat else parts:
            row = part.get(prefix)
            if row:
                yield row


def read_json_tables(text: str) -> list[Tables]:
    """Return the cases of a JSON document: one object, or an array with one object a case.

    Raises:
        Malformed: from `read_json`; `bad-type` where an object should stand; `empty-document`.
    """
    document = read_json(text)
    several = isinstance(document, list)
    cases = [
        _case(case, f"[{number}]" if several else "")
        for number, case in enumerate(document if isinstance(document, list) else [document])
    ]
    return _stated(cases)


def read_csv_tables(text: str) -> list[Tables]:
    """Return the cases of a CSV document, one a row; `row[2]` is the first below the header.

    Raises:
        Malformed: from `read_table`; `duplicate-field` for a header that stands twice; `empty-document`.
    """
    header, rows = read_table(text)
    _check_twice(header, "header")
    cases = []
    for number, cells in rows:
        losses: list[Loss] = []
        path = f"row[{number}]"
        cases.append(
            Tables(
                path=path,
                rows={},
                flat=_part(dict(zip(header, cells, strict=True)), path, losses),
                losses=losses,
            )
        )
    return _stated(cases)


def _stated(cases: list[Tables]) -> list[Tables]:
    stated = [case for case in cases if any(True for prefix in PREFIXES for _ in case.of(prefix))]
    if not stated:
        raise Malformed("states no field of HTCDS 2.0", field="document", code="empty-document")
    return stated


def _case(value: Json, path: str) -> Tables:
    if not isinstance(value, dict):
        raise Malformed("is not an object", field=path or "document", code="bad-type")
    _check_twice(list(value), path)
    losses: list[Loss] = []
    tables: dict[str, tuple[Part, ...]] = {}
    flat: dict[str, Json] = {}
    for name, member in value.items():
        prefix = _TABLES.get(squeeze(name))
        if prefix is None:
            flat[name] = member
            continue
        where = f"{path}.{name}" if path else name
        rows = member if isinstance(member, list) else [] if member is None else [member]
        tables[prefix] = (
            *tables.get(prefix, ()),
            *(_row(row, f"{where}[{number}]", losses) for number, row in enumerate(rows)),
        )
    return Tables(path=path, rows=tables, flat=_part(flat, path, losses) or None, losses=losses)


def _row(value: Json, path: str, losses: list[Loss]) -> Part:
    if not isinstance(value, dict):
        raise Malformed("is not an object", field=path, code="bad-type")
    _check_twice(list(value), path)
    return _part(value, path, losses)


def _part(values: Mapping[str, Json], path: str, losses: list[Loss]) -> Part:
    """Cut one row by prefix; a member that is no field of the standard is a loss."""
    cut: dict[str, dict[str, Json]] = {}
    for name, value in values.items():
        known = FIELDS.get(squeeze(name))
        if known is not None:
            cut.setdefault(known[:3], {})[known] = value
        elif value not in (None, "", []):
            why = _ASSESSMENT if squeeze(name).startswith("assessment") else _NOT_A_FIELD
            shown = name if name.isprintable() and 0 < len(name) <= 64 else "?"
            losses.append(Loss(path=f"{path}.{shown}" if path else shown, effect=Effect.DROPPED, why=why))
    return {prefix: Row(values=fields, path=path, losses=losses) for prefix, fields in cut.items()}


def _check_twice(names: list[str], path: str) -> None:
    """Two spellings of one field are one field: which of the two would count is not for us to choose."""
    seen: set[str] = set()
    for name in names:
        folded = squeeze(name)
        if folded in seen and (folded in FIELDS or folded in _TABLES):
            raise Malformed("stands twice", field=f"{path}.{name}" if path else name, code="duplicate-field")
        seen.add(folded)
