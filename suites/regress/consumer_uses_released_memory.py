"""What keeps memory holds a view while its result lives, also a result that nobody can read."""

import ctypes
from typing import Any

from bufspec.declare import consumer
from by_ctypes.view import View, get, release

VERDICTS = {
    "regress.keeps_an_address": {"breaks": ["consumer.hold.while_used"]},
    "regress.keeps_an_address_and_the_object": {"breaks": ["consumer.hold.while_used"]},
    "regress.keeps_a_view": {},
    "regress.keeps_a_copy_that_can_be_read": {},
    "regress.half_before_half_after": {"breaks": ["consumer.hold.while_used"], "dies": True},
    "regress.values_half_after": {"breaks": ["consumer.hold.while_used"], "dies": True},
}


class Opaque:
    """Shows nothing of what it was given."""

    def __init__(self, *held: object) -> None:
        self._held = held


def address(exported: Any) -> int | None:
    view = View()
    get(exported, ctypes.byref(view), 0x038)
    found: int | None = view.buf
    release(ctypes.byref(view))
    return found


def half(exported: Any, format: bool = False) -> bytes:
    """The first half is read in time."""
    view = View()
    get(exported, ctypes.byref(view), 0x03C)
    start, length = view.buf, view.len
    found = ctypes.string_at(start, length // 2) if length else b""
    release(ctypes.byref(view))
    return found + (ctypes.string_at(start + length // 2, length - length // 2) if length else b"")


def values(exported: Any) -> list[int]:
    if memoryview(exported).format != "B" or memoryview(exported).ndim != 1:
        raise TypeError("a row of bytes")
    return list(half(exported))


consumer("regress.keeps_an_address", kind="keeps", returns="none")(lambda one: Opaque(address(one)))
consumer("regress.keeps_an_address_and_the_object", kind="keeps")(lambda one: Opaque(address(one), one))
consumer("regress.keeps_a_view", kind="keeps", returns="none")(lambda one: Opaque(memoryview(one)))
consumer("regress.keeps_a_copy_that_can_be_read", kind="keeps", returns="bytes")(
    lambda one: bytearray(memoryview(one).tobytes())
)
consumer("regress.half_before_half_after", returns="bytes")(half)
consumer("regress.values_half_after", returns="list")(values)
