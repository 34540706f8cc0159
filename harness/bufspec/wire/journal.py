"""What happened to one subject, written down as it happens: one JSON object a line in a file of its own.

A line is one write to a file opened for appending, so that what was written survives the process that wrote
it; a line that a death cut short is dropped.  Where a subject has closed the file the worker opens it again.
The subject may write there, too, or put something else in its place: the driver keeps the file that it made,
waits for nothing, and takes only entries that fit their types (messages.py).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from bufspec.files.removed import make_way
from bufspec.wire.channel import Descriptor
from bufspec.wire.line import MessageError, decode_entry, quoted

MOST_LINE = 1 << 23
MOST_JOURNAL = 1 << 26
CHUNK = 1 << 20
ASIDE = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""How a file is opened that may be a link or a pipe by now: then this fails, and does not wait."""


class Journal:
    """A journal open for appending.  Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._file = self._open()
        self._process = os.getpid()

    def write(self, entry: Mapping[str, Any]) -> None:
        """Append one entry; it is with the operating system when this returns.

        A forked child that comes here ends: the journal is its parent's.  Raises OSError if that fails.
        """
        if os.getpid() != self._process:
            os._exit(0)
        line = json.dumps(entry, ensure_ascii=True, default=repr).encode("ascii") + b"\n"
        if not self._file.write(line):
            self._file = self._open()
            if not self._file.write(line):
                raise OSError(self._file.error, f"the journal {self._path.name} cannot be written")

    def _open(self) -> Descriptor:
        return Descriptor(os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | ASIDE, 0o600))

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file.is_intact():
            os.close(self._file.number)


class JournalReader:
    """The driver's end: makes the file, and reads what workers append to it.

    What does not fit is a MessageError, and nothing is read from there on.
    """

    def __init__(self, path: Path) -> None:
        make_way(path)
        self._path = path
        self._number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | ASIDE, 0o600)
        self._entries: list[dict[str, Any]] = []
        self._read = 0
        self._rest = b""
        self.damage: MessageError | None = None
        """Why what comes next cannot be believed, once that was read."""

    def entries(self) -> list[dict[str, Any]]:
        """All entries so far, in order.  Raises MessageError for what no worker of ours has written."""
        found = self.entries_that_fit()
        if self.damage:
            raise self.damage
        return found

    def entries_that_fit(self) -> list[dict[str, Any]]:
        """The entries so far, in order, up to the first that does not fit, where `damage` begins."""
        if not self.damage and self._number >= 0:
            try:
                self._read_on()
            except MessageError as error:
                self.damage = error
        return self._entries

    def _read_on(self) -> None:
        status = os.fstat(self._number)
        try:
            there = os.stat(self._path, follow_symlinks=False)
        except OSError:
            raise MessageError("journal: the file was removed", where="worker") from None
        if not os.path.samestat(status, there):
            raise MessageError("journal: the file was replaced", where="worker")
        if status.st_size < self._read:
            raise MessageError("journal: the file was cut short", where="worker")
        if status.st_size > MOST_JOURNAL:
            raise MessageError(f"journal: more than {MOST_JOURNAL} bytes", where="worker")
        while more := os.pread(self._number, CHUNK, self._read):
            self._read += len(more)
            *lines, self._rest = (self._rest + more).split(b"\n")
            for line in lines:
                self._take(line)
            if len(self._rest) > MOST_LINE:
                raise MessageError(f"journal: a line of more than {MOST_LINE} bytes", where="worker")

    def _take(self, line: bytes) -> None:
        try:
            self._entries.append(decode_entry(line))
        except MessageError as error:
            raise MessageError(f"{error.what}: {quoted(line)}", where="worker") from error

    def drop_torn_line(self) -> None:
        """Let the file end with its last whole line: the process that wrote the rest is dead.

        Nothing is done about a file that is damaged.
        """
        self.entries_that_fit()
        if self.damage:
            return
        self._read -= len(self._rest)
        self._rest = b""
        os.ftruncate(self._number, self._read)

    def close(self) -> None:
        """Close the file; twice is once."""
        number, self._number = self._number, -1
        if number >= 0:
            os.close(number)
