"""What a row of the default columns carries whole: of its header, one person, one incident and their own.

The record is one that a row has room for: lists of one element, texts that read as themselves, no unknowns.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.loss import Effect
from adapters.sheet.default import default_map
from adapters.sheet.format import Sheet
from adapters.sheet.paths import HEADER
from gateway.v1 import record_pb2 as pb
from tests.adapters.sheet.samples import read
from tests.adapters.views import EVERY, carried_lost, check_round_trip, lost_paths, view_of

_TEXT = st.sampled_from(["Ilinca", "מרים", "मारिया", "ŁÓDŹ", "=1+1", 'say "so"', "a, b", "two\nlines"])
_DAY = st.sampled_from(["2030", "2030-02", "2030-02-14"])
_CELLS = {
    "Sex": st.sampled_from(["female", "male", "other"]),
    "Role": st.sampled_from(["victim", "presumed-victim", "witness", "suspect"]),
    "Nationalities": st.sampled_from(["RO", "MD;UA", "eastern-europe"]),
    "Purposes": st.sampled_from(["forced-labour", "sexual-exploitation;forced-begging"]),
    "Means of control": st.sampled_from(["debt-bondage", "debt-bondage;uses-children"]),
    "Acts": st.just("recruitment;exploitation"),
    "Date of birth": st.sampled_from(["1988", "1988-05", "1988-05-06"]),
    "Began": _DAY,
    "Ended": _DAY,
    "Place country": st.just("NL"),
    "Latitude": st.just("52.370216"),
    "Longitude": st.just("-4.895168"),
    "Handling codes": st.just("H1;H3"),
    "Traffic light": st.sampled_from(["TLP:AMBER", "TLP:RED"]),
    "Grading scheme": st.just("europol-4x4"),
    "Anonymity guaranteed": st.sampled_from(["yes", "no"]),
    "Consent": st.sampled_from(["given", "refused"]),
    "Document kind": st.just("passport"),
    "Script of the name": st.just("Latn"),
    "Languages": st.just("ron;ukr"),
}
_TEXTS = (
    *("First name", "Family name", "Also known as", "Telephone", "E-mail", "Town", "Place town", "Notes"),
    *("Handling in words", "Grading as written", "Case number", "What happened", "Document number"),
)
_CARRIED = sorted(
    ".".join([*(step.name for step in one.target.way), one.target.field.name])
    for one in default_map().columns
    if one.heading in {*_CELLS, *_TEXTS} or one.target.entity.name == HEADER
)


@given(cells=st.fixed_dictionaries({"First name": _TEXT, **_CELLS} | dict.fromkeys(_TEXTS, _TEXT)))
def test_values_of_one_row_come_through_whole(cells: dict[str, str]) -> None:
    view = view_of(read(cells))

    rendered = check_round_trip(Sheet(), view, "csv")

    assert rendered is not None
    (losses,) = rendered.losses
    assert carried_lost(losses, _CARRIED) == set()
    assert lost_paths(losses, Effect.INVENTED) == set()
    assert {path for path in lost_paths(losses) if not path.endswith(".id")} == set()


def test_suspect_and_vehicle_of_a_case_stand_beside_its_victim() -> None:
    row = {"First name": "Ana", "Role": "victim", "Purposes": "forced-labour", "Suspect full name": "Radu"}
    view = view_of(read(row | {"Suspect telephone": "+99955540001", "Vehicle plate": "XA 1"}))

    (losses,) = Sheet().render([view], form="csv").losses

    assert {path for path in lost_paths(losses) if not path.endswith(".id")} == set()


def test_second_person_and_an_incident_of_somebody_else_are_left_out_and_declared() -> None:
    record = pb.Record()
    record.CopyFrom(read({"First name": "Ana", "Role": "victim"}))
    record.header.ClearField("source")
    record.persons.add(id="eva", role=pb.ROLE_WITNESS).names.add(given="Eva")
    record.incidents.add(id="other", purposes=[pb.EXPLOITATION_PURPOSE_FORCED_LABOUR])
    link = record.relationships.add(id="tie").link
    setattr(link, "from", "eva")
    link.to, link.kind = "other", pb.RELATION_KIND_WITNESS_IN

    rendered = Sheet().render([view_of(record)], form="csv", allowed=EVERY)

    assert b"Eva" not in rendered.data and b"forced-labour" not in rendered.data
    assert {"persons", "incidents", "relationships"} <= lost_paths(rendered.losses[0], Effect.DROPPED)


def test_several_views_are_rows_in_their_order() -> None:
    views = [view_of(read({"First name": name, "Role": "victim"})) for name in ("Ana", "Eva")]

    data = Sheet().render(views, form="csv").data

    assert data == b'"Role","First name"\r\n"victim","Ana"\r\n"victim","Eva"\r\n'
