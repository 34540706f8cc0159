"""What does a request answer, field by field?

It is made through ctypes, with any flags, into a struct that is full of a pattern.  For implementations of
Python that are CPython's C API in another place: Pyodide.
"""

import ctypes
import itertools
import sys

PATTERN = 0xA5
GUARD = 64
SSIZE = ctypes.c_ssize_t
WORD = int.from_bytes(bytes([PATTERN]) * ctypes.sizeof(SSIZE), "little")
FIELDS = ("buf", "obj", "len", "itemsize", "readonly", "ndim", "format", "shape", "strides", "suboffsets")
MOST_ELEMENTS = 1 << 16


class Struct(ctypes.Structure):
    _fields_ = [
        ("buf", ctypes.c_size_t),
        ("obj", ctypes.c_size_t),
        ("len", SSIZE),
        ("itemsize", SSIZE),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_size_t),
        ("shape", ctypes.c_size_t),
        ("strides", ctypes.c_size_t),
        ("suboffsets", ctypes.c_size_t),
        ("internal", ctypes.c_size_t),
    ]


api = ctypes.pythonapi
api.PyObject_GetBuffer.argtypes = [ctypes.py_object, ctypes.c_void_p, ctypes.c_int]
api.PyObject_GetBuffer.restype = ctypes.c_int
api.PyBuffer_Release.argtypes = [ctypes.c_void_p]
api.PyBuffer_Release.restype = None


class Poisoned:
    """A struct with a pattern in it, and around it."""

    def __init__(self):
        size = ctypes.sizeof(Struct)
        self.room = (ctypes.c_ubyte * (size + 2 * GUARD))()
        self.struct = Struct.from_buffer(self.room, GUARD)
        self.poison()

    def poison(self):
        ctypes.memset(ctypes.addressof(self.room), PATTERN, len(self.room))

    @property
    def address(self):
        return ctypes.addressof(self.struct)

    @property
    def canaries_intact(self):
        before, after = self.room[:GUARD], self.room[len(self.room) - GUARD :]
        return set(before) == set(after) == {PATTERN}


class StructView:
    """A view that is held; raises what the request raises.  Has what exporters.Exporter asks of a view."""

    def __init__(self, target, flags):
        self.target_id = id(target)
        self.held = Poisoned()
        before = sys.getrefcount(target)
        api.PyObject_GetBuffer(target, self.held.address, flags)
        self.references_gained = sys.getrefcount(target) - before
        self.canaries_intact = self.held.canaries_intact

    @property
    def struct(self):
        return self.held.struct

    def owner(self):
        obj = self.struct.obj
        if obj == 0:
            return None
        return "exporter" if obj == self.target_id else "untouched" if obj == WORD % 2**32 else "other object"

    def array(self, address):
        """The entries of an array; None where it is NULL."""
        if address == 0:
            return None
        return list((SSIZE * max(self.struct.ndim, 0)).from_address(address))

    def fields(self):
        struct = self.struct
        found = {
            "address": struct.buf,
            "obj": self.owner(),
            "len": struct.len,
            "itemsize": struct.itemsize,
            "readonly": struct.readonly,
            "ndim": struct.ndim,
            "shape": self.array(struct.shape),
            "strides": self.array(struct.strides),
            "suboffsets": self.array(struct.suboffsets),
        }
        if struct.format:
            found["format_text"] = ctypes.string_at(struct.format).decode("utf-8", "surrogateescape")
        else:
            found["format"] = None
        return found

    def unwritten(self):
        """The fields that still hold the pattern."""
        return [
            name
            for name in FIELDS
            if bytes(self.struct)[getattr(Struct, name).offset :][: getattr(Struct, name).size]
            == bytes([PATTERN]) * getattr(Struct, name).size
        ]

    def places(self):
        """The addresses of the elements, in C order; None where they are too many, or cannot be told."""
        struct, fields = self.struct, self.fields()
        shape, strides, suboffsets = fields["shape"], fields["strides"], fields["suboffsets"]
        if shape is None:
            return [struct.buf + at for at in range(struct.len)], 1
        if min(shape, default=0) < 0 or struct.itemsize <= 0:
            return None
        count = 1
        for extent in shape:
            count *= extent
        if count > MOST_ELEMENTS:
            return None
        if strides is None:
            return [struct.buf + at * struct.itemsize for at in range(count)], struct.itemsize
        found = []
        for index in itertools.product(*map(range, shape)):
            at = struct.buf
            for d, i in enumerate(index):
                at += i * strides[d]
                if suboffsets is not None and suboffsets[d] >= 0:
                    at = ctypes.c_size_t.from_address(at).value + suboffsets[d]
            found.append(at)
        return found, struct.itemsize

    def data(self):
        places = self.places()
        if places is None:
            return None
        return b"".join(ctypes.string_at(at, places[1]) for at in places[0])

    def write(self):
        """Changes the first byte and puts it back: (read back, restored); None if it is read-only."""
        before, places = self.data(), self.places()
        if self.struct.readonly or not before or places is None:
            return None
        byte = ctypes.c_ubyte.from_address(places[0][0])
        byte.value ^= 0xFF
        read_back = self.data() != before
        byte.value ^= 0xFF
        return read_back, self.data() == before

    def unseen(self):
        return []

    def release(self):
        api.PyBuffer_Release(self.held.address)

    def release_copy(self):
        """Releases through a copy of the struct; the original is overwritten first."""
        copy = Poisoned()
        ctypes.memmove(copy.address, self.held.address, ctypes.sizeof(Struct))
        self.held.poison()
        api.PyBuffer_Release(copy.address)
        self.held = copy
