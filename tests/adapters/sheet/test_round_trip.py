"""What is written reads as the view did, minus exactly the declared losses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.loss import Effect
from adapters.sheet.format import Sheet
from adapters.sheet.map_file import read_map
from gateway.errors import Malformed, Refused
from gateway.record.schema import KINDS
from gateway.v1 import record_pb2 as pb
from tests.adapters.sheet.samples import OWN_MAP, TODAY, sheet
from tests.adapters.views import EVERY, check_round_trip, make_awkward, reading, shown, view_of
from tests.adapters.views import views as any_views
from tests.record.strategies import records

_TOLD = [KINDS[name] for name in ("person", "person", "incident", "document", "vehicle", "narrative")]
_TOLD += [KINDS["relationship"]] * 3
_ROLES = (pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM, pb.ROLE_SUSPECT, pb.ROLE_WITNESS)
_ACCUSED = (pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY, pb.ROLE_VICTIM_AND_SUSPECT)
_IN = {
    pb.ROLE_VICTIM: pb.RELATION_KIND_VICTIM_IN,
    pb.ROLE_PRESUMED_VICTIM: pb.RELATION_KIND_VICTIM_IN,
    pb.ROLE_SUSPECT: pb.RELATION_KIND_SUSPECT_IN,
    pb.ROLE_WITNESS: pb.RELATION_KIND_WITNESS_IN,
}


@st.composite
def views(draw: st.DrawFn) -> View:
    """Return a view of a record as a row could tell it: persons with roles, tied to incidents in them."""
    record = draw(records(most=9, kinds=_TOLD))
    random = draw(st.randoms(use_true_random=False))
    persons = {person.id: person for person in record.persons}
    for person in record.persons:
        if random.random() < 0.8:
            person.role = random.choice(_ROLES)
    incidents = [incident.id for incident in record.incidents]
    for relationship in record.relationships:
        source = persons.get(getattr(relationship.link, "from"))
        if source is not None and incidents and random.random() < 0.8:
            relationship.link.to = random.choice(incidents)
            relationship.link.kind = _IN.get(source.role, pb.RELATION_KIND_OTHER)
    for holder in [*record.documents]:
        if persons:
            holder.holder = next(iter(persons))
    make_awkward(record, random)
    return draw(shown(record))


@given(view=views())
def test_reading_is_the_view_minus_exactly_the_declared_losses(view: View) -> None:
    check_round_trip(Sheet(), view, "csv")


@given(view=any_views())
def test_reading_of_any_record_is_the_view_minus_exactly_the_declared_losses(view: View) -> None:
    check_round_trip(Sheet(), view, "csv")


@given(view=any_views())
def test_a_column_map_of_ones_own_keeps_the_law(view: View) -> None:
    check_round_trip(Sheet(read_map(OWN_MAP.encode())), view, "csv")


@given(view=views())
def test_nobody_becomes_a_suspect_by_being_written(view: View) -> None:
    try:
        rendered = Sheet().render([view], form="csv", allowed=EVERY)
    except Refused:
        return

    accused = {person.id for person in view.record.persons if person.role in _ACCUSED}
    read = reading(Sheet(), view, rendered)
    assert {person.id for person in read.persons if person.role in _ACCUSED} <= accused


@given(view=views())
def test_no_entity_and_no_relationship_is_read_that_the_view_does_not_show(view: View) -> None:
    try:
        rendered = Sheet().render([view], form="csv", allowed=EVERY)
    except Refused:
        return

    (losses,) = rendered.losses
    assert not [loss for loss in losses if loss.effect is Effect.INVENTED and "." not in loss.path]
    assert not [loss for loss in losses if loss.effect is Effect.INVENTED and "relationships" in loss.path]


@given(view=views())
def test_losses_hold_no_text_of_the_record(view: View) -> None:
    try:
        rendered = Sheet().render([view], form="csv", allowed=EVERY)
    except Refused:
        return

    words = {"Ilinca", "Ana Petrova", "Strada Teiului 7", "+40 722 555 123", "ŁÓDŹ", "Atlantis"}
    told = " ".join(loss.path + loss.why for losses in rendered.losses for loss in losses)
    assert not [word for word in words if word in told]


@given(
    cells=st.dictionaries(
        st.sampled_from(["Role", "Sex", "First name", "Notes", "Began", "Country"]), st.text()
    )
)
def test_what_was_read_is_written_with_the_declared_losses(cells: dict[str, str]) -> None:
    try:
        drafts = Sheet().parse(sheet(cells), today=TODAY, exercise=True)
    except Malformed:
        return

    check_round_trip(Sheet(), view_of(drafts[0].record), "csv")


@pytest.mark.parametrize("form", ["json", "xlsx"])
def test_form_that_is_not_written_is_refused(form: str) -> None:
    with pytest.raises(Exception, match="is none of: csv"):
        Sheet().render([], form=form)
