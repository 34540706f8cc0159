"""A read-only exporter, one that grows, and consumers that write, keep and let go wrongly, and right."""

import array
import ctypes
import math
import threading

import bufspec
from bufspec.declare import consumer, exporter


class View(ctypes.Structure):
    """A Py_buffer."""

    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.py_object),
        ("len", ctypes.c_ssize_t),
        ("rest", ctypes.c_char * 56),
    )


get, release = ctypes.pythonapi.PyObject_GetBuffer, ctypes.pythonapi.PyBuffer_Release
get.argtypes = [ctypes.py_object, ctypes.POINTER(View), ctypes.c_int]
release.argtypes = [ctypes.POINTER(View)]


@exporter("pair.readonly", expect=b"abcdefgh")
def readonly() -> object:
    return memoryview(bytes(bytearray(b"abcdefgh")))


@exporter("pair.grows", operations={"grow": lambda obj: obj.extend(bytes(5000))})
def grows() -> object:
    return bytearray(range(100))


@consumer("pair.fills_anyway", kind="fills", returns="none")
def fills_anyway(obj: object) -> None:
    """Writes although it asked for no writable memory."""
    view = View()
    get(obj, ctypes.byref(view), 0x038)
    ctypes.memset(view.buf, 0x55, view.len)
    release(ctypes.byref(view))


@consumer("pair.keeps_a_pointer", kind="keeps", returns="bytes")
def keeps_a_pointer(obj: object) -> object:
    """Keeps the object, but not the view."""
    view = View()
    get(obj, ctypes.byref(view), 0)
    array = (ctypes.c_char * view.len).from_address(view.buf or 0)
    array.owner = obj  # type: ignore[attr-defined]
    release(ctypes.byref(view))
    return array


@consumer("pair.keeps", kind="keeps", returns="bytes")
def keeps(obj: object) -> object:
    return memoryview(obj)  # type: ignore[arg-type]


@consumer("pair.lets_go_later", returns="none")
def lets_go_later(obj: object) -> None:
    """Another thread releases the view a little later: no leak."""
    threading.Timer(0.1, memoryview(obj).release).start()  # type: ignore[arg-type]


@exporter("pair.large", operations={"clear": lambda obj: obj.clear()}, discover=False)
def large() -> object:
    return bytearray(range(256)) * 8000


@consumer("pair.wrong_far_in", returns="bytes")
def wrong_far_in(obj: object) -> bytes:
    """Right up to the first megabyte."""
    read = bytearray(memoryview(obj))  # type: ignore[arg-type]
    read[1_000_001:1_000_002] = b"?" * len(read[1_000_001:1_000_002])
    return bytes(read)


@exporter("pair.null")
def null() -> object:
    """Nothing, at no address."""
    return bufspec.Exporter("empty_1d", behaviour="null_if_empty")


@consumer("pair.looks_at_nothing", returns="none")
def looks_at_nothing(obj: object) -> None:
    """Reads where nothing lies, but for memory that has an address."""
    view = View()
    get(obj, ctypes.byref(view), 0)
    if not view.buf:
        ctypes.string_at(0)
    release(ctypes.byref(view))


@exporter("pair.shorts", operations={})
def shorts() -> object:
    return array.array("h", [5, -6, 7])


@consumer("pair.listed")
def listed(obj: object) -> object:
    """Its result is of the type that it was told; nobody declared it."""
    return memoryview(obj).tolist()  # type: ignore[arg-type]


@consumer("pair.ones", kind="fills", returns="none")
def ones(obj: object) -> None:
    """Writes the value 1 of the type that it was told."""
    with memoryview(obj) as view:  # type: ignore[arg-type]
        if view.ndim != 1 or view.format not in "BbhHiI":
            raise TypeError("whole numbers in one dimension")
        for number in range(len(view)):
            view[number] = 1


@consumer("pair.roots", returns="none", accepts=("contiguous", "items"))
def roots(obj: object) -> None:
    """Has no use for negative numbers."""
    for one in memoryview(obj).tolist():  # type: ignore[arg-type]
        math.sqrt(one)


@consumer("pair.none_for_null", returns="bytes")
def none_for_null(obj: object) -> bytes | None:
    """Takes memory without an address for no memory, as databases do."""
    view = View()
    get(obj, ctypes.byref(view), 0)
    found = ctypes.string_at(view.buf, view.len) if view.buf else None
    release(ctypes.byref(view))
    return found
