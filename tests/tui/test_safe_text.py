"""What a record holds is shown on the full screen: never obeyed, no style, never cut unseen."""

from __future__ import annotations

import unicodedata
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from gateway.record import content_walk, marking
from gateway.record.visible import visible
from gateway.tui.painting import LINES_MOST, FieldRow, Sections, cut, plain
from tests.cli.payloads import HOSTILE
from tests.flow.federation import TO_RO, Homes
from tests.flow.records import small
from tests.flow.review import Crew
from tests.tui.stage import Stage, play, session_of

CONSOLE = Console(file=StringIO(), width=80, legacy_windows=False)
MORE = "Enter shows all"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
widths = st.integers(20, 160)


def obeyed(text: str) -> list[str]:
    """Return the characters that a terminal obeys or hides, but for line breaks."""
    bad = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return [one for one in text if one != "\n" and unicodedata.category(one) in bad]


def lines_of(shown: FieldRow | Sections, width: int) -> list[str]:
    """Return what a renderable draws in a window this wide."""
    options = CONSOLE.options.update_width(width)
    return "".join(segment.text for segment in CONSOLE.render(shown, options)).splitlines()


def row(record: str, leaves: str = "") -> FieldRow:
    """Return a row of a field."""
    return FieldRow(mark="=", label="victim.names", record=record, leaves=leaves, style="")


@given(texts, texts, widths)
def test_row_holds_nothing_a_terminal_obeys(record: str, leaves: str, width: int) -> None:
    assert obeyed("\n".join(lines_of(row(record, leaves), width))) == []


@given(texts, widths)
def test_row_shows_all_of_a_value_or_says_that_there_is_more(value: str, width: int) -> None:
    shown = row(value)

    drawn = "\n".join(lines_of(shown, width))

    if shown.is_cut(CONSOLE, width):
        assert MORE in drawn
    else:
        bare = "".join(drawn.replace("victim.names", "").replace("as recorded:", "").split())
        for word in visible(value.replace("\n", " ")).split():
            assert word in bare


@given(st.lists(texts, max_size=3), widths)
def test_paragraph_hangs_below_its_beginning(paragraphs: list[str], width: int) -> None:
    drawn = lines_of(Sections((("Heading", paragraphs),)), width)

    assert all(line == "Heading" or line.startswith(("- ", "  ")) or not line.strip() for line in drawn)


@given(texts, st.integers(2, 40))
def test_cell_that_is_cut_says_so(text: str, cells: int) -> None:
    shown = cut(text, cells)

    assert shown.cell_len <= cells
    assert shown.plain == visible(text) or shown.plain.endswith("…")


def test_text_is_no_markup() -> None:
    shown = plain("[red]alarm[/red] [link=x]y[/link]")

    assert shown.plain == "[red]alarm[/red] [link=x]y[/link]"
    assert not shown.spans


def test_value_written_from_right_to_left_has_lines_of_its_own() -> None:
    drawn = lines_of(row("שם בדוי", "withheld"), 78)

    assert [line.strip() for line in drawn] == [
        "= victim.names",
        "as recorded:",
        "שם בדוי",
        "leaves:",
        "withheld",
    ]


def test_hostile_record_is_shown_escaped_and_styles_nothing(
    homes: Homes, officers: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Intake refuses most of it; what a peer sends was never examined here.
    for module in (content_walk, marking):
        monkeypatch.setattr(module, "check_text", lambda value, field: value)
    name = "[bold red]\x1b[31mEve\x1b]0;owned\x07 \u202eeve[/] [@click=app.quit]x[/]"
    homes.push(small(name=name, given=HOSTILE), TO_RO, ask=("person.name",))

    async def scene(stage: Stage) -> None:
        await stage.press("enter")
        assert obeyed("".join(stage.rows())) == []
        await stage.press("enter")
        page = "".join(stage.text.replace("│", "").split())
        for part in ("[boldred]\\x1b[31mEve\\x1b]0;owned\\x07", "\\u{202e}eve[/][@click=app.quit]x[/]"):
            assert part in page
        await stage.press("escape")

        for keys in (("2",), ("3",), ("h",), ("1", "a"), ("escape", "w")):
            await stage.press(*keys)
            assert obeyed(stage.text) == []

    play(session_of(homes, officers.anna), scene)


def test_value_longer_than_the_list_shows_is_told_and_shown_whole_on_its_own_page(
    homes: Homes, officers: Crew
) -> None:
    record = small()
    record.narratives[0].text = " ".join(f"word{number}" for number in range(400)) + " theend"
    homes.push(record, TO_RO, ask=("person.name",))

    async def scene(stage: Stage) -> None:
        await stage.press("enter")
        shown = next(one for one in stage.rows() if "quiet.text" in one)
        assert MORE in shown
        assert len(shown.splitlines()) == LINES_MOST

        await stage.press("a")
        assert "UNREAD" in stage.text
        assert "quiet.text" in stage.text

        await stage.press("escape")
        await stage.choose("quiet.text")
        await stage.press("enter", *["pagedown"] * 12)
        assert "theend" in stage.text

        await stage.press("escape", "a")
        assert "UNREAD" not in stage.text

    play(session_of(homes, officers.anna), scene)


def test_what_only_an_approval_lets_out_stands_first_beside_the_record(
    homes: Homes, officers: Crew, held: str
) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter")
        heading, first, *rest = stage.rows()
        assert heading.startswith("LEAVES ONLY WITH APPROVAL (1)")
        assert first.startswith("! victim.names")
        assert first.count("Verzonnenova") == 2
        birth = next(one for one in rest if "victim.birth" in one)
        assert birth.split() == ["~", "victim.birth", "2013-05-17", "2013", "(generalised)"]
        street = next(one for one in rest if "phone.identity" in one)
        assert street.startswith("-") and "withheld" in street
        ties = next(one for one in rest if "uses.link" in one)
        assert "from: suspect, to: van" in ties

        await stage.press("2")
        assert "would be released exactly with" in " ".join(stage.text.split())
        await stage.press("tab", "h")
        assert "Who receives it must" in stage.text
        assert "held, for CPO:1, VPO:1" in stage.text

    play(session_of(homes, officers.anna), scene, size=(80, 40))
