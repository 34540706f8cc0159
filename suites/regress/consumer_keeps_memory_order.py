"""A consumer that gives the segment as it lies keeps the order of memory, and stays in bounds."""

import ctypes
from typing import Any

from bufspec.declare import consumer

VERDICTS = {
    "regress.segment_as_it_lies": {"recommends": ["consumer.data.memory_order"]},
    "regress.segment_on_purpose": {"recommends": []},
    "regress.segment_of_any_length": {"recommends": []},
    "regress.segment_filled": {
        "recommends": ["consumer.data.memory_order", "consumer.hardening.readonly_answer"],
    },
    "regress.segment_filled_on_purpose": {"recommends": ["consumer.hardening.readonly_answer"]},
}


class View(ctypes.Structure):
    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.py_object),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    ]


get, release = ctypes.pythonapi.PyObject_GetBuffer, ctypes.pythonapi.PyBuffer_Release
get.argtypes = [ctypes.py_object, ctypes.POINTER(View), ctypes.c_int]
release.argtypes = [ctypes.POINTER(View)]
release.restype = None


def block(exported: Any, word: int, written: bytes | None = None) -> bytes:
    view = View()
    get(exported, ctypes.byref(view), word)
    try:
        if written is not None and view.len:
            ctypes.memmove(view.buf, written[: view.len], view.len)
        return ctypes.string_at(view.buf, view.len) if view.len else b""
    finally:
        release(ctypes.byref(view))


ANY, ANY_WRITABLE = 0x098, 0x099
consumer("regress.segment_as_it_lies", returns="bytes")(lambda one: block(one, ANY))
consumer("regress.segment_on_purpose", returns="bytes", order="memory")(lambda one: block(one, ANY))
consumer("regress.segment_of_any_length", order="memory")(lambda one: (block(one, ANY), None))
PATTERN = bytes(k % 251 for k in range(1 << 16))
consumer("regress.segment_filled", kind="fills", returns="none")(
    lambda one: block(one, ANY_WRITABLE, PATTERN)
)
consumer("regress.segment_filled_on_purpose", kind="fills", returns="none", order="memory")(
    lambda one: block(one, ANY_WRITABLE, PATTERN)
)
