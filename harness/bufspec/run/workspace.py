"""The folder that a run works in: what lies there while it lasts, and what outlives a driver that was killed.

Without --out it is a temporary folder, which the next run removes if its driver is gone; with --out it is a
folder next to the record, from which the run can be continued (resume.py).
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bufspec import _engine
from bufspec.errors import BufspecError, EngineError, OutputError
from bufspec.files.opened import read_bytes
from bufspec.files.removed import remove_tree
from bufspec.files.written import write_whole
from bufspec.isolation.tables import write_tables
from bufspec.processes.running import is_running, start_time
from bufspec.tables.rulebook import Rulebook

TABLES_FILE = "tables.json"
DRIVER_FILE = "driver"
PREFIX = "bufspec-"
LONGEST_CLAIM = 100


@contextmanager
def working_directory() -> Iterator[Path]:
    """A temporary folder for what a run needs only while it lasts; what killed drivers left is removed."""
    try:
        remove_abandoned(Path(tempfile.gettempdir()))
        path = Path(tempfile.mkdtemp(prefix=PREFIX))
    except OSError as error:
        raise OutputError(
            f"no temporary folder can be made: {error.strerror}", hint="TMPDIR names where they are made"
        ) from error
    claim(path)
    try:
        yield path
    finally:
        remove_tree(path)


def claim(folder: Path) -> None:
    """Say in the folder that this process works in it."""
    write_whole(folder / DRIVER_FILE, f"{os.getpid()} {start_time(os.getpid())}\n")


def claimed_by(folder: Path) -> int:
    """The number of the running process that works in the folder, 0 if there is none."""
    try:
        claim = read_bytes(folder / DRIVER_FILE, LONGEST_CLAIM, follow=False)
        number, started = claim.decode("ascii").split()
        return int(number) if is_running(int(number), started) else 0
    except (OSError, ValueError, BufspecError):
        return 0


def remove_abandoned(parent: Path) -> None:
    """Remove the working folders of ours in `parent` whose drivers are gone."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            status = folder.lstat()
            is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
            is_ours = is_ours and stat.S_ISREG((folder / DRIVER_FILE).lstat().st_mode)
            if is_ours and not claimed_by(folder):
                remove_tree(folder)


def load_engine(rulebook: Rulebook, work: Path) -> Path:
    """Give the engine of this process the tables; returns the file where they lie for the workers."""
    try:
        _engine.load_tables(rulebook.trees)
    except ValueError as error:
        raise EngineError(
            f"the engine refuses the tables: {error}", hint="run bufspec spec check for details"
        ) from error
    file = work / TABLES_FILE
    write_tables(file, json.dumps(rulebook.trees))
    return file
