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
    buffer_of,
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


NAMES = (b"arrow_schema", b"arrow_array")
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


def capsules_of(exporter: Any) -> tuple[Any, Any] | None:
    """The pair that `__arrow_c_array__` hands out; None where it refuses."""
    method = getattr(exporter, "__arrow_c_array__", None)
    try:
        pair = None if method is None else method()
    except Exception:
        return None
    return pair if isinstance(pair, tuple) and len(pair) == 2 else None


def handed_out(exporter: Any) -> Handed | None:
    """What is in that pair; None where it is something else."""
    schema, array = capsules_of(exporter) or (None, None)
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


def wrong_in(handed: Handed) -> Verdict:
    """What is owed of the fields of an array of numbers and what was found; None if all are right."""
    array = handed.array
    if handed.format not in TYPES or not is_plain_type(handed):
        return None
    if array.n_buffers != 2:
        return "two buffers, of validity and of data", f"{array.n_buffers}"
    if array.offset < 0 or array.length < 0:
        return "no negative offset or length", f"offset {array.offset}, length {array.length}"
    if array.null_count > 0 and array.length and not (ctypes.c_size_t * 2).from_address(array.buffers)[0]:
        return (
            "a bitmap of validity where elements are null",
            f"{array.null_count} null elements and no bitmap",
        )
    return None


def well_formed(compare: Callable[[Make], Verdict]) -> Callable[[Make], Verdict]:
    """The check that looks at the names of the capsules and the fields first."""

    def check(make: Make) -> Verdict:
        exporter = make()
        pair = capsules_of(exporter)
        kinds = [type(one).__name__ for one in pair or ()]
        if pair is not None and kinds == ["PyCapsule", "PyCapsule"]:
            names = tuple(api.PyCapsule_GetName(one) for one in pair)
            if names != NAMES:
                return f"capsules with the names {NAMES}", f"{names}"
        handed = handed_out(exporter)
        wrong = None if handed is None or buffer_of(exporter) is None else wrong_in(handed)
        return wrong or compare(make)

    return check


def taken_of_plain_type(exporter: Any) -> Taken | None:
    """The same, of elements that are as the format says."""
    handed = handed_out(exporter)
    seen = seen_in(handed)
    if handed is None or seen is None or not is_plain_type(handed):
        return None
    return Taken(seen, handed.capsules)


def ending_of(exporter: Any, left: list[int] | None = None) -> Ending | None:
    """How an array is released; a consumer moves it.  `left` takes the callback that is there afterwards."""
    handed = handed_out(exporter)
    if handed is None:
        return None

    def use() -> tuple[Callable[[Any], None], Any]:
        moved = ArrowArray.from_buffer_copy(handed.array)
        _release_of(handed.array).value = None

        def end(release: Any) -> None:
            _release_of(moved).value = ctypes.cast(release, ctypes.c_void_p).value
            release(ctypes.addressof(moved))
            if left is not None:
                left.append(moved.release or 0)

        return end, moved

    return Ending(handed.capsules, _release_of(handed.array), use)


def used_not_released(make: Make) -> Verdict:
    """Whether the capsule of a moved array leaves its release to the consumer, who lets go of all by it."""
    owed = "a release that only the consumer of the array calls"
    left: list[int] = []

    def hand_out(exporter: Any) -> Ending | None:
        return ending_of(exporter, left)

    found = used_not_ended(make, hand_out, owed, "one that the moved array's capsule calls")
    if found == RIGHT and any(left):
        return "NULL in the release of an array that was released", "another address"
    return found


def _release_of(array: ArrowArray) -> ctypes.c_void_p:
    return ctypes.c_void_p.from_buffer(array, ArrowArray.release.offset)


CHECKS: dict[str, Callable[[Make], Verdict]] = {
    "bridge.arrow.same_memory": well_formed(compared(taken_of_plain_type, same_numbers, may_be_copied)),
    "bridge.arrow.same_type": compared(taken_of_plain_type, same_type, may_be_copied),
    "bridge.arrow.owner_outlives": lambda make: owner_outlives(make, taken),
    "bridge.arrow.unused_released": lambda make: unused_ended(make, ending_of),
    "bridge.arrow.used_not_released": used_not_released,
}
