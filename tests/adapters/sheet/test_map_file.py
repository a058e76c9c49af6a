"""Column maps as people write them: every error names the column and says what could stand there."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sheet.default import DEFAULT, default_map
from adapters.sheet.map_file import read_map
from adapters.sheet.paths import parse_path
from gateway.errors import GatewayError, Malformed
from gateway.record.schema import ENTITY_KINDS
from gateway.v1 import record_pb2 as pb
from tests.adapters.sheet.samples import OWN_MAP, read


def refusal(text: str) -> Malformed:
    with pytest.raises(Malformed) as found:
        read_map(text.encode())
    return found.value


def column(path: str, **more: object) -> str:
    """Return a map of one column beside a person's name, as JSON."""
    columns = {"Name": "persons[victim].names.full", "Column": {"path": path, **more}}
    return json.dumps({"columns": columns})


def test_default_map_reads_and_its_headings_are_english() -> None:
    found = default_map()

    assert found == read_map(DEFAULT.encode())
    assert all(one.heading.isascii() and one.heading[0].isupper() for one in found.columns)


def test_map_may_be_json() -> None:
    text = json.dumps(
        {"dates": "day-first", "columns": {"Name": "persons[1].names.full", "Sex": "person.sex"}}
    )

    assert read({"Name": "Ana", "Sex": "male"}, columns=read_map(text.encode())).persons[0].sex == pb.SEX_MALE


def test_entity_without_a_label_is_the_only_one_of_its_kind() -> None:
    assert parse_path("incident.purposes", "x") == parse_path("incidents[1].purposes", "x")


def test_several_persons_of_one_row_are_told_apart_by_their_labels() -> None:
    row = {"Opfer Name": "Ana", "Täter Name": "Radu", "Zweck": "Arbeit", "Ort": "Sampleton"}

    record = read(row, columns=read_map(OWN_MAP.encode()))

    assert [(one.names[0].full, one.role) for one in record.persons] == [
        ("Ana", pb.ROLE_PRESUMED_VICTIM),
        ("Radu", pb.ROLE_SUSPECT),
    ]
    assert record.incidents[0].location == record.locations[0].id
    assert [one.link.kind for one in record.relationships] == [
        pb.RELATION_KIND_VICTIM_IN,
        pb.RELATION_KIND_SUSPECT_IN,
    ]


def test_constants_hold_only_for_what_a_row_speaks_of() -> None:
    record = read({"Opfer Name": "Ana", "Täter Name": ""}, columns=read_map(OWN_MAP.encode()))

    assert len(record.persons) == 1
    assert not record.relationships


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("persons[victim].nickname", "which is none of names, aliases"),
        ("persons[victim].names", "go on with one of family, given"),
        ("persons[victim].names.given.first", "goes on behind given"),
        ("people.names.given", "begins with none of header, persons"),
        ("persons[victim]", "is not a path such as"),
        ("persons[Victim].sex", "is not a path such as"),
        ("persons[victim].sex[1]", "ends in a label"),
        ("persons[victim].description[1].clothing", "of which there is one"),
        ("header[1].type", "of which there is one"),
        ("header.marking", "which is none of own_reference"),
        ("header.retain_until", "which is none of own_reference"),
        ("persons[victim].id", "which is none of names"),
        ("relationships.link.kind", "begins with none of"),
        ("documents.holder", "state it under [constants]"),
        ("", "is not a path such as"),
    ],
)
def test_path_that_leads_nowhere_is_refused_with_what_could_stand_there(path: str, says: str) -> None:
    found = refusal(column(path))

    assert (found.field, found.code) == ('column "Column"', "bad-column")
    assert says in found.message


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"dates": "mixed"}, "none of: year-first, day-first, month-first"),
        ({"separator": ""}, "one to three signs"),
        ({"separator": "and"}, "one to three signs"),
        ({"codes": {"w": "woman"}}, "translates a word into one that is none of: female"),
        ({"codes": ["w"]}, "is neither a path nor a table"),
        ({"verbatim": "persons[victim].sex"}, "holds no text"),
        ({"absent": "?"}, "something else than a list"),
        ({"optional": "yes"}, "something else than true or false"),
        ({"format": "text"}, "has the member format, which is none of"),
    ],
)
def test_column_that_says_what_no_column_can_is_refused(more: dict[str, object], says: str) -> None:
    found = refusal(column("persons[victim].sex", **more))

    assert found.field == 'column "Column"'
    assert says in found.message


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('[columns]\n"A" = "person.sex"\n"B" = "persons[1].sex"\n', 'column "B"'),
        ('[columns]\n"A" = "person.sex"\n"a " = "person.gender"\n', 'column "a "'),
        ('[columns]\n" " = "person.sex"\n', 'column " "'),
        ('[columns]\n"A" = "person.sex"\n[constants]\n"person.role" = "hero"\n', 'constant "person.role"'),
        ('[columns]\n"A" = "person.sex"\n[constants]\n"person.role" = ""\n', 'constant "person.role"'),
        ('[columns]\n"A" = "person.sex"\n[[ties]]\nfrom = "person"\nto = "person"\n', "ties[1]"),
        ('[columns]\n"A" = "person.sex"\n[[ties]]\nfrom = "person"\nto = "incident"\n', "incidents[1]"),
        ('[columns]\n"A" = "person.sex"\n"B" = "vehicle.identity.plate"\n', "vehicles[1]"),
        ('[columns]\n"A" = 1\n', 'column "A"'),
        ("[colums]\n", "column map"),
        ("[columns]\n", "column map"),
        ('ties = "all"\n[columns]\n"A" = "person.sex"\n', "ties"),
        ("columns = [\n", "column map"),
        ("[]", "column map"),
        ('{"columns": {"A": "person.sex", "A": "person.sex"}}', "A"),
        ("a = " + "[" * 3_000, "column map"),
        ("\ufeff", "document"),
    ],
)
def test_map_that_cannot_be_meant_is_refused(text: str, field: str) -> None:
    assert refusal(text).field == field


def test_entity_that_nothing_ties_to_a_person_is_refused() -> None:
    text = '[columns]\n"A" = "person.sex"\n"B" = "narratives[n].text"\n'

    assert "belongs to no person of the row" in refusal(text).message
    assert read_map((text + '[constants]\n"narratives[n].subjects" = "person"\n').encode()).constants


def test_map_over_its_size_is_refused() -> None:
    with pytest.raises(Malformed) as found:
        read_map(b"#" * (256 * 1024 + 1))

    assert found.value.code == "too-large"


@given(data=st.binary(max_size=200))
def test_no_bytes_raise_anything_but_our_errors(data: bytes) -> None:
    for text in (data, b"[columns]\n" + data, b'[columns]\n"A" = "' + data + b'"\n'):
        try:
            read_map(text)
        except GatewayError as exc:
            assert exc.field and exc.code


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz_.[]0123456789", max_size=40))
def test_every_path_is_a_target_or_an_error(text: str) -> None:
    for kind in ("", "header.", *(f"{one.record_field}." for one in ENTITY_KINDS)):
        try:
            assert parse_path(kind + text, "x").way
        except Malformed as exc:
            assert exc.code == "bad-column"
