"""What does a buffer, or another interface, say of a memory: where its elements lie, and of which type?

Values and comparisons that know no interface, of the standard library alone: a script that shows a break has
this text in it.  Nothing here follows an address before somebody asks for its bytes.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any, NamedTuple

FULL_RO = 0x11C
MOST = 1 << 20
"""Bytes of a memory that are looked at again."""
NATIVE = "<" if sys.byteorder == "little" else ">"
KINDS = {
    **dict.fromkeys("bhilqn", "i"),
    **dict.fromkeys("BHILQNP", "u"),
    **dict.fromkeys("efdg", "f"),
    **dict.fromkeys(("Ze", "Zf", "Zd", "Zg", "F", "D", "G"), "c"),
    **dict.fromkeys("csp", "S"),
    "?": "b",
    "w": "U",
    "O": "O",
    "x": "V",
}
"""What each code of a format is, in the letters of the array interface."""

api = ctypes.PyDLL(None)  # of its own: anybody may set the argument types of ctypes.pythonapi
api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
api.PyCapsule_GetPointer.restype = ctypes.c_void_p
api.PyCapsule_GetName.argtypes = [ctypes.py_object]
api.PyCapsule_GetName.restype = ctypes.c_char_p
api.PyCapsule_SetName.argtypes = [ctypes.py_object, ctypes.c_char_p]
api.PyCapsule_IsValid.argtypes = [ctypes.py_object, ctypes.c_char_p]
api.Py_IncRef.argtypes = [ctypes.py_object]

Verdict = tuple[str, str] | None
"""What is owed and what was found, both empty if all is right; None where there is nothing to judge."""
RIGHT: Verdict = ("", "")


class Py_buffer(ctypes.Structure):
    """The struct of the C API; a pointer is a number here, 0 is NULL."""

    _fields_ = (
        *((name, ctypes.c_size_t) for name in ("buf", "obj")),
        *((name, ctypes.c_ssize_t) for name in ("len", "itemsize")),
        *((name, ctypes.c_int) for name in ("readonly", "ndim")),
        *((name, ctypes.c_size_t) for name in ("format", "shape", "strides", "suboffsets", "internal")),
    )


class Seen(NamedTuple):
    """A memory as one interface describes it."""

    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    itemsize: int
    kind: str = ""
    """A letter of the array interface; empty for what is not one number or character."""
    order: str = ""
    """The byte order, "<" or ">"; empty where it does not matter or is not known."""
    readonly: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is no element."""
        return 0 in self.shape

    @property
    def is_c_contiguous(self) -> bool:
        """Whether the elements fill one block in C order."""
        due = c_strides(self.shape, self.itemsize)
        return all(one == other for n, one, other in zip(self.shape, self.strides, due, strict=True) if n > 1)

    @property
    def length(self) -> int:
        """The bytes of all elements."""
        count = self.itemsize
        for extent in self.shape:
            count *= extent
        return count


def c_strides(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """The strides of C order."""
    strides, step = [], itemsize
    for extent in reversed(shape):
        strides.append(step)
        step *= extent
    return tuple(reversed(strides))


def type_of(format_: str) -> tuple[str, str]:
    """The kind and the byte order that a format says, both empty where it is more than one item."""
    order = format_[:1] if format_[:1] in ("@", "=", "<", ">", "!", "^") else ""
    code = format_[len(order) :].lstrip("0123456789")
    counted = len(code) < len(format_) - len(order)
    kind = KINDS.get(code, "")
    if counted and kind not in ("S", "U", "V"):
        return "", ""
    return kind, {"<": "<", ">": ">", "!": ">"}.get(order, NATIVE) if kind else ""


def address_of(view: memoryview) -> int:
    """Where the first element of a view lies."""
    struct = Py_buffer()
    api.PyObject_GetBuffer(ctypes.py_object(view), ctypes.byref(struct), FULL_RO)
    api.PyBuffer_Release(ctypes.byref(struct))
    return int(struct.buf)


def buffer_of(exporter: Any) -> Seen | None:
    """The memory by the buffer protocol; None if it is refused, indirect, or another for each request."""
    try:
        with memoryview(exporter) as view, memoryview(exporter) as again:
            if view.suboffsets or address_of(view) != address_of(again):
                return None
            kind, order = type_of(view.format)
            shape, strides = view.shape or (), view.strides or ()
            if len(strides) != view.ndim:
                strides = c_strides(shape, view.itemsize)
            return Seen(address_of(view), shape, strides, view.itemsize, kind, order, view.readonly)
    except Exception:
        return None


def is_flat(buffer: Seen, other: Seen) -> bool:
    """Whether the buffer shows as plain bytes what the other interface shows as items, or as rows of them."""
    plain = buffer.itemsize == 1 and len(buffer.shape) <= 1 and buffer.kind in ("u", "i", "S", "b")
    return plain and (other.itemsize > 1 or len(other.shape) > 1)


def lies_in(other: Seen, buffer: Seen) -> bool:
    """Whether all elements of one lie in the block of the other, which is in C order.

    Plain bytes may be more than the elements: rows are padded, and blocks longer than what is used of them.
    """
    ways = [(extent - 1) * stride for extent, stride in zip(other.shape, other.strides, strict=True)]
    first = other.address + sum(way for way in ways if way < 0)
    end = other.address + sum(way for way in ways if way > 0) + other.itemsize
    return buffer.address <= first and end <= buffer.address + buffer.length


def same_memory(buffer: Seen, other: Seen, *, is_linear: bool = False) -> Verdict:
    """Whether both describe the same elements; `is_linear` knows one dimension and no strides."""
    if buffer.is_empty or other.is_empty:
        found = buffer.is_empty == other.is_empty
        return RIGHT if found else (of_shape(buffer), of_shape(other))
    if is_flat(buffer, other) and buffer.is_c_contiguous and lies_in(other, buffer):
        return RIGHT
    if is_flat(buffer, other) or (is_linear and buffer.is_c_contiguous):
        same = other.is_c_contiguous and buffer.length == other.length
    else:
        same = buffer.shape == other.shape and all(
            one == two
            for n, one, two in zip(buffer.shape, buffer.strides, other.strides, strict=True)
            if n > 1
        )
    if not same:
        return of_shape(buffer), of_shape(other)
    away = other.address - buffer.address
    if away == 0:
        return RIGHT
    near = abs(away) <= buffer.length + 64
    return "the memory of the buffer", f"memory {away:+} bytes from it" if near else "other memory"


def shares(buffer: Seen, other: Seen) -> bool:
    """Whether both describe memory that begins at the same place."""
    return buffer.is_empty or buffer.address == other.address


def same_type(buffer: Seen, other: Seen) -> Verdict:
    """Whether both say that elements are of one type, as far as both say so."""
    if is_flat(buffer, other):
        return None
    kinds = buffer.kind and other.kind
    wrong_kind = kinds and buffer.kind != other.kind and {buffer.kind, other.kind} != {"S", "u"}
    orders = buffer.order and other.order and buffer.kind not in ("S", "V", "O", "b")
    wrong_order = orders and buffer.itemsize > 1 and buffer.order != other.order
    if buffer.itemsize == other.itemsize and not wrong_kind and not wrong_order:
        return RIGHT
    return of_type(buffer), of_type(other)


def readonly_kept(buffer: Seen, other: Seen) -> Verdict:
    """Whether memory that the buffer calls read-only is so by the other interface, too."""
    if other.readonly is None or not shares(buffer, other):
        return None
    return RIGHT if other.readonly or not buffer.readonly else ("read-only memory", "writable memory")


def of_shape(seen: Seen) -> str:
    """The geometry in words."""
    return f"shape {seen.shape}, strides {seen.strides}, itemsize {seen.itemsize}"


WORDS = {"i": "integer", "u": "unsigned integer", "f": "float", "c": "complex", "b": "boolean", "S": "bytes"}


def of_type(seen: Seen) -> str:
    """The type in words."""
    order = {"<": ", little-endian", ">": ", big-endian"}[seen.order] if seen.order else ""
    size = "1 byte" if seen.itemsize == 1 else f"{seen.itemsize} bytes"
    return f"{WORDS.get(seen.kind, 'item')} of {size}{order if seen.itemsize > 1 else ''}"


def peek(address: int, length: int) -> bytes | None:
    """The bytes there; None where they cannot be read.  Elsewhere than on Linux it trusts the address."""
    try:
        with open("/proc/self/mem", "rb", buffering=0) as memory:
            found = os.pread(memory.fileno(), length, address)
    except FileNotFoundError:
        return ctypes.string_at(address, length)
    except (OSError, OverflowError):
        return None
    return found if len(found) == length else None


def reuse_freed_memory(length: int) -> list[Any]:
    """Blocks of every allocator and of about that size, filled: what was freed is most likely among them."""
    blocks: list[Any] = []
    for size in (length, length + 1, length + 16, length + 32, length + 64):
        for _ in range(16):
            blocks += [bytes([0xA5]) * max(0, size - 33), bytearray(b"\xa5") * size]
            blocks.append(ctypes.create_string_buffer(b"\xa5" * size, size) if size else b"")
    return blocks
