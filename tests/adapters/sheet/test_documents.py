"""Documents as spreadsheet programs write them, and what is refused as a whole or row by row."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import Adapter, Renderer
from adapters.loss import Effect
from adapters.sheet.format import Sheet
from adapters.sheet.rows import MAX_ROW_BYTES
from adapters.stream import StreamAdapter
from gateway.errors import GatewayError, Malformed
from gateway.v1 import record_pb2 as pb
from tests.adapters.sheet.samples import TODAY, own_map, pieces, read, sheet

ROW = {"First name": "Ana", "Role": "victim"}


def refusal(data: bytes) -> Malformed:
    with pytest.raises(Malformed) as found:
        pieces(data)
    return found.value


def test_sheet_has_the_shape_of_a_format() -> None:
    assert isinstance(Sheet(), Adapter)
    assert isinstance(Sheet(), Renderer)
    assert isinstance(Sheet(), StreamAdapter)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_that_of_the_header(delimiter: str) -> None:
    (draft,) = Sheet().parse(sheet(ROW, delimiter=delimiter), today=TODAY, exercise=True)

    assert draft.record.persons[0].names[0].given == "Ana"


def test_byte_order_mark_is_no_part_of_the_first_heading() -> None:
    assert pieces(b"\xef\xbb\xbf" + sheet(ROW)) == pieces(sheet(ROW))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "windows-1252"])
def test_other_encodings_are_refused_with_advice(encoding: str) -> None:
    data = sheet({"First name": "Zoë"}).decode().encode(encoding)

    found = refusal(data)

    assert found.code == "bad-encoding"
    assert 'save it again as "CSV UTF-8"' in found.message


def test_heading_is_known_however_it_is_spaced_and_capitalised() -> None:
    assert read({"  FIRST   name ": "Ana"}) == read({"First name": "Ana"})


@pytest.mark.parametrize("twice", ["First name", "first NAME", "Shoe size"])
def test_heading_that_stands_twice_is_refused(twice: str) -> None:
    data = f"First name,Shoe size,{twice}\r\nAna,38,Eva\r\n".encode()

    assert refusal(data).code == "duplicate-field"


def test_quoted_line_breaks_count_as_one_row() -> None:
    found = pieces(b'First name,Notes\r\nAna,"a\nb\nc"\r\nEva,x,y\r\n')

    assert [piece.position for piece in found] == [2, 3]
    assert found[1].reject is not None and found[1].reject.where == "row[3]"


def test_blank_rows_are_passed_over_and_counted() -> None:
    found = pieces(b"\r\nFirst name,Role\r\n,\r\n\r\nAna,victim\r\n")

    assert [piece.position for piece in found] == [5]


@pytest.mark.parametrize("line", ["Ana", "Ana,victim,more"])
def test_row_with_other_cells_than_the_header_is_rejected_alone(line: str) -> None:
    bad, good = pieces(f"First name,Role\r\n{line}\r\nEva,victim\r\n".encode())

    assert bad.reject is not None and bad.reject.code == "ragged-row"
    assert good.draft is not None


def test_unknown_columns_are_declared_once() -> None:
    row = ROW | {"Shoe size": "38", "": "x"}

    first, second = pieces(sheet(row, row))

    assert first.draft is not None and second.draft is not None
    assert [(loss.path, loss.effect) for loss in first.draft.losses] == [
        ("Shoe size", Effect.DROPPED),
        ("without a heading", Effect.DROPPED),
    ]
    assert second.draft.losses == ()


def test_unknown_columns_are_declared_with_the_first_record_there_is() -> None:
    row = ROW | {"Shoe size": "38"}

    found = pieces(sheet(row | {"Role": "hero"}, row, row))

    assert [len(piece.draft.losses) if piece.draft else None for piece in found] == [None, 1, 0]


@given(after=st.integers(0, 8))
def test_resumed_stream_gives_the_pieces_that_followed(after: int) -> None:
    row = ROW | {"Shoe size": "38"}
    data = sheet(row | {"Role": "hero"}, row, row, row | {"Role": "?"}, row)

    assert pieces(data, after=after) == [piece for piece in pieces(data) if piece.position > after]


def test_sheet_without_any_known_heading_is_refused() -> None:
    found = refusal(b"Ana,Popescu\r\nEva,Ionescu\r\n")

    assert found.code == "missing-column"
    assert "Ana" not in str(found)


def test_column_of_a_map_that_the_sheet_lacks_is_refused_unless_optional() -> None:
    text = own_map()
    strict = type(text)(
        columns=tuple(
            type(one)(heading=one.heading, target=one.target, required=True) for one in text.columns[:3]
        ),
    )

    with pytest.raises(Malformed) as found:
        pieces(sheet({"Fall": "1", "Opfer Name": "Ana"}), strict)

    assert (found.value.code, found.value.field) == ("missing-column", 'column "Geboren"')


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-document"),
        (b"PK\x03\x04\x14\x00\x06\x00", "not-csv"),
        (b"\r\n \r\n", "empty-document"),
        (b'First name\r\n"Ana', "not-csv"),
        (b'First name\r\n"Ana"x\r\n', "not-csv"),
        (b"First name\r\n" + b"x" * (MAX_ROW_BYTES + 1), "too-large"),
        (b'First name\r\n"' + b"x\r\n" * MAX_ROW_BYTES, "not-csv"),
        (b"First name," + b"x," * 1_000 + b"\r\n", "too-many"),
    ],
)
def test_document_that_is_broken_as_a_whole_is_refused(data: bytes, code: str) -> None:
    assert refusal(data).code == code


def test_header_without_rows_is_refused_where_a_record_is_wanted() -> None:
    with pytest.raises(Malformed) as found:
        Sheet().parse(b"First name\r\n", today=TODAY, exercise=True)

    assert found.value.code == "empty-document"


def test_document_over_eight_mebibytes_is_for_streaming() -> None:
    with pytest.raises(Malformed) as found:
        Sheet().parse(b"x" * (8 * 1024 * 1024 + 1), today=TODAY, exercise=True)

    assert found.value.code == "too-large"


def test_wrong_row_refuses_a_document_read_as_a_whole() -> None:
    with pytest.raises(Malformed) as found:
        Sheet().parse(sheet(ROW, ROW | {"Role": "hero"}), today=TODAY, exercise=True)

    assert found.value.field == "row[3].Role"


def test_row_that_says_nothing_of_anybody_is_rejected() -> None:
    (piece,) = pieces(sheet({"Case number": "7", "First name": ""}))

    assert piece.reject is not None and piece.reject.code == "empty-document"


@pytest.mark.parametrize("formula", ["=1+1", "+1", "@sum(a)", '=cmd|"/c calc"!A0', "\t=x", "a;=b"])
def test_rejected_row_is_harmless_to_open_and_reads_as_it_was(formula: str) -> None:
    (piece,) = pieces(sheet({"First name": formula, "Role": "hero"}))

    assert piece.reject is not None
    cell = next(iter(csv.reader([piece.reject.row])))[0]
    assert cell != formula and "'" in cell
    again = b"First name,Role\r\n" + piece.reject.row.encode() + b"\r\n"
    assert [one.reject for one in pieces(again)] == [piece.reject]


def test_mended_reject_file_is_a_sheet_like_the_first() -> None:
    mended = b'First name,Role,row,field,rule\r\nAna,victim,17,Role,"is none of: x [y]"\r\n'

    (piece,) = pieces(mended)

    assert piece.draft is not None and piece.draft.losses == ()
    assert piece.draft.record.persons[0].names[0].given == "Ana"


def test_own_column_named_row_is_no_mark_of_a_reject_file() -> None:
    (piece,) = pieces(b"row,First name\r\n1,Ana\r\n")

    assert piece.draft is not None and [loss.path for loss in piece.draft.losses] == ["row"]


@given(data=st.binary(max_size=300))
def test_no_bytes_raise_anything_but_our_errors(data: bytes) -> None:
    for document in (data, b"First name,Role,Began,Latitude\r\n" + data):
        try:
            pieces(document)
        except GatewayError as exc:
            assert exc.field and exc.code


@given(st.data())
def test_mutated_documents_raise_nothing_but_our_errors(data: st.DataObject) -> None:
    document = bytearray(sheet(ROW | {"Began": "2031-02", "Notes": "a\nb", "Sex": "female"}, ROW))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(document) - 1))
        document[at : at + 1] = data.draw(st.binary(max_size=3))
    try:
        pieces(bytes(document))
    except GatewayError as exc:
        assert exc.field and exc.code


@given(st.dictionaries(st.sampled_from(["Role", "First name", "Suspect first name", "Functions"]), st.text()))
def test_nobody_is_a_suspect_but_by_words_of_the_sheet(cells: dict[str, str]) -> None:
    for piece in pieces(sheet(cells | {"Notes": "x"})):
        for person in piece.draft.record.persons if piece.draft else ():
            if person.id == "person-person":
                accused = (pb.ROLE_SUSPECT, pb.ROLE_VICTIM_AND_SUSPECT, pb.ROLE_THIRD_PARTY)
                assert person.role not in accused or cells["Role"].strip()


class _Rows(io.RawIOBase):
    """A sheet of so many rows that nobody holds in memory."""

    def __init__(self, rows: int) -> None:
        self._lines = self._made(rows)
        self._rest = b""

    def _made(self, rows: int) -> Iterator[bytes]:
        yield b"First name,Role,Sex,Purposes,Began\r\n"
        for number in range(rows):
            sex = b"femal" if number % 1_000 == 0 else b"female"
            yield b"Ana%d,victim," % number + sex + b",forced labour,2031-02\r\n"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while len(self._rest) < len(view) and (line := next(self._lines, b"")):
            self._rest += line
        taken, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(taken)] = taken
        return len(taken)


@pytest.mark.parametrize("rows", [5_000, pytest.param(100_000, marks=pytest.mark.deep)])
def test_long_sheet_is_read_in_bounded_memory(rows: int) -> None:
    source = io.BufferedReader(_Rows(rows))
    counts = {"draft": 0, "reject": 0}

    tracemalloc.start()
    for piece in Sheet().stream(source, today=TODAY, exercise=True):
        counts["draft" if piece.draft else "reject"] += 1
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert counts == {"draft": rows - rows // 1_000, "reject": rows // 1_000}
    assert peak_bytes < 4 * 1024 * 1024
