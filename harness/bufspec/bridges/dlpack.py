"""Does `__dlpack__` agree with the buffer, is what it hands out deleted once?  The rules bridge.dlpack.*."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from bufspec.bridges.held import Ending, Make, Taken, compared, owner_outlives, unused_ended, used_not_ended
from bufspec.bridges.memory import (
    NATIVE,
    RIGHT,
    Seen,
    Verdict,
    api,
    c_strides,
    extents_of,
    is_capsule,
    readonly_kept,
    same_memory,
    same_type,
)

CPU = 1
MAJOR = 1
READ_ONLY, IS_COPIED = 1, 2
CODES = {0: "i", 1: "u", 2: "f", 5: "c", 6: "b"}
PLAIN, VERSIONED = b"dltensor", b"dltensor_versioned"
USED = {PLAIN: b"used_dltensor", VERSIONED: b"used_dltensor_versioned"}
"""The names of capsules, alive as long as any of them."""


class DLTensor(ctypes.Structure):
    """The struct of DLPack; a pointer is a number."""

    _fields_ = (
        ("data", ctypes.c_size_t),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.c_size_t),
        ("strides", ctypes.c_size_t),
        ("byte_offset", ctypes.c_uint64),
    )


class DLManagedTensor(ctypes.Structure):
    """A tensor with what deletes it."""

    _fields_ = (("tensor", DLTensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p))


class DLManagedTensorVersioned(ctypes.Structure):
    """The same since version 1.0."""

    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", DLTensor),
    )


Ask = Callable[[Callable[..., Any]], Any]


class Tensor(NamedTuple):
    """A capsule, alone in its list, and the struct in it."""

    capsule: list[Any]
    name: bytes
    managed: Any
    address: int

    @property
    def is_readable(self) -> bool:
        """Whether it is laid out as here: of another major version, nothing but its end may be touched."""
        return self.name == PLAIN or self.managed.major == MAJOR

    @property
    def flags(self) -> int:
        """The flags of the struct, of which the older one has none."""
        return int(self.managed.flags) if self.name == VERSIONED else 0


def newest(method: Callable[..., Any]) -> Any:
    """What a method hands out to a consumer of version 1.0."""
    try:
        return method(max_version=(1, 0))
    except TypeError:
        return method()


def oldest(method: Callable[..., Any]) -> Any:
    """What it hands out to one of an earlier version."""
    return method()


def capsule_of(exporter: Any, ask: Ask) -> Any:
    """What `__dlpack__` hands out; None where it refuses."""
    method = getattr(exporter, "__dlpack__", None)
    try:
        return None if method is None else ask(method)
    except Exception:
        return None


def tensor_of(exporter: Any, ask: Ask = newest) -> Tensor | None:
    """The tensor that is handed out; None where there is none."""
    capsule = capsule_of(exporter, ask)
    name = next((one for one in (VERSIONED, PLAIN) if api.PyCapsule_IsValid(capsule, one)), None)
    if name is None:
        return None
    address = api.PyCapsule_GetPointer(capsule, name)
    kind = DLManagedTensorVersioned if name == VERSIONED else DLManagedTensor
    return Tensor([capsule], name, kind.from_address(address), address)


def seen_in(tensor: Tensor) -> Seen | None:
    """The memory that a tensor describes; None of another device's, or of another layout.

    Items of more than one lane are rows of numbers.
    """
    if not tensor.is_readable:
        return None
    one = tensor.managed.tensor
    if one.device_type != CPU or one.bits * one.lanes % 8:
        return None
    itemsize = one.bits * one.lanes // 8
    numbers = ctypes.c_int64 * max(0, min(one.ndim, 64))
    shape = tuple(numbers.from_address(one.shape)) if one.ndim > 0 else ()
    strides = c_strides(shape, itemsize)
    if one.strides and one.ndim > 0:
        strides = tuple(stride * itemsize for stride in numbers.from_address(one.strides))
    if one.lanes > 1 and one.bits % 8 == 0:
        itemsize = one.bits // 8
        shape, strides = (*shape, one.lanes), (*strides, itemsize)
    kind = CODES.get(one.code, "")
    readonly = bool(tensor.flags & READ_ONLY) if tensor.name == VERSIONED else None
    return Seen(one.data + one.byte_offset, shape, strides, itemsize, kind, NATIVE if kind else "", readonly)


def device_agrees(make: Make) -> Verdict:
    """Whether `__dlpack_device__` names the device that the tensor is on."""
    exporter = make()
    tensor = tensor_of(exporter)
    if tensor is None or not tensor.is_readable:
        return None
    owed = (tensor.managed.tensor.device_type, tensor.managed.tensor.device_id)
    try:
        kind, number = exporter.__dlpack_device__()
        found = (int(kind), int(number))
    except Exception as error:
        return f"device {owed} from __dlpack_device__", f"{type(error).__name__} raised"
    return RIGHT if found == owed else (f"device {owed} from __dlpack_device__", f"device {found}")


def is_another(buffer: Seen, seen: Seen) -> bool:
    """Whether memory apart from the buffer's may be what is offered, without a flag.

    It is of other things, or of a tensor without flags, as which the buffer's memory cannot be shown.
    """
    is_unflagged = seen.readonly is None
    strides = zip(buffer.shape, buffer.strides, strict=True)
    has_view = buffer.order in ("", NATIVE) and not any(
        n > 1 and step % buffer.itemsize for n, step in strides
    )
    return extents_of(buffer) != extents_of(seen) or (
        is_unflagged and (not has_view or buffer.readonly is True)
    )


def taken(exporter: Any, ask: Ask = newest) -> Taken | None:
    """What the consumer of a tensor holds."""
    tensor = tensor_of(exporter, ask)
    return None if tensor is None else _taken_from(tensor)


def taken_in_place(exporter: Any, ask: Ask = newest) -> Taken | None:
    """The same, but of a copy, which a tensor may be: it shows no memory of the object's."""
    tensor = tensor_of(exporter, ask)
    return None if tensor is None or tensor.flags & IS_COPIED else _taken_from(tensor)


def _taken_from(tensor: Tensor) -> Taken | None:
    seen = seen_in(tensor)
    return None if seen is None else Taken(seen, tensor.capsule)


def ending_of(exporter: Any, ask: Ask = newest) -> Ending | None:
    """How a tensor is deleted; a consumer renames its capsule."""
    tensor = tensor_of(exporter, ask)
    if tensor is None:
        return None

    def use() -> tuple[Callable[[Any], None], Any]:
        api.PyCapsule_SetName(tensor.capsule[0], USED[tensor.name])
        return lambda deleter: deleter(tensor.address), None

    deleter = ctypes.c_void_p.from_buffer(tensor.managed, int(type(tensor.managed).deleter.offset))
    return Ending(tensor.capsule, deleter, use)


def used_not_deleted(make: Make, ask: Ask) -> Verdict:
    """Whether a capsule that was consumed leaves the deleter to its consumer, who lets go of all by it."""
    owed = "a deleter that only the consumer of the capsule calls"
    return used_not_ended(make, partial(ending_of, ask=ask), owed, "one that the used capsule calls, too")


def well_named(make: Make, ask: Ask) -> Verdict:
    """Whether the capsule has one of the two names."""
    capsule = capsule_of(make(), ask)
    if not is_capsule(capsule) or any(api.PyCapsule_IsValid(capsule, one) for one in USED):
        return None
    return f"a capsule named {PLAIN.decode()} or {VERSIONED.decode()}", f"{api.PyCapsule_GetName(capsule)}"


def each_way(check: Callable[[Make, Ask], Verdict]) -> Callable[[Make], Verdict]:
    """The check of what consumers of version 1.0 and of earlier ones are given."""

    def whole(make: Make) -> Verdict:
        first = check(make, newest)
        if first not in (None, RIGHT):
            return first
        second = check(make, oldest)
        if second is None or second == RIGHT:
            return first or second
        return second[0], f"{second[1]}, asked without max_version"

    return whole


CHECKS: dict[str, Callable[[Make], Verdict]] = {
    "bridge.dlpack.same_memory": each_way(
        lambda make, ask: (
            well_named(make, ask) or compared(partial(taken_in_place, ask=ask), same_memory, is_another)(make)
        )
    ),
    "bridge.dlpack.same_type": each_way(
        lambda make, ask: compared(partial(taken_in_place, ask=ask), same_type, is_another)(make)
    ),
    "bridge.dlpack.readonly_kept": compared(taken_in_place, readonly_kept, is_another),
    "bridge.dlpack.device_agrees": device_agrees,
    "bridge.dlpack.owner_outlives": each_way(lambda make, ask: owner_outlives(make, partial(taken, ask=ask))),
    "bridge.dlpack.unused_deleted": each_way(
        lambda make, ask: unused_ended(make, partial(ending_of, ask=ask))
    ),
    "bridge.dlpack.used_not_deleted": each_way(used_not_deleted),
}
