"""Do `__array_interface__` and `__array_struct__` agree with the buffer?  The rules bridge.array_*."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from bufspec.bridges.held import Make, Taken, owner_outlives, released_once
from bufspec.bridges.memory import (
    NATIVE,
    RIGHT,
    Seen,
    Verdict,
    address_of,
    api,
    buffer_of,
    c_strides,
    extents_of,
    is_capsule,
    is_copy,
    judged,
    readonly_kept,
    same_memory,
    same_type,
)

TYPESTR = re.compile(r"([<>|=])([tbiufcmMOSUV])([0-9]+|(?<=O))(\[.*\])?\Z")
C_CONTIGUOUS, F_CONTIGUOUS, ALIGNED = 0x1, 0x2, 0x100
NOT_SWAPPED, WRITEABLE = 0x200, 0x400
ALIGNMENTS = {
    **{("i", n): n for n in (1, 2, 4)},
    ("i", 8): ctypes.alignment(ctypes.c_int64),
    ("f", 2): 2,
    **{
        ("f", ctypes.sizeof(one)): ctypes.alignment(one)
        for one in (ctypes.c_float, ctypes.c_longdouble, ctypes.c_double)
    },
}
"""What the addresses of numbers of that kind and size are multiples of."""


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


def bytes_of(typestr: re.Match[str]) -> int:
    """The bytes of an item of that type, which is not of bits."""
    return int(typestr[3] or ctypes.sizeof(ctypes.c_void_p)) * (4 if typestr[2] == "U" else 1)


def bytes_in_descr(descr: Any, depth: int = 32) -> int | None:
    """How many bytes the fields have that a descr lists; None where it is not all understood.

    So deep it may be: one may hold itself.
    """
    if not isinstance(descr, list) or depth == 0:
        return None
    size = 0
    for field in descr:
        if not isinstance(field, tuple) or len(field) not in (2, 3):
            return None
        of = field[1]
        parts = TYPESTR.match(of) if isinstance(of, str) else None
        one = bytes_of(parts) if parts and parts[2] != "t" else bytes_in_descr(of, depth - 1)
        shape = field[2] if len(field) == 3 else ()
        if one is None or not integers(shape):
            return None
        size += one * math.prod(shape)
    return size


def same_in_descr(entries: Mapping[str, Any], seen: Seen) -> Verdict:
    """Whether the descr, if there is one, has as many bytes as the typestr."""
    size = bytes_in_descr(entries.get("descr"))
    if size is None or size == seen.itemsize:
        return RIGHT
    return f"a descr of {seen.itemsize} bytes, as in {entries['typestr']!r}", f"{size} bytes in its descr"


def seen_in_dictionary(exporter: Any, entries: Mapping[str, Any]) -> Seen | str:
    """The memory that the dictionary describes, or what is wrong with it."""
    shape, typestr = entries.get("shape"), entries.get("typestr")
    parts = TYPESTR.match(typestr) if isinstance(typestr, str) else None
    if not isinstance(entries.get("version"), int):
        return f"version {entries['version']!r}" if "version" in entries else "no version"
    if not integers(shape):
        return f"shape {shape!r}"
    if parts is None:
        return f"typestr {typestr!r}"
    assert isinstance(shape, tuple)
    if parts[2] == "t":
        return ""
    itemsize = bytes_of(parts)
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
            owed = (
                "a version, a tuple of extents, a typestr, strides and data as the array interface has them"
            )
            return (owed, seen) if seen and compare is same_memory else None
        if compare is same_type and (of_descr := same_in_descr(entries, seen)) != RIGHT:
            return of_descr
        return judged(buffer, seen, compare, is_another)

    return check


def is_aligned(seen: Seen) -> bool:
    """Whether each element lies where the machine has numbers of its type."""
    kind = {"u": "i", "c": "f"}.get(seen.kind, seen.kind)
    size = seen.itemsize // 2 if seen.kind == "c" else seen.itemsize
    unit = ALIGNMENTS.get((kind, size), 1)
    steps = (stride for extent, stride in zip(seen.shape, seen.strides, strict=True) if extent > 1)
    return not any(place % unit for place in (seen.address, *steps))


def false_flag(seen: Seen, flags: int) -> str:
    """What the flags of a struct say that its address and strides do not; empty if nothing."""
    if seen.is_empty:
        return ""
    turned = seen._replace(shape=seen.shape[::-1], strides=seen.strides[::-1])
    for flag, name, is_so in (
        (C_CONTIGUOUS, "C order", seen.is_c_contiguous),
        (F_CONTIGUOUS, "Fortran order", turned.is_c_contiguous),
        (ALIGNED, "alignment", is_aligned(seen)),
    ):
        if flags & flag and not is_so:
            return name
    return ""


def flags_of(capsule: Any) -> int:
    """The flags of the struct in a capsule."""
    address = api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule))
    return int(PyArrayInterface.from_address(address).flags)


def taken_struct(exporter: Any) -> Taken | None:
    """The capsule of `__array_struct__` and what is in it; None where there is none."""
    capsule = attribute(exporter, "__array_struct__")
    if not is_capsule(capsule):
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
        given = attribute(exporter, "__array_struct__")
        if given is not None and not is_capsule(given):
            return (
                ("a capsule", f"an object of type {type(given).__name__}") if compare is same_memory else None
            )
        taken, buffer = taken_struct(exporter), buffer_of(exporter)
        if taken is None or buffer is None or taken.seen.kind == "t":
            return None
        if taken.seen.kind == "?":
            return ("2 in the field two", "another number") if compare is same_memory else None
        name = false_flag(taken.seen, flags_of(taken.kept[0]))
        if name and compare is same_memory:
            owed = f"flags that hold of address {taken.seen.address:#x} and strides {taken.seen.strides}"
            return owed, f"the flag of {name}"
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
