"""What is done to values, or refused by value, depends on the format, so plain bytes say nothing of it."""

import array
import math
from collections.abc import Callable
from typing import Any

from bufspec.declare import consumer

VERDICTS = {
    "regress.absolute": {"recommends": []},
    "regress.sorted": {"recommends": []},
    "regress.first_is_7": {"recommends": []},
    "regress.clipped": {"recommends": []},
    "regress.roots": {"recommends": []},
    "regress.months": {"recommends": []},
    "regress.iterated_later": {"recommends": []},
    "regress.fill_bytes_half": {"breaks": ["consumer.fill.elements_right"]},
}


def in_place(change: Callable[[memoryview], Any]) -> Callable[[Any], None]:
    def fill(exported: Any) -> None:
        with memoryview(exported) as view:
            if view.ndim != 1 or view.format not in tuple("bBhHiIlLqQfd"):
                raise TypeError("a row of numbers")
            change(view)

    return fill


def absolute(view: memoryview) -> None:
    for number, value in enumerate(view):
        view[number] = abs(value)


def clipped(view: memoryview) -> None:
    for number, value in enumerate(view):
        view[number] = min(value, 100)


def first_is_7(view: memoryview) -> None:
    if len(view):
        view[0] = 7


def in_order(view: memoryview) -> None:
    view[:] = array.array(str(view.format), sorted(view.tolist()))


def fill_bytes_half(exported: Any) -> None:
    view = memoryview(exported).cast("B")
    half = len(view) // 2 if memoryview(exported).itemsize == 4 else len(view)
    view[:half] = b"x" * half


consumer("regress.absolute", kind="fills", returns="none")(in_place(absolute))
consumer("regress.sorted", kind="fills", returns="none")(in_place(in_order))
consumer("regress.first_is_7", kind="fills", returns="none")(in_place(first_is_7))
consumer("regress.clipped", kind="fills", returns="none")(in_place(clipped))
consumer("regress.fill_bytes_half", kind="fills", returns="none")(fill_bytes_half)


@consumer("regress.roots", returns="none", accepts=("contiguous", "items"), refuses=[IndexError])
def roots(exported: Any) -> None:
    for value in memoryview(exported).cast("B").cast(memoryview(exported).format or "B"):
        math.sqrt(value)


@consumer("regress.months", returns="none", accepts=("contiguous",))
def months(exported: Any) -> None:
    if memoryview(exported).format == "b" and min(memoryview(exported).tolist(), default=0) < 0:
        raise ValueError("a month is not negative")


@consumer("regress.iterated_later", kind="keeps", returns="elements")
def iterated_later(exported: Any) -> Any:
    return memoryview(exported)
