"""What an officer is asked before anything is done: each question on a sheet of its own, Escape leaves it.

Approving repeats what it opens and to whom, and takes the recipient's id typed out: a key pressed twice, or
too early, approves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from rich.console import RenderableType
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from gateway.errors import Malformed
from gateway.tui.painting import plain
from keys.approval import REASON_CHARS_MAX, RefusalReason, refusal_of, refusal_text

Answer = TypeVar("Answer")


class Sheet(ModalScreen[Answer | None], Generic[Answer]):
    """A question over the screen; None is the answer of who leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "Back"),
        ("up", "roll(-1)", "Up"),
        ("down", "roll(1)", "Down"),
        ("pageup", "roll(-9)", "Page up"),
        ("pagedown", "roll(9)", "Page down"),
    ]

    def __init__(self, title: str, text: RenderableType) -> None:
        super().__init__()
        self._heading = title
        self._about = text

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet"):
            yield Static(plain(self._heading), classes="sheet-title", markup=False)
            # Nothing in it takes the focus: the keys that roll it work wherever one types.
            with VerticalScroll(classes="sheet-text", can_focus=False):
                yield Static(self._about, markup=False)
            yield from self.questions()
            yield Static("", classes="sheet-said", markup=False)

    def questions(self) -> ComposeResult:
        """Yield what is to be filled in."""
        return iter(())

    def on_mount(self) -> None:
        """Say where there is more than the window shows."""
        self.call_after_refresh(self._point_down)

    def _point_down(self) -> None:
        if self.query_one(".sheet-text").max_scroll_y:
            self.query_one(".sheet-title", Static).update(plain(f"{self._heading} (up, down: more)"))

    def say(self, words: str) -> None:
        """Say why an answer is none, on the sheet itself."""
        self.query_one(".sheet-said", Static).update(plain(words, "bold red"))

    def action_leave(self) -> None:
        """Leave it unanswered."""
        self.dismiss(None)

    def action_roll(self, lines: int) -> None:
        """Move the text."""
        self.query_one(".sheet-text").scroll_relative(y=lines, animate=False)


class Page(Sheet[None]):
    """A text to read, as long as it may be."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "leave", "Back"), ("enter", "leave", "Back")]


class Confirm(Sheet[bool]):
    """A question that `y` answers; every other way out is no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("y", "agree", "Yes"),
        ("n", "leave", "No"),
        ("q", "leave", "No"),
    ]

    def questions(self) -> ComposeResult:
        """Name the keys."""
        yield Static("y yes    n no", classes="sheet-keys", markup=False)

    def action_agree(self) -> None:
        """Say yes."""
        self.dismiss(True)


class Choose(Sheet[int]):
    """One of a few; the answer is its number."""

    def __init__(self, title: str, text: RenderableType, choices: Sequence[str]) -> None:
        super().__init__(title, text)
        self._choices = choices

    def questions(self) -> ComposeResult:
        """List the choices."""
        yield OptionList(*(Option(plain(one)) for one in self._choices), markup=False, compact=True)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)


class Words(Sheet[str]):
    """A word to type out, and words to write where they are asked for: they are the answer."""

    def __init__(self, title: str, text: RenderableType, *, must_type: str, done: str, ask: str = "") -> None:
        super().__init__(title, text)
        self._ask = ask
        self._must_type = must_type
        self._done = done

    def questions(self) -> ComposeResult:
        """Ask for both; what must be typed comes last, and is where the cursor stands."""
        if self._ask:
            yield Static(self._ask, classes="sheet-keys", markup=False)
            yield Input(id="words", compact=True, max_length=REASON_CHARS_MAX)
        yield Static(
            plain(f"Type {self._must_type} and press Enter to {self._done}; Escape goes back:", "bold"),
            classes="sheet-keys",
            markup=False,
        )
        yield Input(id="typed", compact=True)

    def on_mount(self) -> None:
        """Stand where the word is typed."""
        super().on_mount()
        self.query_one("#typed", Input).focus()

    @on(Input.Submitted, "#words")
    def _go_on(self) -> None:
        self.query_one("#typed", Input).focus()

    @on(Input.Submitted, "#typed")
    def _typed(self, event: Input.Submitted) -> None:
        words = self.query_one("#words", Input).value.strip() if self._ask else ""
        if event.value.strip() != self._must_type:
            self.say(f"That is not {self._must_type}: nothing was signed.")
        elif why := self.wrong_with(words):
            self.say(why)
        else:
            self.dismiss(words)

    def wrong_with(self, words: str) -> str:
        """Return what is wrong with the words; empty where nothing is."""
        return ""


class NeededWords(Words):
    """Words that may not be left out."""

    def wrong_with(self, words: str) -> str:
        """Ask for some."""
        return "" if words else "It takes words: say why."


class RefusalWords(Words):
    """What a refusal for one of the closed reasons says besides."""

    def __init__(self, title: str, text: RenderableType, reason: RefusalReason) -> None:
        takes = "needed" if reason is RefusalReason.OTHER else "optional"
        ask = f"{reason.value}: what else is there to say? ({takes}; kept, never sent)"
        super().__init__(title, text, ask=ask, must_type="refuse", done="refuse it for good")
        self._reason = reason

    def wrong_with(self, words: str) -> str:
        """Say where the closed list asks for words."""
        try:
            refusal_of(refusal_text(self._reason, words))
        except Malformed as exc:
            return f"It {exc.message}: say why."
        return ""
