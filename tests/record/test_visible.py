"""What stands for a character on a screen: itself where it is ordinary, else an escape no text can forge."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.record.visible import MARKS_MOST, MARKS_STACKED, visible

OBEYED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
BLANKS = "\u034f\u115f\u1160\u17b4\u180b\u2800\u3164\uffa0\ufe0f\U000e0100\U0001d159"
ACUTE, DOT_BELOW, STRIKE, CIRCLE = "\u0301", "\u0323", "\u0336", "\u20dd"

# Backslashes before an x or a u: an odd number of them starts an escape.
_ESCAPED = re.compile(r"(\\+)(x[0-9a-f]{2}|u\{[0-9a-f]+\}|(?=[xu]))")

hostile = st.sampled_from([*BLANKS, ACUTE, STRIKE, CIRCLE, "\x1b", "\u202e", "\u00a0", "\x9b", "\u1175"])
texts = st.text(st.one_of(st.characters(), st.sampled_from("\\xu{}0123456789abcdef "), hostile))


def read_back(shown: str) -> str:
    """Return the text that was made visible: what makes sure that no two texts look the same."""

    def plain(match: re.Match[str]) -> str:
        slashes, after = len(match[1]), match[2]
        meant = chr(int(after[1:].strip("{}"), 16)) if slashes % 2 else after
        return "\\" * (slashes // 2) + meant

    return _ESCAPED.sub(plain, shown)


@given(texts)
@example("\\x1b")
@example("\\\x1b")
@example("\\\\x1b")
@example("\\" + ACUTE)
def test_no_two_texts_look_the_same(text: str) -> None:
    assert read_back(visible(text)) == text


@given(texts)
def test_visible_text_holds_nothing_obeyed_and_nothing_unseen(text: str) -> None:
    shown = visible(text)

    assert [one for one in shown if unicodedata.category(one) in OBEYED or one in BLANKS] == []
    assert {one for one in shown if unicodedata.category(one) == "Zs"} <= {" "}


@given(st.text(st.sampled_from(["a", " ", "\n", ACUTE, DOT_BELOW, STRIKE, CIRCLE])))
def test_no_mark_stands_without_its_letter_or_climbs_out_of_its_line(text: str) -> None:
    shown = visible(text)

    assert not re.search(rf"(^|[ }}])[{ACUTE}{DOT_BELOW}]", shown)
    assert not re.search(rf"[{ACUTE}{DOT_BELOW}]{{{MARKS_STACKED + 1}}}", shown)
    assert STRIKE not in shown
    assert CIRCLE not in shown


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters=BLANKS + "\\"), min_size=1))
def test_letters_and_signs_of_every_script_are_shown_as_they_are(text: str) -> None:
    whole = [one for one in text if not 0x1160 <= ord(one) < 0x1200 and not 0xD7B0 <= ord(one) < 0xD800]
    signs = [one for one in whole if ord(one) not in (0x303F, 0xFFFC)]

    assert visible("".join(signs)) == "".join(signs)


@pytest.mark.parametrize(
    "text",
    [
        "Sânziana Închipuitu",
        "Nguyễn Thị Minh Khai",
        "Ng\u0075\u0302\u0303",
        "Юлія Ґалаґан",
        "שָׁלוֹם עולם 12-3",
        "مُحَمَّد",
        "नमस्ते क्षत्रिय",
        "ที่นี่",
        "မြို့ လျှို့ဝှက်",
        "བསྒྲུབས",
        "한글 \u1112\u1161\u11ab",
        "東京 タロウ",
        "C:\\temp & \\ /",
        "no {braces} or \\d",
    ],
)
def test_good_spelling_is_shown_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\r\nb\t", "a\\x0d\\x0ab\\x09"),
        ("\x9b1m\x7f", "\\x9b1m\\x7f"),
        ("\u202e\u2066", "\\u{202e}\\u{2066}"),
        ("po\u200blice\u00ad", "po\\u{200b}lice\\xad"),
        ("\U000e0041\ue000\ufff9", "\\u{e0041}\\u{e000}\\u{fff9}"),
        ("\udc9b", "\\u{dc9b}"),
        ("a\u2028b\u00a0c\u3000d", "a\\u{2028}b\\xa0c\\u{3000}d"),
        ("\u3164\u2800\uffa0", "\\u{3164}\\u{2800}\\u{ffa0}"),
        ("✌\ufe0f", "✌\\u{fe0f}"),
        ("\\x1b", "\\\\x1b"),
        ("\\\x1b", "\\\\\\x1b"),
        ("C:\\users", "C:\\\\users"),
        (ACUTE + "a", "\\u{301}a"),
        (" " + ACUTE, " \\u{301}"),
        ("\n" + ACUTE, "\\x0a\\u{301}"),
        ("a" + ACUTE * 5, "a" + ACUTE * MARKS_STACKED + "\\u{301}" * 2),
        ("ka" + "\u093e" * 8, "ka" + "\u093e" * MARKS_MOST + "\\u{93e}" * 2),
        ("n" + STRIKE + "o", "n\\u{336}o"),
        ("1" + CIRCLE, "1\\u{20dd}"),
    ],
)
def test_what_is_obeyed_unseen_or_drawn_over_others_is_written_out(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_text_shown_twice_tells_that_it_was() -> None:
    assert visible(visible("\x1b")) == "\\\\x1b"
