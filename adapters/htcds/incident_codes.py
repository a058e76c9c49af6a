"""The code lists of HTCDS 2.0 that say what was done: recruitment, control, exploitation, industry.

Source: HTCDS 2.0 field standards and field definitions (IOM, CC BY 4.0); ISIC revision 4 sections.
"""

from __future__ import annotations

from adapters.codelist import code_list
from gateway.v1 import record_pb2

RECRUITMENT = code_list(
    {
        "AtAPlaceOfBusiness": record_pb2.RECRUITMENT_METHOD_PLACE_OF_BUSINESS,
        "AtAnEducationalInstitution": record_pb2.RECRUITMENT_METHOD_EDUCATIONAL_INSTITUTION,
        "AtWork": record_pb2.RECRUITMENT_METHOD_AT_WORK,
        "ThroughOnlineSocialNetworks": record_pb2.RECRUITMENT_METHOD_ONLINE_SOCIAL_NETWORKS,
        "ThroughAnOnlineAdvertisement": record_pb2.RECRUITMENT_METHOD_ONLINE_ADVERTISEMENT,
        "ThroughATelevisionAdvert": record_pb2.RECRUITMENT_METHOD_TELEVISION_ADVERT,
        "ThroughANewspaperAdvert": record_pb2.RECRUITMENT_METHOD_NEWSPAPER_ADVERT,
        "ThroughFamilyOrFamilyEvents": record_pb2.RECRUITMENT_METHOD_FAMILY_OR_FAMILY_EVENTS,
        "ThroughFriendsOrSocialEvents": record_pb2.RECRUITMENT_METHOD_FRIENDS_OR_SOCIAL_EVENTS,
        "Other": record_pb2.RECRUITMENT_METHOD_OTHER,
    },
    other=record_pb2.RECRUITMENT_METHOD_OTHER,
)
# The pick list has sixteen methods; the definitions document has seventeen and spells four of them otherwise.
CONTROL = code_list(
    {
        "PhysicalThreats": record_pb2.MEANS_THREATS_VIOLENCE,
        "Threats": record_pb2.MEANS_THREATS_VIOLENCE,
        "ThreatsLawEnforcement": record_pb2.MEANS_THREAT_OF_AUTHORITIES,
        "Threats of law enforcement": record_pb2.MEANS_THREAT_OF_AUTHORITIES,
        "ThreatOfLawEnforcement": record_pb2.MEANS_THREAT_OF_AUTHORITIES,
        "ThreatensChildrenFamily": record_pb2.MEANS_THREATS_TO_FAMILY_OR_CHILDREN,
        "DebtBondage": record_pb2.MEANS_DEBT_BONDAGE,
        "FalsePromises": record_pb2.MEANS_DECEPTION_FALSE_PROMISES,
        "PhysicalAbuse": record_pb2.MEANS_PHYSICAL_ABUSE,
        "SexualAbuse": record_pb2.MEANS_SEXUAL_ABUSE,
        "TakesEarnings": record_pb2.MEANS_TAKES_EARNINGS,
        "RestrictsFinancialAccess": record_pb2.MEANS_RESTRICTS_FINANCES,
        "RestrictsMedicalCare": record_pb2.MEANS_RESTRICTS_MEDICAL_CARE,
        "WithholdsNecessities": record_pb2.MEANS_WITHHOLDS_NECESSITIES,
        "PsychologicalAbuse": record_pb2.MEANS_PSYCHOLOGICAL_ABUSE,
        "PsychoactiveSubstance": record_pb2.MEANS_PSYCHOACTIVE_SUBSTANCES,
        "PsychoactiveSubstances": record_pb2.MEANS_PSYCHOACTIVE_SUBSTANCES,
        "ExcessiveWorkingHours": record_pb2.MEANS_EXCESSIVE_HOURS,
        "WithholdsDocuments": record_pb2.MEANS_WITHHOLDS_DOCUMENTS,
        "RestrictsMovement": record_pb2.MEANS_RESTRICTS_MOVEMENT,
        "UsesChildren": record_pb2.MEANS_USES_CHILDREN,
        "Other": record_pb2.MEANS_OTHER,
    },
    other=record_pb2.MEANS_OTHER,
    coarser={
        record_pb2.MEANS_ABDUCTION: "Other",
        record_pb2.MEANS_ABUSE_OF_VULNERABILITY: "Other",
        record_pb2.MEANS_PAYMENT_TO_CONTROLLER: "Other",
    },
    prefix="(MethodsOfControl)",
)
EXPLOITATION = code_list(
    {
        "ForcedLabour": record_pb2.EXPLOITATION_PURPOSE_FORCED_LABOUR,
        "SexualExploitation": record_pb2.EXPLOITATION_PURPOSE_SEXUAL_EXPLOITATION,
        "ChildLabour": record_pb2.EXPLOITATION_PURPOSE_CHILD_LABOUR,
        "ForcedMarriage": record_pb2.EXPLOITATION_PURPOSE_FORCED_MARRIAGE,
        "Servitude": record_pb2.EXPLOITATION_PURPOSE_SERVITUDE,
        "ForcedMilitaryByNonStateActors": record_pb2.EXPLOITATION_PURPOSE_CHILD_SOLDIERING,
        "OrganRemoval": record_pb2.EXPLOITATION_PURPOSE_ORGAN_REMOVAL,
        "ForcedBegging": record_pb2.EXPLOITATION_PURPOSE_FORCED_BEGGING,
        "ForcedAdoption": record_pb2.EXPLOITATION_PURPOSE_ILLEGAL_ADOPTION,
        "Surrogacy": record_pb2.EXPLOITATION_PURPOSE_SURROGACY_EXPLOITATION,
        "Other": record_pb2.EXPLOITATION_PURPOSE_OTHER,
    },
    other=record_pb2.EXPLOITATION_PURPOSE_OTHER,
    # An adult can be forced to fight, too; the record's list knows children only.
    inexact=("ForcedMilitaryByNonStateActors",),
    coarser={
        record_pb2.EXPLOITATION_PURPOSE_DOMESTIC_SERVITUDE: "Servitude",
        record_pb2.EXPLOITATION_PURPOSE_SLAVERY_OR_SIMILAR: "Servitude",
        record_pb2.EXPLOITATION_PURPOSE_FORCED_CRIMINALITY: "Other",
    },
)
SEXUAL = code_list(
    {
        "Prostitution": record_pb2.SEXUAL_EXPLOITATION_KIND_PROSTITUTION,
        "Pornography": record_pb2.SEXUAL_EXPLOITATION_KIND_PORNOGRAPHY,
        "RemoteInteractiveServices": record_pb2.SEXUAL_EXPLOITATION_KIND_REMOTE_INTERACTIVE_SERVICES,
        "PrivateSexualServices": record_pb2.SEXUAL_EXPLOITATION_KIND_PRIVATE_SEXUAL_SERVICES,
    },
    other=record_pb2.SEXUAL_EXPLOITATION_KIND_OTHER,
)
EVENT = code_list(
    {
        "Recruitment": record_pb2.INCIDENT_KIND_RECRUITMENT,
        "Transit": record_pb2.INCIDENT_KIND_TRANSIT,
        "Exploitation": record_pb2.INCIDENT_KIND_EXPLOITATION,
    },
    other=record_pb2.INCIDENT_KIND_OTHER,
)
ACT_OF_EVENT = {
    record_pb2.INCIDENT_KIND_RECRUITMENT: record_pb2.ACT_RECRUITMENT,
    record_pb2.INCIDENT_KIND_TRANSIT: record_pb2.ACT_TRANSPORTATION,
    record_pb2.INCIDENT_KIND_EXPLOITATION: record_pb2.ACT_EXPLOITATION,
}
# ISIC sections by their pick-list code. A finer tier than the section keeps its section.
_SECTIONS = {
    "A_AgricultureForestryAndFishing": record_pb2.SECTOR_AGRICULTURE,
    "B_MiningAndQuarrying": record_pb2.SECTOR_MINING,
    "C_Manufacturing": record_pb2.SECTOR_MANUFACTURING,
    "D_ElectricityGasSteamAndAirConditioningSupply": record_pb2.SECTOR_ENERGY,
    "E_WaterSupplySewerageWasteManagement": record_pb2.SECTOR_WATER_AND_WASTE,
    "F_Construction": record_pb2.SECTOR_CONSTRUCTION,
    "G_WholesaleAndRetailTradeRepairOfMotorVehicles": record_pb2.SECTOR_TRADE,
    "H_TransportationAndStorage": record_pb2.SECTOR_TRANSPORT,
    "I_AccommodationAndFoodServiceActivities": record_pb2.SECTOR_ACCOMMODATION_AND_FOOD,
    "J_InformationAndCommunication": record_pb2.SECTOR_INFORMATION,
    "K_FinancialAndInsuranceActivities": record_pb2.SECTOR_FINANCE,
    "L_RealEstateActivities": record_pb2.SECTOR_REAL_ESTATE,
    "M_ProfessionalScientificAndTechnicalActivities": record_pb2.SECTOR_PROFESSIONAL,
    "N_AdministrativeAndSupportServiceActivities": record_pb2.SECTOR_ADMINISTRATIVE,
    "O_PublicAdministrationAndDefence": record_pb2.SECTOR_PUBLIC_ADMINISTRATION,
    "P_Education": record_pb2.SECTOR_EDUCATION,
    "Q_HumanHealthAndSocialWorkActivities": record_pb2.SECTOR_HEALTH_AND_SOCIAL,
    "R_ArtsEntertainmentAndRecreation": record_pb2.SECTOR_ARTS_AND_RECREATION,
    "S_OtherServiceActivities": record_pb2.SECTOR_OTHER_SERVICES,
    "T_ActivitiesOfHouseholdsAsEmployers": record_pb2.SECTOR_HOUSEHOLDS,
    "U_ActivitiesOfExtraterritorialOrganizations": record_pb2.SECTOR_EXTRATERRITORIAL,
}
_BY_LETTER = {code[0]: section for code, section in _SECTIONS.items()}
INDUSTRY = code_list(
    {
        **_SECTIONS,
        **_BY_LETTER,
        **{code[2:]: section for code, section in _SECTIONS.items()},
        # Labels that differ from their code in more than spacing.
        "Water supply; sewerage, waste management and remediation": record_pb2.SECTOR_WATER_AND_WASTE,
        "Wholesale and retail trade; repair of motor vehicles and motorcycles": record_pb2.SECTOR_TRADE,
        "Public administration and defence; compulsory social security": (
            record_pb2.SECTOR_PUBLIC_ADMINISTRATION
        ),
        "Activities of households as employers; undifferentiated goods- and services- producing activities "
        "of households for own use": record_pb2.SECTOR_HOUSEHOLDS,
        "Activities of extraterritorial organizations and bodies": record_pb2.SECTOR_EXTRATERRITORIAL,
    },
    other=record_pb2.SECTOR_UNKNOWN,
    inexact=_BY_LETTER,
    prefix=r"([A-U])(?:_|\d+[_ ]?|$)",
)
