"""Words of STIX and their equals in the record's vocabularies, read and written.

Where an open vocabulary of STIX has a word that means the same, that word is written; elsewhere the record's
own token is, which an open vocabulary allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.descriptor import EnumDescriptor

from gateway.record.json_form import enum_token
from gateway.v1 import record_pb2 as pb


class Tokens:
    """The tokens of one enum of the record, both ways."""

    __slots__ = ("numbers", "words")

    def __init__(self, enum: Any) -> None:
        descriptor: EnumDescriptor = enum.DESCRIPTOR
        self.words: Mapping[int, str] = MappingProxyType(
            {one.number: enum_token(descriptor, one.number) for one in descriptor.values if one.number}
        )
        self.numbers: Mapping[str, int] = MappingProxyType({word: at for at, word in self.words.items()})

    def find(self, word: str) -> int | None:
        """Return the number of a token, however its letters and separators stand; None for no token."""
        return self.numbers.get(word) or self.numbers.get(word.lower().replace("_", "-").replace(" ", "-"))


ROLES: Final = Tokens(pb.Role)
FUNCTIONS: Final = Tokens(pb.PersonFunction)
ORGANISATIONS: Final = Tokens(pb.OrganisationKind)
SECTORS: Final = Tokens(pb.Sector)
LOCATIONS: Final = Tokens(pb.LocationKind)
INCIDENTS: Final = Tokens(pb.IncidentKind)
ACCOUNTS: Final = Tokens(pb.AccountKind)
ONLINE: Final = Tokens(pb.OnlineKind)
ARTEFACTS: Final = Tokens(pb.ArtefactKind)
RELATIONS: Final = Tokens(pb.RelationKind)

_Sector = pb.Sector
NEAR_SECTORS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "hospitality-leisure": _Sector.SECTOR_ACCOMMODATION_AND_FOOD,
        "financial-services": _Sector.SECTOR_FINANCE,
        "insurance": _Sector.SECTOR_FINANCE,
        "transportation": _Sector.SECTOR_TRANSPORT,
        "retail": _Sector.SECTOR_TRADE,
        "healthcare": _Sector.SECTOR_HEALTH_AND_SOCIAL,
        "utilities": _Sector.SECTOR_ENERGY,
        "water": _Sector.SECTOR_WATER_AND_WASTE,
        "entertainment": _Sector.SECTOR_ARTS_AND_RECREATION,
        "communications": _Sector.SECTOR_INFORMATION,
        "telecommunications": _Sector.SECTOR_INFORMATION,
        "technology": _Sector.SECTOR_INFORMATION,
        "government": _Sector.SECTOR_PUBLIC_ADMINISTRATION,
        "government-local": _Sector.SECTOR_PUBLIC_ADMINISTRATION,
        "government-national": _Sector.SECTOR_PUBLIC_ADMINISTRATION,
        "government-regional": _Sector.SECTOR_PUBLIC_ADMINISTRATION,
        "government-public-services": _Sector.SECTOR_PUBLIC_ADMINISTRATION,
    }
)
"""Industry sectors of STIX whose ISIC section is only near: the word itself is kept beside it."""

_Kind = pb.RelationKind
RELATION_TYPES: Final[Mapping[int, str]] = MappingProxyType(
    {
        _Kind.RELATION_KIND_LOCATED_AT: "located-at",
        _Kind.RELATION_KIND_USES: "uses",
        _Kind.RELATION_KIND_OWNS: "owns",
        _Kind.RELATION_KIND_SAME_AS: "duplicate-of",
    }
)
"""Relationship types of STIX that mean the same as a kind of ours; others are `related-to` with a label."""

RELATION_KINDS: Final[Mapping[str, int]] = MappingProxyType(
    {type_: kind for kind, type_ in RELATION_TYPES.items()}
)
RELATED: Final = "related-to"
TARGETS: Final = "targets"
"""A threat actor targets an identity: to us that is a victim of the actor, told the other way round."""

GROUPS: Final = frozenset({"crime-syndicate", "nation-state", "competitor"})
"""Types of threat actor that are no single person."""

CONFIDENCE: Final[Mapping[str, int]] = MappingProxyType({"1": 90, "2": 70, "3": 50, "4": 30, "5": 10})
"""Confidence of Admiralty's information codes; 6, which cannot be judged, has none (STIX 2.1 appendix A)."""
