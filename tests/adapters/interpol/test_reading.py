"""What the public extracts get wrong, or leave open, and what a record then says."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.interpol.colours import PURPOSES, Colour
from adapters.interpol.languages import TERMINOLOGICAL, read_language, write_language
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb
from tests.adapters.interpol.notices import losses, parse, read
from tests.reference import reference

_LARK: dict[str, Any] = {"entity_id": "2031/1", "name": "LARK"}


def _address(colour: str) -> dict[str, Any]:
    return {"_links": {"self": {"href": f"https://notices.example.invalid/notices/v1/{colour}/2031-1"}}}


def test_reference_red_notices_are_read_whole() -> None:
    first, second = (draft.record for draft in parse(reference("interpol-like/sample-red.json").read_bytes()))

    (person,) = first.persons
    assert (person.role, person.age_status) == (pb.ROLE_SUSPECT, pb.AGE_STATUS_ADULT)
    assert (person.description.height_cm, person.description.weight_kg) == (181, 82)
    assert list(person.languages) == ["en", "fr"]
    assert [offence.country for offence in person.offences] == ["XB", "XC"]
    assert first.narratives[0].text == "Aggravated money laundering"
    assert first.header.case_references[0].number == "2031/10001"
    (poor,) = second.persons
    assert not poor.HasField("description") and not poor.nationalities and not poor.HasField("sex")
    assert [field.name for field, _ in poor.birth.ListFields()] == ["year"]


def test_reference_list_gives_a_record_a_notice_and_says_that_the_search_is_dropped() -> None:
    drafts = parse(reference("interpol-like/sample-red-list.json").read_bytes())

    assert [draft.record.persons[0].names[0].family for draft in drafts] == ["EXAMPLE-KESTREL", "SPECIMEN"]
    assert {person.role for draft in drafts for person in draft.record.persons} == {pb.ROLE_SUSPECT}
    assert [[loss.path for loss in draft.losses] for draft in drafts] == [["query"], ["query"]]


def test_reference_yellow_notice_is_of_a_minor_whose_role_is_not_known() -> None:
    (draft,) = parse(reference("interpol-like/sample-yellow.json").read_bytes())

    (person,) = draft.record.persons
    (incident,) = draft.record.incidents
    assert (person.role, person.age_status) == (pb.ROLE_UNKNOWN, pb.AGE_STATUS_MINOR)
    assert [one.country for one in person.nationalities] == ["XA", "XB"]
    assert (incident.kind, incident.occurred.place.town) == (pb.INCIDENT_KIND_DISAPPEARANCE, "Port Sample")
    assert person.family[0].name.given == "ADA"
    assert draft.record.header.purposes_in_words == [PURPOSES[Colour.YELLOW]]


def test_nothing_of_the_reference_notices_is_lost_but_what_is_declared() -> None:
    told = {}
    for name in ("red", "yellow"):
        for draft in parse(reference(f"interpol-like/sample-{name}.json").read_bytes()):
            told.update({loss.path: loss.effect for loss in draft.losses})

    assert told == {
        "[0].arrest_warrants[1].charge_translation": Effect.KEPT_AS_EXTENSION,
        "[0].mother_name": Effect.GENERALISED,
    }


@pytest.mark.parametrize("nought", [0, 0.0, "0", "", None, "-99", -99, "00"])
@pytest.mark.parametrize("name", ["height", "weight"])
def test_nought_is_no_measure(name: str, nought: object) -> None:
    document = {**_LARK, name: nought}

    assert not read(document).persons[0].HasField("description")
    assert losses(document) == {}


@pytest.mark.parametrize(
    ("stated", "height_cm", "effect"),
    [("1.81", 181, None), (1.8, 180, None), (3, 300, None), (1.815, 182, Effect.GENERALISED)],
)
def test_height_in_metres_is_exact_to_the_centimetre(
    stated: object, height_cm: int, effect: Effect | None
) -> None:
    document = {**_LARK, "height": stated}

    assert read(document).persons[0].description.height_cm == height_cm
    assert losses(document).get("height") == effect


@pytest.mark.parametrize("empty", [None, [], [None], [""], ""])
def test_list_without_anything_in_it_is_empty(empty: object) -> None:
    names = ("nationalities", "languages_spoken_ids", "eyes_colors_id", "hairs_id", "arrest_warrants")
    document: dict[str, Any] = {**_LARK, **{name: empty for name in names if empty not in ([None], [""], "")}}
    document["nationalities"] = empty

    (person,) = read(document).persons
    assert not person.nationalities and not person.languages and not person.HasField("description")
    assert losses(document) == {}


def test_codes_that_nobody_knows_are_kept_as_they_are_written() -> None:
    document = {
        **_LARK,
        "nationalities": ["XA", "916", "DEU"],
        "languages_spoken_ids": ["GER", "Elvish"],
        "sex_id": "X",
        "country_of_birth_id": "922",
        "hairs_id": ["BRO", "YELB", "BALD"],
        "eyes_colors_id": ["HETE"],
    }

    record = read(document)

    (person,) = record.persons
    assert [one.country for one in person.nationalities] == ["XA", "DE"]
    assert list(person.languages) == ["de"]
    assert person.birth_place.original == "922"
    assert list(person.description.hair_colours) == ["brown", "YELB", "bald"]
    assert list(person.description.eye_colours) == ["HETE"]
    assert {one.title: one.text for one in record.narratives} == {
        "sex_id, as written": "X",
        "nationalities, as written": "916",
        "languages_spoken_ids, as written": "Elvish",
    }
    kept = ("sex_id", "nationalities", "languages_spoken_ids", "country_of_birth_id")
    assert losses(document) == dict.fromkeys(kept, Effect.KEPT_AS_EXTENSION)


@pytest.mark.parametrize("word", ["U", "", None])
def test_sex_that_is_not_known_is_nothing_stated(word: object) -> None:
    assert not read({**_LARK, "sex_id": word}).persons[0].HasField("sex")


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("1988", (1988, 0, 0)),
        ("1988/05", (1988, 5, 0)),
        ("1988/05/06", (1988, 5, 6)),
        ("1988-00-00", (1988, 0, 0)),
        ("1988/05/00", (1988, 5, 0)),
        ("0000", (0, 0, 0)),
        (1988, (1988, 0, 0)),
    ],
)
def test_birth_date_is_read_as_far_as_it_is_known(text: object, stated: tuple[int, int, int]) -> None:
    birth = read({**_LARK, "date_of_birth": text}).persons[0].birth

    assert (birth.year, birth.month, birth.day) == stated


@pytest.mark.parametrize("number", ["0000/7", "0000-7", "", None])
def test_notice_that_nobody_has_numbered_has_no_reference(number: object) -> None:
    assert not read({**_LARK, "entity_id": number}).header.case_references


@pytest.mark.parametrize("name", ["שרה כהן", "محمد", "मारिया", "Ko\u0301tai", "ŁÓDŹ", "李 雷"])
def test_names_of_every_script_are_read_in_normal_form(name: str) -> None:
    (person,) = read({**_LARK, "name": name}).persons

    assert person.names[0].family == name.replace("o\u0301", "ó")
    assert losses({**_LARK, "name": name}) == {}


def test_character_that_cannot_be_seen_is_left_out_and_declared() -> None:
    document = {**_LARK, "name": "LA\u202eRK", "nationalities": ["X\u200bA"]}

    (person,) = read(document).persons
    assert (person.names[0].family, person.nationalities[0].country) == ("LARK", "XA")
    assert losses(document) == dict.fromkeys(("name", "nationalities"), Effect.GENERALISED)


def test_member_that_nobody_knows_is_declared_dropped() -> None:
    document = {**_LARK, "shoe_size": 39, "_embedded": {"links": [], "fingerprints": [1]}, "": "x"}

    assert losses(document) == {
        "shoe_size": Effect.DROPPED,
        "_embedded.fingerprints": Effect.DROPPED,
        "?": Effect.DROPPED,
    }


@pytest.mark.parametrize("colour", ["yellow", "blue", "black", "un", ""])
def test_nobody_is_suspected_in_a_notice_that_does_not_accuse(colour: str) -> None:
    document = {**_LARK, **(_address(colour) if colour else {}), "charges": [{"charge": "Theft"}]}

    assert read(document).persons[0].role == pb.ROLE_UNKNOWN


@pytest.mark.parametrize("colour", ["red", "green"])
def test_whoever_is_wanted_or_warned_of_is_a_suspect(colour: str) -> None:
    assert read({**_LARK, **_address(colour)}).persons[0].role == pb.ROLE_SUSPECT
    assert read({**_LARK, "notice_type": colour}).persons[0].role == pb.ROLE_SUSPECT


def test_image_is_a_reference_to_a_face_and_no_more() -> None:
    record = read({**_LARK, "_embedded": {"images": [{"picture_id": "63240001", "_links": {}}]}})

    (face,) = record.persons[0].biometrics
    assert (face.kind, face.reference) == (pb.BIOMETRIC_KIND_FACE, "63240001")
    assert not record.persons[0].images


def test_black_notice_says_that_the_person_is_dead_and_where_it_was_found() -> None:
    document = {"notice_type": "black", "sex_id": "F", "place": "Port Sample", "date_of_event": "2031/01"}

    (person,) = read(document).persons

    assert person.description.deceased
    assert person.last_known_position.place.town == "Port Sample"
    assert person.last_known_position.since.month == 1


def test_words_that_are_no_token_of_an_incident_are_kept() -> None:
    told = {"kind": "raid", "means": ["debt-bondage", "Hypnosis"], "platforms": ["a;b"], "place": "Port"}

    record = read({"notice_type": "orange", "incidents": [told, {}]})

    (incident,) = record.incidents
    assert list(incident.means) == [pb.MEANS_DEBT_BONDAGE]
    assert list(incident.platforms) == ["a;b"]
    assert {one.title: one.text for one in record.narratives} == {
        "kind, as written": "raid",
        "means, as written": "Hypnosis",
    }
    assert not record.persons


def test_each_bibliographic_code_that_differs_gives_the_language_it_means() -> None:
    assert {read_language(code) for code in ("GER", "DEU", "de", "ger")} == {"de"}
    assert [read_language(code) for code in ("FRE", "RUM", "CHI", "XYZ", "rus")] == [
        "fr",
        "ro",
        "zh",
        "xyz",
        "ru",
    ]
    assert len(TERMINOLOGICAL) == 20
    assert {read_language(code) for code in TERMINOLOGICAL} == set(
        map(read_language, TERMINOLOGICAL.values())
    )
    assert [write_language(tag) for tag in ("deu", "de-CH", "nld", "xyz", "qq")] == [
        "GER",
        "GER",
        "DUT",
        "XYZ",
        "",
    ]
    assert all(write_language(tag) == code.upper() for code, tag in TERMINOLOGICAL.items())
