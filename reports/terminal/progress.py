"""The progress bar of a run: on a terminal only, on the error stream, and gone when the run is over."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bufspec.reports.terminal.console import console
from bufspec.visible import visible

ASKED_BY = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
"""The variables by which rich takes what is no terminal for one."""


@contextmanager
def progress(subjects: int) -> Iterator[Callable[[str], None]]:
    """A function to call with the name of each finished subject; it does nothing where nobody watches."""
    if not _may_be_watched() or not (shown_on := console(error=True)).is_terminal:
        yield lambda name: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=shown_on, transient=True) as bar:
        task = bar.add_task("", total=subjects)
        yield lambda name: bar.update(task, advance=1, description=visible(name))


def _may_be_watched() -> bool:
    """Whether rich, which takes a moment to import, could show the bar."""
    if any(os.environ.get(name) for name in ASKED_BY):
        return True
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # it is closed
        return False
