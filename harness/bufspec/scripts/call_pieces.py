"""The pieces of a script that calls the interpreter itself: a memory, its struct, elements by number.

Text only, as pieces.py.
"""

from __future__ import annotations

from bufspec.scripts.pieces import PIECES as OF_EXPORTERS

MEMORY = '''
class Memory:
    """A memory whose element k, in C order, holds the bytes of k, and a struct that describes it."""

    def __init__(self, shape=(), itemsize=1, format="B", strides=None, suboffsets=None, readonly=False,
                 block=0, offset=None):
        self.shape, self.itemsize, self.format = list(shape), itemsize, format
        self.given, self.suboffsets, self.readonly = strides, suboffsets, readonly
        self.strides = strides
        if strides is None:
            self.strides = [itemsize * math.prod(shape[d + 1 :]) for d in range(len(shape))]
        indices = itertools.product(*map(range, shape))
        places = [sum(i * s for i, s in zip(index, self.strides)) for index in indices]
        lowest, highest = min([0, *places]), max([0, *places])
        self.len = itemsize * math.prod(shape)
        self.bytes = ctypes.create_string_buffer(max(block, highest - lowest + itemsize) + 1)
        self.start = ctypes.addressof(self.bytes) - lowest
        self.places = [self.start + place for place in places]
        for k, place in reversed(list(enumerate(self.places))):
            ctypes.memmove(place, element(k, itemsize), itemsize)

    def struct(self, strided=False):
        """The struct that describes the memory, as C code gets it."""
        struct = Py_buffer(self.start, 0, self.len, self.itemsize, self.readonly, len(self.shape))
        self.kept = [struct, ctypes.create_string_buffer(self.format.encode())]
        struct.format = ctypes.addressof(self.kept[1])
        arrays = {"shape": self.shape, "strides": self.strides if strided else self.given}
        for name, values in {**arrays, "suboffsets": self.suboffsets}.items():
            if values:
                self.kept.append((ctypes.c_ssize_t * len(values))(*values))
                setattr(struct, name, ctypes.addressof(self.kept[-1]))
        return ctypes.byref(struct)

    def view(self):
        """A memoryview of it."""
        from_buffer = python_api.PyMemoryView_FromBuffer
        from_buffer.restype = ctypes.py_object
        return from_buffer(self.struct())

    def numbers(self):
        """The number that each element holds by now."""
        return [number(ctypes.string_at(place, self.itemsize)) for place in self.places]

    def erase(self):
        """Make no element hold a number."""
        for place in self.places:
            ctypes.memset(place, 0xFF, self.itemsize)
'''

ELEMENT = '''
def element(k, itemsize):
    """What element k holds."""
    return (k.to_bytes(8, "little") * (itemsize // 8 + 1))[:itemsize]
'''

NUMBER = '''
def number(held):
    """The number of the element that holds these bytes; -1 for none."""
    return next((k for k in range(1000) if element(k, len(held)) == held), -1)
'''

NUMBERS = '''
def numbers(held, itemsize):
    """The numbers of elements that lie without gaps."""
    return [number(held[at : at + itemsize]) for at in range(0, len(held) - itemsize + 1, itemsize)]
'''

UNPACKED = '''
def unpacked(format, held):
    """The value that these bytes are, by the struct module."""
    return struct.unpack(format, held)[0]
'''

NAME_OF = '''
def name_of(error):
    """The name of an exception, as the case spells it."""
    return "StructError" if isinstance(error, struct.error) else type(error).__name__
'''

PIECES = {
    **{name: OF_EXPORTERS[name] for name in ("Py_buffer", "python_api", "broken")},
    "element": ELEMENT,
    "number": NUMBER,
    "numbers": NUMBERS,
    "unpacked": UNPACKED,
    "name_of": NAME_OF,
    "Memory": MEMORY,
}
ALSO: dict[str, str] = {}
"""Names that a piece of another name defines: none."""
