"""Exporters that C cannot say: classes with __buffer__, subclasses, cycles.

Their rows are in spec/mutants.yaml.
"""

import array
import inspect
import mmap
import pickle
import tempfile
import weakref
from typing import Any

from bufspec.declare import exporter

CONTENTS = bytes(range(1, 25))


class Kept(bytearray):
    """A bytearray with room for attributes and weak references."""

    me: object
    watched: object


@exporter("mutants.subclass_in_a_cycle")
def _subclass_in_a_cycle() -> object:
    made = Kept(CONTENTS)
    made.me = made
    return made


@exporter("mutants.subclass_with_weakref")
def _subclass_with_weakref() -> object:
    made = Kept(CONTENTS)
    made.watched = weakref.ref(made)
    return made


@exporter("mutants.view_of_a_part")
def _view_of_a_part() -> object:
    return memoryview(array.array("i", range(6)))[::2]


@exporter("mutants.view_cast_to_a_matrix")
def _view_cast_to_a_matrix() -> object:
    return memoryview(bytearray(CONTENTS)).cast("h", (3, 4))


@exporter("mutants.view_of_a_view")
def _view_of_a_view() -> object:
    view = memoryview(bytearray(CONTENTS))
    for _ in range(10):
        view = memoryview(view)
    return view


@exporter("mutants.mapped_file", operations={"resize": lambda it: it.resize(4096)})
def _mapped_file() -> object:
    with tempfile.TemporaryFile() as file:
        file.write(CONTENTS * 8192)
        file.flush()
        return mmap.mmap(file.fileno(), 0)


@exporter("mutants.pickle_buffer")
def _pickle_buffer() -> object:
    return pickle.PickleBuffer(bytearray(CONTENTS))


def _file_of(size: int, access: int) -> mmap.mmap:
    with tempfile.TemporaryFile() as file:
        file.write((CONTENTS * (size // len(CONTENTS) + 1))[:size])
        file.flush()
        return mmap.mmap(file.fileno(), 0, access=access)


@exporter("mutants.mapped_file_readonly", readonly=True, expect=(CONTENTS * 4167)[:100_000])
def _mapped_file_readonly() -> object:
    return _file_of(100_000, mmap.ACCESS_READ)


@exporter(
    "mutants.mapped_copy_on_write", expect=(CONTENTS * 4)[:90], operations={"close": lambda it: it.close()}
)
def _mapped_copy_on_write() -> object:
    return _file_of(90, mmap.ACCESS_COPY)


@exporter("mutants.mapped_without_a_file")
def _mapped_without_a_file() -> object:
    return mmap.mmap(-1, 5_000_000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)  # shared ones do not grow


@exporter("mutants.said_to_be_readonly", readonly=True, expect=CONTENTS)
def _said_to_be_readonly() -> object:
    return memoryview(bytearray(CONTENTS)).toreadonly()


class Surface(bytearray):
    """An object whose methods make views of it."""

    def __init__(self) -> None:
        super().__init__(CONTENTS)
        self.elsewhere = memoryview(bytearray(CONTENTS))

    def data(self) -> memoryview:
        """A new view each time."""
        return memoryview(self)

    def same(self) -> memoryview:
        """The one view that it has, of other memory."""
        return self.elsewhere

    def rows(self) -> memoryview:
        """A part of it, in two dimensions, that nobody may write."""
        return memoryview(self)[8:].toreadonly().cast("h", (2, 4))


exporter(
    "mutants.surface",
    views={"data": Surface.data, "same": Surface.same, "rows": Surface.rows},
    discover=False,
)(Surface)

LARGE = bytes(range(250)) * 20_000


@exporter("mutants.large_backwards", expect=LARGE[::-1])
def _large_backwards() -> object:
    return memoryview(bytearray(LARGE))[::-1]


@exporter("mutants.large_with_gaps", expect=LARGE[1::3])
def _large_with_gaps() -> object:
    return memoryview(bytearray(LARGE))[1::3]


@exporter("mutants.large_in_three_dimensions", expect=LARGE)
def _large_in_three_dimensions() -> object:
    return memoryview(bytearray(LARGE)).cast("d", (5, 25, 5_000))


class WithoutRelease:
    """Only __buffer__: nothing is to be done when a view ends."""

    def __init__(self) -> None:
        self.memory = bytearray(CONTENTS)

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(self.memory)


class WithRelease(WithoutRelease):
    """Both methods, and a count of views."""

    views = 0

    def __buffer__(self, flags: int) -> memoryview:
        self.views += 1
        return memoryview(self.memory)

    def __release_buffer__(self, view: memoryview) -> None:
        self.views -= 1
        view.release()


class ChecksFlags(WithoutRelease):
    """Read-only memory that looks at what is asked for."""

    def __buffer__(self, flags: int) -> memoryview:
        asked: Any = inspect
        if flags & asked.BufferFlags.WRITABLE:
            raise BufferError("read-only")
        return memoryview(bytes(CONTENTS))


class ReturnsBytes(WithoutRelease):
    """A mutant: who wants to write gets bytes in place of a memoryview."""

    def __buffer__(self, flags: int) -> Any:
        return CONTENTS if flags & 1 else memoryview(self.memory)


for _name, _kind in {
    "class_with_buffer": WithRelease,
    "class_without_release": WithoutRelease,
    "class_that_checks_flags": ChecksFlags,
    "buffer_returns_bytes": ReturnsBytes,
    "buffer_returns_bytes_twin": WithoutRelease,
}.items():
    exporter(f"mutants.{_name}", needs="python>=3.12")(_kind)
