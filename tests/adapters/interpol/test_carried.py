"""What section 12.1 marks with `=` for notices is in them, whole: birth dates and nationalities."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.countries import alpha2
from adapters.interpol.format import InterpolNotice
from adapters.loss import Loss
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.interpol.notices import IVO, disappearance, suspect
from tests.adapters.interpol.views import views
from tests.adapters.views import EVERY, carried_lost

# A body that nobody has identified has neither, and purple and orange are about no person.
FORMS = ("red", "yellow", "blue", "green")
CARRIED = (
    *("persons.birth.year", "persons.birth.month", "persons.birth.day"),
    "persons.nationalities.country",
)


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_birth_date_and_nationality_of_every_subject_come_through(form: str, data: st.DataObject) -> None:
    view = _promised(data.draw(views(form)))

    try:
        rendered = InterpolNotice().render([view], form=form, allowed=EVERY)
    except Refused:
        return

    (losses,) = rendered.losses
    (names,) = rendered.names
    subjects = {at for at, person in enumerate(view.record.persons) if person.id in names.values()}
    assert carried_lost([one for one in losses if _is_of(one, subjects)], CARRIED) == set()


def _promised(view: View) -> View:
    """Return the view without what the row of the table does not speak of: age bands, which are another row;
    regions in place of countries; `ZZ`, by which registers say that no country is known.
    """
    record = pb.Record()
    record.CopyFrom(view.record)
    for person in record.persons:
        if person.birth.HasField("age_band"):
            person.birth.CopyFrom(pb.BirthDate(year=1970))
        kept = [one for one in person.nationalities if one.country and alpha2(one.country)]
        del person.nationalities[:]
        person.nationalities.extend(kept)
    return View(record=record)


def _is_of(loss: Loss, persons: set[int]) -> bool:
    return any(loss.path.startswith(f"persons[{at}].") for at in persons)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("birth", "text"),
    [
        (pb.BirthDate(year=1988), "1988"),
        (pb.BirthDate(year=1988, month=5), "1988/05"),
        (pb.BirthDate(year=1988, month=5, day=6), "1988/05/06"),
    ],
)
def test_partial_birth_date_never_becomes_fuller(form: str, birth: pb.BirthDate, text: str) -> None:
    record = pb.Record()
    suspect(record).birth.CopyFrom(birth)
    disappearance(record, IVO)

    data = InterpolNotice().render([View(record=record)], form=form).data

    assert f'"date_of_birth": "{text}"'.encode() in data


@pytest.mark.parametrize("form", FORMS)
def test_what_is_carried_to_a_town_and_a_day_is_declared_beyond_that(form: str) -> None:
    record = pb.Record()
    person = suspect(record)
    person.birth_place.town, person.birth_place.street = "SAMPLETOWN", "Quay 4"
    disappearance(record, IVO).occurred.end.date.year = 2031

    (losses,) = InterpolNotice().render([View(record=record)], form=form).losses

    told = {loss.path for loss in losses}
    assert "persons[0].birth_place.street" in told
    assert "persons[0].birth_place.town" not in told
    assert ("incidents[0].occurred.end" in told) == (form == "yellow")
    assert ("incidents[0]" in told) == (form != "yellow")
