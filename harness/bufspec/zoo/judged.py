"""What do the subjects of one package of the zoo come to?  `bufspec check` is run for it, with its record.

A process of its own for each, since packages need not get on with each other.  A record that is whole, and
made of what is there now, is kept; one that was cut short is continued.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from attrs import frozen

from bufspec.errors import EXIT_INCOMPLETE, OutputError
from bufspec.files.problem import Refused
from bufspec.files.written import new_folder
from bufspec.processes.own_command import run_command
from bufspec.reports.zoo import PackageRow, row_of
from bufspec.run.record import EVENTS_FILE
from bufspec.run.recorded import open_record
from bufspec.zoo.environment import Environment
from bufspec.zoo.packages import Package
from bufspec.zoo.records import is_made_of, keep_made_of, made_of

NOT_INSTALLED = "is not installed"
"""What the reason says of a package that a subject file could not import."""


@frozen
class Came:
    """What a package came to: its row, None with the reason where nothing was judged, and the exit code."""

    row: PackageRow | None
    reason: str = ""
    code: int = 0
    kept: bool = False


def record_of(environment: Environment, package: Package) -> Path:
    """Where its record lies."""
    return environment.folder / "record" / package.module


def judge(environment: Environment, package: Package, *, jobs: int | None, again: bool) -> Came:
    """Judge it, or say what its record has if that is whole and made of what is there now."""
    if reason := environment.reasons().get(package.module):
        return Came(None, f"not installed: {reason}")
    folder = record_of(environment, package)
    parts = made_of(environment, [package])
    row = _row(package, folder) if is_made_of(folder, parts) and not again else None
    if row is not None and row.is_whole:
        return Came(row, code=row.code, kept=True)
    if row is not None:
        ended = run_command("check", "--resume", str(folder))
        if ended.code not in (0, 1):
            return judge(environment, package, jobs=jobs, again=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        new_folder(folder)
        keep_made_of(folder, parts)
        where = ("--python", str(environment.python), "--out", str(folder))
        with_jobs = ("--jobs", str(jobs)) if jobs else ()
        ended = run_command("check", f"{package.module}.*", *where, *with_jobs, "--allow-undecided")
    row = _row(package, folder)
    if row is None:
        # Anything else that is in the way of a subject file is a fault of ours, and no reason to go on.
        is_not_here = NOT_INSTALLED in ended.reason
        return Came(None, ended.reason, 0 if is_not_here else max(ended.code, EXIT_INCOMPLETE))
    return Came(row, code=ended.code)


def row_from_record(environment: Environment, package: Package) -> PackageRow | None:
    """What its record says, None if there is none that can be used."""
    return _row(package, record_of(environment, package))


def write_page(folder: Path, file: Path) -> None:
    """Write the page of the record in the folder; raises OutputError if that cannot be."""
    ended = run_command("report", str(folder), "--html", str(file))
    if ended.code:
        raise OutputError(f"the page cannot be written: {ended.reason}", where=str(file))


def _row(package: Package, folder: Path) -> PackageRow | None:
    if not (folder / EVENTS_FILE).exists():
        return None
    try:
        return row_of(package.module, package.group, open_record(folder, partial=True))
    except Refused:
        return None
