"""NumPy arrays and scalars, over the layouts and dtypes that the package has."""

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from bufspec.declare import Layout, exporter

# NumPy's own reading of a format has no public name; it moved in 2.0.
_internal = import_module("numpy._core._internal" if hasattr(np, "_core") else "numpy.core._internal")

MATRIX = (3, 4)


def _matrix() -> np.ndarray:
    return np.arange(12, dtype=np.int32).reshape(MATRIX).copy()


def _readonly() -> np.ndarray:
    array = _matrix()
    array.flags.writeable = False
    return array


def _unaligned() -> np.ndarray:
    return np.zeros(49, np.uint8)[1:].view(np.int32).reshape(MATRIX)


def _packed_field() -> np.ndarray:
    # The strides of the field are 5 bytes, no multiple of its itemsize.
    return np.zeros(6, np.dtype([("tag", "u1"), ("value", "<i4")]))["value"]


def _masked_data() -> np.ndarray:
    return np.ma.masked_greater(np.arange(6), 3).data


LAYOUTS: dict[str, Callable[[], object]] = {
    "c_contiguous": _matrix,
    "fortran": lambda: np.asfortranarray(_matrix()),
    "one_dimension": lambda: np.arange(6, dtype=np.int64),
    "three_dimensions": lambda: np.arange(24, dtype=np.int16).reshape(2, 3, 4),
    "strided": lambda: _matrix()[::2, 1::2],
    "reversed": lambda: _matrix()[::-1, ::-1],
    "transposed": lambda: np.arange(24, dtype=np.int16).reshape(2, 3, 4).transpose(1, 0, 2),
    "padded_rows": lambda: _matrix()[:, :3],
    "zero_dim": lambda: np.array(7, np.float64),
    "empty": lambda: np.zeros((0,), np.int32),
    "empty_rows": lambda: np.zeros((3, 0, 2), np.int32),
    "empty_strided": lambda: np.zeros((4, 6), np.int32)[::2, 3:3],
    "extent_one": lambda: _matrix()[1:2, :],
    "broadcast": lambda: np.broadcast_to(np.arange(4, dtype=np.int32), MATRIX),
    "overlapping": lambda: np.lib.stride_tricks.sliding_window_view(np.arange(6, dtype=np.int32), 3),
    "readonly": _readonly,
    "unaligned": _unaligned,
    "packed_field": _packed_field,
    "masked_data": _masked_data,
    "masked_array": lambda: np.ma.masked_greater(np.arange(6), 3),
    "record_subclass": lambda: np.arange(6).reshape(2, 3).view(np.recarray),
    "borrowed": lambda: np.frombuffer(bytearray(48), np.int32).reshape(MATRIX),
    "dims_32": lambda: np.zeros((1,) * 32, np.int8),
}

DTYPES: dict[str, object] = {
    "bool": np.bool_,
    "int8": np.int8,
    "uint8": np.uint8,
    "uint16": np.uint16,
    "uint32": np.uint32,
    "uint64": np.uint64,
    "longlong": np.longlong,
    "float16": np.float16,
    "float32": np.float32,
    "longdouble": np.longdouble,
    "complex64": np.complex64,
    "complex128": np.complex128,
    "clongdouble": np.clongdouble,
    "big_endian": ">i4",
    "bytes": "S5",
    "bytes_zero": "S0",
    "unicode": "U3",
    "void": "V7",
    "object": object,
    "datetime64": "M8[s]",
    "timedelta64": "m8[ms]",
    "structured": [("a", "i1"), ("b", "<f8")],
    "structured_aligned": np.dtype([("a", "i1"), ("b", "<f8"), ("c", "i2")], align=True),
    "structured_nested": [("p", [("x", "<i2"), ("y", ">i2")]), ("q", "?")],
    "sub_array": [("grid", "<f4", (2, 3)), ("n", "u1")],
}

SCALARS: dict[str, Callable[[], object]] = {
    "bool": lambda: np.bool_(True),
    "int8": lambda: np.int8(-3),
    "int64": lambda: np.int64(7),
    "float64": lambda: np.float64(1.5),
    "complex128": lambda: np.complex128(1 + 2j),
    "longdouble": lambda: np.longdouble(1),
    "bytes": lambda: np.bytes_(b"five!"),
    "str": lambda: np.str_("abc"),
    "datetime64": lambda: np.datetime64("2026-01-02"),
    "void": lambda: np.zeros(1, [("a", "i1"), ("b", "<f8")])[0],
}


def _of_dtype(dtype: object) -> Callable[[], object]:
    return lambda: np.zeros(3, dtype)  # type: ignore[call-overload]


@cache
def _dtype_from_format(format_: str) -> np.dtype | None:
    """The dtype that NumPy reads in a format and writes as one that means the same, None if there is none."""
    if "c" in re.sub(":[^:]*:", "", format_):
        return None  # written as 1s, bytes of which the null ones at the end do not count
    try:
        dtype = np.dtype(_internal._dtype_from_pep3118(format_))
    except (ValueError, TypeError, NotImplementedError, IndexError, RuntimeError):
        return None
    return None if dtype.hasobject else dtype


def build_array(layout: Layout) -> object:
    """Any strides over a block, of any format that NumPy reads; no pointers."""
    if layout.suboffsets is not None:
        return NotImplemented
    dtype = _dtype_from_format(layout.format)
    if dtype is None or dtype.itemsize != layout.itemsize:
        return NotImplemented
    if dtype.subdtype is not None:
        return NotImplemented  # would become further dimensions
    block = bytes(layout.memory) if layout.readonly else bytearray(layout.memory)
    try:
        return np.ndarray(layout.shape, dtype, block, layout.offset, layout.strides)
    except ValueError:
        return NotImplemented  # more dimensions, or other strides, than NumPy has


# What an array can be made to do with its memory and its shape; `resize` counts references before it moves.
OPERATIONS: dict[str, Callable[[Any], object]] = {
    "resize": lambda it: it.resize((1000,)),
    "set_shape": lambda it: setattr(it, "shape", (it.size,)),
}


def _elements(factory: Callable[[], object]) -> bytes | None:
    """What an array or scalar shows; None for references, and where a long double has unused bytes."""
    array = np.asarray(factory())
    return None if array.dtype.hasobject or array.dtype == np.longdouble else array.tobytes()


for _name, _factory in LAYOUTS.items():
    exporter(f"numpy.{_name}", expect=_elements(_factory), operations=OPERATIONS)(_factory)
for _name, _dtype in DTYPES.items():
    _factory = _of_dtype(_dtype)
    exporter(f"numpy.dtype_{_name}", expect=_elements(_factory), operations=OPERATIONS)(_factory)
for _name, _factory in SCALARS.items():
    exporter(f"numpy.scalar_{_name}", expect=_elements(_factory))(_factory)

exporter("numpy.from_layout", build=build_array, expect=_matrix().tobytes(), operations=OPERATIONS)(_matrix)
