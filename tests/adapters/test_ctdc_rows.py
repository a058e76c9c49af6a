"""The rows of the CTDC extract become records, one each, and say no more than the row."""

from __future__ import annotations

from gateway.v1 import record_pb2
from tests.ctdc import rows
from tests.reference import reference


def test_every_row_becomes_a_record_of_its_own() -> None:
    records = rows(reference("ctdc/ctdc-kanon-derived-extract.csv"))

    assert len(records) == 305
    assert len({record.header.own_reference for record in records}) == 305


def test_unknown_values_are_absent() -> None:
    records = rows(reference("ctdc/ctdc-kanon-derived-extract.csv"))

    assert sum(bool(record.persons[0].nationalities) for record in records) == 305 - 183
    assert not any(person.names for record in records for person in record.persons)


def test_minors_are_told_from_adults_by_their_age_band() -> None:
    records = rows(reference("ctdc/ctdc-kanon-derived-extract.csv"))

    minors = [record for record in records if record.persons[0].age_status == record_pb2.AGE_STATUS_MINOR]

    assert len(minors) == 111
    assert all(record.persons[0].role == record_pb2.ROLE_VICTIM for record in records)
