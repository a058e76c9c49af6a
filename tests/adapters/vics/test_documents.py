"""Hash lists are read whole or refused with the place and the reason; media itself is never taken in."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.loss import Effect
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb
from tests.adapters.vics.samples import (
    ADDRESS,
    OLD,
    cases,
    export,
    hash_set,
    lost,
    media,
    only,
    parse,
    stream,
)
from tests.reference import reference

_PHOTODNA = bytes(range(144))


@pytest.mark.parametrize(
    ("name", "amount", "scheme"),
    [
        ("sample-vics-2.0-media.json", 2, "vics/Default"),
        ("sample-vics-2.0-case.json", 1, ""),
        ("sample-vics-1.3-media.json", 1, "vics/1.3"),
        ("icse-csv-layout.csv", 1, "icse/baseline"),
    ],
)
def test_every_sample_is_read(name: str, amount: int, scheme: str) -> None:
    (draft,) = parse(reference(f"vics/{name}").read_bytes())

    assert len(draft.record.artefacts) == amount
    assert {one.scheme for item in draft.record.artefacts for one in item.classifications} == {scheme} - {""}


def test_category_nought_is_one_and_null_is_none() -> None:
    (draft,) = parse(hash_set(media(1, Category=0), media(2, Category=None), media(3)))

    found = [[(one.scheme, one.number) for one in item.classifications] for item in draft.record.artefacts]
    assert found == [[("vics/US", 0)], [], []]


@pytest.mark.parametrize("number", ["2", 2, " 2 "])
def test_numbers_may_be_text(number: Any) -> None:
    artefact = only(hash_set(media(Category=number, MediaSize=number)))

    assert artefact.classifications[0].number == artefact.metadata.size_bytes == 2


def test_numbers_of_one_country_stay_apart_from_those_of_another() -> None:
    schemes = [only(hash_set(media(Category=1), country=country)) for country in ("US", "GB", "Default")]

    assert [one.classifications[0].scheme for one in schemes] == ["vics/US", "vics/GB", "vics/Default"]


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_older_lists_have_schemes_of_their_own(version: str) -> None:
    document = {"odata.metadata": OLD.format(version, "Media"), "value": [media(Category="1")]}

    (one,) = only(json.dumps(document).encode()).classifications
    assert (one.scheme, one.number) == (f"vics/{version}", 1)


@pytest.mark.parametrize(
    "written", [base64.b64encode(_PHOTODNA).decode(), _PHOTODNA.hex(), _PHOTODNA.hex().upper()]
)
def test_photodna_is_read_from_base64_and_hexadecimal(written: str) -> None:
    artefact = only(hash_set(media(PhotoDNA=written)))

    assert artefact.hashes[1] == pb.Hash(algorithm=pb.HASH_ALGORITHM_PHOTODNA, value=_PHOTODNA)


def test_other_hashes_are_read_by_their_names() -> None:
    others = [{"HashName": "SHA-256", "HashValue": "ab" * 32}, {"HashName": "Unheard", "HashValue": "1"}]

    artefact = only(hash_set(media(AlternativeHashes=others)))

    assert [one.algorithm for one in artefact.hashes] == [pb.HASH_ALGORITHM_MD5, pb.HASH_ALGORITHM_SHA256]
    assert lost(hash_set(media(AlternativeHashes=others))) == {
        "value[].AlternativeHashes[].HashValue": Effect.DROPPED
    }


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("MD5", "0" * 31),
        ("MD5", "g" * 32),
        ("MD5", "0" * 15 + "  " + "0" * 15),
        ("SHA1", "0" * 32),
        ("PhotoDNA", "A" * 191),
        ("PhotoDNA", "!" * 192),
    ],
)
def test_hash_of_other_letters_or_length_is_refused(member: str, value: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(hash_set(media(1, **{member: value})))

    assert (refusal.value.code, refusal.value.field) == ("bad-hash", f"value[0].{member}")


@pytest.mark.parametrize(
    "members",
    [
        {"Miniature": "/9j/4AAQSkZJRgABAQ"},
        {"MediaBytes": "aGVsbG8="},
        {"MediaFiles": [{"FileName": "a.jpg", "Data": "aGVsbG8="}]},
        {"Unheard": "data:image/png;base64,AAAA"},
        {"Unheard": base64.b64encode(bytes(range(256)) * 4).decode()},
        {"Unheard": [[1, 2]] + [7] * 600},
        {"Unheard": [7] * 600},
        {"Unheard": {str(place): 7 for place in range(600)}},
        {"Unheard": ["QUJDREVGR0g" * 8] * 9},
        {"Comments": "/9j/4AAQSkZJRgABAQ"},
        {"Series": "iVBORw0KGgoAAAANSUhEUg"},
        {"Exifs": [{"PropertyName": "Thumbnail", "PropertyValue": "/9j/4AAQSkZJRgABAQ"}]},
        {"Exifs": [{"PropertyName": "Preview", "PropertyValue": "ffd8ffe000104a46494600010101"}]},
    ],
)
def test_media_itself_is_refused(members: dict[str, Any]) -> None:
    data = hash_set(media(1), media(2, **members))

    with pytest.raises(Malformed) as refusal:
        parse(data)
    rejects = [piece.reject for piece in stream(data) if piece.reject]
    assert refusal.value.code == "media-bytes"
    assert [(one.code, one.row) for one in rejects] == [("media-bytes", "")]


@pytest.mark.parametrize("beginning", ["ffd8ffe000104a4649460001", "89504e470d0a1a0a"])
def test_hash_that_begins_as_a_picture_does_is_a_hash(beginning: str) -> None:
    value = bytes.fromhex(beginning.ljust(288, "0"))

    for written in (value.hex(), base64.b64encode(value).decode()):
        others = [{"HashName": "SHA256", "HashValue": beginning.ljust(64, "0")}]
        assert only(hash_set(media(PhotoDNA=written, AlternativeHashes=others))).hashes[1].value == value


@pytest.mark.parametrize("name", ["Qk0.jpg", "R0lGOD", "data: seen twice", "/9j/a.jpg", "ffd8ff"])
def test_name_that_only_resembles_a_picture_is_a_name(name: str) -> None:
    assert only(hash_set(media(MediaFiles=[{"FileName": name}]))).metadata.file_name == name


def test_paths_are_metadata_and_no_media() -> None:
    file = {
        "FileName": "a.jpg",
        "FilePath": "/DCIM/" + "a" * 600 + "/a.jpg",
        "Created": "2031-01-02T03:04:05Z",
    }

    artefact = only(hash_set(media(MediaFiles=[file], RelativeFilePath="VIC_Files\\a.jpg")))

    assert (artefact.metadata.file_name, artefact.metadata.path) == ("a.jpg", file["FilePath"])
    assert artefact.metadata.created.at == 1_925_089_445_000


def test_path_of_the_list_stands_where_the_media_has_none() -> None:
    assert only(hash_set(media(RelativeFilePath="VIC_Files\\a.jpg"))).metadata.path == "VIC_Files\\a.jpg"


def test_further_files_are_declared_lost() -> None:
    files = [{"FileName": "a.jpg"}, {"FileName": "b.jpg", "FilePath": "/b.jpg"}]

    assert set(lost(hash_set(media(MediaFiles=files)))) == {
        "value[].MediaFiles[].FileName",
        "value[].MediaFiles[].FilePath",
    }


def test_words_about_a_media_are_kept_beside_it() -> None:
    (draft,) = parse(hash_set(media(Tags="beach; 2031", Comments="seen twice")))

    assert [(one.title, one.text) for one in draft.record.narratives] == [
        ("Tags", "beach; 2031"),
        ("Comments", "seen twice"),
    ]
    assert {tuple(one.subjects) for one in draft.record.narratives} == {("media-1",)}


def test_exif_is_kept_as_it_is_written() -> None:
    exifs = [{"PropertyName": "Flash", "PropertyValue": "0"}, {"PropertyValue": "alone"}, {}]

    assert list(only(hash_set(media(Exifs=exifs))).metadata.exif) == ["Flash=0", "alone"]


def test_case_number_reaches_every_case_also_from_behind_its_media() -> None:
    drafts = parse(
        cases(
            {"Media": [media(1)], "CaseNumber": "XA-1", "ContactOrganization": "Unit A"},
            {"CaseNumber": "XA-2", "Media": [media(1)], "SourceApplicationName": "INVENTED"},
        )
    )

    references = [draft.record.header.case_references[0] for draft in drafts]
    assert [(one.number, one.authority) for one in references] == [("XA-1", "Unit A"), ("XA-2", "")]
    assert list(drafts[1].record.header.provenance) == ["INVENTED"]


def test_case_without_media_is_declared_lost() -> None:
    assert lost(cases({"CaseNumber": "XA-1", "Media": None}, {"Media": [media()]})) == {
        "value[0]": Effect.DROPPED
    }


def test_what_has_no_field_is_declared_once_for_all_media() -> None:
    data = hash_set(
        media(1, DateUpdated="2031-06-07", IsPrecategorized=True), media(2, DateUpdated="2031"), count=2
    )

    assert lost(data) == {
        "count": Effect.DROPPED,
        "value[].DateUpdated": Effect.DROPPED,
        "value[].IsPrecategorized": Effect.DROPPED,
    }


def test_flags_that_are_not_stated_are_absent() -> None:
    metadata = only(
        hash_set(media(VictimIdentified="true", OffenderIdentified=None, IsDistributed="-99"))
    ).metadata

    assert metadata.victim_identified
    assert not metadata.HasField("offender_identified")
    assert not metadata.HasField("distributed")


@pytest.mark.parametrize("value", [0, "0", "-99", "00", "", None])
def test_size_that_is_not_recorded_is_absent(value: Any) -> None:
    assert not only(hash_set(media(MediaSize=value))).HasField("metadata")


@pytest.mark.parametrize("word", ["\u202eab", "a\u0000b", "Bra\u0306ila", "مريم", "Іваненко"])
def test_names_of_files_are_kept_in_every_script(word: str) -> None:
    name = only(hash_set(media(MediaFiles=[{"FileName": word}]))).metadata.file_name

    expected = {"\u202eab": "ab", "a\u0000b": "ab", "Bra\u0306ila": "Br\u0103ila"}
    assert name == expected.get(word, word)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-document"),
        (b"  \n ", "empty-document"),
        (b"\xef\xbb\xbf", "empty-document"),
        (hash_set(media()).decode().encode("utf-16"), "bad-encoding"),
        (hash_set(media())[:-1], "not-json"),
        (hash_set(media())[:-20], "not-json"),
        (hash_set(media()) + b"x", "not-json"),
        (hash_set(media()).replace(b'"MD5"', b"MD5"), "not-json"),
        (hash_set(media()).replace(b'"MediaID": 1', b'"MediaID": 1, "MediaID": 2'), "duplicate-field"),
        (hash_set(media()).replace(b'"value"', b'"value": [], "value"'), "duplicate-field"),
        (hash_set(media()).replace(b'"MediaID": 1', b'"MediaID": NaN'), "bad-number"),
        (hash_set(media(X=1)).replace(b'"X": 1', b'"X": ' + b"[" * 40 + b"]" * 40), "too-deep"),
        (b'{"value": []}', "wrong-document"),
        (b"[]", "wrong-document"),
        (b'{"@odata.context": "http://example.invalid/", "value": []}', "wrong-document"),
        (
            json.dumps({"value": [], "@odata.context": ADDRESS.format("US", "Media")}).encode(),
            "wrong-document",
        ),
        (hash_set().replace(b"[]", b"{}"), "bad-type"),
        (hash_set("text"), "bad-type"),
        (cases("text"), "bad-type"),
        (cases({"Media": {}}), "bad-type"),
        (hash_set(), "empty-document"),
        (hash_set({}), "empty-document"),
        (hash_set({"MediaID": 7, "MD5": None}), "empty-document"),
        (hash_set(media(), media()), "duplicate-id"),
        (hash_set(media(Category="two")), "bad-number"),
        (hash_set(media(Category=-1)), "bad-number"),
        (hash_set(media(Category=True)), "bad-type"),
        (hash_set(media(MD5=["0"])), "bad-type"),
        (hash_set(media(MediaFiles={})), "bad-type"),
        (hash_set(media(MediaFiles=[{"Created": "04/02/2031"}])), "bad-date"),
        (hash_set(media(Comments="\ud800")), "bad-encoding"),
        (hash_set(media(Comments="x " * 40_000)), "too-long"),
        (b" " * (8 * 1024 * 1024 + 1), "too-large"),
        (b"MD5,SHA1\r\n1,2\r\n", "wrong-document"),
        (b"a;b\r\n1;2\r\n", "wrong-document"),
        (export("0" * 32), "ragged-row"),
        (export('"' + "0" * 32), "not-csv"),
        (export(), "empty-document"),
        (export(";" * 11), "empty-document"),
        (export("x" + ";" * 11), "bad-hash"),
        (export("0;0", header="MD5;MD5"), "duplicate-field"),
        (export("\xff").decode().encode("latin-1"), "bad-encoding"),
    ],
)
def test_bad_document_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(data)

    assert refusal.value.code == code
    assert refusal.value.field


@pytest.mark.parametrize("when", ["1988", "1988-05", "1988-00-00", "2031-01-02"])
def test_partial_dates_stay_partial(when: str) -> None:
    created = only(hash_set(media(MediaFiles=[{"Created": when}]))).metadata.created

    assert not created.HasField("at")
    assert created.date.year == int(when[:4])


def test_byte_order_mark_is_accepted() -> None:
    assert parse(b"\xef\xbb\xbf" + hash_set(media())) == parse(hash_set(media()))
    assert parse(b"\xef\xbb\xbf" + export("0" * 32 + ";" * 11)) == parse(export("0" * 32 + ";" * 11))


def test_export_is_read_by_its_columns() -> None:
    row = f"{'0' * 32};;;17;Yes;no;;'=SERIES;3;Yes;Video;No"

    artefact = only(export(row))

    assert artefact.id == "media-17"
    assert artefact.metadata == pb.ArtefactMetadata(
        kind=pb.ARTEFACT_KIND_VIDEO, series="=SERIES", distributed=True, victim_identified=False
    )
    assert [(one.scheme, one.number) for one in artefact.classifications] == [("icse/baseline", 0)]
    assert set(lost(export(row))) == {"row[].Number of submissions", "row[].File Available"}


def test_unknown_kind_of_media_is_declared() -> None:
    row = "0" * 32 + ";" * 10 + "Hologram;"

    assert only(export(row)).metadata.kind == pb.ARTEFACT_KIND_OTHER
    assert lost(export(row)) == {"row[2].Media Type": Effect.GENERALISED}


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_as_malformed(data: bytes) -> None:
    for document in (data, b"{" + data, b"MD5;SHA1\n" + data, hash_set(media())[:70] + data):
        try:
            parse(document)
        except Malformed as refusal:
            assert refusal.field


_FULL = (
    hash_set(
        media(
            1,
            Category=1,
            MediaSize="12",
            Series="S",
            MediaFiles=[{"FileName": "a", "Created": "2031-01-02T03:04:05Z"}],
            Exifs=[{"PropertyName": "a", "PropertyValue": "b"}],
        ),
        media(2, AlternativeHashes=[{"HashName": "SHA256", "HashValue": "0" * 64}], Comments="c"),
    ),
    cases({"CaseNumber": "1", "Media": [media(1), media(2)]}, {"Media": [media(3)], "CaseID": "x"}),
    export("0" * 32 + ";;;1;Yes;No;;S;1;Yes;Image;Yes", "1" * 32 + ';;;2;;;;"a;b";1;;;'),
)


@given(
    st.sampled_from(_FULL),
    st.lists(
        st.tuples(st.integers(0, 600), st.integers(0, 3), st.sampled_from('{}[]",:;0-\\x \n\x00\xff')),
        max_size=4,
    ),
)
def test_changed_documents_are_refused_as_malformed_or_read(
    document: bytes, changes: list[tuple[int, int, str]]
) -> None:
    data = document
    for place, width, character in changes:
        data = data[:place] + character.encode("latin-1") + data[place + width :]

    try:
        drafts = parse(data)
    except Malformed as refusal:
        assert refusal.field
        return

    assert all(len(draft.record.artefacts) for draft in drafts)
