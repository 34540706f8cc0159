"""Does a new object of an exporter show what its first ones did?

Where a pair has written into memory that the exporter's objects share, it does not, and what comes next is
for another process.
"""

from __future__ import annotations

import ctypes
from typing import Any

from attrs import define, field

from bufspec import _engine
from bufspec.declare import Subject

SHARED_MEMORY = "memory that the exporter's objects share"
"""What is worn where a pair has changed what new objects show."""


BEHIND_HEADERS = 256
"""Bytes: so much more than its elements the block of an object's memory may have."""
PATTERNS = (0xA5, 0x5A)


def made(exporter: Subject) -> Any:
    """A new object of an exporter."""
    assert not isinstance(exporter.what, str), "a function exports nothing"
    return exporter.what()


@define
class NewObjects:
    """What each new object of an exporter shows at first, where all of them show the same memory.

    Nothing is known of objects that each have memory of their own: what a pair writes is in one of them, and
    what the next one shows may follow the clock, or be what its block held before.
    """

    exporter: Subject
    _shown: bytes | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._shown = self._of_shared_memory()

    def _of_shared_memory(self) -> bytes | None:
        """What two objects show that are there at once; None where they have memory of their own."""
        if self.exporter.volatile:
            return None
        try:
            objects = made(self.exporter), made(self.exporter)
            first, second = map(_engine.memory_of, objects)
        except BaseException:
            return None
        if first is None or second is None or first["address"] != second["address"]:
            return None
        shown: bytes | None = first["elements"]
        return shown if shown == second["elements"] else None

    def _shown_by_another(self) -> bytes | None:
        try:
            memory = _engine.memory_of(made(self.exporter))
        except BaseException:
            return None
        return memory["elements"] if memory else None

    def have_changed(self) -> bool:
        """Whether they show something else since: their memory is shared, and somebody wrote to it.

        Memory that was freed meanwhile shows whatever its block is used for: that is no pair's doing.
        """
        if self._shown is None or (now := self._shown_by_another()) == self._shown:
            return False
        for pattern in PATTERNS:
            _fill_free_blocks(len(self._shown) + BEHIND_HEADERS, pattern)
            if self._shown_by_another() != now:
                self._shown = None
                return False
        return True


def _fill_free_blocks(largest: int, pattern: int) -> None:
    """Let free blocks of the C library up to that size hold a pattern; large ones come zeroed anyway."""
    library = ctypes.CDLL(None)
    library.malloc.argtypes, library.malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
    library.free.argtypes, library.free.restype = [ctypes.c_void_p], None
    step = max(16, largest // 64)
    blocks = []
    for size in range(16, largest + step, step):
        for _ in range(8):
            if block := library.malloc(size):
                ctypes.memset(block, pattern, size)
                blocks.append(block)
    for block in blocks:
        library.free(block)
