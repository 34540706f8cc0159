"""What do the subjects of one package of the zoo come to?  `bufspec check` is run for it, with its record.

A process of its own for each, since packages need not get on with each other.  A record that is whole, and
made of what is there now, is kept; one that was cut short is continued.
"""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from bufspec.errors import OutputError
from bufspec.files.problem import Refused
from bufspec.processes.own_command import run_command
from bufspec.reports.zoo import PackageRow, row_of
from bufspec.run.record import EVENTS_FILE
from bufspec.run.recorded import open_record
from bufspec.zoo.environment import Environment
from bufspec.zoo.packages import Package
from bufspec.zoo.records import Recorded, made_of, recorded

NOT_INSTALLED = "is not installed"
"""What the reason says of a package that a subject file could not import."""


def record_of(environment: Environment, package: Package) -> Path:
    """Where its record lies."""
    return environment.folder / "record" / package.module


def judge(
    environment: Environment, package: Package, *, jobs: int | None, again: bool
) -> Recorded[PackageRow]:
    """Judge it, or say what its record has if that is whole and made of what is there now."""
    if reason := environment.reasons().get(package.module):
        return Recorded(None, f"not installed: {reason}")
    folder = record_of(environment, package)
    words = ["check", f"{package.module}.*", "--python", str(environment.python), "--allow-undecided"]
    words += ["--jobs", str(jobs)] if jobs else []
    parts = made_of(environment, [package])
    came = recorded(folder, EVENTS_FILE, parts, lambda: _row(package, folder), words, again=again)
    # Anything else that is in the way of a subject file is a fault of ours, and no reason to go on.
    return evolve(came, code=0) if came.found is None and NOT_INSTALLED in came.reason else came


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
