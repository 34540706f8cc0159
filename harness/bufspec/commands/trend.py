"""The command `bufspec trend`: what became of each subject from record to record."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bufspec.commands.ending import complain, ending_well
from bufspec.commands.formats import refuse_in_its_place
from bufspec.commands.options import format_option, verbose_option
from bufspec.reports.terminal.console import console


@click.command()
@click.argument("records", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR...")
@click.option("--html", metavar="FILE", help="Write a page with a plot and a table, which needs no network.")
@click.option("--partial", is_flag=True, help="Take records that were cut short, too.")
@format_option("pretty", "json")
@verbose_option("Also the subjects of which nothing changed.")
@ending_well
def trend(records: tuple[Path, ...], html: str | None, partial: bool, output: str, verbose: bool) -> None:
    """Show a line for each subject and version of several records, with what changed.

    \b
    bufspec trend monday tuesday wednesday
    bufspec trend nightly/* --html trend.html

    The records are taken in the order in which their runs were started.

    Exit code: 0 shown; 2 wrong usage, or a record that cannot be used; 3 the page cannot be written.
    """
    from bufspec.files.written import write_named
    from bufspec.reports.trend import lines_of, run_of
    from bufspec.run.recorded import open_record
    from bufspec.visible import visible

    runs = []
    for place in records:
        record = open_record(place, partial=partial)
        refuse_in_its_place(record.file, "--html", html)
        if not record.is_whole:
            complain(f"{record.file} was cut short")
        runs.append(run_of(visible(str(place)), record))
    runs.sort(key=lambda one: one.started)
    lines = lines_of(runs)
    if html:
        from bufspec.reports.page.trend import trend_page

        write_named(Path(html), trend_page(runs, lines))
    if output == "json":
        print(json.dumps([line.to_json() for line in lines], indent=2))
    else:
        from bufspec.reports.terminal.trend import print_trend

        print_trend(console(), runs, lines, verbose=verbose)
