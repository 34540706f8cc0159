"""Exporters of the standard library, one consumer and one function of the runtime."""

import array
import ctypes
import io
import mmap
import pickle
import sys
from importlib import import_module
from multiprocessing import shared_memory

from bufspec.declare import consumer, exporter, function

TESTBUFFER = "_testbuffer"  # in Debian's package libpython3.11-testsuite


@exporter("stdlib.bytes")
def _bytes() -> object:
    return bytes(bytearray(range(1, 25)))


@exporter("stdlib.bytes_empty")
def _bytes_empty() -> object:
    return b""


@exporter("stdlib.bytearray")
def _bytearray() -> object:
    return bytearray(range(1, 25))


@exporter("stdlib.bytearray_empty")
def _bytearray_empty() -> object:
    return bytearray()


def _array_factory(typecode: str) -> None:
    @exporter(f"stdlib.array_{typecode}")
    def _array() -> object:
        return array.array(typecode, "buffer" if typecode in "uw" else [1, 2, 3, 4, 5, 6])


for _typecode in array.typecodes:
    _array_factory(_typecode)


@exporter("stdlib.array_empty")
def _array_empty() -> object:
    return array.array("d")


class Bytes(bytes):
    """A subclass in Python of an exporter in C."""


class ByteArray(bytearray):
    """A subclass in Python of an exporter in C that can be resized."""


@exporter("stdlib.bytes_subclass")
def _bytes_subclass() -> object:
    return Bytes(b"a subclass")


@exporter("stdlib.bytearray_subclass")
def _bytearray_subclass() -> object:
    return ByteArray(b"a subclass")


@exporter("stdlib.mmap_readwrite")
def _mmap_readwrite() -> object:
    return mmap.mmap(-1, 64)


@exporter("stdlib.mmap_readonly")
def _mmap_readonly() -> object:
    return mmap.mmap(-1, 64, access=mmap.ACCESS_READ)


@exporter("stdlib.mmap_copy")
def _mmap_copy() -> object:
    return mmap.mmap(-1, 64, access=mmap.ACCESS_COPY)


@exporter("stdlib.memoryview")
def _memoryview() -> object:
    return memoryview(bytearray(range(24)))


@exporter("stdlib.memoryview_sliced")
def _memoryview_sliced() -> object:
    return memoryview(bytearray(range(24)))[20:2:-3]


@exporter("stdlib.memoryview_2d")
def _memoryview_2d() -> object:
    return memoryview(bytearray(24)).cast("i", shape=[2, 3])


@exporter("stdlib.memoryview_0d")
def _memoryview_0d() -> object:
    return memoryview(bytearray(8)).cast("d", shape=[])


@exporter("stdlib.memoryview_readonly")
def _memoryview_readonly() -> object:
    return memoryview(bytes(bytearray(range(24))))


@exporter("stdlib.memoryview_2d_readonly")
def _memoryview_2d_readonly() -> object:
    return memoryview(bytes(24)).cast("h", shape=[3, 4])


@exporter("stdlib.memoryview_empty")
def _memoryview_empty() -> object:
    return memoryview(bytearray(24))[8:8]


@exporter("stdlib.bytesio_getbuffer")
def _bytesio_getbuffer() -> object:
    return io.BytesIO(b"the bytes of a file").getbuffer()


@exporter("stdlib.picklebuffer")
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


@exporter("stdlib.ctypes_scalar")
def _ctypes_scalar() -> object:
    return ctypes.c_int(7)


@exporter("stdlib.ctypes_array")
def _ctypes_array() -> object:
    return (ctypes.c_int * 6)(1, 2, 3, 4, 5, 6)


@exporter("stdlib.ctypes_array_2d")
def _ctypes_array_2d() -> object:
    return ((ctypes.c_short * 3) * 2)()


@exporter("stdlib.ctypes_chars")
def _ctypes_chars() -> object:
    return ctypes.create_string_buffer(b"text", 8)


@exporter("stdlib.ctypes_array_empty")
def _ctypes_array_empty() -> object:
    return (ctypes.c_int * 0)()


@exporter("stdlib.ctypes_structure_packed")
def _ctypes_structure_packed() -> object:
    return Header(1, 2)


@exporter("stdlib.ctypes_structure")
def _ctypes_structure() -> object:
    return Point(b"p", 1, 2.0)


@exporter("stdlib.ctypes_union")
def _ctypes_union() -> object:
    return Word(7)


@exporter("stdlib.ctypes_pointer")
def _ctypes_pointer() -> object:
    return ctypes.pointer(ctypes.c_int(7))


class Segment:
    """Shared memory that is unlinked at once, so that no run leaves any behind."""

    def __init__(self) -> None:
        self.memory = shared_memory.SharedMemory(create=True, size=64)
        self.memory.unlink()
        assert self.memory.buf is not None, "it is open"
        self.view = self.memory.buf[:64]  # the system may round the size up


_segments: list[Segment] = []


@exporter("stdlib.shared_memory")
def _shared_memory() -> object:
    if not _segments:
        _segments.append(Segment())
    return _segments[0].view


@exporter("stdlib.testbuffer_c", needs=TESTBUFFER)
def _testbuffer_c() -> object:
    testbuffer = import_module(TESTBUFFER)
    return testbuffer.ndarray(list(range(6)), shape=[2, 3], format="i", flags=testbuffer.ND_WRITABLE)


@exporter("stdlib.testbuffer_fortran", needs=TESTBUFFER)
def _testbuffer_fortran() -> object:
    testbuffer = import_module(TESTBUFFER)
    flags = testbuffer.ND_WRITABLE | testbuffer.ND_FORTRAN
    return testbuffer.ndarray(list(range(6)), shape=[2, 3], format="i", flags=flags)


@exporter("stdlib.testbuffer_pil", needs=TESTBUFFER)
def _testbuffer_pil() -> object:
    testbuffer = import_module(TESTBUFFER)
    flags = testbuffer.ND_WRITABLE | testbuffer.ND_PIL
    return testbuffer.ndarray(list(range(6)), shape=[2, 3], format="i", flags=flags)


@exporter("stdlib.testbuffer_strided", needs=TESTBUFFER)
def _testbuffer_strided() -> object:
    testbuffer = import_module(TESTBUFFER)
    return testbuffer.ndarray(list(range(8)), shape=[4], strides=[-2], offset=6, format="B")


@consumer("stdlib.memoryview_tobytes")
def _memoryview_tobytes(exported: object) -> bytes:
    with memoryview(exported) as view:  # type: ignore[arg-type]
        return view.tobytes()


function("stdlib.PyBuffer_IsContiguous", "PyBuffer_IsContiguous")

if sys.version_info >= (3, 12):
    function("stdlib.PEP_688", "PEP 688")
