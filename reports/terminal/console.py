"""Where is text printed, how wide, and what of it is shown as an escape?

Whatever is printed here passes through bufspec.visible, so that no text of others controls the terminal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

from bufspec.visible import visible_lines

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
NARROWEST = 40


def console(*, error: bool = False) -> Console:
    """Where commands print text, without control codes unless it is a terminal.

    WIDTH columns at most, or as many as COLUMNS says.
    """
    console = _visible_console(file=sys.stderr if error else sys.stdout)
    console.width = asked_width() or (min(console.width, WIDTH) if console.is_terminal else WIDTH)
    return console


def asked_width() -> int:
    """How many columns COLUMNS asks for; 0 if it says nothing that text fits in."""
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if asked.isdigit() and int(asked) >= NARROWEST else 0


def plain_console(out: TextIO) -> Console:
    """A console that writes text alone to `out`, whatever the terminal is."""
    return _visible_console(file=out, width=asked_width() or WIDTH, color_system=None)


def _visible_console(**settings: Any) -> Console:
    """A console of rich that shows what cannot be seen as escapes; its own control codes are no text."""
    from rich.console import Console
    from rich.segment import Segment

    class Visible(Console):
        def render(self, *renderable: Any, **options: Any) -> Iterable[Segment]:
            for text, style, control in super().render(*renderable, **options):
                yield Segment(text if control else visible_lines(text), style, control)

        def on_broken_pipe(self) -> None:
            raise  # rich ends with 1, which says that something failed; ours is said where commands end

    return Visible(**settings, highlight=False, emoji=False, markup=False)
