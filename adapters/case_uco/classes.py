"""Which classes of UCO, CASE and the Crimes Against Children ontology say what a record says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from gateway.v1 import record_pb2 as pb

_OBSERVABLE: Final = "uco-observable:"
_TRAFFICKING: Final = "cacontology-trafficking:"

RELATIONSHIPS: Final = frozenset({"uco-core:Relationship", "uco-observable:ObservableRelationship"})
CALLS: Final = frozenset({"uco-observable:Call"})
OBSERVATIONS: Final = frozenset({"uco-observable:Observation"})
INVESTIGATIVE_ACTIONS: Final = frozenset({"case-investigation:InvestigativeAction", "uco-analysis:Analysis"})
PROVENANCE_RECORDS: Final = frozenset({"case-investigation:ProvenanceRecord"})
INVESTIGATIONS: Final = frozenset({"case-investigation:Investigation"})
MARKINGS: Final = frozenset({"uco-marking:MarkingDefinition"})
OWN_RECORD: Final = "comity:Record"
"""What our own documents call the investigation that holds one record, so that several stand apart."""
OWN_VIDEO: Final = "comity:Video"
"""UCO has a class for images and one for audio, and none for video."""

ACCOUNT_CLASSES: Final[Mapping[str, int]] = MappingProxyType(
    {
        f"{_OBSERVABLE}{name}": kind
        for name, kind in {
            "PhoneAccount": pb.ACCOUNT_KIND_PHONE,
            "MobileAccount": pb.ACCOUNT_KIND_PHONE,
            "EmailAccount": pb.ACCOUNT_KIND_EMAIL,
            "EmailAddress": pb.ACCOUNT_KIND_EMAIL,
            "ApplicationAccount": pb.ACCOUNT_KIND_SOCIAL_HANDLE,
            "InstantMessagingAddress": pb.ACCOUNT_KIND_MESSENGER,
            "IPv4Address": pb.ACCOUNT_KIND_IP,
            "IPv6Address": pb.ACCOUNT_KIND_IP,
            "IPAddress": pb.ACCOUNT_KIND_IP,
            "DigitalAccount": pb.ACCOUNT_KIND_OTHER,
            "Account": pb.ACCOUNT_KIND_UNSPECIFIED,
        }.items()
    }
)
"""The narrower class first: what is an application account is a digital account too."""

ARTEFACT_CLASSES: Final[Mapping[str, int]] = MappingProxyType(
    {
        f"{_OBSERVABLE}{name}": kind
        for name, kind in {
            "Image": pb.ARTEFACT_KIND_IMAGE,
            "RasterPicture": pb.ARTEFACT_KIND_IMAGE,
            "Audio": pb.ARTEFACT_KIND_AUDIO,
            "Message": pb.ARTEFACT_KIND_MESSAGE,
            "SMSMessage": pb.ARTEFACT_KIND_MESSAGE,
            "EmailMessage": pb.ARTEFACT_KIND_MESSAGE,
            "ArchiveFile": pb.ARTEFACT_KIND_ARCHIVE,
            "File": pb.ARTEFACT_KIND_UNSPECIFIED,
            "ContentData": pb.ARTEFACT_KIND_UNSPECIFIED,
        }.items()
    }
    | {OWN_VIDEO: pb.ARTEFACT_KIND_VIDEO}
)
DEVICE_CLASSES: Final[Mapping[str, int]] = MappingProxyType(
    {
        f"{_OBSERVABLE}{name}": kind
        for name, kind in {
            "MobileDevice": pb.DEVICE_KIND_PHONE,
            "MobilePhone": pb.DEVICE_KIND_PHONE,
            "SmartPhone": pb.DEVICE_KIND_PHONE,
            "SIMCard": pb.DEVICE_KIND_SIM,
            "Computer": pb.DEVICE_KIND_COMPUTER,
            "Laptop": pb.DEVICE_KIND_COMPUTER,
            "Tablet": pb.DEVICE_KIND_TABLET,
            "StorageMedium": pb.DEVICE_KIND_STORAGE,
            "DigitalCamera": pb.DEVICE_KIND_CAMERA,
            "Device": pb.DEVICE_KIND_UNSPECIFIED,
        }.items()
    }
)
CRIMINAL_GROUPS: Final = frozenset(
    {f"{_TRAFFICKING}{name}" for name in ("TraffickingEnterprise", "TraffickingRing", "TraffickingCell")}
)

Standing: TypeAlias = "tuple[int, int]"
"""A role, and what the person does in the case, 0 where that is not said."""

ROLE_CLASSES: Final[Mapping[str, Standing]] = MappingProxyType(
    {
        "uco-victim:Victim": (pb.ROLE_VICTIM, 0),
        f"{_TRAFFICKING}TraffickingVictimRole": (pb.ROLE_VICTIM, 0),
        f"{_TRAFFICKING}MinorTraffickingVictimRole": (pb.ROLE_VICTIM, 0),
        f"{_TRAFFICKING}AdultTraffickingVictimRole": (pb.ROLE_VICTIM, 0),
        f"{_TRAFFICKING}RecruitmentFacilitatorRole": (pb.ROLE_SUSPECT, pb.PERSON_FUNCTION_RECRUITER),
        f"{_TRAFFICKING}TransportationFacilitatorRole": (pb.ROLE_SUSPECT, pb.PERSON_FUNCTION_TRANSPORTER),
        f"{_TRAFFICKING}FinancialFacilitatorRole": (pb.ROLE_SUSPECT, pb.PERSON_FUNCTION_FINANCIER),
        f"{_TRAFFICKING}PrimaryTraffickerRole": (pb.ROLE_SUSPECT, 0),
        f"{_TRAFFICKING}AssociateTraffickerRole": (pb.ROLE_SUSPECT, 0),
        f"{_TRAFFICKING}TraffickerRole": (pb.ROLE_SUSPECT, 0),
        "case-investigation:Subject": (pb.ROLE_SUSPECT, 0),
        "uco-role:MaliciousRole": (pb.ROLE_SUSPECT, 0),
        "uco-role:NeutralRole": (pb.ROLE_UNKNOWN, 0),
        "uco-role:BenevolentRole": (pb.ROLE_UNKNOWN, 0),
        "uco-role:Role": (pb.ROLE_UNKNOWN, 0),
    }
)
"""Roles that a class alone gives. Who is called a suspect by a name only stays unknown, and so protected."""

TRANSPORTATION: Final = f"{_TRAFFICKING}VictimTransportation"
ACT_CLASSES: Final[Mapping[str, int]] = MappingProxyType(
    {
        f"{_TRAFFICKING}VictimRecruitment": pb.ACT_RECRUITMENT,
        TRANSPORTATION: pb.ACT_TRANSPORTATION,
        f"{_TRAFFICKING}VictimRotation": pb.ACT_TRANSFER,
        f"{_TRAFFICKING}CommercialSexualExploitation": pb.ACT_EXPLOITATION,
    }
)
OPERATION: Final = f"{_TRAFFICKING}TraffickingOperation"
"""Any act of sex trafficking; the ontology speaks of no other."""

_OWN_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "comity:Vehicle": "vehicle",
        "comity:OnlineContent": "online-content",
        "comity:DigitalArtefact": "artefact",
        "comity:Transaction": "transaction",
        "comity:Journey": "journey",
        "comity:IdentityDocument": "document",
        "comity:Assessment": "assessment",
    }
)
_OBSERVED: Final = frozenset({"online-content", "artefact"})
OWN_CLASSES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        kind: (name, f"{_OBSERVABLE}ObservableObject" if kind in _OBSERVED else "uco-core:UcoObject")
        for name, kind in _OWN_KINDS.items()
    }
)
"""Our own class of what UCO has no class for, by the kind of entity, with the class of UCO that it narrows:
a validator knows ours by that one alone.
"""

KIND_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        **_OWN_KINDS,
        "uco-identity:Person": "person",
        "uco-observable:Contact": "person",
        **dict.fromkeys(("uco-identity:Organization", *sorted(CRIMINAL_GROUPS)), "organisation"),
        "uco-location:Location": "location",
        "uco-observable:URL": "online-content",
        "uco-observable:WebPage": "online-content",
        **dict.fromkeys(ACCOUNT_CLASSES, "account"),
        **dict.fromkeys((*ARTEFACT_CLASSES, *DEVICE_CLASSES), "artefact"),
        **dict.fromkeys((OPERATION, *ACT_CLASSES, f"{_TRAFFICKING}VictimControl"), "incident"),
        **dict.fromkeys(("uco-action:Action", "uco-core:Event"), "incident"),
        **dict.fromkeys(
            ("uco-core:Annotation", "uco-core:Assertion", "uco-analysis:AnalyticResult"), "narrative"
        ),
    }
)
"""The kind of entity that a class of nodes is read as; what is none of these becomes no entity."""
