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
    "regress.wiped_and_summed": {},
    "regress.complemented_and_shown": {"recommends": []},
    "regress.filled_and_shown": {"recommends": []},
    "regress.true_or_false": {"recommends": []},
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


def wiped_and_summed(exported: Any) -> int:
    """Another call finds what this one has left."""
    with memoryview(exported).cast("B") as view:
        total = sum(view)
        view[:] = bytes(len(view))
        return total


def complemented_and_shown(exported: Any) -> memoryview:
    """A result that shows what the next call writes."""
    view = memoryview(exported)
    if view.format != "B" or view.ndim != 1:
        raise TypeError("bytes in a row")
    for number, value in enumerate(view):
        view[number] = value ^ 0xFF
    return view


def filled_and_shown(exported: Any) -> memoryview:
    """The memory itself, of which the values are those that were written."""
    view = memoryview(exported)
    if view.ndim != 1 or view.format not in tuple("bBhHiIlLqQfd"):
        raise TypeError("a row of numbers")
    for number in range(len(view)):
        view[number] = 1
    return view


def true_or_false(exported: Any) -> None:
    """What is written to memory of truth values is one."""
    with memoryview(exported) as view:
        if view.ndim != 1 or view.format not in ("?", "B"):
            raise TypeError("a row of bytes")
        for number in range(len(view)):
            view[number] = 7


def fill_bytes_half(exported: Any) -> None:
    view = memoryview(exported).cast("B")
    half = len(view) // 2 if memoryview(exported).itemsize == 4 else len(view)
    view[:half] = b"x" * half


consumer("regress.wiped_and_summed", kind="fills")(wiped_and_summed)
consumer("regress.complemented_and_shown", kind="fills")(complemented_and_shown)
consumer("regress.filled_and_shown", kind="fills")(filled_and_shown)
consumer("regress.true_or_false", kind="fills", returns="none")(true_or_false)
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
