"""What MISP calls the ties between entities: the names of references, in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.v1 import record_pb2 as pb

_Kind = pb.RelationKind

RELATION: Final = "relation"
"""Predicate of a relationship whose kind no name of MISP tells."""


@dataclass(frozen=True, slots=True)
class Tie:
    """The name of a reference. `inverse` says that it goes from the second entity to the first; `exact` that
    it tells the kind by itself.
    """

    name: str
    inverse: bool = False
    exact: bool = True


WRITTEN: Final[Mapping[int, Tie]] = MappingProxyType(
    {
        _Kind.RELATION_KIND_VICTIM_OF: Tie("related-to", exact=False),
        _Kind.RELATION_KIND_VICTIM_IN: Tie("involved-in", exact=False),
        _Kind.RELATION_KIND_SUSPECT_IN: Tie("involved-in", exact=False),
        _Kind.RELATION_KIND_WITNESS_IN: Tie("witness-of"),
        _Kind.RELATION_KIND_ASSOCIATE_OF: Tie("associated-with"),
        _Kind.RELATION_KIND_FAMILY_OF: Tie("Kin"),
        _Kind.RELATION_KIND_GUARDIAN_OF: Tie("related-to", exact=False),
        _Kind.RELATION_KIND_CONTROLS: Tie("controls"),
        _Kind.RELATION_KIND_RECRUITED: Tie("related-to", exact=False),
        _Kind.RELATION_KIND_TRANSPORTED: Tie("related-to", exact=False),
        _Kind.RELATION_KIND_EMPLOYS: Tie("works-for", inverse=True),
        _Kind.RELATION_KIND_MEMBER_OF: Tie("member-of"),
        _Kind.RELATION_KIND_OWNS: Tie("owns"),
        _Kind.RELATION_KIND_USES: Tie("uses"),
        _Kind.RELATION_KIND_LOCATED_AT: Tie("located-at"),
        _Kind.RELATION_KIND_DEPICTS: Tie("picture-of"),
        _Kind.RELATION_KIND_ADVERTISES: Tie("publishes", exact=False),
        _Kind.RELATION_KIND_COMMUNICATED_WITH: Tie("communicates-with"),
        _Kind.RELATION_KIND_PAID: Tie("paid"),
        _Kind.RELATION_KIND_HOLDER_OF: Tie("owner-of", exact=False),
        _Kind.RELATION_KIND_TRAVELLED_ON: Tie("uses", exact=False),
        _Kind.RELATION_KIND_SAME_AS: Tie("same-as"),
        _Kind.RELATION_KIND_MENTIONS: Tie("mentions"),
        _Kind.RELATION_KIND_OTHER: Tie("related-to"),
    }
)
"""How every kind of relationship is written. Where the name is only near, a tag of ours tells the kind."""

READ: Final[Mapping[str, tuple[int, Tie]]] = MappingProxyType(
    {tie.name: (kind, tie) for kind, tie in WRITTEN.items() if tie.exact}
    | {
        "owner-of": (_Kind.RELATION_KIND_OWNS, Tie("owner-of")),
        "user-of": (_Kind.RELATION_KIND_USES, Tie("user-of")),
        "used-by": (_Kind.RELATION_KIND_USES, Tie("used-by", inverse=True)),
        "drives": (_Kind.RELATION_KIND_USES, Tie("drives", exact=False)),
        "located": (_Kind.RELATION_KIND_LOCATED_AT, Tie("located")),
        "pictured-by": (_Kind.RELATION_KIND_DEPICTS, Tie("pictured-by", inverse=True)),
        "primary-member-of": (_Kind.RELATION_KIND_MEMBER_OF, Tie("primary-member-of", exact=False)),
        "has-joined": (_Kind.RELATION_KIND_MEMBER_OF, Tie("has-joined", exact=False)),
        "sibling-of": (_Kind.RELATION_KIND_FAMILY_OF, Tie("sibling-of", exact=False)),
        "spouse-of": (_Kind.RELATION_KIND_FAMILY_OF, Tie("spouse-of", exact=False)),
        "grandchild-of": (_Kind.RELATION_KIND_FAMILY_OF, Tie("grandchild-of", exact=False)),
        "Child": (_Kind.RELATION_KIND_FAMILY_OF, Tie("Child", exact=False)),
        "Parent": (_Kind.RELATION_KIND_FAMILY_OF, Tie("Parent", exact=False)),
        "Sibling": (_Kind.RELATION_KIND_FAMILY_OF, Tie("Sibling", exact=False)),
        "Spouse": (_Kind.RELATION_KIND_FAMILY_OF, Tie("Spouse", exact=False)),
        "friend-of": (_Kind.RELATION_KIND_ASSOCIATE_OF, Tie("friend-of", exact=False)),
        "acquaintance-of": (_Kind.RELATION_KIND_ASSOCIATE_OF, Tie("acquaintance-of", exact=False)),
        "works-with": (_Kind.RELATION_KIND_ASSOCIATE_OF, Tie("works-with", exact=False)),
    }
)
"""What the names mean that others write; any other one is read as some tie, and its name kept."""

FIELDS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("accounts", "registered-to"): "holder",
        ("online_contents", "picture-of"): "depicts",
        ("artefacts", "belongs-to"): "holder",
        ("transactions", "performed-by"): "payer",
        ("transactions", "sends-to"): "payee",
        ("journeys", "used-by"): "travellers",
        ("journeys", "uses"): "vehicle",
        ("incidents", "located-at"): "location",
        ("narratives", "describes"): "subjects",
    }
)
"""References that are a field of the entity they start from, by the part of the record it stands in."""

REFERS_TO: Final[Mapping[str, str]] = MappingProxyType({"vehicle": "vehicles", "location": "locations"})
"""Which part of the record a field may name alone."""
