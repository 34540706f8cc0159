"""Objects that offer their memory by other interfaces, for the tests of bridges: right as they are told."""

from __future__ import annotations

import ctypes
import itertools
import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from bufspec.bridges.array import PyArrayInterface
from bufspec.bridges.arrow import ArrowArray, ArrowSchema
from bufspec.bridges.dlpack import CPU, PLAIN, VERSIONED, DLManagedTensor, DLManagedTensorVersioned

api = ctypes.PyDLL(None)
api.PyCapsule_New.restype = ctypes.py_object
api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
api.PyCapsule_IsValid.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
api.PyCapsule_GetPointer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
api.PyCapsule_GetPointer.restype = ctypes.c_void_p

End: Callable[[Any], Any] = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)
alive: dict[object, Any] = {}
"""What a struct needs, by its address or number; a base struct lives as long as its capsule."""
numbers = itertools.count(1)


def pointer(function: Any) -> int:
    """Its address."""
    return ctypes.cast(function, ctypes.c_void_p).value or 0


class Offering(np.ndarray[Any, Any]):
    """An array; its subclasses offer it in ways of their own."""

    @property
    def place(self) -> int:
        """Where its first element lies."""
        return int(self.ctypes.data)


def offering(base: Callable[[], Any], **ways: Any) -> Callable[[], Any]:
    """A factory of arrays that offer their memory by these attributes of their class."""
    kind = type("Offered", (Offering,), ways)
    return lambda: base().view(kind)


def by_dictionary(**entries: Any) -> dict[str, Any]:
    """The array interface with these entries; those that are functions are asked with the object."""

    def interface(self: Offering) -> Mapping[str, Any]:
        given = {"data": lambda own: (own.place, False), "version": 3, **entries}
        made = {name: one(self) if callable(one) else one for name, one in given.items()}
        return {name: one for name, one in made.items() if one is not ...}

    return {"__array_interface__": property(interface)}


@End
def drop_struct(capsule: int) -> None:
    """The destructor of the capsule of a PyArrayInterface."""
    alive.pop(api.PyCapsule_GetPointer(capsule, None), None)


def by_struct(
    shape: tuple[int, ...], strides: tuple[int, ...], kind: bytes, size: int, flags: int
) -> dict[str, Any]:
    """The array interface as a struct."""

    def interface(self: Offering) -> object:
        extents, steps = (ctypes.c_ssize_t * len(shape))(*shape), (ctypes.c_ssize_t * len(shape))(*strides)
        places = {"shape": ctypes.addressof(extents), "strides": ctypes.addressof(steps), "data": self.place}
        made = PyArrayInterface(two=2, nd=len(shape), typekind=kind, itemsize=size, flags=flags, **places)
        alive[ctypes.addressof(made)] = (made, extents, steps, self)
        return api.PyCapsule_New(ctypes.addressof(made), None, pointer(drop_struct))

    return {"__array_struct__": property(interface)}


@End
def delete(address: int) -> None:
    """The deleter of a tensor."""
    alive.pop(address, None)


@End
def delete_unused(capsule: int) -> None:
    """The destructor of the capsule of a tensor."""
    for name, kind in ((PLAIN, DLManagedTensor), (VERSIONED, DLManagedTensorVersioned)):
        if api.PyCapsule_IsValid(capsule, name):
            address = api.PyCapsule_GetPointer(capsule, name)
            End(kind.from_address(address).deleter)(address)


def tensor(
    memory: Any,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    dtype: tuple[int, int, int],
    *,
    start: int = 0,
    major: int = 1,
    deleter: Any = delete,
    name: bytes | None = None,
) -> object:
    """A capsule with a tensor of that memory; of major version 0 it has no flags."""
    made: Any = DLManagedTensorVersioned(major=major) if major else DLManagedTensor()
    extents, steps = (ctypes.c_int64 * len(shape))(*shape), (ctypes.c_int64 * len(shape))(*strides)
    one = made.tensor
    one.data, one.device_type, one.ndim = memory.ctypes.data + start, CPU, len(shape)
    one.code, one.bits, one.lanes = dtype
    one.shape, one.strides = ctypes.addressof(extents), ctypes.addressof(steps)
    if major > 1:  # in a layout that nobody knows
        ctypes.memset(ctypes.addressof(made) + type(made).tensor.offset, 0xFF, ctypes.sizeof(one))
    made.deleter = pointer(deleter)
    alive[ctypes.addressof(made)] = (made, extents, steps, memory)
    names = name or (VERSIONED if major else PLAIN)
    return api.PyCapsule_New(ctypes.addressof(made), names, None if name else pointer(delete_unused))


def by_tensor(make: Callable[[Offering], object]) -> dict[str, Any]:
    """DLPack by that function, whatever version is wanted."""
    return {"__dlpack__": lambda self, **_: make(self), "__dlpack_device__": lambda _: (CPU, 0)}


@End
def release(address: int) -> None:
    """The release callback of an array."""
    array = ArrowArray.from_address(address)
    alive.pop(array.private_data, None)
    array.release = None


@End
def release_unmoved(capsule: int) -> None:
    """The destructor of the capsule of an array."""
    address = api.PyCapsule_GetPointer(capsule, b"arrow_array")
    if ArrowArray.from_address(address).release:
        End(ArrowArray.from_address(address).release)(address)
    alive.pop(address, None)


@End
def drop_schema(capsule: int) -> None:
    """The destructor of the capsule of a type."""
    alive.pop(api.PyCapsule_GetPointer(capsule, b"arrow_schema"), None)


def metadata(**pairs: str) -> bytes:
    """The metadata of a type, with colons for the underscores of keys."""
    texts = [text.encode() for key, value in pairs.items() for text in (key.replace("_", ":"), value)]
    return struct.pack("i", len(pairs)) + b"".join(struct.pack("i", len(one)) + one for one in texts)


def arrow(
    memory: Any, format_: bytes, length: int, *, dictionary: bool = False, extension: str = "", **fields: Any
) -> tuple[object, object]:
    """The two capsules of an array of that memory."""
    schema, values = ArrowSchema(format=format_, name=b""), ArrowSchema(format=b"g", name=b"")
    about = ctypes.create_string_buffer(metadata(ARROW_extension_name=extension))
    schema.metadata = ctypes.addressof(about) if extension else None
    schema.dictionary = ctypes.addressof(values) if dictionary else None
    alive[ctypes.addressof(schema)] = (schema, values, about)
    buffers = (ctypes.c_size_t * 2)(0, memory.ctypes.data)
    given = {"length": length, "n_buffers": 2, "release": pointer(release), **fields}
    array = ArrowArray(buffers=ctypes.addressof(buffers), private_data=next(numbers), **given)
    alive[array.private_data] = (buffers, memory)
    alive[ctypes.addressof(array)] = array
    return (
        api.PyCapsule_New(ctypes.addressof(schema), b"arrow_schema", pointer(drop_schema)),
        api.PyCapsule_New(ctypes.addressof(array), b"arrow_array", pointer(release_unmoved)),
    )


def by_arrow(make: Callable[[Offering], object]) -> dict[str, Any]:
    """The Arrow C data interface by that function."""
    return {"__arrow_c_array__": lambda self, requested_schema=None: make(self)}
