"""The directory that a run works in, and the tables as the engine gets them, here and in the workers."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bufspec import _engine
from bufspec.errors import EngineError
from bufspec.rulebook import Rulebook

TABLES_FILE = "tables.json"


@contextmanager
def working_directory() -> Iterator[Path]:
    """A directory for what a run needs only while it lasts."""
    path = Path(tempfile.mkdtemp(prefix="bufspec-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def load_engine(rulebook: Rulebook, work: Path) -> Path:
    """Give the engine of this process the tables; returns the file where they lie for the workers."""
    try:
        _engine.load_tables(rulebook.trees)
    except ValueError as error:
        raise EngineError(
            f"the engine refuses the tables: {error}", hint="bufspec spec check tells more"
        ) from error
    file = work / TABLES_FILE
    file.write_text(json.dumps(rulebook.trees), encoding="utf-8")
    return file
