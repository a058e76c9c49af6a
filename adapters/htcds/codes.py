"""The code lists of HTCDS 2.0 and their equals in the record's vocabularies.

Source: HTCDS 2.0 field standards and field definitions (IOM, CC BY 4.0).
"""

from __future__ import annotations

from adapters.codelist import code_list
from gateway.v1 import record_pb2

ORGANISATION_KIND = code_list(
    {
        "NGO": record_pb2.ORGANISATION_KIND_NGO,
        "LawEnforcement": record_pb2.ORGANISATION_KIND_LAW_ENFORCEMENT,
        "HealthServiceOrganisation": record_pb2.ORGANISATION_KIND_HEALTH_SERVICE,
        "CentralGovernmentOrganisation": record_pb2.ORGANISATION_KIND_CENTRAL_GOVERNMENT,
        "LocalGovernmentOrganisation": record_pb2.ORGANISATION_KIND_LOCAL_GOVERNMENT,
        "ImmigrationService": record_pb2.ORGANISATION_KIND_IMMIGRATION_SERVICE,
        "LegalService": record_pb2.ORGANISATION_KIND_LEGAL_SERVICE,
        "CorporateBusiness": record_pb2.ORGANISATION_KIND_BUSINESS,
        "SchoolOrCollege": record_pb2.ORGANISATION_KIND_SCHOOL,
    },
    other=record_pb2.ORGANISATION_KIND_OTHER,
)
GENDER = code_list(
    {
        "Feminine": record_pb2.GENDER_FEMININE,
        "Masculine": record_pb2.GENDER_MASCULINE,
        "TransgenderFeminine": record_pb2.GENDER_TRANSGENDER_FEMININE,
        "TransgenderMasculine": record_pb2.GENDER_TRANSGENDER_MASCULINE,
        "NonConforming": record_pb2.GENDER_NON_CONFORMING,
        "NonSpecifiedUnknown": record_pb2.GENDER_UNKNOWN,
        "Not Specified/Unknown": record_pb2.GENDER_UNKNOWN,
    }
)
MARITAL_STATUS = code_list(
    {
        "Single": record_pb2.MARITAL_STATUS_SINGLE,
        "Married": record_pb2.MARITAL_STATUS_MARRIED,
        "Widowed": record_pb2.MARITAL_STATUS_WIDOWED,
        "Divorced": record_pb2.MARITAL_STATUS_DIVORCED,
        "Separated": record_pb2.MARITAL_STATUS_SEPARATED,
        "RegisteredPartnership": record_pb2.MARITAL_STATUS_REGISTERED_PARTNERSHIP,
    }
)
EDUCATION = code_list(
    {
        "EarlyChildhoodEducation": record_pb2.EDUCATION_LEVEL_EARLY_CHILDHOOD,
        "PrimaryEducation": record_pb2.EDUCATION_LEVEL_PRIMARY,
        "LowerSecondaryEducation": record_pb2.EDUCATION_LEVEL_LOWER_SECONDARY,
        "UpperSecondaryEducation": record_pb2.EDUCATION_LEVEL_UPPER_SECONDARY,
        "PostSecondaryNonTertiaryEducation": record_pb2.EDUCATION_LEVEL_POST_SECONDARY,
        "ShortCycleTertiaryEducation": record_pb2.EDUCATION_LEVEL_SHORT_CYCLE_TERTIARY,
        "BachelorsOrEquivalentLevel": record_pb2.EDUCATION_LEVEL_BACHELOR,
        "MastersOrEquivalentLevel": record_pb2.EDUCATION_LEVEL_MASTER,
        "DoctoralOrEquivalentLevel": record_pb2.EDUCATION_LEVEL_DOCTORAL,
    }
)
TRAFFICKING_STATUS = code_list(
    {
        "PossibleVictimOfTrafficking": record_pb2.TRAFFICKING_STATUS_POSSIBLE_VICTIM,
        "ActualVictimOfTrafficking": record_pb2.TRAFFICKING_STATUS_ACTUAL_VICTIM,
        "NotAVictimOfTrafficking": record_pb2.TRAFFICKING_STATUS_NOT_A_VICTIM,
    }
)
DECIDING_BODY = code_list(
    {
        "Police": record_pb2.DECIDING_BODY_POLICE,
        "NGO": record_pb2.DECIDING_BODY_NGO,
        "CourtOrProsecution": record_pb2.DECIDING_BODY_COURT_OR_PROSECUTION,
        "NonPoliceGovernmentalOrganization": record_pb2.DECIDING_BODY_OTHER_GOVERNMENTAL,
        "Other": record_pb2.DECIDING_BODY_OTHER,
    },
    other=record_pb2.DECIDING_BODY_OTHER,
)
# The standard itself writes `Unaquainted`; people write it right.
TRAFFICKER_RELATION = code_list(
    {
        "Familial": record_pb2.TRAFFICKER_RELATION_FAMILIAL,
        "Acquainted": record_pb2.TRAFFICKER_RELATION_ACQUAINTED,
        "Unaquainted": record_pb2.TRAFFICKER_RELATION_UNACQUAINTED,
        "Unacquainted": record_pb2.TRAFFICKER_RELATION_UNACQUAINTED,
    },
    other=record_pb2.TRAFFICKER_RELATION_OTHER,
)
PERSON_FUNCTION = code_list(
    {
        "TravellingPartner": record_pb2.PERSON_FUNCTION_TRAVELLING_PARTNER,
        "Transporter": record_pb2.PERSON_FUNCTION_TRANSPORTER,
        "RecruiterOrIntermediary": record_pb2.PERSON_FUNCTION_RECRUITER,
        "BrokerTravelAgent": record_pb2.PERSON_FUNCTION_BROKER,
        "TransferredIndividual": record_pb2.PERSON_FUNCTION_TRANSFERRED_INDIVIDUAL,
        "HarbouredIndividual": record_pb2.PERSON_FUNCTION_HARBOURED_INDIVIDUAL,
        "SoldIndividual": record_pb2.PERSON_FUNCTION_SOLD_INDIVIDUAL,
        "BoughtIndividual": record_pb2.PERSON_FUNCTION_BOUGHT_INDIVIDUAL,
        "ReceivedIndividual": record_pb2.PERSON_FUNCTION_RECEIVED_INDIVIDUAL,
        "ControlledIndividual": record_pb2.PERSON_FUNCTION_CONTROLLED_INDIVIDUAL,
        "Smuggler": record_pb2.PERSON_FUNCTION_SMUGGLER,
        "Abuser": record_pb2.PERSON_FUNCTION_ABUSER,
        "Kidnapper": record_pb2.PERSON_FUNCTION_KIDNAPPER,
        "Exploiter": record_pb2.PERSON_FUNCTION_EXPLOITER,
        "Other": record_pb2.PERSON_FUNCTION_OTHER,
    },
    other=record_pb2.PERSON_FUNCTION_OTHER,
    coarser={
        record_pb2.PERSON_FUNCTION_HARBOURER: "Other",
        record_pb2.PERSON_FUNCTION_RECEIVER: "Other",
        record_pb2.PERSON_FUNCTION_CONTROLLER: "Other",
        record_pb2.PERSON_FUNCTION_BUYER: "Other",
        record_pb2.PERSON_FUNCTION_FACILITATOR: "Other",
        record_pb2.PERSON_FUNCTION_FINANCIER: "Other",
        record_pb2.PERSON_FUNCTION_DOCUMENT_FORGER: "Other",
    },
)
CASE_STATUS = code_list(
    {
        "Active": record_pb2.CASE_STATUS_ACTIVE,
        "FollowUp": record_pb2.CASE_STATUS_FOLLOW_UP,
        "Closed": record_pb2.CASE_STATUS_CLOSED,
        "ClosedReferred": record_pb2.CASE_STATUS_CLOSED_REFERRED,
    }
)
SUPPORT_KIND = code_list(
    {
        "Education": record_pb2.SUPPORT_KIND_EDUCATION,
        "Financial": record_pb2.SUPPORT_KIND_FINANCIAL,
        "Health": record_pb2.SUPPORT_KIND_HEALTH,
        "LabourExploitationRehabilitation": record_pb2.SUPPORT_KIND_LABOUR_EXPLOITATION_REHABILITATION,
        "Legal": record_pb2.SUPPORT_KIND_LEGAL,
        "Livelihood": record_pb2.SUPPORT_KIND_LIVELIHOOD,
        "RightsBasedTraining": record_pb2.SUPPORT_KIND_RIGHTS_TRAINING,
        "SexualExploitationRehabilitation": record_pb2.SUPPORT_KIND_SEXUAL_EXPLOITATION_REHABILITATION,
        "SocialCare": record_pb2.SUPPORT_KIND_SOCIAL_CARE,
    }
)
