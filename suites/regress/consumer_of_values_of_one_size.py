"""What a consumer of values returns is found out with memory that it takes, not with what it refuses."""

from collections.abc import Callable
from typing import Any

from bufspec.declare import consumer

VERDICTS = {
    "regress.rows_of_1000_bytes": {"recommends": []},
    "regress.values_of_1000_bytes": {"recommends": []},
    "regress.list_of_24_floats": {"recommends": []},
    "regress.rows_of_a_matrix": {"recommends": []},
    "regress.view_of_a_matrix": {"recommends": []},
    "regress.sum_of_1000_bytes": {"recommends": []},
    "regress.matrix_from_another_row": {"breaks": ["consumer.data.elements_right"]},
}
MATRIX = {"shape": (5, 7), "format": "h"}
FLOATS = {"shape": (24,), "format": "f"}


def of_size(nbytes: int, use: Callable[[memoryview], object]) -> Callable[[Any], object]:
    def called(exported: Any) -> object:
        view = memoryview(exported)
        if view.nbytes != nbytes:
            raise ValueError(f"{nbytes} bytes are needed")
        return use(view)

    return called


def values(view: memoryview) -> list[object]:
    rows = view.tolist()
    return [one for row in rows for one in row] if view.ndim == 2 else rows


consumer("regress.rows_of_1000_bytes", fits={"nbytes": 1000})(of_size(1000, memoryview.tolist))
consumer("regress.values_of_1000_bytes", fits={"nbytes": 1000})(of_size(1000, values))
consumer("regress.list_of_24_floats", fits=FLOATS)(of_size(96, memoryview.tolist))
consumer("regress.rows_of_a_matrix", fits=MATRIX)(of_size(70, memoryview.tolist))
consumer("regress.view_of_a_matrix", fits=MATRIX)(of_size(70, lambda view: view[:]))
consumer("regress.sum_of_1000_bytes", fits={"nbytes": 1000})(of_size(1000, lambda view: sum(view.tobytes())))
consumer("regress.matrix_from_another_row", fits=MATRIX, returns="list")(
    of_size(70, lambda view: view.tolist()[2:] + view.tolist()[:2])
)
