"""What do subjects come to in one of several interpreters?  `bufspec check` is run for it, with its record.

A process of its own for each, since which interpreter is judged in holds for a whole process.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from bufspec.errors import EXIT_INCOMPLETE, EXIT_USAGE
from bufspec.files.problem import Refused
from bufspec.interpreters.chosen import Found
from bufspec.interpreters.found import Unusable
from bufspec.processes.own_command import run_command
from bufspec.reports.runtimes import Runtime
from bufspec.run.record import EVENTS_FILE
from bufspec.run.recorded import open_record
from bufspec.run.resume import refuse_used
from bufspec.runtimes.worlds import NOTHING_ASKED, World

OF_THE_RUNTIME = "runtime."
"""How the names of the subjects begin that are the interpreter itself."""


@frozen
class Place:
    """Where the subjects are judged next: its name, its path, the arguments of `bufspec check`, and which
    subjects have another name than they have elsewhere."""

    name: str
    path: str
    arguments: tuple[str, ...]
    shared_names: Mapping[str, str] = field(factory=dict)


def in_interpreter(one: Found, subjects: Sequence[str], options: Sequence[str]) -> Place:
    """The subjects judged in that interpreter.

    One that counts no references judges exporters only: the runtime is left out there beside others.
    """
    counts = one.facts.implementation == "CPython"
    asked = subjects if counts else [name for name in subjects if not name.startswith(OF_THE_RUNTIME)]
    return Place(one.facts.name, one.path, (*(asked or subjects), *options, "--python", one.path))


def in_worlds(
    every: Sequence[World], subjects: Sequence[str], options: Sequence[str]
) -> tuple[list[Place], list[Unusable]]:
    """The subjects of the worlds that have the names of those, and the worlds that have none."""
    places, others = [], []
    for one in every:
        if asked := one.asked(subjects):
            shared = {own: name for name, own in one.subjects.items()}
            places.append(Place(one.name, one.path, (*asked, *options, "--remote", one.path), shared))
        else:
            others.append(Unusable(one.path, one.name, NOTHING_ASKED))
    return places, others


def folders_for(every: Sequence[Place], out: Path) -> list[Path]:
    """A folder in `out` for the record of each, by its name."""
    names: list[str] = []
    for one in every:
        name = re.sub(r"[^\w.+-]+", "-", one.name)
        again = sum(other == name or other.startswith(f"{name}_") for other in names)
        names.append(f"{name}_{again + 1}" if again else name)
    return [out / name for name in names]


def refuse_used_folders(folders: Sequence[Path]) -> None:
    """Raise RecordError, before anything is judged, for a folder that has a record."""
    for folder in folders:
        refuse_used(folder, EVENTS_FILE)


def judged_in(one: Place, folder: Path) -> Runtime:
    """Run `bufspec check` there; its record is in `folder` then."""
    found = Runtime(one.name, one.path, shared_names=one.shared_names)
    ended = run_command("check", *one.arguments, "--out", str(folder), "--force")
    found.code = ended.code
    try:
        open_record(folder, partial=True, seen=lambda number, event, name: found.take(event))
    except Refused:
        found.reason = ended.reason
    else:
        found.record = str(folder)
    return found


def worst_of(runtimes: Sequence[Runtime]) -> int:
    """The exit code of all: 3 if one was not judged to the end, else the highest."""
    codes = [one.code if one.is_complete or one.code == EXIT_USAGE else EXIT_INCOMPLETE for one in runtimes]
    return max(codes, default=0)
