"""The code lists of HTCDS 2.0 that say what was done: recruitment, control, exploitation, industry.

Source: HTCDS 2.0 field standards and field definitions (IOM, CC BY 4.0); ISIC revision 4 sections.
"""

from __future__ import annotations

from adapters.htcds_codes import code_list
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
# ISIC sections A to U in their order. A finer tier than the section keeps its section.
_SECTIONS = (
    record_pb2.SECTOR_AGRICULTURE,
    record_pb2.SECTOR_MINING,
    record_pb2.SECTOR_MANUFACTURING,
    record_pb2.SECTOR_ENERGY,
    record_pb2.SECTOR_WATER_AND_WASTE,
    record_pb2.SECTOR_CONSTRUCTION,
    record_pb2.SECTOR_TRADE,
    record_pb2.SECTOR_TRANSPORT,
    record_pb2.SECTOR_ACCOMMODATION_AND_FOOD,
    record_pb2.SECTOR_INFORMATION,
    record_pb2.SECTOR_FINANCE,
    record_pb2.SECTOR_REAL_ESTATE,
    record_pb2.SECTOR_PROFESSIONAL,
    record_pb2.SECTOR_ADMINISTRATIVE,
    record_pb2.SECTOR_PUBLIC_ADMINISTRATION,
    record_pb2.SECTOR_EDUCATION,
    record_pb2.SECTOR_HEALTH_AND_SOCIAL,
    record_pb2.SECTOR_ARTS_AND_RECREATION,
    record_pb2.SECTOR_OTHER_SERVICES,
    record_pb2.SECTOR_HOUSEHOLDS,
    record_pb2.SECTOR_EXTRATERRITORIAL,
)
_BY_LETTER = dict(zip("ABCDEFGHIJKLMNOPQRSTU", _SECTIONS, strict=True))
INDUSTRY = code_list(
    {
        **_BY_LETTER,
        "AgricultureForestryAndFishing": record_pb2.SECTOR_AGRICULTURE,
        "MiningAndQuarrying": record_pb2.SECTOR_MINING,
        "Manufacturing": record_pb2.SECTOR_MANUFACTURING,
        "ElectricityGasSteamAndAirConditioningSupply": record_pb2.SECTOR_ENERGY,
        "WaterSupplySewerageWasteManagement": record_pb2.SECTOR_WATER_AND_WASTE,
        "Water supply; sewerage, waste management and remediation": record_pb2.SECTOR_WATER_AND_WASTE,
        "Construction": record_pb2.SECTOR_CONSTRUCTION,
        "WholesaleAndRetailTradeRepairOfMotorVehicles": record_pb2.SECTOR_TRADE,
        "Wholesale and retail trade; repair of motor vehicles and motorcycles": record_pb2.SECTOR_TRADE,
        "TransportationAndStorage": record_pb2.SECTOR_TRANSPORT,
        "AccommodationAndFoodServiceActivities": record_pb2.SECTOR_ACCOMMODATION_AND_FOOD,
        "InformationAndCommunication": record_pb2.SECTOR_INFORMATION,
        "FinancialAndInsuranceActivities": record_pb2.SECTOR_FINANCE,
        "RealEstateActivities": record_pb2.SECTOR_REAL_ESTATE,
        "ProfessionalScientificAndTechnicalActivities": record_pb2.SECTOR_PROFESSIONAL,
        "AdministrativeAndSupportServiceActivities": record_pb2.SECTOR_ADMINISTRATIVE,
        "PublicAdministrationAndDefence": record_pb2.SECTOR_PUBLIC_ADMINISTRATION,
        "Public administration and defence; compulsory social security": (
            record_pb2.SECTOR_PUBLIC_ADMINISTRATION
        ),
        "Education": record_pb2.SECTOR_EDUCATION,
        "HumanHealthAndSocialWorkActivities": record_pb2.SECTOR_HEALTH_AND_SOCIAL,
        "ArtsEntertainmentAndRecreation": record_pb2.SECTOR_ARTS_AND_RECREATION,
        "OtherServiceActivities": record_pb2.SECTOR_OTHER_SERVICES,
        "ActivitiesOfHouseholdsAsEmployers": record_pb2.SECTOR_HOUSEHOLDS,
        "Activities of households as employers; undifferentiated goods- and services- producing activities "
        "of households for own use": record_pb2.SECTOR_HOUSEHOLDS,
        "ActivitiesOfExtraterritorialOrganizations": record_pb2.SECTOR_EXTRATERRITORIAL,
        "Activities of extraterritorial organizations and bodies": record_pb2.SECTOR_EXTRATERRITORIAL,
    },
    other=record_pb2.SECTOR_UNKNOWN,
    inexact=_BY_LETTER,
    prefix=r"([A-U])(?:_|\d+[_ ]?|$)",
)
