"""What single cells say: dates in a stated order, codes and their translations, and what is no value."""

from __future__ import annotations

import pytest

from adapters.loss import Effect
from adapters.sheet.map_file import read_map
from gateway.v1 import record_pb2 as pb
from tests.adapters.sheet.samples import TODAY, own_map, pieces, read, rejected, sheet

PERSON = {"First name": "Ana"}


def person(**cells: str) -> pb.Person:
    return read(PERSON | cells).persons[0]


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("1988-05-06", pb.BirthDate(year=1988, month=5, day=6)),
        ("1988/05/06", pb.BirthDate(year=1988, month=5, day=6)),
        ("1988-05", pb.BirthDate(year=1988, month=5)),
        ("1988", pb.BirthDate(year=1988)),
        ("1988-00-00", pb.BirthDate(year=1988)),
        ("1988-05-00", pb.BirthDate(year=1988, month=5)),
    ],
)
def test_partial_date_stays_partial(text: str, born: pb.BirthDate) -> None:
    assert person(**{"Date of birth": text}).birth == born


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("6.5.1988", pb.BirthDate(year=1988, month=5, day=6)),
        ("06/05/1988", pb.BirthDate(year=1988, month=5, day=6)),
        ("05.1988", pb.BirthDate(year=1988, month=5)),
        ("1988", pb.BirthDate(year=1988)),
        ("1988-05-06", pb.BirthDate(year=1988, month=5, day=6)),
    ],
)
def test_day_stands_first_where_the_map_says_so(text: str, born: pb.BirthDate) -> None:
    row = {"Opfer Name": "Ana", "Geboren": text}

    assert read(row, columns=own_map()).persons[0].birth == born


@pytest.mark.parametrize("text", ["04/02/1988", "4.2.1988", "6.5.88", "May 1988", "1988-02-30", "1988-13"])
def test_date_that_nobody_can_be_sure_of_is_an_error(text: str) -> None:
    found = rejected(PERSON | {"Date of birth": text})

    assert (found.field, found.code) == ("Date of birth", "bad-date")
    assert text not in found.message


def test_number_that_stands_for_a_day_is_explained() -> None:
    assert "format the column as a date" in rejected(PERSON | {"Date of birth": "32269"}).message


def test_time_of_day_is_left_out_of_a_date_and_declared() -> None:
    (piece,) = pieces(sheet(PERSON | {"Date of birth": "1988-05-06 00:00:00"}))

    assert piece.draft is not None
    assert piece.draft.record.persons[0].birth == pb.BirthDate(year=1988, month=5, day=6)
    assert [(one.path, one.effect) for one in piece.draft.losses] == [
        ("row[2].Date of birth", Effect.GENERALISED)
    ]


@pytest.mark.parametrize("word", ["", " ", "-99", "00", "unknown", "Unknown"])
def test_what_was_not_recorded_is_absent_in_every_column(word: str) -> None:
    headings = ["Family name", "Date of birth", "Sex", "Nationalities", "Number of children", "Deceased"]
    headings += ["Latitude", "Traffic light", "Purposes", "Vehicle plate", "Country"]

    assert read(PERSON | dict.fromkeys(headings, word)) == read(PERSON)


@pytest.mark.parametrize("heading", ["Sex", "Nationalities", "Deceased", "Country", "Purposes"])
def test_letter_u_says_unknown_in_a_column_of_codes(heading: str) -> None:
    assert read(PERSON | {heading: "U"}) == read(PERSON)


def test_letter_u_is_a_name_in_a_column_of_names() -> None:
    assert person(**{"Family name": "U"}).names[0].family == "U"


def test_nought_is_a_number_of_children_and_no_height() -> None:
    (piece,) = pieces(sheet(PERSON | {"Number of children": "0", "Height in cm": "0.0"}))

    assert piece.draft is not None
    (told,) = piece.draft.record.persons
    assert told.household.HasField("number_of_children") and not told.HasField("description")
    assert [(one.path, one.effect) for one in piece.draft.losses] == [("row[2].Height in cm", Effect.DROPPED)]


def test_codes_are_read_however_their_letters_stand() -> None:
    incident = read(PERSON | {"Purposes": "Forced Labour; sexual_exploitation ;CHILD-LABOUR"}).incidents[0]

    assert [pb.ExploitationPurpose.Name(one) for one in incident.purposes] == [
        "EXPLOITATION_PURPOSE_FORCED_LABOUR",
        "EXPLOITATION_PURPOSE_SEXUAL_EXPLOITATION",
        "EXPLOITATION_PURPOSE_CHILD_LABOUR",
    ]


def test_words_of_the_sheet_are_translated() -> None:
    row = {"Opfer Name": "Ana", "Opfer Geschlecht": "W", "Zweck": "ARBEIT|forced-begging"}

    record = read(row, columns=own_map())

    assert record.persons[0].sex == pb.SEX_FEMALE
    assert len(record.incidents[0].purposes) == 2


def test_word_without_a_translation_is_an_error_that_names_the_words_there_are() -> None:
    found = rejected(PERSON | {"Sex": "femal"})

    assert (found.where, found.field, found.code) == ("row[2]", "Sex", "unknown-value")
    assert found.message == "is none of: female, male, other"


def test_word_without_a_translation_is_kept_verbatim_where_the_map_says_so() -> None:
    text = """
    [columns]
    "Name" = "persons[1].names.full"
    "Sex" = { path = "persons[1].sex", verbatim = "narratives[n].text" }
    "Notes" = "narratives[n].text"
    [constants]
    "narratives[n].subjects" = ["persons[1]"]
    """
    columns = read_map(text.encode())

    (piece,) = pieces(sheet({"Name": "Ana", "Sex": "Hijra", "Notes": "first"}), columns)

    assert piece.draft is not None
    assert piece.draft.record.narratives[0].text.splitlines() in (["first"], ["Sex: Hijra", "first"])
    assert [one.effect for one in piece.draft.losses] == [Effect.KEPT_AS_EXTENSION]


def test_countries_are_read_by_code_and_by_name() -> None:
    told = person(**{"Nationalities": "Moldova;rou;XA;eastern-europe", "Country": "The Netherlands"})

    assert [one.country for one in told.nationalities[:3]] == ["MD", "RO", "XA"]
    assert told.nationalities[3].region == pb.REGION_EASTERN_EUROPE
    assert told.addresses[0].place.country == "NL"


def test_country_that_nobody_knows_is_an_error() -> None:
    assert rejected(PERSON | {"Country": "Atlantis"}).code == "unknown-value"


@pytest.mark.parametrize(("word", "deceased"), [("yes", True), ("TRUE", True), ("no", False), ("0", False)])
def test_yes_and_no(word: str, deceased: bool) -> None:
    assert person(Deceased=word).description.deceased is deceased


def test_what_is_neither_yes_nor_no_is_an_error() -> None:
    assert rejected(PERSON | {"Deceased": "-1"}).message == "is neither yes nor no"


def test_point_at_nought_is_nowhere() -> None:
    nowhere = {"Purposes": "forced labour", "Latitude": "0", "Longitude": "0.00"}
    (piece,) = pieces(sheet(nowhere))

    assert piece.draft is not None
    assert not piece.draft.record.incidents[0].HasField("occurred")
    assert {one.effect for one in piece.draft.losses} == {Effect.DROPPED}
    assert read(nowhere | {"Latitude": "1.5"}).incidents[0].occurred.place.latitude_e6 == 1_500_000


def test_half_a_point_is_an_error() -> None:
    found = rejected({"Purposes": "forced labour", "Latitude": "1.5"})

    assert (found.field, found.code) == ("Latitude", "incomplete")


@pytest.mark.parametrize(
    ("word", "light", "text"),
    [
        ("TLP:AMBER", "TLP:AMBER", ""),
        ("amber+strict", "TLP:AMBER+STRICT", ""),
        ("TLP:WHITE", "TLP:RED", "TLP:WHITE"),
        ("purple", "TLP:RED", "purple"),
    ],
)
def test_traffic_light_that_nobody_knows_counts_as_red(word: str, light: str, text: str) -> None:
    handling = read(PERSON | {"Traffic light": word}).header.source_handling

    assert (handling.traffic_light, handling.text) == (light, text)


def test_handling_codes_nobody_knows_stay_as_they_are() -> None:
    handling = read(PERSON | {"Handling codes": "H1;REL TO XA, XB;ZZ9"}).header.source_handling

    assert list(handling.codes) == ["H1", "REL TO XA, XB", "ZZ9"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Thị Mẫu", "Thị Mẫu"),
        ("Bra\u0306dis\u0326or", "Br\u0103di\u0219or"),
        ("מרים", "מרים"),
        ("मारिया", "मारिया"),
        ("'=1+1", "=1+1"),
        ("=1+1", "=1+1"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_names_are_read_in_every_script(given: str, kept: str) -> None:
    assert person(**{"First name": given}).names[0].given == kept


def test_unseen_characters_are_left_out_and_declared() -> None:
    (piece,) = pieces(sheet({"First name": "An\u202ea\x00"}))

    assert piece.draft is not None
    assert piece.draft.record.persons[0].names[0].given == "Ana"
    assert [(one.path, one.effect) for one in piece.draft.losses] == [
        ("row[2].First name", Effect.GENERALISED)
    ]


def test_all_that_is_wrong_in_a_row_is_told_at_once() -> None:
    found = rejected(PERSON | {"Sex": "femal", "Date of birth": "x", "Country": "Atlantis"})

    assert found.field == "Date of birth"
    assert "Sex is none of" in found.message and "Country is no country" in found.message


def test_birth_that_lies_ahead_is_an_error_of_its_column() -> None:
    found = rejected(PERSON | {"Date of birth": str(TODAY.year + 1)})

    assert (found.field, found.message) == ("Date of birth", "lies ahead")


def test_age_that_contradicts_the_birth_is_an_error_of_its_column() -> None:
    found = rejected(PERSON | {"Date of birth": "2025", "Minor or adult": "adult"})

    assert (found.field, found.code) == ("Minor or adult", "contradiction")


def test_title_without_a_name_is_an_error_of_its_column() -> None:
    assert rejected({"Title": "Dr", "Role": "victim"}).field == "Title"


@pytest.mark.parametrize(
    ("heading", "word", "code"),
    [
        ("Number of children", "-1", "bad-number"),
        ("Number of children", "two", "bad-number"),
        ("Number of children", "1" * 30, "bad-number"),
        ("Latitude", "91", "bad-number"),
        ("Languages", "Romanian", "bad-language"),
        ("Consent to", "The Police", "bad-agency-id"),
        ("Consent ends", "31.12.2031", "bad-date"),
        ("Family name", "x" * 70_000, "too-long"),
        ("Age when exploited", "131", "out-of-range"),
    ],
)
def test_other_cells_that_do_not_fit_are_errors_of_their_column(heading: str, word: str, code: str) -> None:
    found = rejected(PERSON | {heading: word})

    assert (found.field, found.code) == (heading, code)
