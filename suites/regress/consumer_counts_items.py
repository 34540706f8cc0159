"""A consumer that counts items where the same call counts bytes breaks one rule, whatever the memory."""

from typing import Any

from bufspec.declare import consumer

VERDICTS = {
    "regress.length_of_view": {"breaks": ["consumer.data.elements_right"], "recommends": []},
    "regress.number_of_items": {"breaks": ["consumer.data.elements_right"], "recommends": []},
    "regress.number_of_bytes": {"recommends": []},
}


def items(exported: Any) -> int:
    view = memoryview(exported)
    return view.nbytes // view.itemsize if view.itemsize else 0


consumer("regress.length_of_view")(lambda exported: len(memoryview(exported)))
consumer("regress.number_of_items")(items)
consumer("regress.number_of_bytes")(lambda exported: memoryview(exported).nbytes)
