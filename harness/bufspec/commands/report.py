"""The command `bufspec report`: a record as files in the formats that people and other programs read."""

from __future__ import annotations

from pathlib import Path

import click

from bufspec.commands.ending import complain, ending_well
from bufspec.commands.formats import asked_formats, format_options, refuse_record_itself, write_formats
from bufspec.reports.formats.all import FORMATS


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
