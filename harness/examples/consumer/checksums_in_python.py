"""Consumers in Python: a checksum of any memory, and a function that fills it."""

from __future__ import annotations

from typing import Any


def adler(exported: Any) -> int:
    """The Adler-32 checksum of the elements in the order of their indices, however they lie in memory."""
    low, high = 1, 0
    with memoryview(exported) as view:
        # tobytes() copies element by element where the memory is not in one piece.
        for byte in view.tobytes():
            low = (low + byte) % 65521
            high = (high + low) % 65521
    return high << 16 | low


def fill(exported: Any) -> None:
    """Write 0, 1, 2, ... over contiguous memory; anything else is refused."""
    with memoryview(exported) as view:
        if view.readonly or not view.c_contiguous:
            raise BufferError("only writable memory in C order can be filled")
        if not view.nbytes:
            return
        with view.cast("B") as data:
            for number in range(len(data)):
                data[number] = number % 256
