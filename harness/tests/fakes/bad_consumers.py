"""Consumers that each break one rule, in plain Python and ctypes: what scripts show without bufspec."""

import ctypes

_python = ctypes.pythonapi
_python.PyObject_GetBuffer.argtypes = [ctypes.py_object, ctypes.c_void_p, ctypes.c_int]
_python.PyBuffer_Release.argtypes = [ctypes.c_void_p]
_kept: list[object] = []


class View(ctypes.Structure):
    """Py_buffer."""

    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_void_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    ]


def acquired(exported: object, flags: int) -> View:
    """A view, or the exception of the refusal."""
    view = View()
    _python.PyObject_GetBuffer(exported, ctypes.addressof(view), flags)
    return view


def linear(exported: object) -> bytes:
    """Takes len bytes from buf on, although it asked for strides."""
    view = acquired(exported, 0x018)
    try:
        return ctypes.string_at(view.buf or 0, view.len) if view.len else b""
    finally:
        _python.PyBuffer_Release(ctypes.addressof(view))


def fortran(exported: object) -> bytes:
    """Gives the elements with the first index running fastest."""
    with memoryview(exported) as view:  # type: ignore[arg-type]
        return view.tobytes("F")


def signless(exported: object) -> bytes:
    """Takes the elements of one dimension as if no stride were negative."""
    with memoryview(exported) as view:  # type: ignore[arg-type]
        if view.ndim == 1 and view.shape[0] > 1 and view.strides[0] < 0 and not view.suboffsets:
            return view[::-1].tobytes()
        return view.tobytes()


def forgetful(exported: object) -> bytes:
    """Gives nothing back."""
    view = acquired(exported, 0)
    return ctypes.string_at(view.buf or 0, view.len) if view.len else b""


def writing(exported: object) -> bytes:
    """Changes the first byte of what it only asked to read."""
    view = acquired(exported, 0)
    try:
        if view.len and not view.readonly:
            ctypes.memset(view.buf or 0, 0x55, 1)
        return b""
    finally:
        _python.PyBuffer_Release(ctypes.addressof(view))


def swallowing(exported: object) -> bytes:
    """Takes a refusal for an empty memory."""
    try:
        return bytes(memoryview(exported))  # type: ignore[arg-type]
    except (BufferError, MemoryError, RuntimeError):
        return b""


def greedy(exported: object) -> bytes:
    """Asks to write, and reads."""
    view = acquired(exported, 0x001)
    try:
        return ctypes.string_at(view.buf or 0, view.len) if view.len else b""
    finally:
        _python.PyBuffer_Release(ctypes.addressof(view))


def keeping(exported: object) -> int:
    """Keeps a reference for ever."""
    _kept.append(exported)
    return memoryview(exported).nbytes  # type: ignore[arg-type]


def crashing(exported: object) -> bytes:
    """Dies of a memory with strides of its own."""
    with memoryview(exported) as view:  # type: ignore[arg-type]
        if not view.contiguous and not view.suboffsets:
            ctypes.string_at(0)
        return view.tobytes()
