"""Do `__array_interface__` and `__array_struct__` agree with the buffer?  The rules bridge.array_*."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Mapping
from typing import Any

from bufspec.bridges.held import Make, Taken, owner_outlives, released_once
from bufspec.bridges.memory import (
    NATIVE,
    Seen,
    Verdict,
    address_of,
    api,
    buffer_of,
    c_strides,
    extents_of,
    is_copy,
    judged,
    readonly_kept,
    same_memory,
    same_type,
)

TYPESTR = re.compile(r"([<>|=])([tbiufcmMOSUV])([0-9]+|(?<=O))(\[.*\])?\Z")
NOT_SWAPPED, WRITEABLE = 0x200, 0x400


class PyArrayInterface(ctypes.Structure):
    """The struct of the array interface; a pointer is a number."""

    _fields_ = (
        ("two", ctypes.c_int),
        ("nd", ctypes.c_int),
        ("typekind", ctypes.c_char),
        ("itemsize", ctypes.c_int),
        ("flags", ctypes.c_int),
        *((name, ctypes.c_size_t) for name in ("shape", "strides", "data", "descr")),
    )


def attribute(exporter: Any, name: str) -> Any:
    """What an attribute gives; None where there is none, or it raises."""
    try:
        return getattr(exporter, name, None)
    except Exception:
        return None


def integers(value: Any) -> bool:
    """Whether it is a tuple of integers."""
    return isinstance(value, tuple) and all(isinstance(one, int) for one in value)


def seen_in_dictionary(exporter: Any, entries: Mapping[str, Any]) -> Seen | str:
    """The memory that the dictionary describes, or what is wrong with it."""
    shape, typestr = entries.get("shape"), entries.get("typestr")
    parts = TYPESTR.match(typestr) if isinstance(typestr, str) else None
    if not integers(shape):
        return f"shape {shape!r}"
    if parts is None:
        return f"typestr {typestr!r}"
    assert isinstance(shape, tuple)
    if parts[2] == "t":
        return ""
    itemsize = int(parts[3] or ctypes.sizeof(ctypes.c_void_p)) * (4 if parts[2] == "U" else 1)
    strides = entries.get("strides")
    if strides is None:
        strides = c_strides(shape, itemsize)
    if not integers(strides) or len(strides) != len(shape):
        return f"strides {strides!r}"
    data, is_of_another = entries.get("data"), False
    if isinstance(data, tuple):
        if len(data) != 2 or not isinstance(data[0], int):
            return "data that are no pair of an address and a flag"
        address, readonly = data[0], bool(data[1])
    else:
        is_of_another = data is not None
        try:
            with memoryview(exporter if data is None else data) as view:
                address, readonly = address_of(view) + entries.get("offset", 0), view.readonly
        except Exception as error:
            return f"data that raise {type(error).__name__}"
    order = {"|": "", "=": NATIVE}.get(parts[1], parts[1])
    return Seen(address, shape, strides, itemsize, parts[2], order, readonly, is_of_another)


def is_another(buffer: Seen, seen: Seen) -> bool:
    """Whether memory apart from the buffer's may be what is offered: another object's, or of other things.

    The document has neither a flag for copies nor a word against them.
    """
    return seen.is_of_another or extents_of(buffer) != extents_of(seen) or is_copy(buffer, seen)


def of_dictionary(compare: Callable[[Seen, Seen], Verdict]) -> Callable[[Make], Verdict]:
    """The check that compares `__array_interface__` with the buffer."""

    def check(make: Make) -> Verdict:
        exporter = make()
        entries = attribute(exporter, "__array_interface__")
        buffer = buffer_of(exporter)
        if entries is None or buffer is None:
            return None
        seen = seen_in_dictionary(exporter, entries) if isinstance(entries, Mapping) else repr(type(entries))
        if isinstance(seen, str):
            owed = "a tuple of extents, a typestr, strides and data as the array interface has them"
            return (owed, seen) if seen and compare is same_memory else None
        return judged(buffer, seen, compare, is_another)

    return check


def taken_struct(exporter: Any) -> Taken | None:
    """The capsule of `__array_struct__` and what is in it; None where there is none."""
    capsule = attribute(exporter, "__array_struct__")
    if type(capsule).__name__ != "PyCapsule":
        return None
    struct = PyArrayInterface.from_address(api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule)))
    count = max(0, min(struct.nd, 64)) if struct.two == 2 else 0
    numbers = ctypes.c_ssize_t * count
    shape = tuple(numbers.from_address(struct.shape)) if count else ()
    strides = tuple(numbers.from_address(struct.strides)) if count and struct.strides else ()
    order = NATIVE if struct.flags & NOT_SWAPPED else {"<": ">", ">": "<"}[NATIVE]
    kind = struct.typekind.decode("latin-1") if struct.two == 2 else "?"
    seen = Seen(
        struct.data,
        shape,
        strides or c_strides(shape, struct.itemsize),
        struct.itemsize,
        kind,
        order,
        not struct.flags & WRITEABLE,
    )
    return Taken(seen, [capsule])


def of_struct(compare: Callable[[Seen, Seen], Verdict]) -> Callable[[Make], Verdict]:
    """The check that compares `__array_struct__` with the buffer."""

    def check(make: Make) -> Verdict:
        exporter = make()
        taken, buffer = taken_struct(exporter), buffer_of(exporter)
        if taken is None or buffer is None or taken.seen.kind == "t":
            return None
        if taken.seen.kind == "?":
            return ("2 in the field two", "another number") if compare is same_memory else None
        return judged(buffer, taken.seen, compare, is_another)

    return check


CHECKS: dict[str, Callable[[Make], Verdict]] = {
    "bridge.array_interface.same_memory": of_dictionary(same_memory),
    "bridge.array_interface.same_type": of_dictionary(same_type),
    "bridge.array_interface.readonly_kept": of_dictionary(readonly_kept),
    "bridge.array_struct.same_memory": of_struct(same_memory),
    "bridge.array_struct.same_type": of_struct(same_type),
    "bridge.array_struct.readonly_kept": of_struct(readonly_kept),
    "bridge.array_struct.owner_outlives": lambda make: owner_outlives(make, taken_struct),
    "bridge.array_struct.released_once": lambda make: released_once(make, taken_struct),
}
