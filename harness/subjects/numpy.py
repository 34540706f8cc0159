"""NumPy arrays and scalars, over the layouts and dtypes that the package has."""

from collections.abc import Callable

import numpy as np
from bufspec.declare import exporter

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


for _name, _factory in LAYOUTS.items():
    exporter(f"numpy.{_name}")(_factory)
for _name, _dtype in DTYPES.items():
    exporter(f"numpy.dtype_{_name}")(_of_dtype(_dtype))
for _name, _factory in SCALARS.items():
    exporter(f"numpy.scalar_{_name}")(_factory)
