"""Does `__arrow_c_array__` agree with the buffer, and is what it hands out released once?  The rules
bridge.arrow.*, of arrays of numbers: of others a buffer cannot be the whole."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, NamedTuple

from bufspec.bridges.held import Ending, Make, Taken, compared, owner_outlives, unused_ended, used_not_ended
from bufspec.bridges.memory import (
    NATIVE,
    RIGHT,
    Seen,
    Verdict,
    api,
    lies_in,
    same_memory,
    same_type,
)

TYPES = {
    "c": ("i", 1),
    "s": ("i", 2),
    "i": ("i", 4),
    "l": ("i", 8),
    "C": ("u", 1),
    "S": ("u", 2),
    "I": ("u", 4),
    "L": ("u", 8),
    "e": ("f", 2),
    "f": ("f", 4),
    "g": ("f", 8),
}
"""Kind and bytes of each format of a number."""


EXTENSION = b"ARROW:extension:name"


class ArrowSchema(ctypes.Structure):
    """The struct that names the type; a pointer that is not followed is a number."""

    _fields_ = (
        *((name, ctypes.c_char_p) for name in ("format", "name")),
        ("metadata", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("flags", "n_children")),
        *((name, ctypes.c_void_p) for name in ("children", "dictionary", "release", "private_data")),
    )


class ArrowArray(ctypes.Structure):
    """The struct of the C data interface; a pointer is a number."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")),
        *((name, ctypes.c_size_t) for name in ("buffers", "children", "dictionary")),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


class Handed(NamedTuple):
    """The two capsules, in their list, and what is in them."""

    capsules: list[Any]
    schema: ArrowSchema
    array: ArrowArray

    @property
    def format(self) -> str:
        """The type, or that of the indices of a dictionary, or of what an extension is stored as."""
        return (self.schema.format or b"").decode("ascii", "replace")


def handed_out(exporter: Any) -> Handed | None:
    """What `__arrow_c_array__` hands out of numbers; None where it refuses, or has something else."""
    method = getattr(exporter, "__arrow_c_array__", None)
    try:
        pair = None if method is None else method()
    except Exception:
        return None
    if not isinstance(pair, tuple) or len(pair) != 2:
        return None
    schema, array = pair
    if not api.PyCapsule_IsValid(schema, b"arrow_schema") or not api.PyCapsule_IsValid(array, b"arrow_array"):
        return None
    type_ = ArrowSchema.from_address(api.PyCapsule_GetPointer(schema, b"arrow_schema"))
    struct = ArrowArray.from_address(api.PyCapsule_GetPointer(array, b"arrow_array"))
    return Handed([schema, array], type_, struct)


def keys_of(metadata: int | None) -> list[bytes]:
    """The keys of the metadata at an address."""
    found: list[bytes] = []
    if not metadata:
        return found
    count, at = ctypes.c_int32.from_address(metadata).value, metadata + 4
    for number in range(2 * count):  # a key, then its value
        length = ctypes.c_int32.from_address(at).value
        if number % 2 == 0:
            found.append(ctypes.string_at(at + 4, length))
        at += 4 + length
    return found


def is_plain_type(handed: Handed) -> bool:
    """Whether the format is the type of the elements, not of indices, and without an extension's sense."""
    is_encoded = handed.schema.dictionary or handed.array.dictionary
    return not is_encoded and EXTENSION not in keys_of(handed.schema.metadata)


def seen_in(handed: Handed | None) -> Seen | None:
    """The memory that the array describes; None of what is not numbers."""
    if handed is None or handed.format not in TYPES or handed.array.n_buffers != 2:
        return None
    kind, itemsize = TYPES[handed.format]
    buffers = (ctypes.c_size_t * 2).from_address(handed.array.buffers)
    address = buffers[1] + handed.array.offset * itemsize
    return Seen(address, (handed.array.length,), (itemsize,), itemsize, kind, NATIVE)


def same_numbers(buffer: Seen, seen: Seen) -> Verdict:
    """Whether both describe the same elements, or the array a slice, which length and offset are for."""
    is_slice = lies_in(buffer, seen) and same_type(buffer, seen) == RIGHT
    return RIGHT if is_slice and not seen.is_empty else same_memory(buffer, seen)


def may_be_copied(_: Seen, __: Seen) -> bool:
    """What is apart from the buffer's memory is a copy, for which Arrow has no flag: it knows no strides."""
    return True


def taken(exporter: Any) -> Taken | None:
    """What the consumer of an array holds."""
    handed = handed_out(exporter)
    seen = seen_in(handed)
    return None if handed is None or seen is None else Taken(seen, handed.capsules)


def taken_of_plain_type(exporter: Any) -> Taken | None:
    """The same, of elements that are as the format says."""
    handed = handed_out(exporter)
    seen = seen_in(handed)
    if handed is None or seen is None or not is_plain_type(handed):
        return None
    return Taken(seen, handed.capsules)


def ending_of(exporter: Any) -> Ending | None:
    """How an array is released; a consumer moves it."""
    handed = handed_out(exporter)
    if handed is None:
        return None

    def use() -> tuple[Callable[[Any], None], Any]:
        moved = ArrowArray.from_buffer_copy(handed.array)
        _release_of(handed.array).value = None

        def end(release: Any) -> None:
            _release_of(moved).value = ctypes.cast(release, ctypes.c_void_p).value
            release(ctypes.addressof(moved))

        return end, moved

    return Ending(handed.capsules, _release_of(handed.array), use)


def used_not_released(make: Make) -> Verdict:
    """Whether the capsule of a moved array leaves its release to the consumer, who lets go of all by it."""
    owed = "a release that only the consumer of the array calls"
    return used_not_ended(make, ending_of, owed, "one that the moved array's capsule calls")


def _release_of(array: ArrowArray) -> ctypes.c_void_p:
    return ctypes.c_void_p.from_buffer(array, ArrowArray.release.offset)


CHECKS: dict[str, Callable[[Make], Verdict]] = {
    "bridge.arrow.same_memory": compared(taken_of_plain_type, same_numbers, may_be_copied),
    "bridge.arrow.same_type": compared(taken_of_plain_type, same_type, may_be_copied),
    "bridge.arrow.owner_outlives": lambda make: owner_outlives(make, taken),
    "bridge.arrow.unused_released": lambda make: unused_ended(make, ending_of),
    "bridge.arrow.used_not_released": used_not_released,
}
