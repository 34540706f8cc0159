"""The command `bufspec runtimes`: the interpreters of this machine side by side."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click
from attrs import asdict

from bufspec.commands.ending import Ending, complain, ending_well, need_engine
from bufspec.commands.formats import asked_formats, write_formats
from bufspec.commands.options import (
    files_option,
    force_option,
    format_option,
    refuse_force_alone,
    verbose_option,
)
from bufspec.commands.report import sources_of
from bufspec.errors import SelectionError
from bufspec.reports.terminal.console import console


@click.command()
@click.argument("words", nargs=-1, metavar="[PATH|SUBJECT]...")
@files_option
@click.option("--rule", "rules", multiple=True, metavar="GLOB", help="Only the rules that match.")
@click.option("--case", "cases", multiple=True, metavar="GLOB", help="Only the cases that match.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Number of worker processes.  [default: one per processor]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the record of each to a folder of this directory.",
)
@force_option
@click.option(
    "--remote",
    "peers",
    multiple=True,
    metavar="COMMAND",
    help="Also the implementation whose peer this command starts.  [repeatable]",
)
@click.option("--html", metavar="FILE", help="Write a page of all of them, as bufspec report does.")
@click.option("--list", "list_only", is_flag=True, help="List them; judge nothing.")
@format_option("pretty", "json")
@verbose_option("All rules, and every change by name.")
@ending_well
def runtimes(
    words: tuple[str, ...],
    files: tuple[str, ...],
    rules: tuple[str, ...],
    cases: tuple[str, ...],
    jobs: int | None,
    out: Path | None,
    force: bool,
    peers: tuple[str, ...],
    html: str | None,
    list_only: bool,
    output: str,
    verbose: bool,
) -> None:
    """Judge subjects in several interpreters: rule by interpreter, and what changed from each to the next.

    A word with a slash is the path of an interpreter, as --list shows it; any other is a subject. Without
    paths and --remote, all that are found on PATH, in /usr/bin, among those of pyenv, and in build/runtimes,
    where `make runtimes` installs those of Debian; and the other implementations of Python in
    harness/adapters/remote/worlds that are installed. Without subjects, stdlib.* and runtime.*.

    Other implementations have subjects of their own: jython.bytearray, say, is shown where stdlib.bytearray
    is.

    \b
    bufspec runtimes --list
    bufspec runtimes stdlib.bytearray 'numpy.*' --html runtimes.html
    bufspec runtimes /usr/bin/python3.11 ~/.pyenv/versions/3.12.1/bin/python --out records
    bufspec report records/* --html runtimes.html

    In the table, `ok` is a rule that holds, `2 of 30` one that is broken on 2 of the 30 subjects that it was
    judged on, and `-` one that was not judged. Only rules that differ are shown.

    Exit code: 0 nothing new; 1 a new failure in one of them; 2 wrong usage; 3 one could not be judged to the
    end.
    """
    refuse_force_alone(force, out)
    asked = asked_formats({"html": html})
    need_engine()
    from bufspec.interpreters.found import Interpreters
    from bufspec.reports.runtimes import rows_of, steps_of
    from bufspec.reports.terminal.runtimes import print_list, print_runtimes, print_unusable
    from bufspec.runtimes.each import (
        folders_for,
        in_interpreter,
        in_worlds,
        judged_in,
        refuse_used_folders,
        worst_of,
    )
    from bufspec.runtimes.which import interpreters_asked, is_path, sorted_paths, worlds_asked

    paths, of_worlds = sorted_paths([word for word in words if is_path(word)])
    peers = (*peers, *of_worlds)
    found = interpreters_asked(paths) if paths or not peers else Interpreters()
    worlds, silent = worlds_asked(peers, others=bool(paths))
    others = [*found.unusable, *silent]
    if list_only:
        if output == "json":
            listed = [{"path": one.path, **one.facts.to_json()} for one in found.usable]
            listed += [{"path": one.path, "name": one.name} for one in worlds]
            print(json.dumps({"runtimes": listed, "not_judged": list(map(asdict, others))}, indent=2))
        else:
            names = [(one.facts.name, one.path) for one in found.usable]
            print_list(console(), [*names, *((one.name, one.path) for one in worlds)])
            print_unusable(console(), others)
        return
    subjects = [word for word in words if not is_path(word)] or ([] if files else ["stdlib.*", "runtime.*"])
    named = (("--subjects", files), ("--rule", rules), ("--case", cases), ("--jobs", (jobs,) if jobs else ()))
    options = [str(word) for name, given in named for one in given for word in (name, one)]
    places, without = in_worlds(worlds, subjects, options)
    others += without
    places = [*(in_interpreter(one, subjects, options) for one in found.usable), *places]
    if not places:
        raise SelectionError(
            f"nothing can be judged: {others[0].reason}" if others else "no interpreter and no peer is there",
            where=others[0].path if others else "--remote",
        )
    with tempfile.TemporaryDirectory(prefix="bufspec-runtimes-") as temporary:
        folders = folders_for(places, out or Path(temporary))
        if not force:
            refuse_used_folders(folders)
        came = []
        for number, (one, folder) in enumerate(zip(places, folders, strict=True), start=1):
            complain(f"{number} of {len(folders)}: {one.name}, {one.path}")
            came.append(judged_in(one, folder))
        if asked and (records := [Path(one.record) for one in came if one.record]):
            write_formats(sources_of(tuple(records), asked, partial=True), asked)
    if out is None:
        for runtime in came:
            runtime.record = ""
    rows, steps = rows_of(came), steps_of([one for one in came if one.subjects])
    if output == "json":
        shown = {
            "runtimes": [one.to_json() for one in came],
            "rows": [asdict(one) for one in rows if one.differs or verbose],
            "steps": [
                {**asdict(one), "changes": [change.to_json() for change in one.changes]} for one in steps
            ],
            "not_judged": list(map(asdict, others)),
        }
        print(json.dumps(shown, indent=2))
    else:
        print_runtimes(console(), came, rows, steps, verbose=verbose)
        print_unusable(console(), others)
    raise Ending(worst_of(came))
