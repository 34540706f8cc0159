"""The command `bufspec replay`: which case is run again, and how it is shown."""

from __future__ import annotations

import json
import os
import sys

import click
from attrs import evolve

from bufspec.commands.configured import configuration_options
from bufspec.commands.ending import Ending, ending_well, need_engine, write_text
from bufspec.commands.options import (
    edition_option,
    files_option,
    format_option,
    judge_in_python,
    python_option,
    remote_option,
    timeout_option,
)
from bufspec.commands.signals import run_in_loop
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN
from bufspec.reports.terminal.console import console
from bufspec.visible import visible


@click.command()
@click.argument("words", nargs=-1, metavar="[SUBJECT/CASE]")
@click.option(
    "--exporter",
    "expression",
    metavar="MODULE:EXPRESSION",
    help="Judge the object that this expression returns, instead of SUBJECT.",
)
@click.option(
    "--record",
    metavar="DIR[:N]",
    help="The Nth failure of this record (default: the first); - reads a line of it.",
)
@click.option("--trust", is_flag=True, help="Run what the record names, even if it is not signed by you.")
@python_option
@files_option
@remote_option
@edition_option
@click.option("--rule", metavar="RULE", help="The broken rule to show, minimise and script.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    metavar="N",
    help="Seed of the run that the case is from.  [default: fixed]",
)
@click.option("--discover/--no-discover", default=True, hidden=True)
@click.option(
    "--minimise", "minimised", is_flag=True, help="Show the simplest scenario that fails in the same way."
)
@click.option("--full", is_flag=True, help="Show every field of every step, of the case as it is.")
@click.option(
    "--standalone",
    "script",
    is_flag=False,
    flag_value="-",
    metavar="[FILE]",
    help="Write a Python script that shows the break without bufspec.  [default: to standard output]",
)
@click.option("--picture", metavar="FILE.svg", help="Write a picture of the memory, with what is wrong.")
@timeout_option
@format_option("pretty", "json")
@configuration_options("files", "timeout")
@ending_well
def replay(
    words: tuple[str, ...],
    expression: str | None,
    record: str | None,
    trust: bool,
    python: str,
    files: tuple[str, ...],
    peers: tuple[str, ...],
    edition: str,
    rule: str | None,
    seed: int | None,
    discover: bool,
    minimised: bool,
    full: bool,
    script: str | None,
    picture: str | None,
    timeout: float,
    output: str,
) -> None:
    """Run one case of one subject and show what happened: the calls, then what was expected and found.

    \b
    bufspec replay stdlib.ctypes_array/request.word_0x018
    bufspec replay --record DIR:3
    bufspec replay --python /usr/bin/python3.14 stdlib.ctypes_array/request.word_0x018
    bufspec replay --remote './peer' mine.buffer/data.read_0x11c
    bufspec replay --native ./libmine.so mine.buffer/data.read_0x11c
    bufspec replay stdlib.ctypes_array/request.word_0x018 --picture memory.svg

    A long case that fails, a random one say, is shown by the simplest scenario that fails in the same way,
    looked for within 5 seconds (--minimise: within a minute); --full shows all of the case as it is, and so
    does --format json. The case is named as in the report: SUBJECT/CASE or SUBJECT CASE; scenario:HEX and
    scenario:JSON are cases too.

    An expression or a subject file that a record names runs only if a run of yours in this folder wrote that
    record, or with --trust.

    Exit code: 0 if the case breaks no rule, 1 if it does or kills its process, 2 wrong usage, or a record
    that cannot be read or trusted, or a case of which no script can be made, 3 the script or the picture
    cannot be written.
    """
    need_engine()
    from bufspec.replay.named import case_from_record, case_from_words
    from bufspec.replay.run import Asked, replay_case
    from bufspec.reports.terminal.trace import print_replay
    from bufspec.wire.profile import DEFAULT_SEED
    from bufspec.wire.remote_file import remote_file

    words = (expression, *words) if expression else words
    if trust and not record:
        raise click.UsageError("--trust is about a --record")
    if bool(words) == bool(record):
        raise click.UsageError("a replay takes one case: bufspec replay SUBJECT/CASE, or --record DIR")
    case = (
        case_from_record(record, sys.stdin.buffer, trust=trust)
        if record
        else case_from_words(words, edition, (*files, *map(remote_file, peers)))
    )
    case = evolve(case, rule=rule or case.rule, python=os.path.abspath(python) if python else case.python)
    judge_in_python(case.python)
    if not record:
        case = evolve(case, seed=DEFAULT_SEED if seed is None else seed, discover=discover)
    asked = Asked(timeout, minimised, script is not None, in_short=not full and output == "pretty")
    shown = run_in_loop(replay_case, case, asked)
    if shown.script is not None and script is not None:
        write_text(script, shown.script)
    if picture is not None:
        from bufspec.replay.picture import picture_of_replay

        write_text(picture, picture_of_replay(shown.replay, case.rule) + "\n")
    written = {"script": script if shown.script is not None else None, "picture": picture}
    if output == "json":
        if script != "-":
            print(json.dumps(shown.replay.to_json(), indent=2))
    elif script != "-":
        print_replay(console(), shown, full=full)
        for name, file in written.items():
            if file not in (None, "-"):
                click.echo(visible(f"{name}: {file}"))
    raise Ending(EXIT_AS_EXPECTED if shown.replay.clean else EXIT_BROKEN)
