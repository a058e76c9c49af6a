"""Words of CyberTipline reports and what they mean in a record.

Source: `reference/ncmec-like/codes.json` (public reporting documentation); `reference/formats.md` section 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.v1 import record_pb2 as pb


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentType:
    """What a type of incident says by definition; its words are kept beside it."""

    kind: pb.IncidentKind.ValueType
    purposes: tuple[pb.ExploitationPurpose.ValueType, ...] = ()
    sexual_kinds: tuple[pb.SexualExploitationKind.ValueType, ...] = ()


_SEXUAL: Final = (pb.EXPLOITATION_PURPOSE_SEXUAL_EXPLOITATION,)
_ONLINE: Final = IncidentType(kind=pb.INCIDENT_KIND_ONLINE_EXPLOITATION)
OTHER_INCIDENT: Final = IncidentType(kind=pb.INCIDENT_KIND_OTHER)

INCIDENT_TYPES: Final[Mapping[str, IncidentType]] = MappingProxyType(
    {
        "Child Pornography (possession, manufacture, and distribution)": IncidentType(
            kind=pb.INCIDENT_KIND_ONLINE_EXPLOITATION,
            sexual_kinds=(pb.SEXUAL_EXPLOITATION_KIND_PORNOGRAPHY,),
        ),
        "Child Sex Trafficking": IncidentType(kind=pb.INCIDENT_KIND_TRAFFICKING, purposes=_SEXUAL),
        "Child Sex Tourism": IncidentType(kind=pb.INCIDENT_KIND_EXPLOITATION, purposes=_SEXUAL),
        "Child Sexual Molestation": OTHER_INCIDENT,
        "Misleading Domain Name": OTHER_INCIDENT,
        "Misleading Words or Digital Images on the Internet": OTHER_INCIDENT,
        "Online Enticement of Children for Sexual Acts": _ONLINE,
        "Unsolicited Obscene Material Sent to a Child": _ONLINE,
    }
)
"""The eight types, by their fixed words."""

DOUBTS: Final = frozenset({"minorToMinorInteraction", "informational"})
"""Annotations under which whoever was reported is not who a report suspects."""

INTERNET_DETAILS: Final[Mapping[str, pb.OnlineKind.ValueType]] = MappingProxyType(
    {
        "webPageIncident": pb.ONLINE_KIND_PAGE,
        "emailIncident": pb.ONLINE_KIND_OTHER,
        "newsgroupIncident": pb.ONLINE_KIND_POST,
        "chatImIncident": pb.ONLINE_KIND_CHAT,
        "onlineGamingIncident": pb.ONLINE_KIND_CHAT,
        "cellPhoneIncident": pb.ONLINE_KIND_OTHER,
        "nonInternetIncident": pb.ONLINE_KIND_OTHER,
        "peer2peerIncident": pb.ONLINE_KIND_OTHER,
    }
)
"""Elements of `internetDetails`, and what kind of content their text is."""

PLATFORMS: Final = ("chatClient", "gameName", "console", "client", "name")
"""Elements of `internetDetails` that name a service."""

DEVICE_IDS: Final[Mapping[str, pb.ContactKind.ValueType]] = MappingProxyType(
    {"imei": pb.CONTACT_KIND_IMEI, "imsi": pb.CONTACT_KIND_IMSI}
)

_BANDS: Final = (
    (8, pb.AGE_BAND_0_8),
    (14, pb.AGE_BAND_9_14),
    (17, pb.AGE_BAND_15_17),
    (20, pb.AGE_BAND_18_20),
    (23, pb.AGE_BAND_21_23),
    (26, pb.AGE_BAND_24_26),
    (29, pb.AGE_BAND_27_29),
    (38, pb.AGE_BAND_30_38),
    (47, pb.AGE_BAND_39_47),
    (130, pb.AGE_BAND_48_PLUS),
)
ADULT_YEARS: Final = 18


def age_band(years: int) -> pb.AgeBand.ValueType:
    """Return the band of an age of at most 130 years."""
    return next(band for last, band in _BANDS if years <= last)
