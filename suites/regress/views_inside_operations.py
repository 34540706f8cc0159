"""A view that a callback takes in the middle of an operation is an export like any other.

What lies in small memory that was freed is not what was there, so the rule of the elements is broken with it.
"""

import ctypes
import threading
from collections.abc import Callable
from typing import Any

from bufspec.declare import exporter, while_changing

VERDICTS = {
    "regress.table": {},
    "regress.table.while_growing": {"breaks": ["field.buf.same_memory", "lifetime.export.memory_valid"]},
    "regress.table.while_clearing": {"breaks": ["field.buf.same_memory", "lifetime.export.memory_valid"]},
    "regress.table.while_refusing": {},
    "regress.table.while_copying": {},
    "regress.bytearray": {},
    "regress.bytearray.while_extending": {},
}

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = (ctypes.c_size_t,)
libc.free.argtypes = (ctypes.c_void_p,)


class Table:
    """Memory of the C library's, and methods that change it and call back."""

    def __init__(self, size: int = 200) -> None:
        self.size = size
        self.address: int = libc.malloc(size)
        self.views = 0
        self.lock = threading.Lock()
        self.copy = bytearray(size)

    def view(self) -> memoryview:
        self.views += 1
        return memoryview((ctypes.c_char * self.size).from_address(self.address)).cast("B")

    def grow(self, call_back: Callable[..., object]) -> None:
        with self.lock:
            call_back()
            self.reallocate(self.size)

    def reallocate(self, size: int) -> None:
        libc.free(self.address)
        self.size, self.address = size, libc.malloc(size)

    def clear(self, call_back: Callable[..., object]) -> None:
        """It raises after the harm is done."""
        with self.lock:
            call_back("one", "two")
            self.reallocate(self.size)
        raise ValueError("not all of it could be cleared")

    def refuse(self, call_back: Callable[..., object]) -> None:
        call_back()
        if self.views:
            raise BufferError("a view is held")
        self.grow(lambda: None)

    def swap(self, call_back: Callable[..., object]) -> None:
        call_back()
        self.copy = bytearray(self.size)


def extend(it: Any, call_back: Callable[..., object]) -> None:
    it.extend(call_back() for _ in range(9))


exporter(
    "regress.table",
    discover=False,
    views={
        "while_growing": while_changing(Table.grow, Table.view),
        "while_clearing": while_changing(Table.clear, Table.view),
        "while_refusing": while_changing(Table.refuse, Table.view),
        "while_copying": while_changing(Table.swap, lambda it: memoryview(it.copy)),
    },
)(Table)
exporter("regress.bytearray", views={"while_extending": while_changing(extend)})(lambda: bytearray(64))
