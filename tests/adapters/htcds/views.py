"""Views of invented cases as HTCDS could tell them."""

from __future__ import annotations

from hypothesis import strategies as st

from adapters.adapter import View
from gateway.record.schema import KINDS
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import make_awkward, shown
from tests.record.strategies import records

_TOLD = [KINDS[name] for name in ("person", "person", "incident", "incident", "organisation", "narrative")]
_TOLD += [KINDS["document"], KINDS["relationship"], KINDS["relationship"], KINDS["vehicle"]]
_ROLES = (pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM, pb.ROLE_SUSPECT, pb.ROLE_VICTIM_AND_SUSPECT)
_LINKS = (pb.RELATION_KIND_VICTIM_IN, pb.RELATION_KIND_MEMBER_OF, pb.RELATION_KIND_SUSPECT_IN)


@st.composite
def views(draw: st.DrawFn) -> View:
    """Return a view of any record: some fields withheld, some coarser, some holding awkward texts."""
    record = draw(records(most=9, kinds=_TOLD))
    random = draw(st.randoms(use_true_random=False))
    for person in record.persons:
        if random.random() < 0.7:
            person.role = random.choice(_ROLES)
    for relationship in record.relationships:
        if random.random() < 0.8:
            relationship.link.kind = random.choice(_LINKS)
    for narrative in record.narratives:
        if random.random() < 0.5:
            narrative.title = "Role in the process"
    make_awkward(record, random)
    return draw(shown(record))
