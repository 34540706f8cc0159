"""The command `bufspec bisect`: the first interpreter in which a rule comes to something else."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click

from bufspec.commands.ending import Ending, complain, ending_well, need_engine
from bufspec.commands.options import files_option, format_option
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN, EXIT_USAGE, InterpreterError, WorkerError
from bufspec.reports.terminal.console import console


@click.command()
@click.argument("rule")
@click.argument("subject")
@click.argument("more", nargs=-1, metavar="[PATH]...")
@click.option(
    "--pythons",
    "paths",
    multiple=True,
    metavar="PATH...",
    help="The interpreters; those after the first may follow it.  [default: all that are found]",
)
@files_option
@format_option("pretty", "json")
@ending_well
def bisect(
    rule: str,
    subject: str,
    more: tuple[str, ...],
    paths: tuple[str, ...],
    files: tuple[str, ...],
    output: str,
) -> None:
    """Name the first interpreter, by version, in which RULE comes to something else on SUBJECT.

    The oldest is judged first, then each after it until one differs. RULE may be `death`: whether the process
    of the subject ends.

    \b
    bufspec bisect request.reserved.clean_failure stdlib.bytearray
    bufspec bisect consumer.capability.accepted stdlib.int_from_bytes \\
        --pythons /usr/bin/python3.13 /usr/bin/python3.14 /usr/bin/python3.15

    Exit code: 0 the same in all; 1 one differs; 2 wrong usage; 3 one could not be judged.
    """
    need_engine()
    if more and not paths:
        raise click.UsageError("paths of interpreters follow --pythons")
    from bufspec.reports.runtimes import came_to
    from bufspec.runtimes.each import in_interpreter, judged_in
    from bufspec.runtimes.which import interpreters_asked
    from bufspec.words import DEATH

    found = interpreters_asked([*paths, *more])
    for other in found.unusable:
        complain(f"not judged: {other.name} ({other.path}): {other.reason}")
    options = ["--rule", rule] if rule != DEATH else []
    options += ["--fail-on", "none", *(word for file in files for word in ("--subjects", file))]
    seen: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory(prefix="bufspec-bisect-") as temporary:
        for number, one in enumerate(found.usable):
            runtime = judged_in(in_interpreter(one, [subject], options), Path(temporary) / str(number))
            if not runtime.is_complete:
                kind = InterpreterError if runtime.code == EXIT_USAGE else WorkerError
                raise kind(f"{runtime.name} could not be judged: {runtime.reason}", where=one.path)
            seen.append((runtime.name, one.path, came_to(runtime, subject, rule)))
            if seen[-1][2] != seen[0][2]:
                break
    differs = seen[-1][2] != seen[0][2]
    if output == "json":
        judged = [{"name": name, "path": path, "outcome": outcome} for name, path, outcome in seen]
        print(json.dumps({"rule": rule, "subject": subject, "differs": differs, "judged": judged}, indent=2))
    else:
        from bufspec.reports.terminal.runtimes import print_bisected

        print_bisected(console(), rule, subject, seen)
    raise Ending(EXIT_BROKEN if differs else EXIT_AS_EXPECTED)
