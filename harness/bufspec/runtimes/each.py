"""What do subjects come to in one of several interpreters?  `bufspec check` is run for it, with its record.

A process of its own for each, since which interpreter is judged in holds for a whole process.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bufspec.errors import EXIT_INCOMPLETE, EXIT_USAGE
from bufspec.files.problem import Refused
from bufspec.interpreters.chosen import Found
from bufspec.reports.runtimes import Runtime
from bufspec.run.record import EVENTS_FILE
from bufspec.run.recorded import open_record
from bufspec.run.resume import refuse_used

ENDING_SECONDS = 20.0
"""How long a run may take to end when this process is about to."""


def folders_for(every: Sequence[Found], out: Path) -> list[Path]:
    """A folder in `out` for the record of each, by its name."""
    names: list[str] = []
    for one in every:
        name = re.sub(r"[^\w.+-]+", "-", one.facts.name)
        again = sum(other == name or other.startswith(f"{name}_") for other in names)
        names.append(f"{name}_{again + 1}" if again else name)
    return [out / name for name in names]


def refuse_used_folders(folders: Sequence[Path]) -> None:
    """Raise RecordError, before anything is judged, for a folder that has a record."""
    for folder in folders:
        refuse_used(folder, EVENTS_FILE)


def judged_in(one: Found, arguments: Sequence[str], folder: Path) -> Runtime:
    """Run `bufspec check` with these arguments in that interpreter; its record is in `folder` then."""
    command = [sys.executable, "-P", "-m", "bufspec.cli", "check", *arguments]
    command += ["--python", one.path, "--out", str(folder), "--force"]
    found = Runtime(one.facts.name, one.path)
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
    found.code = process.returncode
    try:
        open_record(folder, partial=True, seen=lambda number, event, name: found.take(event))
    except Refused:
        found.reason = _reason(said.decode("utf-8", "replace"), process.returncode)
    else:
        found.record = str(folder)
    return found


def worst_of(runtimes: Sequence[Runtime]) -> int:
    """The exit code of all: 3 if one was not judged to the end, else the highest."""
    codes = [one.code if one.is_complete or one.code == EXIT_USAGE else EXIT_INCOMPLETE for one in runtimes]
    return max(codes, default=0)


def _reason(said: str, code: int) -> str:
    """Why there is no record, in the words of the error that was printed."""
    lines = [line for line in said.splitlines() if line.startswith("error: ")]
    return lines[-1].removeprefix("error: ") if lines else f"bufspec check ended with {code}"
