"""A method that makes views may leak its object with each of them; a right one does not."""

import ctypes

import leaks
from bufspec.declare import exporter

VERDICTS = {
    "regress.surface": {},
    "regress.surface.leaks_itself": {
        "breaks": [
            "error.refusal.nothing_kept",
            "lifetime.export.memory_valid",  # a second __init__() makes another array
            "lifetime.release.references_restored",
        ]
    },
    "regress.surface.right": {},
    "regress.surface.right_array": {},
    "regress.track": {},
    "regress.track.leaks_track": {
        "breaks": ["error.refusal.nothing_kept", "lifetime.release.references_restored"]
    },
    "regress.track.leaks_view": {
        "breaks": [
            "error.refusal.nothing_kept",
            "lifetime.release.memory_restored",
            "lifetime.release.references_restored",
        ]
    },
    "regress.track.right": {},
}


class View(ctypes.Structure):
    """A Py_buffer, of which the first field alone matters here."""

    _fields_ = (("buf", ctypes.c_void_p), ("rest", ctypes.c_char * 72))


fill = ctypes.pythonapi.PyBuffer_FillInfo
fill.argtypes = [
    ctypes.POINTER(View),
    ctypes.py_object,
    ctypes.c_void_p,
    ctypes.c_ssize_t,
    ctypes.c_int,
    ctypes.c_int,
]
from_buffer = ctypes.pythonapi.PyMemoryView_FromBuffer
from_buffer.restype = ctypes.py_object
from_buffer.argtypes = [ctypes.POINTER(View)]


class Surface:
    """Memory with methods that show it."""

    def __init__(self) -> None:
        self.memory = bytearray(range(64))
        self.array = ctypes.create_string_buffer(64)

    def leaks_itself(self) -> memoryview:
        """FillInfo takes a reference that PyMemoryView_FromBuffer forgets."""
        view = View()
        fill(ctypes.byref(view), self, ctypes.addressof(self.array), 64, 0, 9)
        made: memoryview = from_buffer(ctypes.byref(view))
        return made

    def right(self) -> memoryview:
        return memoryview(self.memory)


exporter(
    "regress.surface",
    views={
        "leaks_itself": Surface.leaks_itself,
        "right": Surface.right,
        "right_array": lambda surface: memoryview(surface.memory).cast("I"),
    },
)(Surface)

exporter(
    "regress.track",
    views={
        "leaks_track": leaks.Track.leaks_track,
        "leaks_view": leaks.Track.leaks_view,
        "right": leaks.Track.right,
    },
)(leaks.Track)
