"""Consumers that fill typed memory are compared with what they leave in a memoryview of the same items."""

from collections.abc import Callable
from itertools import product
from typing import Any

from bufspec.declare import consumer

VERDICTS = {
    "regress.fills_doubles": {"recommends": []},
    "regress.fills_a_copy_of_doubles": {"breaks": ["consumer.fill.elements_right"]},
    "regress.fills_a_copy_of_any_item": {"breaks": ["consumer.fill.elements_right"]},
    "regress.fills_a_matrix": {"recommends": []},
    "regress.fills_a_matrix_in_memory_order": {"recommends": ["consumer.data.memory_order"]},
    "regress.fills_doubles_if_contiguous": {"breaks": ["consumer.fill.elements_right"]},
    "regress.fills_doubles_by_the_strides": {"recommends": []},
    "regress.fills_doubles_anew": {"recommends": []},
    "regress.negates_ints": {"recommends": []},
}
MATRIX = {"shape": (5, 7), "format": "i"}


def items_of(exported: Any, formats: str, ndim: int) -> memoryview:
    view = memoryview(exported)
    if view.readonly or view.format not in formats or view.ndim != ndim or view.suboffsets:
        raise TypeError(f"{ndim} dimensions of {formats} are needed, to be written")
    return view


def fill(view: memoryview, value: Callable[[int], Any]) -> None:
    for number, index in enumerate(product(*map(range, view.shape))):
        view[index] = value(number)


def doubles(exported: Any) -> None:
    fill(items_of(exported, "d", 1), lambda number: number + 0.5)


def copy_of(formats: str) -> Callable[[Any], None]:
    """As an array that is made C-contiguous before it is written: of memory that is not, it is a copy."""

    def filled(exported: Any) -> None:
        view = items_of(exported, formats, 1)
        if not view.c_contiguous:
            view = memoryview(bytearray(view.tobytes())).cast(view.format)
        fill(view, lambda number: 7)

    return filled


def matrix(exported: Any) -> None:
    fill(items_of(exported, "i", 2), lambda number: 3 * number + 1)


def matrix_in_memory_order(exported: Any) -> None:
    view = items_of(exported, "i", 2)
    rows, columns = view.shape
    for number, (row, column) in enumerate(product(range(rows), range(columns))):
        if view.f_contiguous and not view.c_contiguous:
            column, row = divmod(number, rows)
        view[row, column] = 3 * number + 1


def by_the_strides(exported: Any) -> None:
    """What is written depends on where the items lie, as the last bit of a sum may."""
    view = items_of(exported, "d", 1)
    fill(view, lambda number: number + 1 / view.strides[0])


calls = 0


def anew(exported: Any) -> None:
    global calls
    calls += 1
    fill(items_of(exported, "d", 1), lambda number: calls)


def negated(exported: Any) -> None:
    view = items_of(exported, "i", 1)
    fill(view, lambda number: -view[number] if view[number] > -(2**31) else 0)


consumer("regress.fills_doubles", kind="fills")(doubles)
consumer("regress.fills_a_copy_of_doubles", kind="fills")(copy_of("d"))
consumer("regress.fills_a_copy_of_any_item", kind="fills")(copy_of("bBhHiIlLqQfd"))
consumer("regress.fills_a_matrix", kind="fills", fits=MATRIX)(matrix)
consumer("regress.fills_a_matrix_in_memory_order", kind="fills", fits=MATRIX)(matrix_in_memory_order)
consumer("regress.fills_doubles_if_contiguous", kind="fills", returns="none")(
    lambda exported: doubles(exported) if memoryview(exported).c_contiguous else None
)
consumer("regress.fills_doubles_by_the_strides", kind="fills")(by_the_strides)
consumer("regress.fills_doubles_anew", kind="fills", returns="none")(anew)
consumer("regress.negates_ints", kind="fills")(negated)
