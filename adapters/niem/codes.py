"""The code lists of NIEM 6.0 for human trafficking, and their equals in the record's vocabularies.

Source: NIEM 6.0 human services domain and UCR codes (CC BY 4.0, OASIS Open / NIEMOpen).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.codelist import code_list
from gateway.v1 import record_pb2 as pb

INDUSTRY = code_list(
    {
        "Agriculture and Animal Husbandry": pb.SECTOR_AGRICULTURE,
        "Forestry and Logging": pb.SECTOR_AGRICULTURE,
        "Mining and Quarrying": pb.SECTOR_MINING,
        "Factories and Manufacturing": pb.SECTOR_MANUFACTURING,
        "Construction": pb.SECTOR_CONSTRUCTION,
        "Retail Sales": pb.SECTOR_TRADE,
        "Peddling and Begging": pb.SECTOR_TRADE,
        "Traveling Sales Crew": pb.SECTOR_TRADE,
        "Transportation": pb.SECTOR_TRANSPORT,
        "Hotels and Hospitality": pb.SECTOR_ACCOMMODATION_AND_FOOD,
        "Restaurants and Food Service": pb.SECTOR_ACCOMMODATION_AND_FOOD,
        "Commercial Cleaning Services": pb.SECTOR_ADMINISTRATIVE,
        "Landscaping": pb.SECTOR_ADMINISTRATIVE,
        "Health Care": pb.SECTOR_HEALTH_AND_SOCIAL,
        "Arts and Entertainment": pb.SECTOR_ARTS_AND_RECREATION,
        "Recreation and Sports": pb.SECTOR_ARTS_AND_RECREATION,
        "Carnival": pb.SECTOR_ARTS_AND_RECREATION,
        "Health and Beauty Services": pb.SECTOR_OTHER_SERVICES,
        "Religious Institution": pb.SECTOR_OTHER_SERVICES,
        "Domestic Work": pb.SECTOR_HOUSEHOLDS,
        "Escort Services": pb.SECTOR_SEXUAL_SERVICES,
        "Illicit Massage Health and Beauty": pb.SECTOR_SEXUAL_SERVICES,
        "Outdoor Solicitation": pb.SECTOR_SEXUAL_SERVICES,
        "Personal Sexual Servitude": pb.SECTOR_SEXUAL_SERVICES,
        "Pornography": pb.SECTOR_SEXUAL_SERVICES,
        "Remote Interactive Sexual Acts": pb.SECTOR_SEXUAL_SERVICES,
        "Strip Clubs": pb.SECTOR_SEXUAL_SERVICES,
        "Illicit Activities": pb.SECTOR_ILLICIT,
        "Unknown": pb.SECTOR_UNKNOWN,
        "Did not disclose": pb.SECTOR_UNKNOWN,
        "Other": pb.SECTOR_UNKNOWN,
    },
    inexact=(
        *("Forestry and Logging", "Peddling and Begging", "Traveling Sales Crew", "Retail Sales"),
        *("Hotels and Hospitality", "Restaurants and Food Service", "Commercial Cleaning Services"),
        *("Landscaping", "Health Care", "Arts and Entertainment", "Recreation and Sports", "Carnival"),
        *(
            "Health and Beauty Services",
            "Religious Institution",
            "Escort Services",
            "Did not disclose",
            "Other",
        ),
        *("Illicit Massage Health and Beauty", "Outdoor Solicitation", "Personal Sexual Servitude"),
        *("Pornography", "Remote Interactive Sexual Acts", "Strip Clubs"),
    ),
)
"""Industries of exploitation. A code that says more than its section is inexact, and kept in words too."""

EXACT_INDUSTRIES: Final[Mapping[int, str]] = MappingProxyType(
    {sector: code for sector, code in INDUSTRY.spellings.items() if (INDUSTRY.find(code) or (0, False))[1]}
)
"""The code of a section, where one says the same; any other is written in words."""

VENUES: Final = frozenset(
    {
        *("Bar/Cantina/Restaurant", "Beauty Salon/Spa", "Boat/Ocean/Lake/Fishery", "Bus Station/Truck Stop"),
        *("Carnival", "Casino", "Child Care Facility", "Construction Site", "Dance/Strip Clubs"),
        *("Did Not Disclose", "Diplomatic Residence", "Educational Setting", "Escort/Delivery Service"),
        *("Factory", "Farm/Ranch", "Foster Home", "Healthcare Facility", "Hotel/Motel-Based"),
        *("Internet/Pornography/Webchat", "Juvenile Detention Facility/Jail/Prison", "Massage Parlor"),
        *("Mine/Quarry", "Natural Disaster", "Non-Relative Home", "Other", "Relative Home"),
        *("Residential Brothel", "Residential Group Home", "Residential Placement And Congregate Care"),
        *("Retail Sales", "Shelter", "Street-Based", "Unknown", "Webchat"),
    }
)
"""Venues of trafficking; a record has none, so they stand in the words of an incident."""

SEXUAL_ACTS: Final = "HUMAN_TRAFFICKING-COMMERCIAL_SEX_ACTS"
SERVITUDE: Final = "HUMAN_TRAFFICKING-INVOLUNTARY_SERVITUDE"
OFFENCES: Final[Mapping[int, str]] = MappingProxyType(
    {
        pb.EXPLOITATION_PURPOSE_SEXUAL_EXPLOITATION: SEXUAL_ACTS,
        pb.EXPLOITATION_PURPOSE_FORCED_LABOUR: SERVITUDE,
        pb.EXPLOITATION_PURPOSE_DOMESTIC_SERVITUDE: SERVITUDE,
        pb.EXPLOITATION_PURPOSE_SLAVERY_OR_SIMILAR: SERVITUDE,
        pb.EXPLOITATION_PURPOSE_CHILD_LABOUR: SERVITUDE,
        pb.EXPLOITATION_PURPOSE_SERVITUDE: SERVITUDE,
    }
)
"""The two offences of human trafficking in Uniform Crime Reporting; other purposes have none."""

PURPOSES: Final[Mapping[str, int]] = MappingProxyType(
    {
        SEXUAL_ACTS: pb.EXPLOITATION_PURPOSE_SEXUAL_EXPLOITATION,
        SERVITUDE: pb.EXPLOITATION_PURPOSE_SERVITUDE,
    }
)
SEX: Final[Mapping[int, str]] = MappingProxyType(
    {pb.SEX_FEMALE: "F", pb.SEX_MALE: "M", pb.SEX_OTHER: "X", pb.SEX_UNKNOWN: "U"}
)
