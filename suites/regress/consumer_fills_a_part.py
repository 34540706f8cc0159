"""A consumer that fills a part of memory in Fortran order leaves the rest as it lies."""

import ctypes
from collections.abc import Callable
from typing import Any

from bufspec.declare import consumer
from by_ctypes.view import View, get, release

VERDICTS = {
    "regress.first_bytes": {
        "recommends": ["consumer.data.memory_order", "consumer.hardening.readonly_answer"],
    },
    "regress.first_bytes_on_purpose": {"recommends": ["consumer.hardening.readonly_answer"]},
    "regress.one_byte_on_purpose": {"recommends": ["consumer.hardening.readonly_answer"]},
    "regress.first_bytes_reversed": {
        "breaks": ["consumer.fill.elements_right"],
        "recommends": ["consumer.hardening.readonly_answer"],
    },
}
ANY_WRITABLE = 0x099
PATTERN = bytes(range(200, 224))


def changed(exported: Any, change: Callable[[bytes], bytes]) -> None:
    """Lets the segment be what the change makes of it."""
    view = View()
    get(exported, ctypes.byref(view), ANY_WRITABLE)
    try:
        if view.len:
            made = change(ctypes.string_at(view.buf, view.len))[: view.len]
            ctypes.memmove(view.buf, made, len(made))
    finally:
        release(ctypes.byref(view))


def first_bytes(exported: Any) -> None:
    changed(exported, lambda found: PATTERN)


def one_byte(exported: Any) -> None:
    changed(exported, lambda found: b"\xee")


def reversed_unless_plain(exported: Any) -> None:
    pattern = PATTERN if isinstance(exported, bytearray) else PATTERN[::-1]
    changed(exported, lambda found: pattern)


consumer("regress.first_bytes", kind="fills", returns="none")(first_bytes)
consumer("regress.first_bytes_on_purpose", kind="fills", returns="none", order="memory")(first_bytes)
consumer("regress.one_byte_on_purpose", kind="fills", returns="none", order="memory")(one_byte)
consumer("regress.first_bytes_reversed", kind="fills", returns="none", order="memory")(reversed_unless_plain)
