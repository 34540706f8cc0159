"""Where is text printed, and how wide?"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
NARROWEST = 40


def console(*, error: bool = False) -> Console:
    """Where commands print text, without control codes unless it is a terminal.

    WIDTH columns at most, or as many as COLUMNS says.
    """
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    console = Console(file=stream, highlight=False, emoji=False, markup=False)
    console.width = asked_width() or (min(console.width, WIDTH) if console.is_terminal else WIDTH)
    return console


def asked_width() -> int:
    """How many columns COLUMNS asks for; 0 if it says nothing that text fits in."""
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if asked.isdigit() and int(asked) >= NARROWEST else 0


def plain_console(out: TextIO) -> Console:
    """A console that writes text alone to `out`, whatever the terminal is."""
    from rich.console import Console

    width = asked_width() or WIDTH
    return Console(file=out, width=width, highlight=False, emoji=False, markup=False, color_system=None)
