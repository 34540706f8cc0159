"""What does the type of an object have to export buffers with, and whose is it?"""

from __future__ import annotations

import array
import ctypes
import mmap
import types

from bufspec.words import IN_PYTHON, WITHOUT_RELEASE

INTERPRETERS_OWN = {
    "stdlib.bytearray": bytearray,
    "stdlib.bytes": bytes,
    "stdlib.memoryview": memoryview,
    "stdlib.array": array.array,
    "stdlib.mmap": mmap.mmap,
}
"""Subjects whose slot other objects have too: those of subclasses, and those that a package gives out."""
HAS_C_API = hasattr(ctypes, "pythonapi")
"""Whether ctypes reaches the functions of the interpreter, which PyPy's does not."""
BF_GETBUFFER = 1
BF_RELEASEBUFFER = 2
"""The numbers of the slots, in CPython's typeslots.h."""


def slot_of(obj: object) -> str:
    """The subject of the interpreter whose very slot grants the buffers of an object; empty if none does."""
    if not HAS_C_API:
        return ""
    slots = ctypes.pythonapi.PyType_GetSlot
    slots.restype, slots.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_int)
    own = slots(type(obj), BF_GETBUFFER)
    same = (name for name, kind in INTERPRETERS_OWN.items() if own and slots(kind, BF_GETBUFFER) == own)
    return next(same, "")


def kind_of(obj: object) -> str:
    """What advice on its type must know: that it is a class in Python, or is not called at a release."""
    if isinstance(getattr(type(obj), "__buffer__", None), types.FunctionType):
        return IN_PYTHON
    if not HAS_C_API:
        return ""
    slots = ctypes.pythonapi.PyType_GetSlot
    slots.restype, slots.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_int)
    return "" if slots(type(obj), BF_RELEASEBUFFER) else WITHOUT_RELEASE


def exports(obj: object) -> bool:
    """Whether the type of an object has a slot that grants buffers; asks it for none, if that can be seen."""
    if not HAS_C_API:
        try:
            memoryview(obj).release()  # type: ignore[arg-type]
        except TypeError:
            return False
        except Exception:
            return True
        return True
    return bool(ctypes.pythonapi.PyObject_CheckBuffer(ctypes.py_object(obj)))
