"""A consumer that counts items where the same call counts bytes breaks one rule, whatever the memory."""

import ctypes
from typing import Any

import consumers as in_c
from bufspec.declare import consumer
from by_ctypes.view import View, get, release

VERDICTS = {
    "regress.length_of_view": {"breaks": ["consumer.data.elements_right"], "recommends": []},
    "regress.number_of_items": {"breaks": ["consumer.data.elements_right"], "recommends": []},
    "regress.number_of_bytes": {"recommends": []},
    "regress.items_in_c": {"breaks": ["consumer.data.elements_right"], "recommends": []},
    "regress.product_of_shape_in_c": {"breaks": ["consumer.data.elements_right"], "recommends": []},
    "regress.bytes_in_c": {"recommends": []},
    "regress.first_extent_by_ctypes": {"breaks": ["consumer.data.elements_right"], "recommends": []},
    "regress.bytes_by_ctypes": {"recommends": []},
}


def items(exported: Any) -> int:
    view = memoryview(exported)
    return view.nbytes // view.itemsize if view.itemsize else 0


consumer("regress.length_of_view")(lambda exported: len(memoryview(exported)))
consumer("regress.number_of_items")(items)
consumer("regress.number_of_bytes")(lambda exported: memoryview(exported).nbytes)
consumer("regress.items_in_c")(in_c.number_of_items)
consumer("regress.product_of_shape_in_c")(in_c.product_of_shape)
consumer("regress.bytes_in_c")(in_c.number_of_bytes)


def by_ctypes(exported: Any, counts_items: bool) -> int:
    view = View()
    get(exported, ctypes.byref(view), 0x018)
    try:
        if counts_items:
            return int(view.shape[0]) if view.ndim == 1 else 0
        return int(view.len)
    finally:
        release(ctypes.byref(view))


consumer("regress.first_extent_by_ctypes")(lambda exported: by_ctypes(exported, True))
consumer("regress.bytes_by_ctypes")(lambda exported: by_ctypes(exported, False))
