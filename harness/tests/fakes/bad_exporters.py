"""Exporters, factories and consumers that each misbehave in one way, in plain Python and ctypes.

Named in tests as MODULE:EXPRESSION.  An exporter's type is made by hand, so that its slot can do what no
class may: die, hang, or answer wrongly.  It answers as any four writable bytes would, but for one flag word.
"""

import ctypes
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from typing import NoReturn

Misdeed = Callable[[], object]

GETBUFFER_SLOT = 1
ITEMSIZE_OFFSET = 3 * ctypes.sizeof(ctypes.c_void_p)
"""Of `itemsize` in a Py_buffer."""
GetBuffer = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_void_p, ctypes.c_int)


class Slot(ctypes.Structure):
    """PyType_Slot."""

    _fields_ = [("slot", ctypes.c_int), ("function", ctypes.c_void_p)]


class Spec(ctypes.Structure):
    """PyType_Spec."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("basicsize", ctypes.c_int),
        ("itemsize", ctypes.c_int),
        ("flags", ctypes.c_uint),
        ("slots", ctypes.POINTER(Slot)),
    ]


_python = ctypes.pythonapi
_python.PyType_FromSpec.restype = ctypes.py_object
_python.PyType_FromSpec.argtypes = [ctypes.POINTER(Spec)]
_python.PyBuffer_FillInfo.argtypes = [
    ctypes.c_void_p,
    ctypes.py_object,
    ctypes.c_void_p,
    ctypes.c_ssize_t,
    ctypes.c_int,
    ctypes.c_int,
]

_memory = ctypes.create_string_buffer(b"four", 4)
_kept: list[object] = [_memory]


def exporter(flags: int | Callable[[int], bool], misdeed: Misdeed) -> object:
    """An exporter that does `misdeed` when it is asked with (such) `flags`, and is blameless otherwise."""
    is_meant = flags if callable(flags) else flags.__eq__

    def getbuffer(self: object, view: int, asked: int) -> int:
        if is_meant(asked):
            misdeed()
        return int(_python.PyBuffer_FillInfo(view, self, ctypes.addressof(_memory), 4, 0, asked))

    return _of_a_type(getbuffer)


def of_wrong_itemsize(when: Callable[[], bool]) -> object:
    """An exporter that says 2 bytes an item, not 1, where that holds, and is blameless otherwise."""

    def getbuffer(self: object, view: int, asked: int) -> int:
        status = int(_python.PyBuffer_FillInfo(view, self, ctypes.addressof(_memory), 4, 0, asked))
        if when():
            ctypes.c_ssize_t.from_address(view + ITEMSIZE_OFFSET).value = 2
        return status

    return _of_a_type(getbuffer)


def _of_a_type(getbuffer: Callable[[object, int, int], int]) -> object:
    """The one object of a type of its own."""
    function = GetBuffer(getbuffer)
    slots = (Slot * 2)(Slot(GETBUFFER_SLOT, ctypes.cast(function, ctypes.c_void_p)), Slot(0, None))
    spec = Spec(b"bad_exporters.Exporter", object.__basicsize__, 0, 0, slots)
    kind = _python.PyType_FromSpec(ctypes.byref(spec))
    _kept.extend([function, slots, spec, kind])
    made: object = kind()
    return made


def segfault() -> None:
    """Read at address 0."""
    ctypes.string_at(0)


def abort() -> NoReturn:
    """Die as the C library does."""
    os.abort()


def terminate() -> None:
    """Die of a signal that has nothing to do with memory."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)


def leave(status: int = 7) -> NoReturn:
    """End the process without a word."""
    os._exit(status)


def hang() -> NoReturn:
    """Never answer, but let other threads run."""
    while True:
        time.sleep(60)


def hang_visibly() -> NoReturn:
    """Never answer, and be seen in the folder BUFSPEC_TEST_MARKS."""
    tempfile.mkstemp(dir=os.environ["BUFSPEC_TEST_MARKS"])
    hang()


def hang_visibly_with_the_lock() -> NoReturn:
    """As hang_visibly(), and let no other thread run."""
    tempfile.mkstemp(dir=os.environ["BUFSPEC_TEST_MARKS"])
    hang_with_the_lock()


def hang_with_the_lock() -> NoReturn:
    """Never answer, and let no other thread run."""
    while True:
        _python.Py_IsInitialized()


def flood() -> None:
    """Write far more to both output streams than any pipe holds."""
    for _ in range(200):
        os.write(1, b"x" * 65536)
        os.write(2, b"y" * 65536)


def close_streams() -> None:
    """Close the standard streams."""
    for number in range(3):
        os.close(number)


def read_input() -> None:
    """Read all of standard input."""
    sys.stdin.read()
    os.read(0, 100)


def fork() -> None:
    """Leave a child behind that outlives the request."""
    if os.fork() == 0:
        time.sleep(600)
        os._exit(0)


_harm_done = False


def do_harm() -> None:
    """Do what only shows later, in another subject of the same process."""
    global _harm_done
    _harm_done = True


def harm_is_done() -> bool:
    """Whether an earlier subject has done it."""
    return _harm_done


def suffer_harm() -> None:
    """Die of what an earlier subject did, and of nothing else."""
    if _harm_done:
        os.abort()


_calls = 0


def factory_failing_after(number: int) -> object:
    """A bytearray, but an exception from the call after `number` on."""
    global _calls
    _calls += 1
    if _calls > number:
        raise RuntimeError("the factory is out of objects")
    return bytearray(4)


def factory_leaving() -> NoReturn:
    """A factory that wants the interpreter to end."""
    sys.exit("no more")


def leaves_a_mark() -> object:
    """A bytearray; each one that is made is to be seen in the folder BUFSPEC_TEST_MARKS."""
    tempfile.mkstemp(dir=os.environ["BUFSPEC_TEST_MARKS"])
    return bytearray(4)
