"""A consumer of values gives others for items than for bytes, which is found out unless declared."""

import array
from typing import Any

from bufspec.declare import consumer

VERDICTS = {
    "regress.list_of_rows": {"recommends": []},
    "regress.list_of_values": {"recommends": []},
    "regress.doubles": {"recommends": []},
    "regress.view_of_it": {"recommends": []},
    "regress.array_of_its_kind": {"recommends": []},
    "regress.rows_reversed": {"breaks": ["consumer.data.any_stride", "consumer.data.elements_right"]},
}


def one_dimension(exported: Any) -> memoryview:
    view = memoryview(exported)
    if view.ndim != 1 or view.format not in tuple("bBhHiIlLqQfd"):
        raise TypeError("a row of numbers")
    return view


def rows_reversed(exported: Any) -> Any:
    view = memoryview(exported)
    rows = view.tolist()
    return rows[::-1] if view.ndim == 1 and view.shape[0] == 5 else rows


consumer("regress.list_of_rows")(lambda exported: memoryview(exported).tolist())
consumer("regress.list_of_values")(lambda exported: list(one_dimension(exported)))
consumer("regress.doubles")(lambda exported: array.array("d", one_dimension(exported)))
consumer("regress.view_of_it")(lambda exported: memoryview(exported)[:])
consumer("regress.array_of_its_kind")(
    lambda exported: array.array(one_dimension(exported).format, memoryview(exported).tobytes())
)
consumer("regress.rows_reversed")(rows_reversed)
