"""Memory that ctypes or a method __buffer__ shows of a block that goes away: the same breaks, without C code."""

import ctypes
import sys
from typing import Any

from bufspec.declare import exporter

VERDICTS = {
    "regress.ctypes_resized": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.ctypes_of_a_freed_address": {"breaks": ["lifetime.export.memory_valid"]},
}

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = (ctypes.c_size_t,)
libc.free.argtypes = (ctypes.c_void_p,)


def resizable() -> Any:
    return (ctypes.c_char * 100_000)()


exporter("regress.ctypes_resized", discover=False, operations={"resize": lambda it: ctypes.resize(it, 300_000)})(resizable)


class OfAnAddress:
    """Frees what it shows; found by the block being handed out again, or unmapped."""


def of_an_address() -> Any:
    address = libc.malloc(200_000)
    made = (ctypes.c_char * 200_000).from_address(address)
    return made


exporter(
    "regress.ctypes_of_a_freed_address",
    discover=False,
    operations={"free": lambda it: libc.free(ctypes.addressof(it))},
)(of_an_address)
