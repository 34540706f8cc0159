"""Memory of ctypes that goes away under a view: the same break, without C code of the subject's own."""

import ctypes
from typing import Any

from bufspec.declare import exporter

VERDICTS = {
    "regress.ctypes_resized": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.ctypes_freed_200": {"breaks": ["lifetime.export.memory_valid"], "dies": True},
    "regress.ctypes_freed_200000": {"breaks": ["lifetime.export.memory_valid"], "dies": None},
    "regress.ctypes_written": {},
}

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = (ctypes.c_size_t,)
libc.free.argtypes = (ctypes.c_void_p,)


def bytes_of(array: Any) -> memoryview:
    return memoryview(array).cast("B")


def at_an_address(size: int) -> memoryview:
    """Never freed but by the operation: a block that is lost is not what is judged."""
    return bytes_of((ctypes.c_char * size).from_address(libc.malloc(size)))


def resize(it: Any) -> None:
    ctypes.resize(it.obj, 300_000)


def free(it: Any) -> None:
    libc.free(ctypes.addressof(it.obj))


def write(it: Any) -> None:
    it.obj[:] = b"x" * len(it.obj)


exporter("regress.ctypes_resized", discover=False, operations={"resize": resize})(
    lambda: bytes_of((ctypes.c_char * 100_000)())
)
for size in (200, 200_000):
    exporter(f"regress.ctypes_freed_{size}", discover=False, operations={"free": free})(
        lambda size=size: at_an_address(size)
    )
exporter("regress.ctypes_written", discover=False, operations={"write": write})(
    lambda: bytes_of((ctypes.c_char * 2_000_000)())
)
