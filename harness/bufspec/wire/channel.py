"""The worker's end of the line to the driver, out of the reach of what a subject does to its descriptors.

A subject may close every descriptor, or open others under the same numbers: each is looked at before it is
used, so that nothing is ever read from or written to a file of the subject's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator


class Descriptor:
    """An open file by number that knows whether the number still means that file."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.error = 0
        """What the system said to the last write; 0 if nothing."""
        self._identity = self._look()

    def is_intact(self) -> bool:
        """Whether the number means what it meant at the start."""
        return self._identity is not None and self._look() == self._identity

    def write(self, line: bytes) -> bool:
        """Write all of `line`; False if the file is no longer there, or takes no more: see `error`."""
        self.error = 0
        while line:
            if not self.is_intact():
                return False
            try:
                line = line[os.write(self.number, line) :]
            except OSError as failed:
                self.error = failed.errno or 0
                return False
        return True

    def _look(self) -> tuple[int, int] | None:
        try:
            status = os.fstat(self.number)
        except OSError:
            return None
        return status.st_dev, status.st_ino


class Channel:
    """The line to the driver.  Creating it moves standard input and output away: input is then empty and
    output goes where the error stream goes."""

    def __init__(self) -> None:
        self._requests = Descriptor(os.dup(0))
        self._answers = Descriptor(os.dup(1))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)

    def lines(self) -> Iterator[bytes]:
        """Each line with a request, until the driver closes the line or a subject did."""
        waiting = b""
        while True:
            line, found, rest = waiting.partition(b"\n")
            if found:
                waiting = rest
                yield line
                continue
            if not self._requests.is_intact():
                return
            try:
                more = os.read(self._requests.number, 1 << 16)
            except OSError:
                return
            if not more:
                return
            waiting += more

    def send(self, line: bytes) -> bool:
        """Send one answer; False if the line to the driver is gone."""
        return self._answers.write(line)
