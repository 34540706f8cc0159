"""What do the subjects of one package of the zoo come to?  `bufspec check` is run for it, with its record.

A process of its own for each, since packages need not get on with each other.  A record that is whole, of the
versions that are installed now, is kept; one that was cut short is continued.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from bufspec.errors import EXIT_INCOMPLETE, OutputError
from bufspec.files.problem import Refused
from bufspec.reports.zoo import PackageRow, row_of
from bufspec.run.record import EVENTS_FILE
from bufspec.run.recorded import open_record
from bufspec.zoo.environment import Environment
from bufspec.zoo.packages import Package

ENDING_SECONDS = 20.0


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
    """Judge it, or say what its record has if that is whole and of these versions."""
    if reason := environment.reasons().get(package.module):
        return Came(None, f"not installed: {reason}")
    folder = record_of(environment, package)
    row = _row(package, folder)
    if row is not None and row.is_whole and not again:
        return Came(row, code=row.code, kept=True)
    command = [sys.executable, "-P", "-m", "bufspec.cli", "check"]
    if row is not None and not again:
        command += ["--resume", str(folder)]
        code, said = _run(command)
        if code not in (0, 1):
            return judge(environment, package, jobs=jobs, again=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        command += [f"{package.module}.*", "--python", str(environment.python), "--out", str(folder)]
        command += ["--jobs", str(jobs)] if jobs else []
        code, said = _run([*command, "--allow-undecided"])
    row = _row(package, folder)
    if row is None:
        return Came(None, _reason(said, code), 0 if _is_not_here(said) else max(code, EXIT_INCOMPLETE))
    return Came(row, code=code)


def row_from_record(environment: Environment, package: Package) -> PackageRow | None:
    """What its record says, None if there is none that can be used."""
    return _row(package, record_of(environment, package))


def write_page(environment: Environment, package: Package, file: Path) -> None:
    """Write the page of its record; raises OutputError if that cannot be."""
    command = [sys.executable, "-P", "-m", "bufspec.cli", "report", str(record_of(environment, package))]
    code, said = _run([*command, "--html", str(file)])
    if code:
        raise OutputError(f"the page cannot be written: {_reason(said, code)}", where=str(file))


def _row(package: Package, folder: Path) -> PackageRow | None:
    if not (folder / EVENTS_FILE).exists():
        return None
    try:
        return row_of(package.module, package.group, open_record(folder, partial=True))
    except Refused:
        return None


def _run(command: list[str]) -> tuple[int, str]:
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _, said = process.communicate()
    except BaseException:
        process.terminate()
        try:
            process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        raise
    return process.returncode, said.decode("utf-8", "replace")


def _is_not_here(said: str) -> bool:
    return "cannot be judged here" in said


def _reason(said: str, code: int) -> str:
    lines = [line for line in said.splitlines() if line.startswith("error: ")]
    return lines[-1].removeprefix("error: ") if lines else f"bufspec check ended with {code}"
