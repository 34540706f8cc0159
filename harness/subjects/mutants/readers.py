"""Consumers that hold one reading of a contested rule for the only one; they break no rule.

The pairs of spec/pairs.yaml need them: with an exporter of another reading they fail, and
neither is at fault.
"""

import ctypes

from bufspec.declare import consumer


class View(ctypes.Structure):
    """The struct of a view, as the header has it."""

    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.py_object),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    ]


_ask = ctypes.pythonapi.PyObject_GetBuffer
_ask.argtypes = (ctypes.py_object, ctypes.POINTER(View), ctypes.c_int)
_give_back = ctypes.pythonapi.PyBuffer_Release
_give_back.argtypes = (ctypes.POINTER(View),)
_give_back.restype = None

SIMPLE = 0


@consumer("mutants.reader_of_one_dimension", returns="bytes")
def _reader_of_one_dimension(exported: object) -> bytes:
    """Asks for plain bytes, and takes an answer of other than one dimension for nothing to read."""
    view = View()
    _ask(exported, ctypes.byref(view), SIMPLE)
    try:
        return ctypes.string_at(view.buf, view.len) if view.ndim == 1 and view.len else b""
    finally:
        _give_back(ctypes.byref(view))
