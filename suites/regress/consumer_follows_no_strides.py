"""A consumer that asks for strides and then walks from the first address on reads wrong elements."""

import ctypes
from typing import Any

import consumers as in_c
from bufspec.declare import consumer
from by_ctypes.view import View, get, release

VERDICTS = {
    "regress.sum_of_a_row_in_c": {
        "breaks": ["consumer.data.elements_right", "consumer.data.linear_if_contiguous"],
        "dies": True,
    },
    "regress.sum_along_strides_in_c": {"recommends": []},
    "regress.row_by_ctypes": {
        "breaks": ["consumer.data.elements_right", "consumer.data.linear_if_contiguous"],
        "dies": True,
    },
    "regress.row_along_strides_by_ctypes": {"recommends": []},
}
consumer("regress.sum_of_a_row_in_c")(in_c.sum_of_a_row)
consumer("regress.sum_along_strides_in_c")(in_c.sum_along_strides)


def row(exported: Any, follows: bool) -> bytes:
    """Items of two bytes in one dimension."""
    view = View()
    get(exported, ctypes.byref(view), 0x018)
    try:
        if view.ndim != 1 or view.itemsize != 2:
            raise ValueError("one dimension of items of two bytes is needed")
        step = view.strides[0] if follows else view.itemsize
        return b"".join(ctypes.string_at(view.buf + number * step, 2) for number in range(view.shape[0]))
    finally:
        release(ctypes.byref(view))


consumer("regress.row_by_ctypes", returns="bytes")(lambda exported: row(exported, False))
consumer("regress.row_along_strides_by_ctypes", returns="bytes")(lambda exported: row(exported, True))
