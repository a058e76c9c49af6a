"""`comity review`: the queue of held releases and every hold on a full screen, by keyboard, in 80x24.

Source: DESIGN section 12; ADR 0020.
"""

from __future__ import annotations

import os
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from gateway.tui.board import BoardScreen
from gateway.tui.hold import HoldScreen
from gateway.tui.painting import plain
from gateway.tui.session import Session, unforeseen
from gateway.tui.watching import Heard, Watch


class ReviewApp(App[None]):
    """The full screen of one officer's session."""

    TITLE = "Comity review"
    ENABLE_COMMAND_PALETTE = False
    # Selected text would go to the clipboard of whoever's terminal this is, and of what lies between.
    ALLOW_SELECT = False
    CSS = """
    Screen { layout: vertical; }
    #title, #counts, #head, #pages, #columns, #said { height: auto; }
    #columns { padding-right: 1; }
    #queue, #body, Pages { height: 1fr; }
    #fields, #why, #around { height: 100%; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    #fields > .option-list--option-disabled { color: $foreground; }
    #said { min-height: 1; }
    Sheet { align: center middle; }
    .sheet {
        width: 100%; max-width: 110; height: auto; max-height: 100%;
        border: solid $primary; padding: 0 1; background: $background;
    }
    .sheet-title { text-style: bold reverse; height: auto; }
    .sheet-text { height: auto; max-height: 55vh; scrollbar-size-vertical: 1; margin: 1 0; }
    Page .sheet-text { max-height: 80vh; }
    Choose .sheet-text { max-height: 25vh; }
    .sheet-keys, .sheet-said { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "quit", show=False, priority=True)]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.animation_level = "none"
        self._session = session
        self._watch = Watch(session.desk, lambda news: self.post_message(Heard(news)))

    def on_mount(self) -> None:
        """Show the queue, and follow it where the gateway runs."""
        self.theme = "ansi-dark"
        self.push_screen(BoardScreen(self._session))
        if self._session.live:
            self._watch.start()

    def on_unmount(self) -> None:
        """Stop following."""
        self._watch.stop()

    def on_heard(self, event: Heard) -> None:
        """Tell every screen what waits now."""
        for screen in self.screen_stack:
            if isinstance(screen, BoardScreen | HoldScreen):
                screen.heard(event.news)

    def _fatal_error(self) -> None:
        """Leave with a number: Textual's own page shows local variables, and names of victims among them."""
        if os.environ.get("COMITY_TRACE") == "1":
            super()._fatal_error()
            return
        self.panic(plain(f"{unforeseen()}; to see it, run again with COMITY_TRACE=1"))


def run_review(session: Session) -> int:
    """Run the full screen until the officer leaves; return 0, or what a failure of the screen leaves."""
    app = ReviewApp(session)
    try:
        app.run(mouse=False)
    finally:
        session.close()
    return app.return_code or 0
