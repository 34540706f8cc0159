"""What stands for the names of an interpreter that has PEP 688, with one fault of it each.

Needs Python 3.12: importing it needs nothing, making one does.
"""

from __future__ import annotations

import array
import ctypes
import inspect
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

FULL_RO = 0x11C
UNASSIGNED = 0x4000
Names = Mapping[str, object]
_Real = memoryview


def _looked_up_on_the_instance() -> Names:
    class Looking(_Named):
        def __new__(cls, of: Any) -> Any:
            own = getattr(of, "__dict__", {}).get("__buffer__")
            return _Real(own(FULL_RO)) if own else _Real(of)

    return {"memoryview": Looking}


def _any_result_taken() -> Names:
    class Lenient(_Named):
        def __new__(cls, of: Any) -> Any:
            try:
                return _Real(of)
            except TypeError:
                made = type(of).__buffer__(of, FULL_RO) if hasattr(type(of), "__buffer__") else None
                if made is None:
                    raise
                return _Real(made)

    return {"memoryview": Lenient}


def _inherited_not_locked() -> Names:
    class bytearray_(bytearray):
        def append(self, item: Any, /) -> None:
            pass

    return {"bytearray": _called(bytearray_, "bytearray")}


def _view_not_restricted() -> Names:
    class bytearray_(bytearray):
        def __init_subclass__(cls) -> None:
            given: Any = cls.__dict__.get("__release_buffer__")
            if given is None or "__buffer__" in cls.__dict__:
                return

            def release(self: Any, view: memoryview) -> None:
                given(self, _Real(bytes(3)))

            cls.__release_buffer__ = release  # type: ignore[method-assign]

    return {"bytearray": _called(bytearray_, "bytearray")}


def _unknown_bits_dropped() -> Names:
    python = ctypes.PyDLL(None)

    def get_buffer(exporter: Any, view: Any, word: int) -> int:
        found: int = python.PyObject_GetBuffer(exporter, view, word & ~UNASSIGNED)
        return found

    library = SimpleNamespace(PyObject_GetBuffer=get_buffer, PyBuffer_Release=python.PyBuffer_Release)
    return {
        "ctypes": SimpleNamespace(
            PyDLL=lambda name: library,
            py_object=ctypes.py_object,
            create_string_buffer=ctypes.create_string_buffer,
        )
    }


def _strided_taken() -> Names:
    class array_(array.array):  # type: ignore[type-arg]
        def frombytes(self, of: Any, /) -> None:
            super().frombytes(bytes(_Real(of)))

    return {"array": SimpleNamespace(array=_called(array_, "array"))}


def _result_counts() -> Names:
    class Released:
        def __init__(self, view: memoryview) -> None:
            self.view = view

        def release(self) -> None:
            self.view.release()
            raise TypeError("__release_buffer__ must return None")

    class Counting(_Named):
        def __new__(cls, of: Any) -> Any:
            is_theirs = hasattr(type(of), "__release_buffer__") and type(of).__module__.endswith("pep688")
            return Released(_Real(of)) if is_theirs and not isinstance(of, bytearray) else _Real(of)

    return {"memoryview": Counting}


def _without_release() -> Names:
    class Hiding(type):
        def __getattribute__(cls, name: str) -> Any:
            if name == "__release_buffer__":
                raise AttributeError(name)
            return super().__getattribute__(name)

    class array_(array.array, metaclass=Hiding):  # type: ignore[type-arg]
        pass

    return {"array": SimpleNamespace(array=_called(array_, "array"))}


def _none_is_a_view() -> Names:
    class bytearray_(bytearray):
        def __release_buffer__(self, view: Any) -> None:
            if view is not None:
                super().__release_buffer__(view)

    return {"bytearray": _called(bytearray_, "bytearray")}


def _another_word() -> Names:
    words = dict(vars(vars(inspect)["BufferFlags"])["_member_map_"])
    words["WRITE"] = 0x100
    return {"inspect": SimpleNamespace(BufferFlags=SimpleNamespace(**words))}


class _Named:
    """Looks like the type memoryview to whoever looks at its attributes."""

    if hasattr(_Real, "__buffer__"):
        __buffer__ = _Real.__buffer__
        __release_buffer__ = _Real.__release_buffer__


def _called(kind: type, name: str) -> type:
    kind.__name__ = name
    return kind


FAULTS: dict[str, Callable[[], Names]] = {
    "instance_has_the_method": _looked_up_on_the_instance,
    "any_result_is_a_view": _any_result_taken,
    "subclass_not_locked": _inherited_not_locked,
    "restricted_view_makes_views": _view_not_restricted,
    "unknown_bits_dropped": _unknown_bits_dropped,
    "strided_view_taken": _strided_taken,
    "result_of_release_counts": _result_counts,
    "array_without_release": _without_release,
    "none_is_released": _none_is_a_view,
    "word_is_another": _another_word,
}
"""By the id of the row: makes what stands for which name."""
