"""What does a buffer, or another interface, say of a memory: where its elements lie, and of which type?

Values and comparisons that know no interface, of the standard library alone: a script that shows a break has
this text in it.  Nothing here follows an address before somebody asks for its bytes.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

FULL_RO = 0x11C
MOST = 1 << 20
"""Bytes of a memory that are looked at again."""
FEW, NEAR = 1024, 64
FILLER = 0xA5
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
    is_of_another: bool = False
    """Whether the interface says itself that it is the memory of another object."""

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


def is_plain(buffer: Seen) -> bool:
    """Whether the buffer shows bytes, of whatever is in them: its format says nothing of that."""
    return buffer.itemsize == 1 and buffer.kind in ("u", "S")


def extents_of(seen: Seen) -> tuple[int, ...]:
    """The extents, without those of one element: these have no next one."""
    return (*(extent for extent in seen.shape if extent != 1), seen.itemsize)


def runs_of(seen: Seen) -> tuple[tuple[int, int], ...]:
    """Extents and strides of the bytes in the order of the elements, as few as say it.

    They are equal where the bytes follow each other in the same way, however items and rows group them.
    """
    runs: list[tuple[int, int]] = []
    for extent, stride in zip((*seen.shape, seen.itemsize), (*seen.strides, 1), strict=True):
        if runs and extent != 1 and runs[-1][1] == extent * stride:
            runs[-1] = (runs[-1][0] * extent, stride)
        elif extent != 1:
            runs.append((extent, stride))
    return tuple(runs)


def block_of(seen: Seen) -> tuple[int, int]:
    """Where its first byte lies, and the end of its last one."""
    ways = [(extent - 1) * stride for extent, stride in zip(seen.shape, seen.strides, strict=True)]
    first = seen.address + sum(way for way in ways if way < 0)
    return first, seen.address + sum(way for way in ways if way > 0) + seen.itemsize


def is_apart(one: Seen, other: Seen) -> bool:
    """Whether the two have no byte in common."""
    (first, end), (other_first, other_end) = block_of(one), block_of(other)
    return end <= other_first or other_end <= first


def fills_block(seen: Seen) -> bool:
    """Whether each byte of its block is of one element, in whatever order."""
    ways = sorted(zip(map(abs, seen.strides), seen.shape, strict=True), reverse=True)
    strides, shape = tuple(stride for stride, _ in ways), tuple(extent for _, extent in ways)
    return runs_of(seen._replace(shape=shape, strides=strides)) in ((), ((seen.length, 1),))


def overlaps(seen: Seen) -> bool:
    """Whether elements may lie over each other, as those of strides of another unit do."""
    inner = seen.itemsize
    for stride, extent in sorted(zip(map(abs, seen.strides), seen.shape, strict=True)):
        if extent > 1 and stride < inner:
            return True
        inner = max(inner, stride * extent)
    return False


def lies_in(buffer: Seen, other: Seen) -> bool:
    """Whether all elements of the other interface lie in the one block that the buffer shows."""
    (start, stop), (first, end) = block_of(buffer), block_of(other)
    return buffer.is_c_contiguous and (other.is_empty or (start <= first and end <= stop))


def is_bytes(buffer: Seen, other: Seen) -> bool:
    """Whether the buffer shows as plain bytes what the other has in another grouping.

    Bytes in rows, shown as bytes, are elements themselves.
    """
    of_bytes = buffer.itemsize == 1 and buffer.kind in ("u", "i", "S", "b")
    return of_bytes and (len(extents_of(buffer)) <= 2 or other.itemsize > 1)


def is_part(buffer: Seen, other: Seen) -> bool:
    """Whether the elements of the other interface are some of what the buffer shows as one row.

    Such a block has headers, rows that are padded, and more room than is used.  A row of fewer items of the
    same type, though, does not have the same elements.
    """
    is_row, is_table = len(extents_of(buffer)) <= 2, len(extents_of(other)) > 2
    in_rows = is_row and is_table and buffer.itemsize == other.itemsize and not overlaps(other)
    return lies_in(buffer, other) and (is_bytes(buffer, other) or in_rows)


def in_one_row(buffer: Seen, other: Seen) -> bool:
    """Whether both fill the same block, and one of them has a single row: that says of no other order."""
    is_row = min(len(extents_of(buffer)), len(extents_of(other))) <= 2
    return is_row and block_of(buffer) == block_of(other) and fills_block(buffer) and fills_block(other)


def same_memory(buffer: Seen, other: Seen) -> Verdict:
    """Whether both describe the same elements, in whatever groups: no document asks for the same ones."""
    if buffer.is_empty or other.is_empty:
        found = buffer.is_empty == other.is_empty or (other.is_empty and is_part(buffer, other))
        return RIGHT if found else (of_shape(buffer), of_shape(other))
    if runs_of(buffer) != runs_of(other):
        is_regrouped = extents_of(buffer) != extents_of(other)
        if is_regrouped and (is_part(buffer, other) or in_one_row(buffer, other)):
            return RIGHT
        return of_shape(buffer), of_shape(other)
    away = other.address - buffer.address
    if away == 0:
        return RIGHT
    near = abs(away) <= buffer.length + NEAR
    return "the memory of the buffer", f"memory {away:+} bytes from it" if near else "other memory"


def stays(other: Seen) -> Verdict:
    """Of memory that is not the buffer's: is it there, and nobody else's?  If so, nothing is compared."""
    first, end = block_of(other)
    length = max(0, min(MOST, end - first))
    before = peek(first, length)
    blocks = reuse_freed_memory(length)
    if (numpy := sys.modules.get("numpy")) is not None:  # it keeps small blocks of its own for arrays to come
        blocks += [numpy.full(length, FILLER, "u1") for _ in range(16)]
    after = peek(first, length)
    del blocks
    owed = "memory that stays as long as it is offered"
    if before is None or after is None:
        return owed, "memory that cannot be read"
    is_ours = any(was != now == FILLER for was, now in zip(before, after, strict=True))
    return (owed, "memory that the allocator gave away") if is_ours else None


def contents_of(seen: Seen) -> list[bytes] | None:
    """The first of its elements; None if they cannot be read."""
    first, end = block_of(seen)
    block = peek(first, min(MOST, end - first))
    if block is None:
        return None
    found = []
    for place in itertools.islice(itertools.product(*map(range, seen.shape)), FEW):
        at = seen.address - first + sum(n * stride for n, stride in zip(place, seen.strides, strict=True))
        found.append(block[at : at + seen.itemsize])
    return found


def is_copy(buffer: Seen, other: Seen) -> bool:
    """Whether memory with the same extents has the same elements, as far as they can be compared."""
    if buffer.order and other.order and buffer.order != other.order:
        return True
    return contents_of(buffer) == contents_of(other) is not None


def judged(
    buffer: Seen,
    other: Seen,
    compare: Callable[[Seen, Seen], Verdict],
    is_another: Callable[[Seen, Seen], bool],
) -> Verdict:
    """What a comparison says; `is_another` tells whether memory apart from the buffer's may be shown."""
    if buffer.is_empty or other.is_empty or not is_apart(buffer, other) or not is_another(buffer, other):
        return compare(buffer, other)
    return None if compare in (same_type, readonly_kept) else stays(other)


def is_capsule(given: Any) -> bool:
    """Whether an interface handed out a capsule, of whatever name."""
    return type(given).__name__ == "PyCapsule"


def shares(buffer: Seen, other: Seen) -> bool:
    """Whether both describe memory that begins at the same place."""
    return buffer.is_empty or buffer.address == other.address


def same_type(buffer: Seen, other: Seen) -> Verdict:
    """Whether both say that elements are of one type, as far as both say so."""
    is_regrouped = extents_of(buffer) != extents_of(other)
    if is_plain(buffer) or (is_regrouped and is_bytes(buffer, other)):
        return None if is_regrouped else RIGHT
    orders = buffer.order and other.order and buffer.kind not in ("S", "V", "O", "b")
    wrong_order = orders and buffer.itemsize > 1 and buffer.order != other.order
    return RIGHT if fits(buffer, other) and not wrong_order else (of_type(buffer), of_type(other))


def fits(buffer: Seen, other: Seen) -> bool:
    """Whether kind and bytes are those of the buffer's items, as far as its format can say them."""
    kinds, sizes = {buffer.kind, other.kind}, (buffer.itemsize, other.itemsize)
    if not buffer.kind or not other.kind or other.kind == "V" or kinds in ({"S"}, {"U"}):
        return True  # what is in records and chunks is not compared; text may be rows of characters
    if kinds == {"S", "u"}:
        return sizes[0 if buffer.kind == "u" else 1] == 1
    if kinds == {"f", "c"}:
        return sizes[0] * 2 == sizes[1] if buffer.kind == "f" else sizes[1] * 2 == sizes[0]
    return sizes[0] == sizes[1] and (len(kinds) == 1 or other.kind in ("m", "M"))


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
            blocks += [bytes([FILLER]) * max(0, size - 33), bytearray([FILLER]) * size]
            blocks.append(ctypes.create_string_buffer(bytes([FILLER]) * size, size) if size else b"")
    return blocks
