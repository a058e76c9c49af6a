"""The law of every format that is read and written, whichever they are: nothing is lost or added in silence.

Each format's own folder knows what it carries; here no format can be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from adapters.adapter import View
from adapters.caveats import Caveat
from adapters.loss import Loss
from adapters.registry import find, find_renderer, names, written_names
from gateway.errors import Malformed, Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY, overdeclared, reading, undeclared, view_of, views

FORMS = [(name, form) for name in written_names() for form in find_renderer(name).forms]
DERIVED = {"htcds": ("age_status",), "interpol-notice": ("age_status",)}
"""What the reader of a format works out by itself."""


def _keeps_the_law(name: str, form: str, view: View) -> None:
    adapter, renderer = find(name), find_renderer(name)
    try:
        rendered = renderer.render([view], form=form, allowed=EVERY)
    except Refused:
        return  # a format that can say nothing of it, or must not: its own tests say which
    (losses,) = rendered.losses
    read = reading(adapter, view, rendered)
    derived = DERIVED.get(name, ())
    assert undeclared(view, read, losses, derived=derived) == []
    assert overdeclared(view, read, losses, derived=derived) == []


@pytest.mark.deep
@pytest.mark.parametrize(("name", "form"), FORMS)
@settings(max_examples=600, suppress_health_check=list(HealthCheck))
@given(view=views())
def test_reading_is_the_view_minus_exactly_the_declared_losses(name: str, form: str, view: View) -> None:
    _keeps_the_law(name, form, view)


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_case_of_several_kinds_keeps_the_law_in_every_form(name: str, form: str) -> None:
    record = pb.Record()
    record.header.source_handling.CopyFrom(pb.SourceHandling(codes=["H1", "H2"], traffic_light="TLP:RED"))
    record.header.evaluation.CopyFrom(
        pb.Evaluation(scheme=pb.EVALUATION_SCHEME_UK_3X5X2, source="2", information="E", original="2E")
    )
    dan = record.persons.add(id="dan", role=pb.ROLE_SUSPECT, age_status=pb.AGE_STATUS_ADULT)
    dan.names.add(family="حميد", given="Нг‌ок", full="שׁ", kind=pb.NAME_KIND_ALIAS)
    dan.birth.year = 1988
    record.incidents.add(id="what", kind=pb.INCIDENT_KIND_TRAFFICKING, means=[pb.MEANS_DEBT_BONDAGE])
    hashed = record.artefacts.add(id="file").hashes.add(algorithm=pb.HASH_ALGORITHM_SHA256)
    hashed.value = bytes(32)

    _keeps_the_law(name, form, view_of(record))


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data.decode().encode("utf-16"),
        lambda data: b"\xff\xfe\x00" + data,
        lambda data: b"\x00" * 64,
        lambda data: b"[" * 100_000,
        lambda data: b"<a>" * 100_000,
        lambda data: b'{"a":' * 100_000,
        lambda data: b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        lambda data: b'{"type": 1, "type": 2}',
    ],
)
def test_document_that_is_none_is_refused_by_every_reader(name: str, spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Malformed) as refusal:
        find(name).parse(spoil(b'{"a": "x"}'), today=date(2031, 2, 4), exercise=True)
    assert refusal.value.code and refusal.value.field


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_no_handling_is_dropped_unless_that_is_allowed(name: str, form: str) -> None:
    record = pb.Record()
    record.header.source_handling.CopyFrom(pb.SourceHandling(codes=["H1", "H3"], text="Ask first."))
    record.header.type = pb.RECORD_TYPE_CASE
    dan = record.persons.add(id="dan", role=pb.ROLE_SUSPECT, age_status=pb.AGE_STATUS_ADULT)
    dan.names.add(family="Fictief", given="Dan", kind=pb.NAME_KIND_PRIMARY)
    record.incidents.add(id="what", kind=pb.INCIDENT_KIND_TRAFFICKING, means=[pb.MEANS_DEBT_BONDAGE])
    record.artefacts.add(id="file").hashes.add(algorithm=pb.HASH_ALGORITHM_MD5, value=bytes(16))
    view = view_of(record)

    lost: tuple[Loss, ...] = ()
    try:
        (lost,) = find_renderer(name).render([view], form=form).losses
    except Refused as exc:
        if exc.code == "caveat-lost":
            assert str(Caveat.HANDLING) in exc.message
        return
    assert not [loss for loss in lost if "source_handling" in loss.path and loss.effect == "dropped"]
