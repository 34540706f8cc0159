"""The command `bufspec report`: a record as files in the formats that people and other programs read."""

from __future__ import annotations

import os
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
        option = click.option(f"--{one.name}", one.parameter, metavar="FILE", help=f"Write {one.help}")
        command = option(command)
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
    refuse_record_itself(found.file, asked)
    if not found.is_whole:
        complain(f"{found.file} was cut short: the report is of what it holds")
    write_formats(found, asked)


def asked_formats(files: dict[str, str | None]) -> list[tuple[Format, str]]:
    """The formats whose options were given, each with the file that was named."""
    asked = [(one, file) for one in FORMATS if (file := files.get(one.parameter)) is not None]
    named = [file for _, file in asked]
    if "" in named:
        raise click.UsageError("the name of a file is empty")
    if twice := next((file for file in named if named.count(file) > 1), None):
        raise click.UsageError(f"two formats for one file: {twice}")
    return asked


def refuse_record_itself(record: Path, asked: list[tuple[Format, str]]) -> None:
    """Raise UsageError for a format that would take the place of the record."""
    for one, file in asked:
        if file != TO_STDOUT and os.path.realpath(file) == os.path.realpath(record):
            raise click.UsageError(f"--{one.name} {file} is the record itself")


def write_formats(events: Any, asked: list[tuple[Format, str]]) -> None:
    """Write each file whole or not at all; raises OutputError, after the others, for one that cannot be."""
    from bufspec.errors import OutputError
    from bufspec.files.written import write_named

    failed: OutputError | None = None
    for one, file in asked:
        if file == TO_STDOUT:
            sys.stdout.writelines(one.text(events))
            continue
        try:
            write_named(Path(file), one.text(events))
        except OutputError as error:
            if failed:
                complain(failed.render())
            failed = error
    if failed:
        raise failed
