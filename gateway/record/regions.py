"""Countries and the region of the world each lies in.

Source: ISO 3166-1 alpha-2 (with the codes formerly used that old papers still bear, ISO 3166-3), grouped by
the sub-regions of the United Nations' M49 standard; its sub-regions of Oceania are one region here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from gateway.v1 import record_pb2

_Region = record_pb2.Region

# Antarctica has no sub-region in M49; the other uninhabited islands lie in the one named here.
_BY_REGION: dict[record_pb2.Region.ValueType, str] = {
    _Region.REGION_NORTHERN_AFRICA: "DZ EG EH LY MA SD TN",
    _Region.REGION_SUB_SAHARAN_AFRICA: (
        "AO BF BI BJ BW CD CF CG CI CM CV DJ ER ET GA GH GM GN GQ GW IO KE KM LR LS MG ML MR MU MW MZ NA NE "
        "NG RE RW SC SH SL SN SO SS ST SZ TD TF TG TZ UG YT ZA ZM ZW ZR"
    ),
    _Region.REGION_LATIN_AMERICA_AND_THE_CARIBBEAN: (
        "AG AI AR AW BB BL BO BQ BR BS BV BZ CL CO CR CU CW DM DO EC FK GD GF GP GS GT GY HN HT JM KN KY LC "
        "MF MQ MS MX NI PA PE PR PY SR SV SX TC TT UY VC VE VG VI AN"
    ),
    _Region.REGION_NORTHERN_AMERICA: "BM CA GL PM US",
    _Region.REGION_CENTRAL_ASIA: "KG KZ TJ TM UZ",
    _Region.REGION_EASTERN_ASIA: "CN HK JP KP KR MN MO TW",
    _Region.REGION_SOUTH_EASTERN_ASIA: "BN ID KH LA MM MY PH SG TH TL VN BU TP",
    _Region.REGION_SOUTHERN_ASIA: "AF BD BT IN IR LK MV NP PK",
    _Region.REGION_WESTERN_ASIA: "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE YD",
    _Region.REGION_EASTERN_EUROPE: "BG BY CZ HU MD PL RO RU SK UA SU",
    _Region.REGION_NORTHERN_EUROPE: "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ",
    _Region.REGION_SOUTHERN_EUROPE: "AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA CS YU",
    _Region.REGION_WESTERN_EUROPE: "AT BE CH DE FR LI LU MC NL DD",
    _Region.REGION_OCEANIA: (
        "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS"
    ),
    _Region.REGION_UNASSIGNED: "AQ AA ZZ",
}

REGIONS: Mapping[str, record_pb2.Region.ValueType] = MappingProxyType(
    {country: region for region, countries in _BY_REGION.items() for country in countries.split()}
)
"""The region of every country code assigned now or formerly."""


_USER_ASSIGNED = re.compile("X[A-Z]|Q[M-Z]")


def region_of(country: str) -> record_pb2.Region.ValueType | None:
    """Return the region of a country, `REGION_UNASSIGNED` for a user-assigned code (QM-QZ, XA-XZ, AA, ZZ), or
    None for what is no country code.
    """
    region = REGIONS.get(country)
    if region is None and _USER_ASSIGNED.fullmatch(country):
        return _Region.REGION_UNASSIGNED
    return region
