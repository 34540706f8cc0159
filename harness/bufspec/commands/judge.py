"""The command `bufspec judge`: which rules were broken by an application that was recorded, and by whom.

Thin: reading and judging is bufspec.interposed.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from bufspec.commands.ending import Ending, ending_well, need_engine
from bufspec.commands.options import format_option, verbose_option
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN
from bufspec.reports.terminal.console import console


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--fail-on",
    type=click.Choice(["required", "recommended", "none"]),
    default="required",
    show_default=True,
    help="Exit with 1 if a rule of this level, or of a higher one, is broken.",
)
@click.option(
    "--expectations",
    multiple=True,
    metavar="FILE",
    help="Known failures, in addition to those that come with bufspec.  [repeatable]",
)
@click.option("--no-expectations", is_flag=True, help="Ignore the known failures that come with bufspec.")
@format_option("pretty", "json")
@verbose_option("Also every place, and what was not seen or judged.")
@ending_well
def judge(
    folder: Path,
    fail_on: str,
    expectations: tuple[str, ...],
    no_expectations: bool,
    output: str,
    verbose: bool,
) -> None:
    """Say which rules a recorded application broke, and by whom, and which views it still held at its exit.

    \b
    bufspec record --out requests -- python app.py
    bufspec judge requests

    A rule that binds exporters was broken by a type, one that binds consumers at a place of the application.
    Each answer is held against itself: what an object answered at another time proves nothing, for the
    application may have changed it. What cannot be judged is skipped with the reason.

    The `subject` of an expectation is the name of a type here, `app.Image`; those that come with bufspec for
    the standard library hold for its types. A break that one lists is shown last, and fails nothing.

    Exit code: 0 no rule broken but as expected, 1 a rule broken, 2 wrong usage, or a recording that is
    damaged.
    """
    need_engine()
    from bufspec import _engine
    from bufspec.interposed.judgement import judge_recordings
    from bufspec.interposed.shown import shown_judgement
    from bufspec.run.expectations.entry import Expectations
    from bufspec.run.expectations.files import load_expectations
    from bufspec.tables.rulebook import load_rulebook
    from bufspec.words import CURRENT

    rulebook = load_rulebook(CURRENT, _engine.rule_ids())
    judgement = judge_recordings(folder, rulebook)
    known = Expectations()
    for version in judgement.versions:
        peers = {"CPython": version}
        known = known.and_those_of(
            load_expectations(expectations, rulebook.rules, ours=not no_expectations, peers=peers)
        )
    shown = shown_judgement(judgement, rulebook, known)
    if output == "json":
        print(json.dumps(shown.to_json(), indent=2))
    else:
        from bufspec.reports.terminal.recording import print_judgement

        print_judgement(console(), shown, verbose=verbose)
    levels = {"required": {"required"}, "recommended": {"required", "recommended"}, "none": set()}[fail_on]
    news = [one for one in shown.broken if one.expected_because is None]
    raise Ending(EXIT_BROKEN if any(one.level in levels for one in news) else EXIT_AS_EXPECTED)
