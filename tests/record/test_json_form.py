"""A record as a JSON file: strict to read, and the same record when it is written and read again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from gateway.record.findings import InvalidRecord
from gateway.record.json_form import MOST_CHARACTERS, from_json, to_json
from gateway.v1 import record_pb2 as pb
from tests.record.samples import case
from tests.record.strategies import records


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRecord) as refusal:
        from_json(text)
    return [(finding.path, finding.rule) for finding in refusal.value.findings]


def record(**person: Any) -> str:
    return json.dumps({"persons": [{"id": "p", **person}]})


@given(records())
def test_a_record_survives_its_json_form(sample: pb.Record) -> None:
    assert from_json(to_json(sample)) == sample.SerializeToString(deterministic=True)


def test_enums_are_named_in_full_or_by_token() -> None:
    for role in ("ROLE_PRESUMED_VICTIM", "presumed-victim"):
        assert pb.Record.FromString(from_json(record(role=role))).persons[0].role == pb.ROLE_PRESUMED_VICTIM


def test_bytes_are_base64() -> None:
    text = json.dumps({"artefacts": [{"id": "a", "hashes": [{"algorithm": "md5", "value": "AP8="}]}]})

    assert pb.Record.FromString(from_json(text)).artefacts[0].hashes[0].value == b"\x00\xff"


def test_an_empty_object_is_kept_for_validation_to_find() -> None:
    assert pb.Record.FromString(from_json('{"header": {}}')).HasField("header")


FAULTS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "no json": ("{", [("", "malformed")]),
    "no object": ("[]", [("", "malformed")]),
    "a text": ('"x"', [("", "malformed")]),
    "trailing words": ("{} {}", [("", "malformed")]),
    "not a number": ('{"header": {"exercise": NaN}}', [("", "malformed")]),
    "member twice": ('{"header": {"author": "a", "author": "b"}}', [("author", "duplicate-member")]),
    "unknown member": ('{"persons": [{"id": "p", "colour": 1}]}', [("persons[0].colour", "unknown-field")]),
    "other spelling": ('{"persons": [{"ageStatus": "minor"}]}', [("persons[0].ageStatus", "unknown-field")]),
    "list for one": (record(role=["victim"]), [("persons[0].role", "wrong-type")]),
    "one for a list": (record(names={}), [("persons[0].names", "wrong-type")]),
    "null": (record(role=None), [("persons[0].role", "unknown-value")]),
    "null text": (record(foreign_pseudonym=None), [("persons[0].foreign_pseudonym", "wrong-type")]),
    "text for an object": (record(birth="2008"), [("persons[0].birth", "wrong-type")]),
    "text in a list of objects": (record(names=["A"]), [("persons[0].names[0]", "wrong-type")]),
    "unknown token": (record(role="hero"), [("persons[0].role", "unknown-value")]),
    "number of an enum": (record(role=1), [("persons[0].role", "unknown-value")]),
    "text for a number": (record(birth={"year": "2008"}), [("persons[0].birth.year", "wrong-type")]),
    "fraction": (record(birth={"year": 2008.0}), [("persons[0].birth.year", "wrong-type")]),
    "truth for a number": (record(birth={"year": True}), [("persons[0].birth.year", "wrong-type")]),
    "negative year": (record(birth={"year": -1}), [("persons[0].birth.year", "out-of-range")]),
    "enormous year": (record(birth={"year": 2**40}), [("persons[0].birth.year", "out-of-range")]),
    "number for the truth": (
        '{"header": {"exercise": 1}}',
        [("header.exercise", "wrong-type")],
    ),
    "number for a text": (record(id=7), [("persons[0].id", "wrong-type")]),
    "lone surrogate": ('{"persons": [{"id": "\\ud800"}]}', [("persons[0].id", "out-of-range")]),
    "no base64": (
        '{"artefacts": [{"hashes": [{"value": "***"}]}]}',
        [("artefacts[0].hashes[0].value", "malformed")],
    ),
    "base64 for addresses": (
        '{"artefacts": [{"hashes": [{"value": "_-8="}]}]}',
        [("artefacts[0].hashes[0].value", "malformed")],
    ),
    "several": (
        record(role="hero", birth={"year": "x"}),
        [("persons[0].role", "unknown-value"), ("persons[0].birth.year", "wrong-type")],
    ),
}


@pytest.mark.parametrize(("text", "expected"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_file_is_refused_with_its_paths(text: str, expected: list[tuple[str, str]]) -> None:
    assert refused(text) == expected


@pytest.mark.parametrize("depth", [33, 1_000, 100_000])
def test_nesting_is_bounded_before_anything_is_parsed(depth: int) -> None:
    assert refused('{"a":' * depth) == [("", "too-deep")]
    assert refused("[" * depth) == [("", "too-deep")]


def test_brackets_within_texts_are_no_nesting() -> None:
    text = record(foreign_pseudonym="[" * 100 + '{\\"' + "\\")

    assert pb.Record.FromString(from_json(text)).persons[0].id == "p"


def test_size_is_bounded_before_anything_is_parsed() -> None:
    assert refused(" " * (MOST_CHARACTERS + 1)) == [("", "too-large")]


def test_unclosed_texts_cost_no_more_than_their_length() -> None:
    assert refused('"\\' * (MOST_CHARACTERS // 2)) == [("", "malformed")]


def test_the_words_of_a_finding_never_repeat_the_content() -> None:
    with pytest.raises(InvalidRecord) as refusal:
        from_json(record(role="SECRETROLE", birth="SECRETDATE"))

    assert "SECRET" not in " ".join(str(finding) for finding in refusal.value.findings) + str(refusal.value)


def test_a_full_case_is_written_in_members_of_the_contract() -> None:
    tree = json.loads(to_json(case()))

    assert tree["persons"][0]["role"] == "ROLE_VICTIM"
    assert tree["header"]["marking"]["policy_id"] == "comity/1"
