"""A case that goes through several formats never gains precision, and loses no handling code in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given

from adapters.adapter import View
from adapters.evaluation import to_4x4
from adapters.loss import Effect, Loss
from adapters.registry import find, find_renderer
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY, TODAY, view_of, views

CHAIN = ("europol-umf", "stix21", "misp", "europol-umf")
_DATES = ("PartialDate", "BirthDate")


def through(view: View, formats: tuple[str, ...]) -> tuple[pb.Record, list[tuple[Loss, ...]]]:
    """Return what is read at the end of a chain of formats, and what each of them declared lost."""
    told: list[tuple[Loss, ...]] = []
    for name in formats:
        renderer = find_renderer(name)
        rendered = renderer.render([view], form=renderer.forms[0], allowed=EVERY)
        (draft,) = find(name).parse(rendered.data, today=TODAY, exercise=True)
        told += [*rendered.losses, draft.losses]
        view = view_of(draft.record)
    return view.record, told


def _messages(message: Message) -> Iterator[Message]:
    yield message
    for descriptor, held in message.ListFields():
        if descriptor.message_type is not None:
            for one in held if descriptor.is_repeated else [held]:
                yield from _messages(one)


def _dates(record: pb.Record) -> set[tuple[int, int, int]]:
    return {
        (one.year, one.month, one.day)
        for one in _messages(record)
        if isinstance(one, pb.PartialDate | pb.BirthDate) and one.year
    }


def _as_precise(date: tuple[int, int, int], known: set[tuple[int, int, int]]) -> bool:
    length = len([part for part in date if part])
    return any(one[:length] == date[:length] for one in known)


def _points(record: pb.Record) -> set[tuple[int, int]]:
    return {
        (one.latitude_e6, one.longitude_e6)
        for one in _messages(record)
        if isinstance(one, pb.Place) and one.HasField("latitude_e6")
    }


def _precisions(record: pb.Record) -> set[int]:
    return {one.precision_m for one in _messages(record) if isinstance(one, pb.Place) and one.precision_m}


def _gradings(record: pb.Record) -> set[tuple[int, str, str]]:
    return {
        (one.scheme, one.source, one.information)
        for one in _messages(record)
        if isinstance(one, pb.Evaluation)
    }


def _instants(record: pb.Record) -> set[int]:
    return {one.at for one in _messages(record) if isinstance(one, pb.Moment) and one.HasField("at")}


def _declared(told: list[tuple[Loss, ...]], path: str) -> bool:
    return any(
        (loss.path == path or loss.path.startswith(f"{path}.") or path.startswith(f"{loss.path}."))
        and loss.effect is not Effect.INVENTED
        for losses in told
        for loss in losses
    )


@pytest.mark.parametrize("formats", [CHAIN, (*CHAIN[:3], "case-uco", "niem-ht", "europol-siena")])
@given(view=views(most=6, awkward=False))
def test_nothing_becomes_more_precise_on_its_way(formats: tuple[str, ...], view: View) -> None:
    try:
        end, _ = through(view, formats)
    except Refused as exc:
        assert exc.code == "nothing-to-render"
        return

    before = view.record
    assert [date for date in _dates(end) if not _as_precise(date, _dates(before))] == []
    assert _instants(end) <= _instants(before)
    assert _points(end) <= _points(before)
    assert all(any(one >= known for known in _precisions(before)) for one in _precisions(end))
    assert {one for one in _gradings(end) if one[0]} <= _gradings(before) | _crosswalked(before)


def _crosswalked(record: pb.Record) -> set[tuple[int, str, str]]:
    found = set()
    for one in _messages(record):
        grade = to_4x4(one) if isinstance(one, pb.Evaluation) else None
        if grade is not None:
            found.add((int(pb.EVALUATION_SCHEME_EUROPOL_4X4), grade.source, grade.information))
    return found


@given(view=views(most=4, awkward=False))
def test_no_handling_code_is_lost_in_silence(view: View) -> None:
    view.record.header.source_handling.CopyFrom(
        pb.SourceHandling(codes=["H1", "H3", "REL TO police.ro"], text="Ask first.", traffic_light="TLP:RED")
    )
    try:
        end, told = through(view, CHAIN)
    except Refused as exc:
        assert exc.code == "nothing-to-render"
        return

    lost = {"H1", "H3", "REL TO police.ro"} - set(end.header.source_handling.codes)
    assert not lost or _declared(told, "header.source_handling.codes")
    assert end.header.source_handling.text == "Ask first." or _declared(told, "header.source_handling.text")


def test_handling_evaluation_and_roles_come_through_the_whole_chain() -> None:
    record = pb.Record()
    record.header.source_handling.CopyFrom(pb.SourceHandling(codes=["H1", "H2"], text=""))
    record.header.evaluation.CopyFrom(
        pb.Evaluation(scheme=pb.EVALUATION_SCHEME_UK_5X5X5, source="B", information="2")
    )
    dan = record.persons.add(id="dan", role=pb.ROLE_SUSPECT, sex=pb.SEX_MALE)
    dan.names.add(family="Fictief", given="Дан", kind=pb.NAME_KIND_PRIMARY)
    dan.birth.year = 1988
    dan.nationalities.add(country="RO")
    record.locations.add(id="club").site.CopyFrom(pb.Place(town="Voorbeeldstad", country="NL"))

    end, _ = through(view_of(record), CHAIN)

    assert set(end.header.source_handling.codes) >= {"H1", "H2"}
    assert (end.header.evaluation.source, end.header.evaluation.information) == ("B", "2")
    (person,) = [one for one in end.persons if one.names]
    assert (person.names[0].family, person.names[0].given) == ("Fictief", "Дан")
    assert (person.role, person.birth.year, person.birth.month) == (pb.ROLE_SUSPECT, 1988, 0)
    assert [one.country for one in person.nationalities] == ["RO"]
    assert {one.site.town for one in end.locations} == {"Voorbeeldstad"}


def test_what_reads_as_dates_is_what_the_record_calls_dates() -> None:
    found: dict[str, Any] = {one.DESCRIPTOR.name: one for one in (pb.PartialDate(), pb.BirthDate())}

    assert tuple(found) == _DATES
