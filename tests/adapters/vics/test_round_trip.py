"""What is written reads as the view did, minus exactly the declared losses."""

from __future__ import annotations

import pytest
from hypothesis import given

from adapters.adapter import View
from adapters.vics.format import Vics
from adapters.vics.render import FORMS
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.vics.views import anything, lists
from tests.adapters.views import EVERY, TODAY, check_round_trip


@pytest.mark.parametrize("form", FORMS)
@given(view=lists())
def test_reading_is_the_list_minus_exactly_the_declared_losses(form: str, view: View) -> None:
    check_round_trip(Vics(), view, form)


@pytest.mark.parametrize("form", FORMS)
@given(view=anything())
def test_reading_is_the_view_minus_exactly_the_declared_losses(form: str, view: View) -> None:
    check_round_trip(Vics(), view, form)


@given(view=anything())
def test_nobody_stands_in_a_list(view: View) -> None:
    try:
        rendered = Vics().render([view], form="vics-2.0", allowed=EVERY)
    except Refused:
        return

    (losses,) = rendered.losses
    for number, _ in enumerate(view.record.persons):
        assert f"persons[{number}]" in {loss.path for loss in losses}


@given(view=lists())
def test_losses_hold_no_text_of_the_record(view: View) -> None:
    try:
        rendered = Vics().render([view], form="vics-2.0", allowed=EVERY)
    except Refused:
        return

    words = {"Ilinca", "Ana Petrova", "Strada Teiului 7", "+40 722 555 123", "ŁÓDŹ", "Hypnosis", "Atlantis"}
    told = " ".join(loss.path + loss.why for losses in rendered.losses for loss in losses)
    assert not [word for word in words if word in told]


def test_several_disclosures_stand_as_cases_of_their_own() -> None:
    views = [View(record=_record(letter)) for letter in "ab"]

    rendered = Vics().render(views, form="vics-2.0")

    drafts = Vics().parse(rendered.data, today=TODAY, exercise=False)
    assert [draft.record.artefacts[0].hashes[0].value[:1] for draft in drafts] == [b"a", b"b"]
    assert [list(names.values()) for names in rendered.names] == [
        [view.record.artefacts[0].id] for view in views
    ]


def test_several_disclosures_do_not_stand_in_one_export() -> None:
    views = [View(record=_record(letter)) for letter in "ab"]

    with pytest.raises(Refused) as refusal:
        Vics().render(views, form="icse-csv")

    assert refusal.value.code == "one-view"


def _record(letter: str) -> pb.Record:
    record = pb.Record()
    record.artefacts.add(id=f"artefact/{letter * 10}").hashes.add(
        algorithm=pb.HASH_ALGORITHM_MD5, value=letter.encode() * 16
    )
    return record
