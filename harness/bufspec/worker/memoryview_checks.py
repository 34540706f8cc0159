"""Does this interpreter's memoryview keep what no call shows: what it holds, when it lets go, its type?

One check for each rule, of Python alone.  A check returns what it found wrong, empty if nothing.
"""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Callable
from functools import partial
from typing import Any

PY_BUFFER = (
    *((name, ctypes.c_size_t) for name in ("buf", "obj")),
    *((name, ctypes.c_ssize_t) for name in ("len", "itemsize")),
    *((name, ctypes.c_int) for name in ("readonly", "ndim")),
    *((name, ctypes.c_size_t) for name in ("format", "shape", "strides", "suboffsets", "internal")),
)
AFTER_STRUCT = ctypes.sizeof(ctypes.c_void_p)
"""A memoryview ends with its struct and the list of its weak references; after it are its arrays."""


class Struct(ctypes.Structure):
    """The struct of the C API; a pointer is a number."""

    _fields_ = PY_BUFFER


def outcome(call: Callable[[], object]) -> str:
    """The name of the exception that `call` raises, empty if it raises none."""
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return ""


def expect(due: str, of: str, call: Callable[[], object]) -> str:
    """What is wrong with how `call` ends."""
    found = outcome(call)
    return "" if found == due else f"{of}: {found or 'no exception'} where {due or 'none'} is due"


def first(*faults: str) -> str:
    """The first fault; empty if there is none."""
    return next((fault for fault in faults if fault), "")


def struct_of(view: memoryview) -> Struct:
    """What PyMemoryView_GET_BUFFER points at, which is a macro: the struct inside the object."""
    return Struct.from_address(id(view) + type(view).__basicsize__ - AFTER_STRUCT - ctypes.sizeof(Struct))


def final() -> str:
    """memoryview is no base type (S-MVCK-2, C-MVC-9)."""
    return expect("TypeError", "a subclass of memoryview", lambda: type("Derived", (memoryview,), {}))


def private_copy() -> str:
    """The struct that GET_BUFFER points at is the view's own, arrays and all (S-MVGB-1, C-MVC-8)."""
    memory = bytearray(12)
    whole = memoryview(memory).cast("B", (3, 4))
    part = whole[1:]
    first_, second = struct_of(whole), struct_of(part)
    if (first_.len, first_.ndim, second.len, second.ndim) != (12, 2, 8, 2):
        return f"the structs say {first_.len} and {second.len} bytes where 12 and 8 are due"
    if second.buf - first_.buf != 4:
        return f"a part begins {second.buf - first_.buf} bytes behind the whole, not 4"
    for view, struct in ((whole, first_), (part, second)):
        inside = range(
            id(view), id(view) + type(view).__basicsize__ + 3 * 2 * ctypes.sizeof(ctypes.c_ssize_t)
        )
        for name in ("shape", "strides"):
            if getattr(struct, name) not in inside:
                return f"{name} of the struct is not in the memoryview itself"
    return ""


def exporter() -> str:
    """GET_BASE is the exporter, and NULL for a view of memory or of a struct (C-MVC-7)."""
    memory = bytearray(3)
    from_memory = ctypes.PyDLL(None).PyMemoryView_FromMemory
    from_memory.restype = ctypes.py_object
    block = ctypes.create_string_buffer(3)
    bare = from_memory(block, ctypes.c_ssize_t(3), 0x100)
    for view, due in ((memoryview(memory), memory), (memoryview(memory)[1:], memory), (bare, None)):
        found = struct_of(view).obj
        if found != (0 if due is None else id(due)):
            return f"the base of {'a view of memory' if due is None else 'a view of an object'} is another"
        if view.obj is not due:
            return f"obj is {view.obj!r} where {due!r} is due"
    return ""


def exports() -> str:
    """A view keeps its object exported until its release; what exports nothing is a TypeError (C-MV-1)."""
    memory = bytearray(3)
    view = memoryview(memory)
    held = expect("BufferError", "resizing what a view is held of", lambda: memory.append(1))
    view.release()
    dropped = memoryview(memory)
    del dropped
    return first(
        held,
        expect("", "resizing after the release", lambda: memory.append(1)),
        expect("TypeError", "memoryview(3)", lambda: memoryview(3)),  # type: ignore[arg-type]
        expect("TypeError", "memoryview('text')", lambda: memoryview("text")),  # type: ignore[arg-type]
        expect("TypeError", "memoryview()", lambda: memoryview()),  # type: ignore[call-arg]
    )


def shares_one_buffer() -> str:
    """Views of a view share its one request, which ends with the last of them (C-MV-2)."""
    memory = bytearray(8)
    whole = memoryview(memory)
    made = [whole[1:], whole.cast("h"), memoryview(whole), whole.toreadonly()]
    whole.release()
    for number, view in enumerate(made):
        if fault := expect(
            "BufferError", f"resizing while {len(made) - number} views live", lambda: memory.append(1)
        ):
            return fault
        view.release()
    return expect("", "resizing after the last release", lambda: memory.append(1))


def context_manager() -> str:
    """A with statement releases at its end, and does not enter what is released (C-MV-5)."""
    memory = bytearray(3)
    with memoryview(memory) as view:
        inside = expect("BufferError", "resizing inside the with statement", lambda: memory.append(1))
    return first(
        inside,
        expect("ValueError", "reading after the with statement", lambda: view[0]),
        expect("", "resizing after the with statement", lambda: memory.append(1)),
        expect("ValueError", "entering a released view", view.__enter__),
    )


def no_more_buffers() -> str:
    """A released view gives no buffer, item, slice or attribute; releasing again is harmless (C-MV-6)."""
    view: Any = memoryview(bytearray(3))
    view.release()
    calls: dict[str, Callable[[], object]] = {
        "memoryview()": lambda: memoryview(view),
        "bytes()": lambda: bytes(view),
        "an item": lambda: view[0],
        "a slice": lambda: view[:],
        "an assignment": lambda: operator.setitem(view, 0, 1),
        "tobytes()": lambda: view.tobytes(),
        "tolist()": lambda: view.tolist(),
        "cast()": lambda: view.cast("b"),
        "toreadonly()": lambda: view.toreadonly(),
        "len()": lambda: len(view),
        "hash()": lambda: hash(view),
        "nbytes": lambda: view.nbytes,
        "shape": lambda: view.shape,
        "readonly": lambda: view.readonly,
        "c_contiguous": lambda: view.c_contiguous,
    }
    faults = [expect("ValueError", f"{name} of a released view", call) for name, call in calls.items()]
    again = expect("", "releasing again", view.release)
    return first(*faults, again, _released_while_indexed())


def _released_while_indexed() -> str:
    """An index that releases the view must not let memory be read or written that is no longer held."""

    class Releasing:
        def __init__(self, view: memoryview) -> None:
            self.view = view

        def __index__(self) -> int:
            self.view.release()
            return 0

    def read() -> object:
        view = memoryview(bytearray(3))
        return view[Releasing(view)]

    def write() -> None:
        view = memoryview(bytearray(3))
        view[Releasing(view)] = 1

    def write_value() -> None:
        view = memoryview(bytearray(3))
        view[0] = Releasing(view)  # type: ignore[call-overload]

    calls = {"reading": read, "writing": write, "converting a value": write_value}
    return first(
        *(
            expect("ValueError", f"{name} with an index that releases the view", call)
            for name, call in calls.items()
        )
    )


def tuples() -> str:
    """shape, strides and suboffsets are tuples, empty without dimensions or such an array (C-MV-8)."""
    plane = memoryview(bytes(6)).cast("B", (2, 3))
    scalar = memoryview(ctypes.c_int(1))
    due = {
        "shape of two dimensions": (plane.shape, (2, 3)),
        "strides of two dimensions": (plane.strides, (3, 1)),
        "suboffsets that are not there": (plane.suboffsets, ()),
        "shape without dimensions": (scalar.shape, ()),
        "strides without dimensions": (scalar.strides, ()),
        "suboffsets without dimensions": (scalar.suboffsets, ()),
    }
    return first(
        *(
            f"{what} is {found!r} where {owed!r} is due"
            for what, (found, owed) in due.items()
            if type(found) is not tuple or found != owed
        )
    )


def only_equality() -> str:
    """Only == and != are defined, and what exports nothing is unequal (C-MV-15)."""
    left: Any = memoryview(b"ab")
    right: Any = memoryview(b"ac")
    orders = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
    faults = [
        expect("TypeError", f"a {sign} b", partial(order, left, right)) for sign, order in orders.items()
    ]
    compared = {
        "a view == 3": (left == 3, False),
        "a view != 3": (left != 3, True),
        "a view == 'ab'": (left == "ab", False),
        "a view == b'ab'": (left == b"ab", True),
        "a view != b'ab'": (left != b"ab", False),
        "a view == another": (left == right, False),
        "a view != another": (left != right, True),
    }
    wrong = [f"{what} is {found!r}" for what, (found, due) in compared.items() if found is not due]
    return first(*faults, *wrong)


CHECKS: dict[str, Callable[[], str]] = {
    "memoryview.type.final": final,
    "memoryview.get_buffer.private_copy": private_copy,
    "memoryview.get_base.exporter": exporter,
    "memoryview.new.exports": exports,
    "memoryview.new.shares_one_buffer": shares_one_buffer,
    "memoryview.release.context_manager": context_manager,
    "memoryview.release.no_more_buffers": no_more_buffers,
    "memoryview.size.tuples": tuples,
    "memoryview.compare.only_equality": only_equality,
}
"""By rule."""
