"""Short ways to write and read invented CASE/UCO documents."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from adapters.adapter import Draft, Rendered, View
from adapters.case_uco.context import PREFIXES
from adapters.case_uco.format import CaseUco
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY, TODAY

ANA = "kb:person-11111111-1111-4111-8111-111111111111"
PHONE = "kb:phone-22222222-2222-4222-8222-222222222222"
PLACE = "kb:place-33333333-3333-4333-8333-333333333333"


def graph(*nodes: Any, context: Any = None) -> dict[str, Any]:
    """Return a document of these nodes."""
    return {"@context": dict(PREFIXES) if context is None else context, "@graph": list(nodes)}


def thing(iri: str, name: str | list[str], *facets: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return a node; `core__name` stands for `uco-core:name`."""
    node: dict[str, Any] = {"@id": iri, "@type": name}
    node |= {f"uco-{key.replace('__', ':', 1)}": value for key, value in members.items()}
    if facets:
        node["uco-core:hasFacet"] = list(facets)
    return node


def facet(name: str, **members: Any) -> dict[str, Any]:
    """Return a facet of a class such as `observable:URLFacet`, its members in the same namespace."""
    space = name.partition(":")[0]
    return {"@type": f"uco-{name}", **{f"uco-{space}:{key}": value for key, value in members.items()}}


def time(text: str) -> dict[str, str]:
    """Return an `xsd:dateTime`."""
    return {"@type": "xsd:dateTime", "@value": text}


def person(**members: Any) -> dict[str, Any]:
    """Return a person with a name."""
    return thing(ANA, "uco-identity:Person", facet("identity:SimpleNameFacet", givenName="Ana"), **members)


def parse(document: Any) -> list[Draft]:
    """Read a document: bytes and text as they are, anything else as JSON."""
    text = document if isinstance(document, str | bytes) else json.dumps(document)
    data = text if isinstance(text, bytes) else text.encode()
    return CaseUco().parse(data, today=TODAY, exercise=True)


def read(*nodes: Any, context: Any = None) -> pb.Record:
    """Return the record of a document of these nodes."""
    (draft,) = parse(graph(*nodes, context=context))
    return draft.record


def losses(*nodes: Any) -> dict[str, Effect]:
    """Return what the reading of a document of these nodes lost, by path."""
    (draft,) = parse(graph(*nodes))
    return {loss.path: loss.effect for loss in draft.losses}


def render(record: pb.Record) -> Rendered:
    """Return the document of one view."""
    return CaseUco().render([View(record=record)], form="json", allowed=EVERY)


def written(record: pb.Record) -> list[dict[str, Any]]:
    """Return the nodes of the document of one view."""
    nodes: list[dict[str, Any]] = json.loads(render(record).data)["@graph"]
    return nodes


_WORDS = st.sampled_from(
    ["", "-99", "0", "Ana", "Bra\u0306", "\u202eanA", "מרים", "=1+1", "TLP:WHITE", "H1", "open"]
)
_TIMES = st.sampled_from(
    ["2031-05-06T00:00:00Z", "2031-05-06T23:59:59.250Z", "2031-05-06T01:00:00+03:00", ""]
)
_BIRTHS = st.sampled_from(["1988-05-06T00:00:00Z", "2012-05-06T23:59:59.250Z", "1988", "2012-00-00", ""])
_IRIS = st.sampled_from([ANA, PHONE, PLACE, "kb:nobody", "urn:x"])
_TYPES = st.sampled_from(
    [
        *("uco-identity:Person", "uco-identity:Organization", "uco-location:Location", "uco-observable:URL"),
        *(
            "uco-observable:PhoneAccount",
            "uco-observable:File",
            "uco-observable:SIMCard",
            "uco-action:Action",
        ),
        *("uco-core:Relationship", "uco-victim:Victim", "uco-role:MaliciousRole", "uco-core:Annotation"),
        *("uco-marking:MarkingDefinition", "case-investigation:ProvenanceRecord", "uco-observable:Message"),
        *("case-investigation:Investigation", "uco-observable:Contact", "uco-observable:Observation"),
        *(
            "comity:Vehicle",
            "uco-observable:EmailAddress",
            "cacontology-trafficking:VictimRecruitment",
        ),
    ]
)
_TEXTS = st.sampled_from(
    [
        *("uco-core:name", "uco-core:description", "uco-core:statement", "uco-core:tag", "uco-core:unheard"),
        *("uco-core:kindOfRelationship", "case-investigation:exhibitNumber", "uco-marking:statement"),
        *("uco-marking:termsOfUse", "uco-marking:authorizedIdentities", "case-investigation:focus"),
    ]
)
_LINKS = st.sampled_from(
    [
        *("uco-core:source", "uco-core:target", "uco-core:object", "uco-core:objectMarking"),
        *("uco-action:object", "uco-action:location", "uco-marking:definition"),
    ]
)
_FACETS = st.one_of(
    st.builds(
        lambda one, two: facet("identity:SimpleNameFacet", givenName=one, familyName=two), _WORDS, _WORDS
    ),
    st.builds(lambda one: facet("identity:BirthInformationFacet", birthdate=time(one)), _BIRTHS),
    st.builds(lambda one: facet("location:SimpleAddressFacet", country=one, street=one), _WORDS),
    st.builds(lambda one: facet("observable:PhoneAccountFacet", phoneNumber=one), _WORDS),
    st.builds(
        lambda one, two, when: facet(
            "observable:MessageFacet", **{"from": one, "to": [two], "sentTime": when}
        ),
        st.builds(lambda iri: {"@id": iri}, _IRIS),
        st.builds(lambda iri: {"@id": iri}, _IRIS),
        st.builds(time, _TIMES),
    ),
    st.builds(lambda one: facet("observable:ContactFacet", phoneNumber={"@id": one}, displayName="A"), _IRIS),
    st.builds(lambda one: facet("observable:FileFacet", fileName=one, sizeInBytes=12), _WORDS),
)
_NODES = st.builds(
    lambda iri, types, texts, links, facets: {
        "@id": iri,
        "@type": types,
        **texts,
        **{name: [{"@id": one} for one in iris] for name, iris in links.items()},
        "uco-core:hasFacet": facets,
    },
    _IRIS,
    st.lists(_TYPES, min_size=1, max_size=2),
    st.dictionaries(_TEXTS, st.one_of(_WORDS, st.lists(_WORDS, max_size=3)), max_size=3),
    st.dictionaries(_LINKS, st.lists(_IRIS, max_size=3), max_size=3),
    st.lists(_FACETS, max_size=2),
)


def documents() -> st.SearchStrategy[dict[str, Any]]:
    """Return documents that are read and never refused: of any classes, ties and facets, around a person."""
    return st.lists(_NODES, max_size=6).map(
        lambda nodes: graph(
            thing("kb:eva-44444444-4444-4444-8444-444444444444", "uco-identity:Person"), *nodes
        )
    )
