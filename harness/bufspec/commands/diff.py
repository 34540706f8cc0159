"""The command `bufspec diff`: what broke, what was fixed, what is new or gone from one run to the next."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from bufspec.commands.ending import Ending, complain, ending_well
from bufspec.commands.options import format_option
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN
from bufspec.reports.terminal.console import console
from bufspec.run.news import FAIL_ON


@click.command()
@click.argument("old", type=click.Path(path_type=Path), metavar="OLD")
@click.argument("new", type=click.Path(path_type=Path), metavar="NEW")
@format_option("pretty", "json", "markdown")
@click.option(
    "--fail-on",
    type=click.Choice(list(FAIL_ON)),
    default="required",
    show_default=True,
    help="Lowest level of what must not break.",
)
@click.option("--partial", is_flag=True, help="Take a record that was cut short.")
@ending_well
def diff(old: Path, new: Path, output: str, fail_on: str, partial: bool) -> None:
    """Compare the records of two runs, made with --out DIR: what broke, what was fixed, what is new or gone.

    A rule broke if it fails on a subject on which it did not fail before, whatever an expectation says; so
    did a subject whose process ends now, or of which nothing can be judged any more. Subjects and rules that
    only one of the runs has are shown, and fail nothing.

    \b
    bufspec diff before after
    bufspec diff before after --format markdown >> "$GITHUB_STEP_SUMMARY"

    Exit code: 0 nothing broke; 1 something did (see --fail-on); 2 wrong usage, or a record that cannot be
    used.
    """
    from bufspec.reports.difference import Comparison
    from bufspec.run.recorded import open_record

    comparison = Comparison()
    older = open_record(old, partial=partial, seen=lambda number, event, name: comparison.take_old(event))
    newer = open_record(new, partial=partial, seen=lambda number, event, name: comparison.take_new(event))
    for found in (older, newer):
        if not found.foot["complete"]:
            reason = found.foot.get("reason", "a subject could not be judged")
            complain(f"{found.file} is incomplete ({reason}): what it lacks is compared with nothing")
    difference = comparison.difference()
    if output == "json":
        print(json.dumps(difference.to_json(), indent=2))
    elif output == "markdown":
        from bufspec.reports.formats.difference import markdown_from

        sys.stdout.writelines(markdown_from(difference))
    else:
        from bufspec.reports.terminal.difference import print_difference

        print_difference(console(), difference)
    raise Ending(EXIT_BROKEN if difference.broke_at(FAIL_ON[fail_on]) else EXIT_AS_EXPECTED)
