"""A consumer that gives the segment as it lies keeps the order of memory, and stays in bounds."""

import ctypes
from typing import Any

from bufspec.declare import consumer
from by_ctypes.view import View, get, release

VERDICTS = {
    "regress.segment_as_it_lies": {"recommends": ["consumer.data.memory_order"]},
    "regress.segment_on_purpose": {"recommends": []},
    "regress.segment_of_any_length": {"recommends": []},
    "regress.segment_filled": {
        "recommends": ["consumer.data.memory_order", "consumer.hardening.readonly_answer"],
    },
    "regress.segment_filled_on_purpose": {"recommends": ["consumer.hardening.readonly_answer"]},
}


def block(exported: Any, word: int, written: bytes | None = None) -> bytes:
    view = View()
    get(exported, ctypes.byref(view), word)
    try:
        if written is not None and view.len:
            ctypes.memmove(view.buf, written[: view.len], view.len)
        return ctypes.string_at(view.buf, view.len) if view.len else b""
    finally:
        release(ctypes.byref(view))


ANY, ANY_WRITABLE = 0x098, 0x099
consumer("regress.segment_as_it_lies", returns="bytes")(lambda one: block(one, ANY))
consumer("regress.segment_on_purpose", returns="bytes", order="memory")(lambda one: block(one, ANY))
consumer("regress.segment_of_any_length", order="memory")(lambda one: (block(one, ANY), None))
PATTERN = bytes(k % 251 for k in range(1 << 16))
consumer("regress.segment_filled", kind="fills", returns="none")(
    lambda one: block(one, ANY_WRITABLE, PATTERN)
)
consumer("regress.segment_filled_on_purpose", kind="fills", returns="none", order="memory")(
    lambda one: block(one, ANY_WRITABLE, PATTERN)
)
