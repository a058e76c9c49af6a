"""Names that readers take for one another are found; what a display name may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.record.lookalike import check_display_name, looks_like, named, skeleton

NAMES = ["police.nl", "Police of the Netherlands", "Anna de Vries", "Полиция", "Ελληνική Αστυνομία", "상담소"]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("police.nl", "po1ice.nl"),
        ("police.nl", "p0lice.nl"),
        ("police.nl", "pol-ice.nl"),
        ("police.nl", "Police NL"),
        ("police.nl", "роlісе.nl"),
        ("police.nl", "POLICE.NL"),
        ("shelter.ngo", "5helter.ngo"),
        ("modern.ngo", "modem.ngo"),
        ("west.nl", "vvest.nl"),
        ("ALI", "Ali"),
        ("ALI", "AlI"),
        ("Anna de Vries", "Annа de Vries"),
        ("Anna de Vries", "Ånnä de Vries"),
        ("Anna de Vries", "Anna  de-Vries"),
        ("Anna de Vries", "Ａnna de Vries"),
        ("Anna de Vries", "𝐀nna de Vries"),
        ("Łódź", "Lodz"),
        ("O'Brien", "OʼBrien"),
        ("ПОЛИЦИЯ", "полиция"),
        ("Зоя", "ЗОЯ"),
        ("ΝΙΚΗ", "NIKH"),
        ("IBAH", "ІВАН"),
        ("Soon", "Տօօո"),
        ("ロボ", "口ボ"),
        ("علي", "علی"),
    ],
)
def test_names_that_readers_take_for_one_another_are_found(name: str, other: str) -> None:
    assert looks_like(name, ["somebody else", other]) == [other]
    assert looks_like(other, [name]) == [name]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("police.nl", "police.ro"),
        ("police.nl", "policen.org"),
        ("Unit 1", "Unit 2"),
        ("Anna", "Anne"),
        ("Maria", "Marta"),
        ("Иван", "Инна"),
        ("상담소", "상담실"),
        ("!", "?"),
        ("police.nl", "police.nl"),
    ],
)
def test_names_that_differ_to_any_reader_and_equal_ones_are_not_look_alikes(name: str, other: str) -> None:
    assert looks_like(name, [other]) == []


@given(st.sampled_from(NAMES), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_alone_never_makes_another_name(name: str, cased: object) -> None:
    assert callable(cased)

    written = cased(name)

    assert written == name or looks_like(written, [name]) == [name]


def test_skeleton_of_a_text_without_letters_is_empty_and_like_nothing() -> None:
    assert skeleton(" .-!") == ""
    assert looks_like("...", ["---"]) == []


@pytest.mark.parametrize(
    "name",
    [
        "Anna de Vries",
        "Police of the Netherlands (exercise)",
        "Agency police.nl",
        "Crime & Co. 24/7",
        "Sânziana Închipuitu",
        "Дарʼя Ґалаґан",
        "Ελληνική Αστυνομία",
        "משטרת ישראל",
        "شرطة دبي ٣",
        "Ոստիկանություն",
        "საქართველოს პოლიცია",
        "東京都タロウとはなこ",
        "人々とコーヒー",
        "警察 경찰청",
        "x" * 100,
    ],
)
def test_name_in_the_letters_of_one_script_is_taken(name: str) -> None:
    assert check_display_name(name, "display_name") == name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Аnna", "mixed-script"),
        ("Polіce", "mixed-script"),
        ("Αnna", "mixed-script"),
        ("Anna אננה", "mixed-script"),
        ("police ٣", "mixed-script"),
        ("경찰 タロウ", "mixed-script"),
        ("NPO法人", "mixed-script"),
        ("", "bad-name"),
        ("x" * 101, "bad-name"),
        (" Anna", "bad-name"),
        ("Anna ", "bad-name"),
        ("Anna  de Vries", "bad-name"),
        ("123", "bad-name"),
        ("...", "bad-name"),
        ("Anna [3f2a9c1b]", "bad-name"),
        ("Anna \\x1b", "bad-name"),
        ("Ａnna", "bad-name"),
        ("𝐀nna", "bad-name"),
        ("ªnna", "bad-name"),
        ("Annaǃ", "bad-name"),
        ("Anna ✓", "bad-name"),
        ("Anna 🅰", "bad-name"),
        ("Anna Ⅳ", "bad-name"),
        ("ᎪᏁᏁᎪ", "bad-name"),
        ("ไทย", "bad-name"),
        ("Anna\u200d", "unseen-character"),
        ("Anna\u202e", "unseen-character"),
        ("Anna\n", "unseen-character"),
        ("Anna\tV", "unseen-character"),
        ("Anna\u3164V", "unseen-character"),
        ("Anna\u00a0V", "unseen-character"),
        ("a" + "\u030d" * 4, "unseen-character"),
        ("Anne\u0301", "not-nfc"),
    ],
)
def test_name_that_may_deceive_is_refused(name: str, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        check_display_name(name, "display_name")

    assert (refused.value.code, refused.value.field) == (code, "display_name")


@given(st.text(max_size=12))
def test_any_text_is_taken_as_it_is_or_refused(text: str) -> None:
    try:
        assert check_display_name(text, "name") == text
    except Malformed as exc:
        assert exc.code in ("unseen-character", "not-nfc", "mixed-script", "bad-name")


def test_key_id_stands_beside_the_name_and_whom_it_may_be_taken_for() -> None:
    key = "3f2a9c1b" + "0" * 24

    assert named("Anna de Vries", key) == "Anna de Vries [3f2a9c1b]"
    assert (
        named("Anna de Vries", key, ["anna.nl", "annа.nl"])
        == "Anna de Vries [3f2a9c1b] (looks like: anna.nl, annа.nl)"
    )


def test_name_cannot_pose_as_having_a_key_id_of_its_own() -> None:
    assert named("Anna [3f2a9c1b]", "00" * 16, ["a [b]"]) == "Anna (3f2a9c1b) [00000000] (looks like: a (b))"
