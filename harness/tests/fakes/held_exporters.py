"""Exporters whose faults show only while views are held, or after many: made by hand from a type in ctypes.

Each factory gives a fresh object.  A fault is of the memory or the struct; what is refused is what
PyBuffer_FillInfo refuses.
"""

import ctypes
import mmap
from collections.abc import Callable
from typing import Any

from bad_exporters import GetBuffer, Slot, Spec

GETBUFFER_SLOT = 1
FREED_BY_MALLOC = "malloc"
FREED_BY_PYTHON = "python"

Fill = Callable[[Any, int, int], int]

_python = ctypes.pythonapi
_python.PyMem_Malloc.restype = ctypes.c_void_p
_python.PyMem_Malloc.argtypes = [ctypes.c_size_t]
_python.PyMem_Free.argtypes = [ctypes.c_void_p]
_c = ctypes.CDLL(None)
_c.malloc.restype = ctypes.c_void_p
_c.malloc.argtypes = [ctypes.c_size_t]
_c.free.argtypes = [ctypes.c_void_p]

_kept: list[object] = []


class Buffer(ctypes.Structure):
    """Py_buffer."""

    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_void_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    ]


def _instance(fill: Fill) -> Any:
    """An object whose slot calls `fill` with itself, the address of the struct and the flags."""

    def getbuffer(self: object, view: int, flags: int) -> int:
        return fill(self, view, flags)

    function = GetBuffer(getbuffer)
    slots = (Slot * 2)(Slot(GETBUFFER_SLOT, ctypes.cast(function, ctypes.c_void_p)), Slot(0, None))
    heap_type_with_attributes = 1 << 10  # Py_TPFLAGS_BASETYPE
    spec = Spec(b"held_exporters.Exporter", 0, 0, heap_type_with_attributes, slots)
    kind = _python.PyType_FromSpec(ctypes.byref(spec))
    _kept.extend([function, slots, spec, kind])

    class WithAttributes(kind):  # type: ignore[misc, valid-type]
        pass

    return WithAttributes()


def _fill_info(self: object, view: int, address: int, size: int, flags: int, readonly: int = 0) -> int:
    return int(_python.PyBuffer_FillInfo(view, self, address, size, readonly, flags))


def freeing(allocator: str | None) -> object:
    """Sixty-four bytes from an allocator, which free() gives back to it; None: which it keeps."""
    size = 64
    address = _c.malloc(size) if allocator != FREED_BY_PYTHON else _python.PyMem_Malloc(size)
    ctypes.memset(address, 7, size)
    made = _instance(lambda self, view, flags: _fill_info(self, view, address, size, flags))
    made.address = address
    made.release_memory = {FREED_BY_MALLOC: _c.free, FREED_BY_PYTHON: _python.PyMem_Free}.get(allocator or "")
    return made


def free(obj: Any) -> None:
    """The operation that goes with freeing()."""
    if obj.release_memory is not None:
        obj.release_memory(obj.address)


def mapped() -> object:
    """A page that unmap() takes away."""
    _c.mmap.restype = ctypes.c_void_p
    _c.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
    address = _c.mmap(None, 4096, 3, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    made = _instance(lambda self, view, flags: _fill_info(self, view, address, 4096, flags))
    made.address = address
    return made


def unmap(obj: Any) -> None:
    """The operation that goes with mapped()."""
    _c.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    _c.munmap(obj.address, 4096)


def mapped_readonly() -> object:
    """A page that says it may be written, and may not."""
    obj: Any = mapped()
    _c.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    _c.mprotect(obj.address, 4096, 1)
    return obj


def rewriting() -> object:
    """Shortens the first view that it gave out when the next one is asked for."""
    memory = ctypes.create_string_buffer(b"sixteen bytes..", 16)
    given: list[int] = []

    def fill(self: object, view: int, flags: int) -> int:
        if given and flags == 1:
            Buffer.from_address(given[-1]).len = 8
        else:
            given[:] = [view]
        return _fill_info(self, view, ctypes.addressof(memory), 16, flags)

    return _instance(fill)


def leaving_out(name: str) -> object:
    """Does not write one field."""
    memory = ctypes.create_string_buffer(16)

    def fill(self: object, view: int, flags: int) -> int:
        before = bytes((ctypes.c_char * ctypes.sizeof(Buffer)).from_address(view))
        result = _fill_info(self, view, ctypes.addressof(memory), 16, flags)
        descriptor = getattr(Buffer, name)
        start = descriptor.offset
        ctypes.memmove(view + start, before[start : start + descriptor.size], descriptor.size)
        return result

    return _instance(fill)


def block_for_each_view() -> object:
    """Hands out a copy each time."""
    copies: list[Any] = []

    def fill(self: object, view: int, flags: int) -> int:
        copies.append(ctypes.create_string_buffer(b"sixteen bytes..", 16))
        return _fill_info(self, view, ctypes.addressof(copies[-1]), 16, flags)

    return _instance(fill)


def leaking(size: int) -> object:
    """Takes memory for each view and never gives it back."""
    memory = ctypes.create_string_buffer(16)

    def fill(self: object, view: int, flags: int) -> int:
        _c.malloc(size)
        return _fill_info(self, view, ctypes.addressof(memory), 16, flags)

    return _instance(fill)
