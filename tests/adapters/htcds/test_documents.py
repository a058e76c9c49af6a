"""The forms a document may have, and what is refused before anything is believed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.document import MAX_DOCUMENT_BYTES
from gateway.errors import Malformed
from tests.adapters.htcds.samples import parse, read

_EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
_HEADER = "prs_FirstName,prs_Birthdate,vic_MethodsOfControl\n"


@pytest.mark.parametrize(("name", "cases"), [("htcds_case.json", 1), ("htcds_case.csv", 2)])
def test_our_own_examples_are_read(name: str, cases: int) -> None:
    drafts = parse((_EXAMPLES / name).read_bytes())

    assert len(drafts) == cases
    assert all(draft.record.persons for draft in drafts)


def test_flat_object_table_object_and_row_give_the_same_record() -> None:
    flat = read({"prs_FirstName": "Ana", "vic_AgeWhenTrafficked": 15})
    tables = read({"person": [{"prs_FirstName": "Ana"}], "victim_context": [{"vic_AgeWhenTrafficked": 15}]})
    single = read({"person": {"prs_FirstName": "Ana"}, "victim_context": {"vic_AgeWhenTrafficked": 15}})
    row = read("prs_FirstName,vic_AgeWhenTrafficked\nAna,15\n")

    assert flat == tables == single == row


def test_array_holds_one_case_an_object() -> None:
    drafts = parse([{"prs_FirstName": "Ana"}, {"person": [{"prs_FirstName": "Eva"}]}])

    assert [draft.record.persons[0].names[0].given for draft in drafts] == ["Ana", "Eva"]


@pytest.mark.parametrize(
    "document",
    [
        "prs_FirstName,prs_SecondName\nAna,Nume\n",
        "prs_FirstName;prs_SecondName\nAna;Nume\n",
        "prs_FirstName\tprs_SecondName\r\nAna\tNume\r\n",
        "\ufeffprs_FirstName,prs_SecondName\nAna,Nume",
        '"prs_FirstName","prs_SecondName"\n\n"Ana","Nume"\n\n',
    ],
)
def test_delimiters_byte_order_mark_and_blank_lines_do_not_matter(document: str) -> None:
    (name,) = read(document).persons[0].names

    assert (name.given, name.family) == ("Ana", "Nume")


def test_quoted_cell_may_hold_delimiters_quotes_and_lines() -> None:
    record = read('prs_FirstName,cco_CaseComment\nAna,"one, ""two""\nthree"\n')

    assert record.narratives[0].text == 'one, "two"\nthree'


def test_rows_that_state_nothing_are_left_out() -> None:
    drafts = parse("prs_FirstName,prs_SecondName\nAna,\n,\n  ,  \nEva,\n")

    assert len(drafts) == 2


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        (b"", "empty-document", "document"),
        (b" \n\t", "empty-document", "document"),
        (b"{}", "empty-document", "document"),
        (b"[]", "empty-document", "document"),
        (b'{"person": [], "note": "x"}', "empty-document", "document"),
        (b"name,age\nAna,15\n", "empty-document", "document"),
        (b"prs_FirstName\n", "empty-document", "document"),
        (b'{"cas_Status": "Active"}', "empty-document", "document"),
        (b"prs_FirstName,cas_Status\nAna,Active\n,Closed\n", "empty-document", "row[3]"),
        (b"\xff\xfe{\x00}\x00", "bad-encoding", "document"),
        (b'{"prs_FirstName": "\xe9"}', "bad-encoding", "document"),
        (b'{"prs_FirstName": "\\ud83d"}', "bad-encoding", "prs_FirstName"),
        (b'{"prs_FirstName": "Ana"', "not-json", "document"),
        (b'{"prs_FirstName": "Ana"} x', "not-json", "document"),
        (b'{"prs_NumberOfChildren": NaN}', "bad-number", "document"),
        (b'{"prs_NumberOfChildren": 1e99999999999999999999}', "bad-number", "document"),
        (b'{"prs_NumberOfChildren": ' + b"9" * 5000 + b"}", "bad-number", "document"),
        (b'{"prs_NumberOfChildren": 2.5}', "bad-number", "prs_NumberOfChildren"),
        (b'{"prs_NumberOfChildren": "many"}', "bad-number", "prs_NumberOfChildren"),
        (b'{"prs_NumberOfChildren": "NaN"}', "bad-number", "prs_NumberOfChildren"),
        (b'{"vic_AgeWhenTrafficked": 131}', "bad-number", "vic_AgeWhenTrafficked"),
        (b'{"hte_Latitude": 90.5, "hte_Longitude": 1}', "bad-number", "hte_Latitude"),
        (b'{"prs_FirstName": "Ana", "prs_FirstName": "Eva"}', "duplicate-field", "prs_FirstName"),
        (b'{"prs_FirstName": "Ana", "prs_First_Name": "Eva"}', "duplicate-field", "prs_First_Name"),
        (b'{"person": [{"prs_FirstName": {"a": 1}}]}', "bad-type", "person[0].prs_FirstName"),
        (b'{"prs_FirstName": true}', "bad-type", "prs_FirstName"),
        (b'{"prs_FirstName": ["Ana", "Eva"]}', "bad-type", "prs_FirstName"),
        (b'{"con_Consent": ["TRUE"], "prs_FirstName": "Ana"}', "bad-type", "con_Consent"),
        (b'{"person": ["Ana"]}', "bad-type", "person[0]"),
        (b'[{"prs_FirstName": "Ana"}, 7]', "bad-type", "[1]"),
        (b'{"prs_FirstName": "' + b"a" * 65_537 + b'"}', "too-long", "prs_FirstName"),
        (b"[" * 33 + b"]" * 33, "too-deep", "document"),
        (b'{"a": ' * 5000 + b"1" + b"}" * 5000, "too-deep", "document"),
        (b'{"prs_Birthdate": "04/02/2010"}', "bad-date", "prs_Birthdate"),
        (b'{"prs_Birthdate": "2010-02-30"}', "bad-date", "prs_Birthdate"),
        (b'{"prs_Birthdate": "2010-13"}', "bad-date", "prs_Birthdate"),
        (b"prs_FirstName,prs_FirstName\nAna,Eva\n", "duplicate-field", "header.prs_FirstName"),
        (b"prs_FirstName,prs_First_Name\nAna,Eva\n", "duplicate-field", "header.prs_First_Name"),
        (b"prs_FirstName,prs_SecondName\nAna,Nume\nEva\n", "ragged-row", "row[3]"),
        (b'prs_FirstName,prs_SecondName\nAna,"Nume\n', "not-csv", "row[2]"),
        (b"prs_FirstName,prs_Birthdate\nAna,2010-02-01\nEva,yesterday\n", "bad-date", "row[3].prs_Birthdate"),
    ],
)
def test_bad_document_is_refused_with_its_place(document: bytes, code: str, field: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(document)

    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_document_of_the_largest_size_is_read_and_one_byte_more_refused() -> None:
    document = b'{"prs_FirstName": "Ana"}'
    padded = document.ljust(MAX_DOCUMENT_BYTES)

    assert read(padded) == read(document)
    with pytest.raises(Malformed) as refusal:
        parse(padded + b" ")
    assert refusal.value.code == "too-large"


def test_brackets_inside_strings_do_not_count_as_depth() -> None:
    record = read({"prs_FirstName": "Ana", "cco_CaseComment": "[{" * 100 + '"\\'})

    assert record.narratives[0].text == "[{" * 100 + '"\\'


def test_formula_in_a_cell_is_text_like_any_other() -> None:
    record = read("prs_FirstName,cco_CaseComment\nAna,=1+1\n")

    assert record.narratives[0].text == "=1+1"


def test_nothing_of_the_process_makes_two_readings_differ() -> None:
    data = (_EXAMPLES / "htcds_case.json").read_bytes()

    assert parse(data) == parse(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_as_malformed(data: bytes) -> None:
    try:
        parse(data)
    except Malformed as refusal:
        assert refusal.field
