"""Exporters that offer their memory by other interfaces, with one fault each: rows of spec/mutants.yaml.

Bridged is right in all that it does; each fault is a word that one place of it looks for.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from bufspec.bridges.array import ALIGNED, C_CONTIGUOUS, NOT_SWAPPED, WRITEABLE, PyArrayInterface
from bufspec.bridges.arrow import ArrowArray, ArrowSchema
from bufspec.bridges.dlpack import (
    CPU,
    PLAIN,
    READ_ONLY,
    VERSIONED,
    DLManagedTensor,
    DLManagedTensorVersioned,
)
from bufspec.bridges.memory import NATIVE, address_of
from bufspec.declare import exporter
from bufspec.subjects.mutants import _native
from bufspec.tables.mutants import load_mutants

CUDA = 2
SIGNED, UNSIGNED = 0, 1

api = ctypes.PyDLL(None)
api.PyCapsule_New.restype = ctypes.py_object
api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
api.PyCapsule_IsValid.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
api.PyCapsule_GetPointer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
api.PyCapsule_GetPointer.restype = ctypes.c_void_p

alive: dict[int, tuple[Any, ...]] = {}
"""What a struct at that address needs: itself, its arrays, and the owner of the memory."""


End: Callable[[Any], Any] = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)


@End
def _end(address: int) -> None:
    """The deleter of a tensor."""
    alive.pop(address, None)


@End
def _release_array(address: int) -> None:
    """The release callback of an array; of one that was moved, what it needs has the place of the first."""
    array = ArrowArray.from_address(address)
    alive.pop(array.private_data, None)
    array.release = None


@End
def _drop_struct(capsule: int) -> None:
    _end(api.PyCapsule_GetPointer(capsule, None))


@End
def _keep_struct(capsule: int) -> None:
    """Does nothing, and so leaks it."""


def _deletes(capsule: int, name: bytes, kind: Any) -> None:
    address = api.PyCapsule_GetPointer(capsule, name)
    End(kind.from_address(address).deleter)(address)


@End
def _delete_unused(capsule: int) -> None:
    for name, kind in ((PLAIN, DLManagedTensor), (VERSIONED, DLManagedTensorVersioned)):
        if api.PyCapsule_IsValid(capsule, name):
            _deletes(capsule, name, kind)


@End
def _delete_always(capsule: int) -> None:
    _delete_unused(capsule)
    for name, kind in (
        (b"used_dltensor", DLManagedTensor),
        (b"used_dltensor_versioned", DLManagedTensorVersioned),
    ):
        if api.PyCapsule_IsValid(capsule, name):
            _deletes(capsule, name, kind)


@End
def _release_unmoved(capsule: int) -> None:
    address = api.PyCapsule_GetPointer(capsule, b"arrow_array")
    release = ArrowArray.from_address(address).release
    if release:
        End(release)(address)
    structs.pop(address, None)


@End
def _release_always(capsule: int) -> None:
    address = api.PyCapsule_GetPointer(capsule, b"arrow_array")
    alive.pop(ArrowArray.from_address(address).private_data, None)
    _release_unmoved(capsule)


@End
def _drop_schema(capsule: int) -> None:
    structs.pop(api.PyCapsule_GetPointer(capsule, b"arrow_schema"), None)


structs: dict[int, Any] = {}
"""Structs that live as long as their capsules, by address."""


def _pointer(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


class Bridged(_native.MutantExporter):
    """Offers its memory by all four interfaces."""

    fault = ""

    def _has(self, fault: str) -> bool:
        return self.fault == fault

    def _shown(self) -> tuple[int, tuple[int, ...], tuple[int, ...], int, bool]:
        with memoryview(self) as view:  # type: ignore[arg-type]
            return address_of(view), view.shape or (), view.strides or (), view.itemsize, view.readonly

    def _owner(self, fault: str) -> object:
        return None if self._has(fault) else self

    @property
    def __array_interface__(self) -> dict[str, Any]:
        address, shape, strides, _, readonly = self._shown()
        order = {"<": ">", ">": "<"}[NATIVE] if self._has("interface_order_swapped") else NATIVE
        return {
            "version": 3,
            "shape": shape,
            "typestr": f"{order}i4",
            "data": (
                address + 4 * self._has("interface_starts_late"),
                readonly and not self._has("interface_writable"),
            ),
            "strides": strides,
            "descr": [("", f"{order}i2" if self._has("interface_descr_too_short") else f"{order}i4")],
        }

    @property
    def __array_struct__(self) -> object:
        address, shape, strides, itemsize, readonly = self._shown()
        if self._has("struct_strides_reversed"):
            strides = tuple(reversed(strides))
        extents, steps = (ctypes.c_ssize_t * len(shape))(*shape), (ctypes.c_ssize_t * len(shape))(*strides)
        is_writable = not readonly or self._has("struct_writable")
        is_aligned = address % itemsize == 0 or self._has("struct_falsely_aligned")
        struct = PyArrayInterface(
            two=2,
            nd=len(shape),
            typekind=b"f" if self._has("struct_of_floats") else b"i",
            itemsize=itemsize,
            flags=C_CONTIGUOUS
            | NOT_SWAPPED
            | (ALIGNED if is_aligned else 0)
            | (WRITEABLE if is_writable else 0),
            shape=ctypes.addressof(extents),
            strides=ctypes.addressof(steps),
            data=address,
        )
        place = ctypes.addressof(struct)
        alive[place] = (struct, extents, steps, self._owner("struct_without_owner"))
        ending = _keep_struct if self._has("struct_never_freed") else _drop_struct
        return api.PyCapsule_New(place, None, _pointer(ending))

    def __dlpack__(self, *, max_version: tuple[int, int] | None = None, **_: Any) -> object:
        address, shape, strides, itemsize, readonly = self._shown()
        is_versioned = max_version is not None and max_version[0] >= 1
        if readonly and not is_versioned:
            raise BufferError("a tensor without flags cannot say that it is read-only")
        managed: Any = DLManagedTensorVersioned(major=1) if is_versioned else DLManagedTensor()
        if readonly and not self._has("tensor_writable"):
            managed.flags = READ_ONLY
        unit = 1 if self._has("tensor_strides_in_bytes") else itemsize
        extents = (ctypes.c_int64 * len(shape))(*shape)
        steps = (ctypes.c_int64 * len(shape))(*(stride // unit for stride in strides))
        tensor = managed.tensor
        tensor.data, tensor.device_type, tensor.ndim = address, CPU, len(shape)
        tensor.code = UNSIGNED if self._has("tensor_unsigned") else SIGNED
        tensor.bits, tensor.lanes = 8 * itemsize, 1
        tensor.shape, tensor.strides = ctypes.addressof(extents), ctypes.addressof(steps)
        managed.deleter = _pointer(_end)
        place = ctypes.addressof(managed)
        alive[place] = (managed, extents, steps, self._owner("tensor_without_owner"))
        ending: Any = _delete_always if self._has("used_tensor_deleted") else _delete_unused
        destructor = None if self._has("unused_tensor_kept") else _pointer(ending)
        return api.PyCapsule_New(place, VERSIONED if is_versioned else PLAIN, destructor)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (CUDA if self._has("tensor_on_another_device") else CPU, 0)

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        address, shape, _, itemsize, _ = self._shown()
        length = 1
        for extent in shape:
            length *= extent
        schema = ArrowSchema(format=b"I" if self._has("arrow_unsigned") else b"i", name=b"")
        structs[ctypes.addressof(schema)] = schema
        buffers = (ctypes.c_size_t * 2)(0, address)
        array = ArrowArray(
            length=length * (itemsize if self._has("arrow_length_in_bytes") else 1),
            n_buffers=2,
            buffers=ctypes.addressof(buffers),
            release=_pointer(_release_array),
        )
        place = ctypes.addressof(array)
        array.private_data = place
        structs[place] = array
        alive[place] = (buffers, self._owner("arrow_without_owner"))
        ending: Any = _release_always if self._has("moved_array_released") else _release_unmoved
        destructor = None if self._has("unused_array_kept") else _pointer(ending)
        return (
            api.PyCapsule_New(ctypes.addressof(schema), b"arrow_schema", _pointer(_drop_schema)),
            api.PyCapsule_New(place, b"arrow_array", destructor),
        )


FAULTS = (
    *("interface_starts_late", "interface_order_swapped", "interface_writable"),
    *("interface_descr_too_short", "struct_falsely_aligned"),
    *("struct_strides_reversed", "struct_of_floats", "struct_writable"),
    *("struct_without_owner", "struct_never_freed"),
    *("tensor_strides_in_bytes", "tensor_unsigned", "tensor_writable", "tensor_on_another_device"),
    *("tensor_without_owner", "unused_tensor_kept", "used_tensor_deleted"),
    *("arrow_length_in_bytes", "arrow_unsigned", "arrow_without_owner"),
    *("unused_array_kept", "moved_array_released"),
)
"""The ids of the rows; each has a twin of the same memory."""


def _maker(fault: str) -> Callable[[], object]:
    kind = type(f"Bridged_{fault}", (Bridged,), {"fault": fault})
    word = fault.removesuffix("_twin").rpartition("_")[2]
    memory = load_mutants().layouts[
        {"writable": "c_2d_int_readonly", "aligned": "unaligned_1d"}.get(word, "c_2d_int")
    ]

    def make() -> object:
        return kind(memory, [])

    return make


for _fault in FAULTS:
    exporter(f"mutants.{_fault}")(_maker(_fault))
    exporter(f"mutants.{_fault}_twin")(_maker(f"{_fault}_twin"))
