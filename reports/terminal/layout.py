"""How text is laid out on a console: indented paragraphs and labelled lines, without trailing blanks."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from bufspec.visible import visible
from rich.console import Console
from rich.table import Table
from rich.text import Text

INDENT = 4
LABEL = 10
WIDEST = 4096


def indented(console: Console, text: str, indent: int = INDENT) -> None:
    """Print a paragraph, wrapped, `indent` columns from the edge."""
    edge = " " * indent
    for line in _wrapped(text, console.width - indent):
        console.print(Text(edge + line), soft_wrap=True)


def labelled(
    console: Console, lines: Iterable[tuple[str, str]], indent: int = INDENT, label: int = LABEL
) -> None:
    """Print labelled paragraphs, the text of each wrapped beside its label."""
    for name, text in lines:
        head = " " * indent + name.ljust(label)
        for line in _wrapped(text, console.width - len(head)):
            console.print(Text.assemble((head, "dim"), line), soft_wrap=True)
            head = " " * len(head)


def pasteable(console: Console, name: str, text: str, indent: int = INDENT, label: int = LABEL) -> None:
    """Print a labelled text on one line, however long, so that it can be pasted into a shell."""
    console.print(Text.assemble((" " * indent + name.ljust(label), "dim"), visible(text)), soft_wrap=True)


def cut(text: str, width: int) -> str:
    """The text on one line of that width: what does not fit is left out, which three dots say."""
    text = visible(text)
    return text if len(text) <= width else f"{text[: max(0, width - 3)].rstrip()}..."


def table(console: Console, rows: Table, *, whole: bool = False) -> None:
    """Print a table without the blanks that rich fills its lines with; if `whole`, however wide it is."""
    width = console.width
    console.width = WIDEST if whole else width
    try:
        with console.capture() as capture:
            console.print(rows)
    finally:
        console.width = width
    for line in capture.get().splitlines():
        console.file.write(line.rstrip() + "\n")


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(visible(text), max(width, 20), break_on_hyphens=False) or [""]
