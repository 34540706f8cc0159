"""What happened to one subject, written down as it happens: one JSON object a line in a file of its own.

A line is one write to a file opened for appending, so that what was written survives the process that
wrote it; a line that a death cut short is dropped when the journal is read.  Where a subject has closed the
file it is opened again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from bufspec.wire.channel import Descriptor


class Journal:
    """A journal open for appending.  Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._file = self._open()
        self._process = os.getpid()

    def write(self, entry: Mapping[str, Any]) -> None:
        """Append one entry; it is with the operating system when this returns.

        A forked child that comes here ends: the journal is its parent's.
        """
        if os.getpid() != self._process:
            os._exit(0)
        line = json.dumps(entry, ensure_ascii=True, default=repr).encode("ascii") + b"\n"
        if not self._file.write(line):
            self._file = self._open()
            self._file.write(line)

    def _open(self) -> Descriptor:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        return Descriptor(os.open(self._path, flags, 0o644))

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file.is_intact():
            os.close(self._file.number)


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The entries of a journal, in order; an absent file has none, a torn line is left out."""
    if not path.exists():
        return []
    entries = []
    for line in path.read_bytes().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return entries
