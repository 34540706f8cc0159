"""The subjects of MicroPython: what its memoryview shows of the built-in types."""

import sys

from exporters import Exporter, hexadecimal
from memory import Skipped
from messages import Peer
from subjects import BYTES, append_one, extend

FULL_RO = 0x11C
UNSEEN = ["buf", "obj", "itemsize", "ndim", "format", "strides", "suboffsets"]
OPERATIONS = [("append", append_one), ("extend", extend)]
VERSION = ".".join([str(number) for number in sys.implementation.version[:3]])
LANGUAGE = ".".join([str(number) for number in sys.version_info[:3]])


class View:
    """A memoryview that is held.  It has a length, indices, slices and bytes(), and no more."""

    def __init__(self, target, flags):
        if flags != FULL_RO:
            raise Skipped("Python code makes requests by memoryview() alone")
        self.view = memoryview(target)

    def fields(self):
        return {
            "len": len(bytes(self.view)),
            "readonly": 0 if self.is_writable() else 1,
            "shape": [len(self.view)],
        }

    def is_writable(self):
        if not len(self.view):
            return False
        try:
            self.view[0] = self.view[0]
        except TypeError:
            return False
        return True

    def unseen(self):
        return UNSEEN

    def data(self):
        return bytes(self.view)

    def write(self):
        """Changes the first element and puts it back: (read back, restored); None if it is read-only."""
        if not self.is_writable():
            return None
        before, old = self.data(), self.view[0]
        self.view[0] = old + 1 if old < 100 else old - 1
        read_back = self.view[0] != old and self.data() != before
        self.view[0] = old
        return read_back, self.data() == before

    def release(self):
        self.view = None  # it has no release(): the collector gives it up


def exporter(name, make, expect, operations=(), **more):
    return Exporter(
        "micropython." + name, make, operations, view=View, unseen=UNSEEN, expect=hexadecimal(expect), **more
    )


def subjects():
    made = [
        exporter("bytes", lambda: bytes(BYTES), BYTES, readonly=True),
        exporter("bytearray", lambda: bytearray(BYTES), BYTES, OPERATIONS),
        exporter("memoryview", lambda: memoryview(bytearray(BYTES)), BYTES),
        exporter("memoryview_slice", lambda: memoryview(bytearray(BYTES))[2:7], BYTES[2:7]),
        exporter("memoryview_readonly", lambda: memoryview(bytes(BYTES)), BYTES, readonly=True),
    ]
    try:
        from array import array
    except ImportError:
        return made
    shorts = bytes(array("h", [0, 1, -2, 30000]))
    made.append(exporter("array_h", lambda: array("h", [0, 1, -2, 30000]), shorts, OPERATIONS))
    made.append(exporter("memoryview_of_array", lambda: memoryview(array("h", [0, 1, -2, 30000])), shorts))
    return made


RUNTIME = {"implementation": "MicroPython", "version": VERSION, "python": LANGUAGE, "pointer_bytes": 4}
peer = Peer("MicroPython " + VERSION, RUNTIME, subjects())


def answer(line):
    return peer.answer(line) or ""
