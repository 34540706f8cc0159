"""Wrong elements inside the memory are a fault of strides, not of buf; a buf that is wrong still is one."""

import array
import struct

import numpy
import views
from bufspec.declare import exporter

VERDICTS = {
    "regress.transposed": {"breaks": ["field.strides.elements_right"]},
    "regress.transposed_doubles": {"breaks": ["field.strides.elements_right"]},
    "regress.transposed_array_of_numpy": {"breaks": ["field.strides.elements_right"]},
    "regress.transposed_in_c": {"breaks": ["field.strides.elements_right"]},
    "regress.not_transposed_in_c": {"recommends": []},
    "regress.one_wrong_element": {"breaks": ["field.strides.elements_right"]},
    "regress.reversed": {"breaks": ["field.strides.elements_right"]},
    "regress.one_item_too_far": {"breaks": ["field.buf.logical_start"]},
}


def _matrix(code: str, values: list[int], rows: int, columns: int) -> object:
    return memoryview(array.array(code, values)).cast("B").cast(code, [rows, columns])


exporter("regress.transposed", expect=struct.pack("6i", 1, 2, 3, 4, 5, 6))(
    lambda: _matrix("i", [1, 4, 2, 5, 3, 6], 2, 3)
)
exporter("regress.transposed_doubles", expect=struct.pack("6d", 1, 2, 3, 4, 5, 6))(
    lambda: _matrix("d", [1, 3, 5, 2, 4, 6], 3, 2)
)
exporter("regress.transposed_array_of_numpy", expect=struct.pack("6h", 1, 2, 3, 4, 5, 6), discover=False)(
    lambda: numpy.array([[1, 4, 2], [5, 3, 6]], "h")
)
exporter("regress.one_wrong_element", expect=bytes(range(8)))(lambda: bytearray([0, 1, 2, 3, 4, 5, 6, 9]))
exporter("regress.reversed", expect=struct.pack("4h", 4, 3, 2, 1))(lambda: array.array("h", [1, 2, 3, 4]))
exporter("regress.one_item_too_far", expect=struct.pack("3i", 1, 2, 3))(
    lambda: memoryview(array.array("i", [1, 2, 3, 4]))[1:]
)

SHORTS = struct.pack("12h", *range(12))
exporter("regress.transposed_in_c", expect=SHORTS)(lambda: views.view(SHORTS, "h", 2, [4, 3], [2, 8]))
exporter("regress.not_transposed_in_c", expect=SHORTS)(lambda: views.view(SHORTS, "h", 2, [4, 3], [6, 2]))
