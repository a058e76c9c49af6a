"""Single values come through as precise as they were, and never more."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import values
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1988", pb.PartialDate(year=1988)),
        ("1988-05", pb.PartialDate(year=1988, month=5)),
        ("1988/05/06", pb.PartialDate(year=1988, month=5, day=6)),
        ("1988-00-00", pb.PartialDate(year=1988)),
        ("1988-05-00", pb.PartialDate(year=1988, month=5)),
        (" 1988 ", pb.PartialDate(year=1988)),
        ("0000", None),
        ("0000-00-00", None),
    ],
)
def test_date_is_read_as_far_as_it_is_known(text: str, expected: pb.PartialDate | None) -> None:
    assert values.read_date(text, "dob") == expected


@pytest.mark.parametrize("text", ["04/02/2031", "1988-13", "1988-02-30", "88", "1988-5-6", "1988-00-06x", ""])
def test_date_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        values.read_date(text, "dob")
    assert (refusal.value.code, refusal.value.field) == ("bad-date", "dob")


@given(year=st.integers(1, 9999), month=st.integers(0, 12), day=st.integers(0, 28))
def test_partial_date_comes_back_as_it_was(year: int, month: int, day: int) -> None:
    stated = pb.PartialDate(year=year)
    if month:
        stated.month = month
        if day:
            stated.day = day

    assert values.read_date(values.write_date(stated), "dob") == stated
    assert values.read_date(values.write_date(stated, "/"), "dob") == stated
    assert values.is_whole(stated) == bool(month and day)


@given(at=st.integers(-30_000_000_000_000, 250_000_000_000_000))
def test_instant_comes_back_to_the_millisecond(at: int) -> None:
    written = values.write_instant(pb.Moment(at=at))

    assert written.endswith("Z")
    assert values.read_instant(written, "at").at == at


def test_instant_keeps_the_day_of_its_source() -> None:
    moment = values.read_instant("2031-02-04T00:15:00+02:00", "at")

    assert (moment.date.day, values.write_instant(moment)) == (4, "2031-02-03T22:15:00.000Z")


@pytest.mark.parametrize(
    "text", ["2031-02-04T08:15:00", "now", "2031-02-30T08:15:00Z", "2031-02-04T25:00:00Z"]
)
def test_time_without_an_offset_or_of_no_day_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        values.read_moment(text, "at")


def test_moment_without_an_instant_is_written_as_nothing() -> None:
    assert values.write_instant(pb.Moment(date=pb.PartialDate(year=2031))) == ""
    assert values.write_instant(pb.Moment(at=2**62)) == ""


@given(st.integers(-180_000_000, 180_000_000))
def test_coordinate_comes_back_to_the_millionth(millionths: int) -> None:
    written = values.write_degrees(millionths)

    assert values.read_degrees(written, "lon", most=180) == millionths
    assert values.read_degrees(Decimal(written), "lon", most=180) == millionths


@pytest.mark.parametrize("value", ["91", "1e400", "NaN", "Infinity", "x", None, True, [1], "1" * 30])
def test_coordinate_out_of_range_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        values.read_degrees(value, "lat", most=90)


def test_enum_is_told_by_its_token_and_found_again() -> None:
    incident = pb.Incident(means=[pb.MEANS_DEBT_BONDAGE], kind=pb.INCIDENT_KIND_OTHER)

    assert values.tokens(incident, "means") == ["debt-bondage"]
    assert values.token(incident, "kind") == "other"
    assert values.token(pb.Incident(), "kind") == ""
    assert values.number_of(incident, "means", "Debt_Bondage") == pb.MEANS_DEBT_BONDAGE
    assert values.number_of(incident, "means", "hypnosis") is None
    assert values.number_of(incident, "means", "unspecified") is None
