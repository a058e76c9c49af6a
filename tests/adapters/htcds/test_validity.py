"""A draft is a whole record but for what only the submitter can state: its marking and its last day."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.htcds.tables import FIELDS
from gateway.errors import Malformed
from gateway.record.findings import InvalidRecord
from gateway.record.validation import read_record
from gateway.v1 import marking_pb2, record_pb2
from tests.adapters.htcds.samples import TODAY, parse
from tests.reference import reference

_EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def _submit(record: record_pb2.Record) -> record_pb2.Record:
    header = record_pb2.RecordHeader(
        marking=marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_RESTRICTED),
        retain_until="2031-12-31",
    )
    record.header.MergeFrom(header)
    return read_record(record.SerializeToString(deterministic=True), today=TODAY)


@pytest.mark.parametrize("name", ["htcds_case.json", "htcds_case.csv"])
def test_our_own_examples_are_valid_once_marked(name: str) -> None:
    for draft in parse((_EXAMPLES / name).read_bytes()):
        assert _submit(draft.record).persons


def test_the_reference_case_is_valid_once_marked() -> None:
    (draft,) = parse(reference("htcds/invented-case.json").read_bytes())

    assert _submit(draft.record).persons


def test_unmarked_draft_is_refused() -> None:
    (draft,) = parse({"prs_FirstName": "Ana"})

    with pytest.raises(InvalidRecord) as refusal:
        read_record(draft.record.SerializeToString(deterministic=True), today=TODAY)

    assert {"header.marking", "header.retain_until"} <= {finding.path for finding in refusal.value.findings}


_WORDS = st.sampled_from(
    ["", "-99", "Other", "XC", "TRUE", "0", "DebtBondage;Other", "NGO", "Bra\u0306\u200f", "Exploiter"]
)
_DATES = st.sampled_from(["2010-02-01", "1988", "1988-05", "2009-00-00", "", "-99"])
_NUMBERS = st.sampled_from(["12", "0", "-99", "", "1.0"])
_TEXTS = st.one_of(_WORDS, st.text(max_size=12), st.lists(_WORDS, max_size=3), st.none())


def _values(name: str) -> st.SearchStrategy[object]:
    """Return values that mostly fit the field, so that most documents are read and not refused."""
    if name.endswith(("date", "Date")):
        return _DATES
    if name.endswith(("itude", "Children", "Trafficked")):
        return _NUMBERS
    several = name in ("prs_Citizenship", "per_RoleInProcess", "hte_Type") or name.startswith("vic_Method")
    return _TEXTS if several else st.one_of(_WORDS, st.text(max_size=12), st.none())


_ROW = st.lists(st.sampled_from(sorted(FIELDS.values())), max_size=8, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: _values(name) for name in names})
)
_ROWS = st.lists(_ROW, max_size=3)
_TABLES = st.fixed_dictionaries(
    {},
    optional={
        "org": _ROWS,
        "person": _ROWS,
        "victim_context": _ROWS,
        "perpetrator_context": _ROWS,
        "case": _ROWS,
        "historic_trafficking_events": _ROWS,
        "support_plan": _ROWS,
        "comment": _ROWS,
        "consent": _ROWS,
    },
)


DOCUMENTS = st.one_of(_ROW, _TABLES)


@given(DOCUMENTS)
def test_any_document_is_refused_as_malformed_or_gives_a_valid_record(document: dict[str, object]) -> None:
    try:
        drafts = parse(document)
    except Malformed as refusal:
        assert refusal.field
        return

    for draft in drafts:
        record = _submit(draft.record)
        assert all(person.role != record_pb2.ROLE_UNSPECIFIED for person in record.persons)


@given(_TABLES)
def test_person_row_of_a_table_is_a_suspect_only_by_its_own_words(document: dict[str, object]) -> None:
    persons = document.get("person", [])
    assert isinstance(persons, list)
    for row in persons:
        for name in [name for name in row if name.startswith("per_")]:
            del row[name]
        row["prs_FirstName"] = "Tablerow"
    for name, rows in document.items():
        if name != "person" and isinstance(rows, list):
            for row in rows:
                row.pop("prs_FirstName", None)

    try:
        drafts = parse(document)
    except Malformed:
        return

    for draft in drafts:
        for person in draft.record.persons:
            if any(name.given == "Tablerow" for name in person.names):
                assert person.role not in (record_pb2.ROLE_SUSPECT, record_pb2.ROLE_THIRD_PARTY)
