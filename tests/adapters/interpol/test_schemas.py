"""Notices follow the schemas: those beside the project for the public extracts, ours for the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import adapters.interpol
from adapters.adapter import View
from adapters.interpol.format import InterpolNotice
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.interpol.notices import IVO, disappearance, suspect
from tests.adapters.interpol.views import COLOURS, views
from tests.adapters.views import EVERY
from tests.reference import reference

_OURS = Path(adapters.interpol.__file__).parent / "schemas"
_PUBLIC = ("red", "yellow")
_OWN = tuple(colour for colour in COLOURS if colour not in _PUBLIC)


@cache
def _validator(colour: str) -> Draft202012Validator:
    folder = reference("interpol-like") if colour in (*_PUBLIC, "list") else _OURS
    name = "notice-list" if colour == "list" else f"{colour}-notice"
    return _validator_of(json.loads((folder / f"{name}.schema.json").read_text(encoding="utf-8")))


def _validator_of(schema: dict[str, Any]) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    parts = json.loads((_OURS / "parts.schema.json").read_text(encoding="utf-8"))
    # Embedded with its own id, it is found by that id and by nothing on the network.
    return Draft202012Validator({**schema, "$defs": {"parts": parts}})


def _part(name: str) -> Draft202012Validator:
    return _validator_of({"$ref": f"urn:comity:notice-like:parts#/$defs/{name}"})


def _notices(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from document.get("_embedded", {}).get("notices", [document])


def _check(data: bytes, colour: str) -> None:
    document = json.loads(data)
    if "total" in document:
        _validator("list").validate(document)
    for notice in _notices(document):
        _validator(colour).validate(notice)
        # The schemas of the public extracts allow what they do not name; ours say what it is.
        for name in ("comity", "confidentiality"):
            if name in notice:
                _part(name).validate(notice[name])


@pytest.mark.parametrize("form", COLOURS)
@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_every_notice_follows_the_schema_of_its_colour(form: str, data: st.DataObject) -> None:
    chosen = [data.draw(views(form)) for _ in range(data.draw(st.integers(1, 2)))]

    try:
        rendered = InterpolNotice().render(chosen, form=form, allowed=EVERY)
    except Refused:
        return

    _check(rendered.data, form)


@pytest.mark.parametrize("form", _PUBLIC)
def test_public_members_are_there_also_where_nothing_is_known(form: str) -> None:
    record = pb.Record()
    suspect(record)
    disappearance(record, IVO)

    told = json.loads(InterpolNotice().render([View(record=record)], form=form).data)

    (sample, *_) = json.loads(reference(f"interpol-like/sample-{form}.json").read_bytes())
    assert set(sample) - {"_embedded"} <= set(told)
    assert told["sex_id"] is None


@pytest.mark.parametrize("form", _OWN)
def test_our_schemas_refuse_what_no_notice_of_theirs_holds(form: str) -> None:
    valid = {"notice_type": form, "entity_id": "0000/1", "_links": {"self": {"href": "/x"}}}
    needed = {"green": {"name": "A", "charges": [{"charge": "Theft"}]}}
    told = valid | needed.get(form, {} if form in ("blue", "black") else {"incidents": [{"kind": "other"}]})
    _validator(form).validate(told)

    for wrong in (
        {"aliases": ["x"]},
        {"notice_type": "red"},
        {"entity_id": "7"},
        {"confidentiality": "SECRET"},
    ):
        assert not _validator(form).is_valid(told | wrong)


def test_names_have_no_place_in_the_shapes_about_nobody() -> None:
    for form in ("black", "purple", "orange"):
        schema = json.loads((_OURS / f"{form}-notice.schema.json").read_text(encoding="utf-8"))
        assert not {"name", "forename", "date_of_birth", "nationalities"} & set(schema["properties"])
        assert schema["additionalProperties"] is False


@pytest.mark.parametrize("name", ["red", "yellow"])
def test_reference_samples_follow_the_reference_schemas(name: str) -> None:
    for notice in json.loads(reference(f"interpol-like/sample-{name}.json").read_bytes()):
        _validator(name).validate(notice)
