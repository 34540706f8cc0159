"""Which options does `bufspec check` have, and what do they ask for?

An option is a row of one of the groups below, and a field of Asked (check_asked.py) of the same name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from bufspec.commands.configured import configuration_options
from bufspec.commands.formats import format_options
from bufspec.commands.options import (
    edition_option,
    files_option,
    force_option,
    format_option,
    python_option,
    remote_option,
    rules_of_option,
    setup_timeout_option,
    timeout_option,
    verbose_option,
)
from bufspec.declare import KINDS, ORDERS, READS, RETURNS
from bufspec.run.news import FAIL_ON

Command = TypeVar("Command", bound=Callable[..., object])

SUBJECTS = (
    click.argument("subjects", nargs=-1, metavar="[SUBJECT]..."),
    click.option(
        "--exporter",
        "expressions",
        multiple=True,
        metavar="MODULE:EXPRESSION",
        help="Judge the object that this expression returns.",
    ),
    click.option(
        "--expect",
        metavar="PYTHON",
        help="The elements of what --exporter gives, in C order, as bytes: 'bytes(range(6))'.",
    ),
    click.option("--readonly", is_flag=True, help="What --exporter gives is never to be written."),
    click.option(
        "--consumer",
        "consumers",
        multiple=True,
        metavar="MODULE:EXPRESSION",
        help="Judge this callable, which takes an exporter as its one argument.",
    ),
    click.option(
        "--kind", type=click.Choice(KINDS), default=READS, help="What --consumer does with the memory."
    ),
    click.option(
        "--returns",
        type=click.Choice(RETURNS[1:]),
        help="What --consumer returns.  [default: the same as for plain bytes]",
    ),
    click.option(
        "--order",
        type=click.Choice(ORDERS[1:]),
        help="What --consumer returns is the segment as it lies, in the order of the memory.",
    ),
    click.option(
        "--fits",
        metavar="PYTHON",
        help="The only memory that --consumer takes: "
        '\'{"nbytes": 16}\', \'{"shape": (24,), "format": "f"}\'.',
    ),
    files_option,
    remote_option,
)
"""What is judged."""

JUDGING = (
    python_option,
    edition_option,
    click.option("--rule", "rules", multiple=True, metavar="GLOB", help="Only the rules that match."),
    click.option("--exclude", multiple=True, metavar="GLOB", help="Skip the rules that match."),
    rules_of_option,
    click.option(
        "--list", "list_only", is_flag=True, help="List the rules and cases that would run; run none."
    ),
    click.option(
        "--jobs",
        type=click.IntRange(1, 256),
        metavar="N",
        help="Number of worker processes.  [default: one per processor]",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0, 2**32 - 1),
        metavar="N",
        help="Seed for generated cases.  [default: fixed]",
    ),
    click.option(
        "--no-discover",
        is_flag=True,
        help="Try only declared mutations, not methods found by their usual names.",
    ),
    timeout_option,
    setup_timeout_option,
    click.option(
        "--minimise",
        "minimises",
        is_flag=True,
        help="Show the simplest scenario that breaks each new rule, and make the script for it.",
    ),
    click.option("--fail-fast", is_flag=True, help="Stop at the first broken rule."),
    click.option("--shard", default="", metavar="I/N", help="Judge the I-th of N parts; see bufspec merge."),
    click.option(
        "--repeat",
        type=click.IntRange(1, 1000),
        default=1,
        metavar="N",
        help="Judge each subject N times; what does not come out the same is flaky.",
    ),
    click.option(
        "--last-failed", is_flag=True, help="Rerun the subjects that failed last in this directory."
    ),
    click.option(
        "--measure", "measures", is_flag=True, help="Also what a request, a release and a full read cost."
    ),
    click.option("--case", "cases", multiple=True, metavar="GLOB", help="Only the cases that match."),
    click.option(
        "--memory-limit",
        type=click.IntRange(1, 1 << 24),
        metavar="MB",
        help="Memory that a worker may use beyond what it has at the start.",
    ),
    click.option(
        "--in-process", is_flag=True, help="Judge in this process, for a debugger; a crash ends the run."
    ),
)
"""By which rules and cases, and how they are run."""

RECORD = (
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Write the record, events.jsonl, to this directory.",
    ),
    force_option,
    click.option(
        "--resume",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        metavar="DIR",
        help="Continue the interrupted run of that --out.",
    ),
    click.option(
        "--trust",
        is_flag=True,
        help="Run what --resume or --last-failed names, even if it is not signed by you.",
    ),
)
"""Where the record lies."""

VERDICT = (
    click.option(
        "--expectations",
        multiple=True,
        metavar="FILE",
        help="Known failures, in addition to those that come with bufspec.  [repeatable]",
    ),
    click.option("--no-expectations", is_flag=True, help="Ignore the known failures that come with bufspec."),
    click.option(
        "--fail-on",
        type=click.Choice(list(FAIL_ON)),
        default="required",
        show_default=True,
        help="Lowest level at which a broken rule fails the run.",
    ),
    click.option(
        "--allow-undecided/--no-allow-undecided",
        help="Do not fail for subjects of which nothing could be judged.",
    ),
)
"""What is expected, and what fails the run."""

SHOWN = (
    format_option("pretty", "json", "markdown"),
    verbose_option(
        "Also what needs no action: subjects that conform, known failures at length, ambiguous rules."
    ),
)
"""What is printed."""


def check_options(command: Command) -> Command:
    """Give a command all of the options; each is an argument of that name."""
    command = format_options(configuration_options()(command))
    for option in reversed((*SUBJECTS, *JUDGING, *RECORD, *VERDICT, *SHOWN)):
        command = option(command)
    return command
