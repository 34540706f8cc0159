"""What does each parser of format strings make of one text?

They answer in another process (`readings.py`), for some are in C and may die of a text.  A verdict is the
size of an item, or a refusal with its reason.
"""

from __future__ import annotations

import ctypes
import struct
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

from attrs import frozen

from bufspec import _engine

LONGEST_REASON = 60


@frozen
class Reading:
    """What one parser says of one text."""

    size: int | None = None
    """Of an item; None where the text is refused."""
    note: str = ""
    """Why it is refused, or what else is to be said."""
    died: bool = False
    looks: bool = True
    """Whether the parser looks at the text at all."""

    @property
    def verdict(self) -> str:
        """Its class: two readings differ where these do."""
        if not self.looks:
            return "any"
        return "died" if self.died else "refused" if self.size is None else f"{self.size}"


Parser = Callable[[str], Reading]


def _refused(error: BaseException) -> Reading:
    reason = f"{type(error).__name__}: {error}"
    return Reading(None, reason if len(reason) <= LONGEST_REASON else reason[: LONGEST_REASON - 3] + "...")


def reference(text: str) -> Reading:
    """The reference of bufspec: the grammar of PEP 3118."""
    size = _engine.format_size(text)
    return Reading(None, "not in the grammar of PEP 3118") if size is None else Reading(size)


def struct_module(text: str) -> Reading:
    """The module struct, which is also PyBuffer_SizeFromFormat."""
    try:
        return Reading(struct.calcsize(text))
    except (struct.error, UnicodeError, ValueError) as error:
        return _refused(error)


class _Struct(ctypes.Structure):
    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    ]


class Exported:
    """A memory of one item of that format, as a memoryview; it lives as long as this.

    A large item has less memory than it says, for of such a one nobody reads more than a native code.
    """

    MOST = 1 << 32
    ROOM = 1 << 12

    def __init__(self, text: str) -> None:
        size = _engine.format_size(text)
        if size is None:
            size = 8  # a reader that looks at the format first does not come to look at the memory
        if size > self.MOST:
            raise ValueError("an item of more than 4 GiB")
        self._memory = ctypes.create_string_buffer(self.ROOM)
        self._shape = (ctypes.c_ssize_t * 1)(1)
        self._text = text.encode()
        view = _Struct(
            buf=ctypes.addressof(self._memory),
            len=size,
            itemsize=size,
            ndim=1,
            format=self._text,
            shape=ctypes.addressof(self._shape),
        )
        make = ctypes.pythonapi.PyMemoryView_FromBuffer
        make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p]
        self.view: memoryview = make(ctypes.addressof(view))


def memory_view(text: str) -> Reading:
    """memoryview, when it reads an element."""
    try:
        exported = Exported(text)
        exported.view[0]
    except (NotImplementedError, ValueError) as error:
        return _refused(error)
    return Reading(exported.view.itemsize)


def numpy(text: str) -> Reading:
    """NumPy, as numpy.asarray reads the format of a buffer."""
    # By its own function, so that what it finds does not depend on an itemsize.
    parse: Any = getattr(import_module("numpy._core._internal"), "_dtype_from_pep3118")  # noqa: B009
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = parse(text)
    except Exception as error:
        return _refused(error)
    return Reading(int(read.itemsize), str(read))


def ctypes_module(text: str) -> Reading:
    """ctypes, which takes any memory and does not look at its format."""
    try:
        exported = Exported(text)
        taken = (ctypes.c_char * exported.view.nbytes).from_buffer(exported.view)
    except (TypeError, ValueError) as error:
        return _refused(error)
    return Reading(ctypes.sizeof(taken), "does not look at the format", looks=False)


PARSERS: dict[str, Parser] = {
    "reference": reference,
    "struct": struct_module,
    "memoryview": memory_view,
    "numpy": numpy,
    "ctypes": ctypes_module,
}
"""By the name of the column."""
