"""The command `bufspec formats`: one format string, every parser that is here.

Thin: asking is bufspec.laboratory.  commands/formats.py is something else, the formats of records.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bufspec.commands.ending import ending_well, need_engine
from bufspec.commands.options import format_option, verbose_option
from bufspec.reports.terminal.console import console

if TYPE_CHECKING:
    from bufspec.laboratory.parsers import Reading

LONGEST = 4096


@click.command("formats")
@click.argument("texts", nargs=-1, metavar="FORMAT...")
@click.option(
    "--search",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help="Draw so many format strings, and show where parsers differ.",
)
@click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="Seed for --search.")
@click.option(
    "--markdown",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the table as a page.",
)
@format_option("pretty", "json")
@verbose_option("Why each parser refuses a text.")
@ending_well
def formats(
    texts: tuple[str, ...], search: int | None, seed: int, page: Path | None, output: str, verbose: bool
) -> None:
    """Show what each parser of format strings makes of one: the size of an item, or a refusal.

    The parsers are the reference of bufspec (PEP 3118), struct, memoryview, NumPy and ctypes. They are asked
    in another process: one that dies of a text ends nothing.

    \b
    bufspec formats 'T{i:a:d:b:}' '3t' '@bi'
    bufspec formats --search 10000 --seed 1
    """
    if bool(texts) == bool(search):
        raise click.UsageError("name format strings, or --search N")
    for text in texts:
        if "\0" in text or len(text) > LONGEST:
            raise click.UsageError(f"a format string has no NUL, and at most {LONGEST} characters")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise click.UsageError("a format string is UTF-8") from None
    need_engine()
    from bufspec.laboratory.readings import present, readings_of
    from bufspec.laboratory.search import differences, drawn
    from bufspec.reports.terminal.readings import markdown, print_readings

    absent = {name: reason for name, reason in present().items() if reason}
    names = [name for name in present() if name not in absent]
    rows: list[tuple[str, dict[str, Reading], int]]
    if search:
        rows = [(one.text, one.readings, one.times) for one in differences(drawn(search, seed), names)]
    else:
        rows = [(text, found, 1) for text, found in zip(texts, readings_of(texts, names), strict=True)]
    if page:
        from bufspec.files.written import write_named

        made_by = f"bufspec formats --search {search} --seed {seed}" if search else "bufspec formats"
        write_named(page, markdown(rows, names, made_by))
    if output == "json":
        print(json.dumps({"absent": absent, "formats": [_row(*row) for row in rows]}, indent=2))
        return
    print_readings(console(), rows, names, verbose=verbose)
    for name, reason in absent.items():
        console().print(f"{name}: {reason}")


def _row(text: str, readings: dict[str, Reading], times: int) -> dict[str, object]:
    said = {name: {"size": one.size, "note": one.note, "died": one.died} for name, one in readings.items()}
    return {"format": text, "readings": said, "texts": times}
