"""The command `bufspec report`: a record as files in the formats that people and other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bufspec.commands.ending import complain, ending_well
from bufspec.commands.formats import (
    asked_formats,
    format_options,
    refuse_record_itself,
    texts,
    write_formats,
)
from bufspec.reports.formats.all import FORMATS, Format, Sources

if TYPE_CHECKING:
    from bufspec.pairs.recorded import PairsRecord
    from bufspec.run.recorded import Record


@click.command()
@click.argument("records", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR...")
@format_options
@click.option("--partial", is_flag=True, help="Take a record that was cut short; the report says so.")
@ending_well
def report(records: tuple[Path, ...], partial: bool, **files: str | None) -> None:
    """Write the record of a run, made with --out DIR, in other formats.

    \b
    bufspec report DIR --markdown summary.md
    bufspec report DIR --markdown -            prints it
    bufspec report DIR --html report.html      a page that works without a network
    bufspec report OLD NEW --html report.html  what changed from one runtime to the next

    The page also shows a record of bufspec pairs --out DIR.

    Exit code: 0 written; 2 wrong usage, or a record that cannot be used; 3 a file cannot be written.
    """
    asked = asked_formats(files)
    if not asked:
        raise click.UsageError(f"name a file: {', '.join('--' + one.name for one in FORMATS)}")
    sources = sources_of(records, asked, partial=partial)
    write_formats(sources, asked)


def sources_of(records: tuple[Path, ...], asked: list[tuple[Format, str]], *, partial: bool) -> Sources:
    """What a report of these folders is made of; raises UsageError if a format of `asked` cannot show it."""
    from bufspec.pairs.recorded import has_pairs, open_pairs
    from bufspec.run.record import EVENTS_FILE
    from bufspec.run.recorded import open_record

    paired = [place for place in records if has_pairs(place)]
    judged = [place for place in records if place not in paired or (place / EVENTS_FILE).exists()]
    for one, _ in asked:
        if not one.takes_all and len(judged) != 1:
            raise click.UsageError(f"--{one.name} is of one record of bufspec check, not of {len(judged)}")
    found = [open_record(place, partial=partial) for place in judged]
    pairs = [open_pairs(place, partial=partial) for place in paired]
    every: list[Record | PairsRecord] = [*found, *pairs]
    for each in every:
        refuse_record_itself(each.file, asked)
        if not each.is_whole:
            complain(f"{each.file} was cut short: the report is of what it holds")
    return Sources(tuple(found), tuple(pairs), texts)
