"""Each kind of exporter that was once judged wrongly, as a class with `__buffer__` (Python 3.12 and later).

A class that counts its exports in `__buffer__` stays locked once the memoryview that it returns refuses what
was asked: nothing is released then (`lifetime.export.lock_ends`, recommended).
"""

import array
import ctypes
import inspect
import struct
from typing import Any

from bufspec.declare import exporter

VERDICTS = {
    "regress.copies": {"recommends": []},
    "regress.copies_of_many": {"recommends": []},
    "regress.writable_copies": {"breaks": ["field.readonly.of_a_copy"]},
    "regress.copies_in_the_wrong_order": {"breaks": ["field.strides.elements_right"]},
    "regress.grow_80": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_90000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_2000000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.refuses_to_grow": {"recommends": ["lifetime.export.lock_ends"]},
    "regress.array_refuses_to_grow": {"recommends": []},
    "regress.surface": {"recommends": []},
    "regress.surface.leaks": {
        "breaks": ["error.refusal.nothing_kept", "lifetime.release.references_restored"]
    },
    "regress.surface.keeps_count": {},
    "regress.buffer_of_an_instance": {"undecided": "exports no buffer"},
    "regress.buffer_taken_away": {"undecided": "refused all"},
    "regress.never": {"undecided": "refused all"},
    "regress.transposed": {"breaks": ["field.strides.elements_right"]},
    "regress.not_transposed": {"recommends": []},
}
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = (ctypes.c_size_t,)
libc.free.argtypes = (ctypes.c_void_p,)


class Strided:
    """Every third item.  Who asks for one segment gets a read-only copy of them, each its own block."""

    wrong_order = writable = False

    def __init__(self, code: str, count: int) -> None:
        self.view = memoryview(array.array(code, range(1, 3 * count + 1)))[::3]

    def __buffer__(self, flags: int) -> memoryview:
        asked = inspect.BufferFlags(flags)
        strided = inspect.BufferFlags.STRIDES
        contiguous = (0x038, 0x058, 0x098)
        if strided in asked and not any(flags & word == word for word in contiguous):
            return self.view
        if flags & inspect.BufferFlags.WRITABLE and not self.writable:
            raise BufferError("a copy is not written")
        items = self.view.tolist()[:: -1 if self.wrong_order else 1]
        copy = array.array(self.view.format, items)
        return memoryview(copy) if self.writable else memoryview(copy).toreadonly()


class WronglyOrdered(Strided):
    wrong_order = True


class Writable(Strided):
    writable = True


class Freed:
    """Memory of malloc that moves when it grows."""

    def __init__(self, size: int, counts: bool = False) -> None:
        self.size, self.counts, self.exports = size, counts, 0
        self.address = self.filled(size, 5)

    @staticmethod
    def filled(size: int, byte: int) -> Any:
        address = libc.malloc(size)
        ctypes.memset(address, byte, size)
        return address

    def grow(self) -> None:
        if self.counts and self.exports:
            raise BufferError("exported")
        moved = self.filled(2 * self.size, 6)
        libc.free(self.address)
        self.address, self.size = moved, 2 * self.size

    def __buffer__(self, flags: int) -> memoryview:
        made = memoryview((ctypes.c_char * self.size).from_address(self.address)).cast("B")
        self.exports += 1
        return made

    def __release_buffer__(self, view: memoryview) -> None:
        self.exports -= 1
        view.release()

    def __del__(self) -> None:
        libc.free(self.address)


class Grown:
    """Memory that refuses to grow by itself while a view is held."""

    def __init__(self) -> None:
        self.memory = array.array("I", range(9))

    def grow(self) -> None:
        self.memory.append(1)

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(self.memory)


class Surface:
    def __init__(self) -> None:
        self.memory = bytes(range(70))

    def leaks(self) -> memoryview:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self))
        return memoryview(self)

    def keeps_count(self) -> memoryview:
        return memoryview(self)

    def __buffer__(self, flags: int) -> memoryview:
        if flags & inspect.BufferFlags.WRITABLE:
            raise BufferError("read-only")
        return memoryview(self.memory)


class OfAnInstance:
    def __init__(self) -> None:
        self.__buffer__ = lambda flags: memoryview(b"abc")


class TakenAway(Strided):
    __buffer__ = None  # type: ignore[assignment]


class Never:
    def __buffer__(self, flags: int) -> memoryview:
        raise BufferError("not now")


class Transposed:
    """Four rows of two shorts; `cells` says how they lie."""

    def __init__(self, cells: tuple[int, ...]) -> None:
        self.view = memoryview(array.array("h", cells)).cast("B").cast("h", [4, 2])

    def __buffer__(self, flags: int) -> memoryview:
        return self.view


exporter("regress.copies", expect=struct.pack("4i", 1, 4, 7, 10))(lambda: Strided("i", 4))
exporter("regress.copies_of_many")(lambda: Strided("d", 4000))
exporter("regress.writable_copies")(lambda: Writable("H", 5))
exporter("regress.copies_in_the_wrong_order")(lambda: WronglyOrdered("q", 6))
for _size in (80, 90_000, 2_000_000):
    exporter(f"regress.grow_{_size}", operations={"grow": Freed.grow}, discover=False)(
        lambda size=_size: Freed(size)
    )
exporter("regress.refuses_to_grow", operations={"grow": Freed.grow})(lambda: Freed(64, True))
exporter("regress.array_refuses_to_grow", operations={"grow": Grown.grow})(Grown)
exporter("regress.surface", views={"leaks": Surface.leaks, "keeps_count": Surface.keeps_count})(Surface)
exporter("regress.buffer_of_an_instance")(OfAnInstance)
exporter("regress.buffer_taken_away")(lambda: TakenAway("i", 4))
exporter("regress.never")(Never)
exporter("regress.transposed", expect=struct.pack("8h", *range(8)))(
    lambda: Transposed((0, 4, 1, 5, 2, 6, 3, 7))
)
exporter("regress.not_transposed", expect=struct.pack("8h", *range(8)))(lambda: Transposed(tuple(range(8))))
