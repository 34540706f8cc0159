"""The folder that a run works in: what lies there while it lasts, and what outlives a driver that was killed.

Without --out it is a temporary folder, which the next run removes if its driver is gone; with --out it is a
folder next to the record, from which the run can be continued (resume.py).
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bufspec import _engine
from bufspec.errors import EngineError
from bufspec.isolation.job import SubjectRun
from bufspec.processes.running import is_running, start_time
from bufspec.tables.rulebook import Rulebook

TABLES_FILE = "tables.json"
DRIVER_FILE = "driver"
PREFIX = "bufspec-"


@contextmanager
def working_directory() -> Iterator[Path]:
    """A temporary folder for what a run needs only while it lasts; what killed drivers left is removed."""
    remove_abandoned(Path(tempfile.gettempdir()))
    path = Path(tempfile.mkdtemp(prefix=PREFIX))
    claim(path)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def claim(folder: Path) -> None:
    """Say in the folder that this process works in it."""
    write_whole(folder / DRIVER_FILE, f"{os.getpid()} {start_time(os.getpid())}\n")


def claimed_by(folder: Path) -> int:
    """The number of the running process that works in the folder, 0 if there is none."""
    try:
        number, started = (folder / DRIVER_FILE).read_text(encoding="utf-8").split()
        return int(number) if is_running(int(number), started) else 0
    except (OSError, ValueError):
        return 0


def remove_abandoned(parent: Path) -> None:
    """Remove the working folders of ours in `parent` whose drivers are gone."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            is_ours = folder.stat().st_uid == os.getuid() and (folder / DRIVER_FILE).is_file()
            if is_ours and not claimed_by(folder):
                shutil.rmtree(folder, ignore_errors=True)


def load_engine(rulebook: Rulebook, work: Path) -> Path:
    """Give the engine of this process the tables; returns the file where they lie for the workers."""
    try:
        _engine.load_tables(rulebook.trees)
    except ValueError as error:
        raise EngineError(
            f"the engine refuses the tables: {error}", hint="run bufspec spec check for details"
        ) from error
    file = work / TABLES_FILE
    write_whole(file, json.dumps(rulebook.trees))
    return file


def save_run(work: Path, index: int, run: SubjectRun) -> None:
    """Keep what subject number `index` came to."""
    import cattrs

    write_whole(_run_file(work, index), json.dumps(cattrs.unstructure(run)))


def load_run(work: Path, index: int) -> SubjectRun | None:
    """What subject number `index` came to, None if it was not finished."""
    import cattrs

    try:
        kept = json.loads(_run_file(work, index).read_text(encoding="utf-8"))
        return cattrs.structure(kept, SubjectRun)
    except FileNotFoundError:
        return None


def write_whole(file: Path, text: str) -> None:
    """Write a file that is there either with all of `text` or not at all, whenever this process is killed."""
    half = file.with_name(file.name + ".half")
    half.write_text(text, encoding="utf-8")
    half.replace(file)


def _run_file(work: Path, index: int) -> Path:
    return work / f"{index:04}.finished.json"
