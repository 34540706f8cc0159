"""What may a subject take of memory?  The limit of --memory-limit, on this process."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator

from bufspec.processes.memory import MEGABYTE, address_space


class MemoryLimit:
    """A limit on what this process may take beyond what it has now; none for 0 megabytes."""

    def __init__(self, megabytes: int) -> None:
        self._before, self._most = resource.getrlimit(resource.RLIMIT_AS)
        self.bytes = address_space() + megabytes * MEGABYTE if megabytes else 0

    def lower(self) -> None:
        """Put the limit in force."""
        if self.bytes:
            resource.setrlimit(resource.RLIMIT_AS, (self.bytes, self._most))

    def lift(self) -> None:
        """Put back what was in force before."""
        if self.bytes:
            resource.setrlimit(resource.RLIMIT_AS, (self._before, self._most))

    @contextlib.contextmanager
    def lifted(self) -> Iterator[None]:
        """No limit for a moment, for what is ours to do."""
        self.lift()
        try:
            yield
        finally:
            self.lower()
