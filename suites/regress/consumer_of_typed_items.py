"""Consumers of typed memory that refuse plain bytes are compared with what they make of a memoryview."""

import ctypes
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

from bufspec.declare import consumer
from by_ctypes.view import View, get, release

VERDICTS = {
    "regress.sum_of_doubles": {"recommends": []},
    "regress.sum_of_doubles_in_a_row": {"breaks": ["consumer.data.linear_if_contiguous"], "dies": True},
    "regress.sum_of_a_matrix": {"recommends": []},
    "regress.sum_of_a_matrix_in_a_row": {"breaks": ["consumer.data.linear_if_contiguous"], "dies": True},
    "regress.half_of_a_matrix": {"recommends": []},
    "regress.steps_of_doubles": {"recommends": []},
    "regress.kept_doubles": {"recommends": []},
}
FULL_RO = 0x11C
MATRIX = {"shape": (5, 7), "format": "i"}
ITEMS = {b"d": ctypes.c_double, b"i": ctypes.c_int}


def values(exported: Any, format: bytes, ndim: int, *, follows: bool = True) -> list[float]:
    """The items in C order; who does not follow the strides looks for them one behind the other."""
    view = View()
    get(exported, ctypes.byref(view), FULL_RO)
    try:
        if view.format != format or view.ndim != ndim or view.suboffsets:
            raise ValueError(f"{ndim} dimensions of {format!r} are needed")
        strides, item = view.strides[:ndim], ITEMS[format]
        places: Iterable[int] = (
            sum(index * stride for index, stride in zip(indices, strides, strict=True))
            for indices in product(*map(range, view.shape[:ndim]))
        )
        if not follows:
            places = range(0, view.len, view.itemsize)
        return [item.from_address(view.buf + place).value for place in places]
    finally:
        release(ctypes.byref(view))


def of_doubles(use: Callable[[list[float]], object], *, follows: bool = True) -> Callable[[Any], object]:
    return lambda exported: use(values(exported, b"d", 1, follows=follows))


def of_matrix(use: Callable[[list[float]], object], *, follows: bool = True) -> Callable[[Any], object]:
    return lambda exported: use(values(exported, b"i", 2, follows=follows))


def steps(exported: Any) -> object:
    """What the memory is like, and not what it holds."""
    view = memoryview(exported)
    if view.format != "d":
        raise ValueError("doubles are needed")
    return view.shape, view.strides


def kept(exported: Any) -> memoryview:
    view = memoryview(exported)
    if view.format != "d":
        raise ValueError("doubles are needed")
    return view


consumer("regress.sum_of_doubles")(of_doubles(sum))
consumer("regress.sum_of_doubles_in_a_row")(of_doubles(sum, follows=False))
consumer("regress.sum_of_a_matrix", fits=MATRIX)(of_matrix(sum))
consumer("regress.sum_of_a_matrix_in_a_row", fits=MATRIX)(of_matrix(sum, follows=False))
consumer("regress.half_of_a_matrix", fits=MATRIX)(
    of_matrix(lambda numbers: [one / 2 for one in numbers[::2]])
)
consumer("regress.steps_of_doubles")(steps)
consumer("regress.kept_doubles", kind="keeps")(kept)
