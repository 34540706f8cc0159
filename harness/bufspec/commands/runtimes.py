"""The command `bufspec runtimes`: the interpreters of this machine side by side."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click
from attrs import asdict

from bufspec.commands.ending import Ending, complain, ending_well, need_engine
from bufspec.commands.options import (
    files_option,
    force_option,
    format_option,
    refuse_force_alone,
    verbose_option,
)
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
@click.option("--list", "list_only", is_flag=True, help="List the interpreters; judge nothing.")
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
    list_only: bool,
    output: str,
    verbose: bool,
) -> None:
    """Judge subjects in several interpreters: rule by interpreter, and what changed from each to the next.

    A word with a slash is the path of an interpreter, any other a subject. Without paths, all that are found
    on PATH, in /usr/bin, among those of pyenv, and in build/runtimes, where `make runtimes` installs those of
    Debian. Without subjects, stdlib.*.

    \b
    bufspec runtimes --list
    bufspec runtimes stdlib.bytearray 'numpy.*'
    bufspec runtimes /usr/bin/python3.11 ~/.pyenv/versions/3.12.1/bin/python --out records
    bufspec report records/* --html runtimes.html

    In the table, `ok` is a rule that holds, `2 of 30` one that is broken on 2 of the 30 subjects that it was
    judged on, and `-` one that was not judged. Only rules that differ are shown.

    Exit code: 0 nothing new; 1 a new failure in one of them; 2 wrong usage; 3 one could not be judged to the
    end.
    """
    refuse_force_alone(force, out)
    need_engine()
    from bufspec.reports.runtimes import rows_of, steps_of
    from bufspec.reports.terminal.runtimes import print_list, print_runtimes, print_unusable
    from bufspec.runtimes.each import folders_for, judged_in, refuse_used_folders, worst_of
    from bufspec.runtimes.which import interpreters_asked, is_path

    found = interpreters_asked([word for word in words if is_path(word)])
    unusable = [asdict(one) for one in found.unusable]
    if list_only:
        if output == "json":
            listed = [{"path": one.path, **one.facts.to_json()} for one in found.usable]
            print(json.dumps({"runtimes": listed, "not_judged": unusable}, indent=2))
        else:
            print_list(console(), found.usable)
            print_unusable(console(), found.unusable)
        return
    subjects = [word for word in words if not is_path(word)] or ([] if files else ["stdlib.*"])
    named = (("--subjects", files), ("--rule", rules), ("--case", cases), ("--jobs", (jobs,) if jobs else ()))
    arguments = [*subjects, *(str(word) for name, given in named for one in given for word in (name, one))]
    with tempfile.TemporaryDirectory(prefix="bufspec-runtimes-") as temporary:
        folders = folders_for(found.usable, out or Path(temporary))
        if not force:
            refuse_used_folders(folders)
        came = []
        for number, (one, folder) in enumerate(zip(found.usable, folders, strict=True), start=1):
            complain(f"{number} of {len(folders)}: {one.facts.name}, {one.path}")
            came.append(judged_in(one, arguments, folder))
    if out is None:
        for runtime in came:
            runtime.record = ""
    judged = [one for one in came if one.subjects]
    rows, steps = (rows_of(judged), steps_of(judged)) if judged else ([], [])
    if output == "json":
        shown = {
            "runtimes": [one.to_json() for one in came],
            "rows": [asdict(one) for one in rows if one.differs or verbose],
            "steps": [
                {**asdict(one), "changes": [change.to_json() for change in one.changes]} for one in steps
            ],
            "not_judged": unusable,
        }
        print(json.dumps(shown, indent=2))
    else:
        print_runtimes(console(), came, rows, steps, verbose=verbose)
        print_unusable(console(), found.unusable)
    raise Ending(worst_of(came))
