"""Exporters of the standard library and functions of the runtime; consumers: stdlib_consumers*.py."""

import array
import ctypes
import io
import mmap
import pickle
import struct
import sys
import weakref
from collections.abc import Callable
from importlib import import_module
from multiprocessing import shared_memory
from typing import Any

from bufspec.declare import Layout, exporter

TESTBUFFER = "_testbuffer"  # in Debian's package libpython3.11-testsuite
SINCE_PEP_688 = "python>=3.12"

COUNTED = bytes(range(1, 25))
TEXT = b"the bytes of a file"
NATIVE = "cbB?hHiIlLqQnNfdP"
"""The codes that memoryview casts to."""


@exporter("stdlib.bytes", expect=COUNTED)
def _bytes() -> object:
    return bytes(bytearray(COUNTED))


@exporter("stdlib.bytes_empty", expect=b"")
def _bytes_empty() -> object:
    return b""


# What bytearray does beyond its methods; append, extend, clear and the like are found by their names.
BYTEARRAY: dict[str, Callable[[Any], object]] = {
    "assign_longer_slice": lambda it: it.__setitem__(slice(0, 1), bytes(100)),
    "delete_slice": lambda it: it.__delitem__(slice(None)),
    "add_in_place": lambda it: it.__iadd__(bytes(100)),
    "repeat_in_place": lambda it: it.__imul__(9),
    "begin_again": lambda it: it.__init__(bytes(100)),
}


@exporter("stdlib.bytearray", expect=COUNTED, operations=BYTEARRAY)
def _bytearray() -> object:
    return bytearray(COUNTED)


@exporter("stdlib.bytearray_empty", expect=b"", operations=BYTEARRAY)
def _bytearray_empty() -> object:
    return bytearray()


ARRAY: dict[str, Callable[[Any], object]] = {
    "from_bytes": lambda it: it.frombytes(bytes(16 * it.itemsize)),
    "delete_slice": lambda it: it.__delitem__(slice(None)),
    "assign_longer_slice": lambda it: it.__setitem__(slice(0, 0), it * 9),
    "add_in_place": lambda it: it.__iadd__(it * 9),
    "repeat_in_place": lambda it: it.__imul__(9),
}


def _array_factory(typecode: str) -> None:
    values: Any = "buffer" if typecode in "uw" else [1, 2, 3, 4, 5, 6]

    @exporter(f"stdlib.array_{typecode}", expect=array.array(typecode, values).tobytes(), operations=ARRAY)
    def _array() -> object:
        return array.array(typecode, values)


for _typecode in array.typecodes:
    _array_factory(_typecode)


@exporter("stdlib.array_empty", expect=b"", operations=ARRAY)
def _array_empty() -> object:
    return array.array("d")


def build_array(layout: Layout) -> object:
    """One dimension of a code that array has."""
    code = layout.format.removeprefix("@")
    if layout.ndim != 1 or layout.readonly or not layout.is_c_contiguous or code not in [*"bBhHiIlLqQfd"]:
        return NotImplemented
    return array.array(code, layout.elements)


@exporter("stdlib.array_from_layout", build=build_array, expect=bytes(3), operations=ARRAY)
def _array_from_layout() -> object:
    return array.array("B", bytes(3))


class Bytes(bytes):
    """A subclass in Python of an exporter in C."""


class ByteArray(bytearray):
    """A subclass in Python of an exporter in C that can be resized."""


@exporter("stdlib.bytes_subclass", expect=b"a subclass")
def _bytes_subclass() -> object:
    return Bytes(b"a subclass")


@exporter("stdlib.bytearray_subclass", expect=b"a subclass", operations=BYTEARRAY)
def _bytearray_subclass() -> object:
    return ByteArray(b"a subclass")


MMAP: dict[str, Callable[[Any], object]] = {
    "resize": lambda it: it.resize(32),
    "close": lambda it: it.close(),
}


@exporter("stdlib.mmap_readwrite", expect=bytes(64), operations=MMAP)
def _mmap_readwrite() -> object:
    return mmap.mmap(-1, 64)


@exporter("stdlib.mmap_readonly", expect=bytes(64), operations=MMAP)
def _mmap_readonly() -> object:
    return mmap.mmap(-1, 64, access=mmap.ACCESS_READ)


@exporter("stdlib.mmap_copy", expect=bytes(64), operations=MMAP)
def _mmap_copy() -> object:
    return mmap.mmap(-1, 64, access=mmap.ACCESS_COPY)


RELEASE: dict[str, Callable[[Any], object]] = {"release": lambda it: it.release()}


MEMORYVIEWS: dict[str, tuple[bytes, Callable[[], object]]] = {
    "memoryview": (bytes(range(24)), lambda: memoryview(bytearray(range(24)))),
    "memoryview_sliced": (bytes(range(20, 2, -3)), lambda: memoryview(bytearray(range(24)))[20:2:-3]),
    "memoryview_2d": (bytes(24), lambda: memoryview(bytearray(24)).cast("i", shape=[2, 3])),
    "memoryview_0d": (bytes(8), lambda: memoryview(bytearray(8)).cast("d", shape=[])),
    "memoryview_readonly": (bytes(range(24)), lambda: memoryview(bytes(bytearray(range(24))))),
    "memoryview_2d_readonly": (bytes(24), lambda: memoryview(bytes(24)).cast("h", shape=[3, 4])),
    "memoryview_empty": (b"", lambda: memoryview(bytearray(24))[8:8]),
}

for _name, (_expect, _factory) in MEMORYVIEWS.items():
    exporter(f"stdlib.{_name}", expect=_expect, operations=RELEASE)(_factory)


def build_memoryview(layout: Layout) -> object:
    """C order of a native code, cast; or one dimension of it, sliced with a step."""
    if layout.suboffsets is not None or layout.format.removeprefix("@") not in [*NATIVE]:
        return NotImplemented
    keep = bytes if layout.readonly else bytearray
    if layout.is_c_contiguous and (layout.ndim < 2 or layout.size):
        flat: Any = memoryview(keep(layout.elements))
        return flat.cast(layout.format) if layout.ndim == 1 else flat.cast(layout.format, layout.shape)
    (stride,) = layout.strides if layout.strides is not None and layout.ndim == 1 else (0,)
    if not stride or stride % layout.itemsize:
        return NotImplemented
    reach = (layout.size - 1) * stride
    first = layout.offset + min(0, reach)
    block: Any = memoryview(keep(layout.memory))[first : first + abs(reach) + layout.itemsize]
    return block.cast(layout.format)[:: stride // layout.itemsize]


@exporter("stdlib.memoryview_from_layout", build=build_memoryview, expect=bytes(3), operations=RELEASE)
def _memoryview_from_layout() -> object:
    return memoryview(bytearray(3))


_files: dict[int, io.BytesIO] = {}
"""The file of each view of a BytesIO that is alive, by the identity of the view."""

BYTESIO: dict[str, Callable[[Any], object]] = {
    **RELEASE,
    "write_behind_the_end": lambda it: _files[id(it)].write(bytes(1000)),
    "truncate": lambda it: _files[id(it)].truncate(1),
    "close": lambda it: _files[id(it)].close(),
}


@exporter("stdlib.bytesio_getbuffer", expect=TEXT, operations=BYTESIO)
def _bytesio_getbuffer() -> object:
    file = io.BytesIO(TEXT)
    view = file.getbuffer()
    _files[id(view)] = file
    weakref.finalize(view, _files.pop, id(view))
    return view


@exporter("stdlib.picklebuffer", expect=bytes(range(24)), operations=RELEASE)
def _picklebuffer() -> object:
    return pickle.PickleBuffer(bytearray(range(24)))


class Point(ctypes.Structure):
    """A structure with padding between its fields."""

    _fields_ = [("tag", ctypes.c_char), ("x", ctypes.c_int), ("y", ctypes.c_double)]


class Header(ctypes.BigEndianStructure):
    """A structure without padding, in the other byte order."""

    _pack_ = 1
    _fields_ = [("length", ctypes.c_uint32), ("kind", ctypes.c_uint16)]


class Word(ctypes.Union):
    """Two ways to see four bytes."""

    _fields_ = [("number", ctypes.c_uint32), ("octets", ctypes.c_uint8 * 4)]


CTYPES: dict[str, Callable[[Any], object]] = {"resize": lambda it: ctypes.resize(it, 4096)}


@exporter("stdlib.ctypes_scalar", expect=struct.pack("i", 7), operations=CTYPES)
def _ctypes_scalar() -> object:
    return ctypes.c_int(7)


@exporter("stdlib.ctypes_array", expect=struct.pack("6i", 1, 2, 3, 4, 5, 6), operations=CTYPES)
def _ctypes_array() -> object:
    return (ctypes.c_int * 6)(1, 2, 3, 4, 5, 6)


@exporter("stdlib.ctypes_array_2d", expect=bytes(12), operations=CTYPES)
def _ctypes_array_2d() -> object:
    return ((ctypes.c_short * 3) * 2)()


@exporter("stdlib.ctypes_chars", expect=b"text\0\0\0\0", operations=CTYPES)
def _ctypes_chars() -> object:
    return ctypes.create_string_buffer(b"text", 8)


@exporter("stdlib.ctypes_array_empty", expect=b"", operations=CTYPES)
def _ctypes_array_empty() -> object:
    return (ctypes.c_int * 0)()


@exporter("stdlib.ctypes_structure_packed", expect=struct.pack(">IH", 1, 2), operations=CTYPES)
def _ctypes_structure_packed() -> object:
    return Header(1, 2)


@exporter("stdlib.ctypes_structure", operations=CTYPES)  # what lies in the padding is nobody's
def _ctypes_structure() -> object:
    return Point(b"p", 1, 2.0)


@exporter("stdlib.ctypes_union", expect=struct.pack("I", 7), operations=CTYPES)
def _ctypes_union() -> object:
    return Word(7)


@exporter("stdlib.ctypes_pointer")
def _ctypes_pointer() -> object:
    return ctypes.pointer(ctypes.c_int(7))


SIZED: dict[str, tuple[Any, ...]] = {
    "signed": (ctypes.c_int8, ctypes.c_int16, ctypes.c_int32, ctypes.c_int64),
    "unsigned": (ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32, ctypes.c_uint64),
    "real": (ctypes.c_float, ctypes.c_double),
}
KINDS = dict.fromkeys("bhilq", "signed") | dict.fromkeys("BHILQ", "unsigned") | dict.fromkeys("fd", "real")
OTHERS: dict[str, Any] = {"c": ctypes.c_char, "?": ctypes.c_bool}


def _ctype(format_: str, itemsize: int) -> Any:
    """The type of ctypes for a format of one code, None if there is none."""
    prefix, code = (format_[0], format_[1:]) if format_[:1] in [*"@=<>!"] else ("@", format_)
    if code in OTHERS:
        return OTHERS[code]
    sized = [one for one in SIZED.get(KINDS.get(code, ""), ()) if ctypes.sizeof(one) == itemsize]
    if not sized:
        return None
    is_big = prefix in ">!" or (prefix in "@=" and sys.byteorder == "big")
    return sized[0].__ctype_be__ if is_big else sized[0].__ctype_le__


def build_ctypes(layout: Layout) -> object:
    """C order of a code for which ctypes has a type, in either byte order."""
    kind = _ctype(layout.format, layout.itemsize)
    if kind is None or layout.readonly or not layout.is_c_contiguous:
        return NotImplemented
    for extent in reversed(layout.shape):
        kind = kind * extent
    return kind.from_buffer_copy(layout.elements)


@exporter("stdlib.ctypes_array_from_layout", build=build_ctypes, expect=bytes(6), operations=CTYPES)
def _ctypes_array_from_layout() -> object:
    return ((ctypes.c_uint8 * 3) * 2)()


class Segment:
    """Shared memory that is unlinked at once, so that no run leaves any behind."""

    def __init__(self) -> None:
        self.memory = shared_memory.SharedMemory(create=True, size=64)
        self.memory.unlink()
        assert self.memory.buf is not None, "it is open"
        self.view = self.memory.buf[:64]  # the system may round the size up
        # At the end of the process it would be closed under the views of it, which it complains of.
        self.memory.close = lambda: None  # type: ignore[method-assign]


_segments: list[Segment] = []


@exporter("stdlib.shared_memory", operations=RELEASE, volatile=True)
def _shared_memory() -> object:
    if not _segments:
        _segments.append(Segment())
    return _segments[0].view[:]


SIX = struct.pack("6i", *range(6))


# Not by the names of its methods: push() and pop() trust their arguments.
@exporter("stdlib.testbuffer_c", needs=TESTBUFFER, expect=SIX, discover=False)
def _testbuffer_c() -> object:
    testbuffer = import_module(TESTBUFFER)
    return testbuffer.ndarray(list(range(6)), shape=[2, 3], format="i", flags=testbuffer.ND_WRITABLE)


@exporter("stdlib.testbuffer_fortran", needs=TESTBUFFER, discover=False)
def _testbuffer_fortran() -> object:
    testbuffer = import_module(TESTBUFFER)
    flags = testbuffer.ND_WRITABLE | testbuffer.ND_FORTRAN
    return testbuffer.ndarray(list(range(6)), shape=[2, 3], format="i", flags=flags)


@exporter("stdlib.testbuffer_pil", needs=TESTBUFFER, expect=SIX, discover=False)
def _testbuffer_pil() -> object:
    testbuffer = import_module(TESTBUFFER)
    flags = testbuffer.ND_WRITABLE | testbuffer.ND_PIL
    return testbuffer.ndarray(list(range(6)), shape=[2, 3], format="i", flags=flags)


@exporter("stdlib.testbuffer_strided", needs=TESTBUFFER, expect=bytes([6, 4, 2, 0]), discover=False)
def _testbuffer_strided() -> object:
    testbuffer = import_module(TESTBUFFER)
    return testbuffer.ndarray(list(range(8)), shape=[4], strides=[-2], offset=6, format="B")


def build_testbuffer(layout: Layout) -> object:
    """Any strides over whole items of a format of struct; pointers to rows, as it lays them out itself.

    The items of the block are read with struct and packed again, so what does not survive that is refused;
    and only layouts that stay inside their block reach the constructor, which trusts its arguments.
    """
    block = layout.elements if layout.suboffsets is not None else layout.memory
    steps = [abs(stride) for stride in layout.strides or ()]
    is_sound = (
        0 < layout.itemsize == _size(layout.format)
        and not any(number % layout.itemsize for number in (layout.offset, len(block), *steps))
        and (layout.suboffsets is not None or all(step <= len(block) for step in steps))
        and (len(block) == layout.itemsize if layout.ndim == 0 else len(block) > 0)
    )
    if not is_sound or not layout.size:
        return NotImplemented
    items = list(struct.iter_unpack(layout.format, block))
    if b"".join(struct.pack(layout.format, *item) for item in items) != block:
        return NotImplemented
    testbuffer = import_module(TESTBUFFER)
    flags = 0 if layout.readonly else testbuffer.ND_WRITABLE
    keywords: dict[str, Any] = {"shape": list(layout.shape), "format": layout.format}
    if layout.suboffsets is not None:
        flags |= testbuffer.ND_PIL
    else:
        keywords |= {"strides": list(layout.strides or layout.c_strides), "offset": layout.offset}
    elements: list[Any] = [item[0] if len(item) == 1 else item for item in items]
    # Without dimensions it takes the element itself: in a list it takes a number for one, but no members.
    made = testbuffer.ndarray(elements if layout.ndim else elements[0], flags=flags, **keywords)
    with memoryview(made) as view:
        wanted = layout.suboffsets or (), layout.strides if layout.suboffsets is not None else view.strides
        return made if (view.suboffsets, view.strides) == wanted else NotImplemented


def _size(format_: str) -> int:
    try:
        return struct.calcsize(format_)
    except struct.error:
        return -1


@exporter(
    "stdlib.testbuffer_from_layout",
    needs=TESTBUFFER,
    build=build_testbuffer,
    expect=b"\0\0\0",
    discover=False,
)
def _testbuffer_from_layout() -> object:
    return import_module(TESTBUFFER).ndarray([0, 0, 0], shape=[3], format="B")


ND, FORMAT = 0x008, 0x004


class OnlyBuffer:
    """A class with __buffer__ and nothing to release."""

    def __init__(self) -> None:
        self.memory = bytearray(COUNTED)

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(self.memory)


class BufferAndRelease(OnlyBuffer):
    """A class that counts its views."""

    views = 0

    def __buffer__(self, flags: int) -> memoryview:
        # What memoryview would refuse is refused here: after that nobody would call __release_buffer__.
        if flags & FORMAT and not flags & ND:
            raise BufferError("the format is that of the dimensions")
        self.views += 1
        return memoryview(self.memory)

    def __release_buffer__(self, view: memoryview) -> None:
        self.views -= 1
        view.release()

    def grow(self) -> None:
        """As an exporter does that moves its memory: not while there are views."""
        if self.views:
            raise BufferError("there are views of it")
        self.memory = bytearray(1000)


class OverridingByteArray(bytearray):
    """A subclass of an exporter in C that has its say in every request and release."""

    def __buffer__(self, flags: int) -> memoryview:
        return super().__buffer__(flags)  # type: ignore[misc, no-any-return, unused-ignore]

    def __release_buffer__(self, view: memoryview) -> None:
        super().__release_buffer__(view)  # type: ignore[misc, unused-ignore]


@exporter("stdlib.class_with_buffer", needs=SINCE_PEP_688, expect=COUNTED)
def _class_with_buffer() -> object:
    return OnlyBuffer()


@exporter(
    "stdlib.class_with_release",
    needs=SINCE_PEP_688,
    expect=COUNTED,
    operations={"grow": lambda it: it.grow()},
)
def _class_with_release() -> object:
    return BufferAndRelease()


@exporter("stdlib.bytearray_overriding", needs=SINCE_PEP_688, expect=COUNTED, operations=BYTEARRAY)
def _bytearray_overriding() -> object:
    return OverridingByteArray(COUNTED)
