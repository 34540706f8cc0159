"""The subjects of Pyodide: what CPython on WebAssembly exports, and PyProxy.getBuffer() of JavaScript."""

import array
import ctypes
import io
import pickle
import sys

from exporters import hexadecimal
from exporters_by_struct import StructExporter
from get_buffer import GetBuffer
from messages import Peer
from subjects import BYTES, RESIZES

VERSION = "{}.{}.{}".format(*sys.version_info[:3])


def buffer_of_bytes_io():
    return io.BytesIO(bytes(BYTES)).getbuffer()


def numbers():
    return (ctypes.c_short * 6)(*range(6))


class WithBuffer:
    """A class in Python: PEP 688."""

    def __buffer__(self, flags):
        return memoryview(bytearray(BYTES))


def exporters(package):
    plain = hexadecimal(BYTES)
    shorts = hexadecimal(array.array("h", range(6)).tobytes())
    return [
        StructExporter(package + ".bytes", lambda: bytes(bytearray(BYTES)), expect=plain, readonly=True),
        StructExporter(package + ".bytearray", lambda: bytearray(BYTES), RESIZES, expect=plain),
        StructExporter(package + ".array_h", lambda: array.array("h", range(6)), RESIZES, expect=shorts),
        StructExporter(package + ".memoryview", lambda: memoryview(bytearray(BYTES)), expect=plain),
        StructExporter(
            package + ".memoryview_sliced",
            lambda: memoryview(bytearray(BYTES))[::3],
            expect=hexadecimal(BYTES[::3]),
        ),
        StructExporter(
            package + ".memoryview_reversed",
            lambda: memoryview(bytes(BYTES))[::-1],
            expect=hexadecimal(BYTES[::-1]),
        ),
        StructExporter(
            package + ".memoryview_2d",
            lambda: memoryview(bytearray(BYTES)).cast("h", (2, 3)),
            expect=plain,
        ),
        StructExporter(package + ".bytesio_getbuffer", buffer_of_bytes_io, expect=plain),
        StructExporter(
            package + ".picklebuffer", lambda: pickle.PickleBuffer(bytearray(BYTES)), expect=plain
        ),
        StructExporter(package + ".ctypes_array", numbers, expect=shorts),
        StructExporter(package + ".pep688", WithBuffer, expect=plain),
    ]


def make_peer(version, take):
    """The peer; `take` is what gives a buffer of a Python object to JavaScript."""
    runtime = {
        "implementation": "Pyodide",
        "version": version,
        "python": VERSION,
        "pointer_bytes": ctypes.sizeof(ctypes.c_void_p),
    }
    return Peer("Pyodide " + version, runtime, [*exporters("pyodide"), GetBuffer("pyodide.get_buffer", take)])
