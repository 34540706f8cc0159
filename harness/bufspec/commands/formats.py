"""Which formats of the record is a command asked to write, and how are they written?"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from bufspec.commands.ending import complain
from bufspec.reports.formats.all import FORMATS, Format, Sources

Command = TypeVar("Command", bound=Callable[..., object])
TO_STDOUT = "-"


def format_options(command: Command) -> Command:
    """An option for each format, which names the file to write."""
    for one in reversed(FORMATS):
        option = click.option(f"--{one.name}", one.parameter, metavar="FILE", help=f"Write {one.help}")
        command = option(command)
    return command


def asked_formats(files: dict[str, str | None]) -> list[tuple[Format, str]]:
    """The formats whose options were given, each with the file that was named."""
    asked = [(one, file) for one in FORMATS if (file := files.get(one.parameter)) is not None]
    if "" in [file for _, file in asked]:
        raise click.UsageError("the name of a file is empty")
    named = [file if file == TO_STDOUT else os.path.realpath(file) for _, file in asked]
    for (one, file), path in zip(asked, named, strict=True):
        if named.count(path) > 1:
            raise click.UsageError(f"two formats for one file: {file}")
        if file != TO_STDOUT and os.path.isdir(path):
            raise click.UsageError(f"--{one.name} {file} is a folder, not a file")
    return asked


def refuse_record_itself(record: Path, asked: list[tuple[Format, str]]) -> None:
    """Raise UsageError for a format that would take the place of the record."""
    for one, file in asked:
        refuse_in_its_place(record, f"--{one.name}", file)


def refuse_in_its_place(record: Path, option: str, file: str | None) -> None:
    """Raise UsageError for a file to write that is the record."""
    if file not in (None, TO_STDOUT) and os.path.realpath(str(file)) == os.path.realpath(record):
        raise click.UsageError(f"{option} {file} is the record itself")


def texts() -> Mapping[str, Any]:
    """What the tables say of the rules, for reports, which know no tables."""
    from bufspec.tables.texts import rule_texts

    return rule_texts()


def write_formats(sources: Sources, asked: list[tuple[Format, str]]) -> None:
    """Write each file whole or not at all; raises OutputError, after the others, for one that cannot be."""
    from bufspec.errors import OutputError
    from bufspec.files.written import write_named

    failed: OutputError | None = None
    for one, file in asked:
        if file == TO_STDOUT:
            sys.stdout.writelines(one.text(sources))
            continue
        try:
            write_named(Path(file), one.text(sources))
        except OutputError as error:
            if failed:
                complain(failed.render())
            failed = error
    if failed:
        raise failed
