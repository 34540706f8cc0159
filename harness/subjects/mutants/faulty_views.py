"""Memoryviews with one fault each.

View is a class around the real one, right in all that it does; each fault is a class that derives from it.
"""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Callable
from typing import Any

from bufspec.declare import Around


class View:
    """A memoryview in all that a program can see of it, but that C can ask it for no buffer."""

    def __init_subclass__(cls, *, ours: bool = False) -> None:
        if not ours:
            raise TypeError("type 'memoryview' is not an acceptable base type")

    def __init__(self, of: Any, /) -> None:
        self.real: memoryview = memoryview(of.real if isinstance(of, View) else of)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def _view(self, real: memoryview) -> View:
        return type(self)(real)

    def __getitem__(self, key: Any) -> Any:
        found: Any = self.real[key]
        return self._view(found) if isinstance(key, slice) else found

    def __setitem__(self, key: Any, value: Any) -> None:
        self.real[key] = value

    def cast(self, *given: Any) -> View:
        return self._view(self.real.cast(*given))

    def toreadonly(self) -> View:
        return self._view(self.real.toreadonly())

    def release(self) -> None:
        self.real.release()

    def __len__(self) -> int:
        return len(self.real)

    def __bytes__(self) -> bytes:
        return bytes(self.real)

    def __hash__(self) -> int:
        return hash(self.real)

    def __eq__(self, other: object) -> bool:
        return self.real == (other.real if isinstance(other, View) else other)

    def __enter__(self) -> View:
        self.real.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


class _Derivable(View, ours=True):
    def __init_subclass__(cls, *, ours: bool = False) -> None:
        pass


class _OfCopies(View, ours=True):
    def __init__(self, of: Any, /) -> None:
        super().__init__(bytes(of) if isinstance(of, bytearray) else of)


class _OfNumbers(View, ours=True):
    def __init__(self, of: Any, /) -> None:
        super().__init__(bytes(of) if isinstance(of, int) else of)


class _EndingTogether(View, ours=True):
    """The views that are made of one end with it."""

    def __init__(self, of: Any, /) -> None:
        super().__init__(of)
        self.made: list[View] = []
        if isinstance(of, _EndingTogether):
            of.made.append(self)

    def _view(self, real: memoryview) -> View:
        view = _EndingTogether(real)
        self.made.append(view)
        return view

    def release(self) -> None:
        for view in self.made:
            view.release()
        super().release()


class _HeldAfterWith(View, ours=True):
    def __exit__(self, *error: object) -> None:
        pass


class _HashedAfterRelease(View, ours=True):
    def __hash__(self) -> int:
        try:
            return super().__hash__()
        except ValueError:
            return 0


class _LookingFirst(View, ours=True):
    """Looks whether it was released, and then at what the index is, which may release it."""

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice | tuple):
            return super().__getitem__(key)
        items = self.real.tolist()
        return items[operator.index(key)]


class _WithLists(View, ours=True):
    @property
    def shape(self) -> list[int]:
        return [*(self.real.shape or ())]


class _WithNone(View, ours=True):
    @property
    def suboffsets(self) -> tuple[int, ...] | None:
        return self.real.suboffsets or None


class _Ordered(View, ours=True):
    def __lt__(self, other: Any) -> bool:
        return bytes(self) < bytes(other)


class _EqualToItsText(View, ours=True):
    def __eq__(self, other: object) -> bool:
        return super().__eq__(other.encode() if isinstance(other, str) else other)

    __hash__ = View.__hash__


VIEWS: dict[str, type[View]] = {
    "view_is_a_base": _Derivable,
    "view_of_a_copy": _OfCopies,
    "view_of_a_number": _OfNumbers,
    "views_end_with_the_first": _EndingTogether,
    "with_does_not_release": _HeldAfterWith,
    "released_view_hashed": _HashedAfterRelease,
    "released_by_its_index": _LookingFirst,
    "shape_is_a_list": _WithLists,
    "suboffsets_are_none": _WithNone,
    "views_are_ordered": _Ordered,
    "view_equals_text": _EqualToItsText,
}
"""By the id of the row."""


Right = Callable[[memoryview], Any]
"""What PyMemoryView_GET_BUFFER points at, as a structure of ctypes."""

_first: dict[int, memoryview] = {}
"""The first view that was asked of each exporter, which then lives on."""


def _struct_of_the_first(right: Right, view: memoryview) -> Any:
    return right(_first.setdefault(id(view.obj), view) if view.obj is not None else view)


def _copy(struct: Any) -> Any:
    return type(struct).from_buffer_copy(struct)


def _arrays_elsewhere(right: Right, view: memoryview) -> Any:
    found = _copy(right(view))
    if found.shape:
        found.shape = ctypes.addressof(_elsewhere)
    return found


_elsewhere = (ctypes.c_ssize_t * 64)()


def _without_base_of_a_part(right: Right, view: memoryview) -> Any:
    found = _copy(right(view))
    if view.obj is not None and view.nbytes < memoryview(view.obj).nbytes:
        found.obj = 0
    return found


def _with_itself_for_base(right: Right, view: memoryview) -> Any:
    found = _copy(right(view))
    found.obj = found.obj or id(view)
    return found


STRUCTS: dict[str, Around] = {
    "one_struct_for_all": Around(_struct_of_the_first),
    "arrays_outside_the_view": Around(_arrays_elsewhere),
    "part_has_no_base": Around(_without_base_of_a_part),
    "view_is_its_own_base": Around(_with_itself_for_base),
}
"""By the id of the row: what stands for `struct_of`."""
