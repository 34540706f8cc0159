"""The command `bufspec report`: a record as files in the formats that people and other programs read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from bufspec.commands.ending import complain, ending_well
from bufspec.reports.formats.all import FORMATS, Format

Command = TypeVar("Command", bound=Callable[..., object])
TO_STDOUT = "-"


def format_options(command: Command) -> Command:
    """An option for each format, which names the file to write."""
    for one in reversed(FORMATS):
        parameter = one.name.replace("-", "_")
        command = click.option(f"--{one.name}", parameter, metavar="FILE", help=f"Write {one.help}")(command)
    return command


@click.command()
@click.argument("record", type=click.Path(path_type=Path), metavar="DIR")
@format_options
@click.option("--partial", is_flag=True, help="Take a record that was cut short; the report says so.")
@ending_well
def report(record: Path, partial: bool, **files: str | None) -> None:
    """Write the record of a run, made with --out DIR, in other formats.

    \b
    bufspec report DIR --markdown summary.md
    bufspec report DIR --markdown -            prints it

    Exit code: 0 written; 2 wrong usage, or a record that cannot be used; 3 a file cannot be written.
    """
    asked = asked_formats(files)
    if not asked:
        raise click.UsageError(f"name a file: {', '.join('--' + one.name for one in FORMATS)}")
    from bufspec.run.recorded import open_record

    found = open_record(record, partial=partial)
    if not found.is_whole:
        complain(f"{found.file} was cut short: the report is of what it holds")
    write_formats(found, asked)


def asked_formats(files: dict[str, str | None]) -> list[tuple[Format, str]]:
    """The formats whose options were given, each with the file that was named."""
    return [(one, file) for one in FORMATS if (file := files.get(one.name.replace("-", "_"))) is not None]


def write_formats(events: Any, asked: list[tuple[Format, str]]) -> None:
    """Write each file whole or not at all; raises OutputError if that cannot be."""
    from bufspec.files.written import write_pieces

    for one, file in asked:
        if file == TO_STDOUT:
            sys.stdout.writelines(one.text(events))
        else:
            write_pieces(Path(file), one.text(events))
