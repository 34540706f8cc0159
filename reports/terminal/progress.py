"""The progress bar of a run: on a terminal only, on the error stream, and gone when the run is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bufspec.visible import visible

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def progress(console: Console, subjects: int) -> Iterator[Callable[[str], None]]:
    """A function to call with the name of each finished subject; it does nothing where nobody watches."""
    if not console.is_terminal:
        yield lambda name: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=subjects)
        yield lambda name: bar.update(task, advance=1, description=visible(name))
