"""A consumer that takes memory of one size alone is judged with such memory, where it is said which."""

import ctypes
from typing import Any

from bufspec.declare import consumer
from by_ctypes.view import View, get, release

VERDICTS = {
    "regress.table_unsaid": {"undecided": "refused all"},
    "regress.table": {"breaks": ["consumer.hold.while_used"], "dies": True},
    "regress.table_held": {"recommends": []},
    "regress.key": {"breaks": ["consumer.hold.while_used"], "dies": True},
    "regress.key_held": {"recommends": []},
    "regress.record": {"breaks": ["consumer.hold.while_used"], "dies": True},
    "regress.record_held": {"recommends": []},
    "regress.aligned": {"recommends": []},
}


def taken(exported: Any, held: bool, fits: Any) -> bytes:
    """The bytes, read before the release or after it."""
    view = View()
    get(exported, ctypes.byref(view), 0x00C)
    address, length, is_right = view.buf, view.len, fits(view)
    found = ctypes.string_at(address, length) if held and is_right else b""
    release(ctypes.byref(view))
    if not is_right:
        raise ValueError("memory of another size")
    return found if held else ctypes.string_at(address, length)


def table(view: View) -> bool:
    return bool(view.ndim == 1 and view.format == b"f" and view.len == 96)


def key(view: View) -> bool:
    return bool(view.len == 16)


def record(view: View) -> bool:
    return bool(view.format == b"T{<d:x:<d:y:<i:weight:}" and view.ndim == 1 and view.shape[0] == 5)


def aligned(view: View) -> bool:
    return bool(view.buf % 32 == 0 and view.len == 64)


FLOATS = {"shape": (24,), "format": "f"}
RECORDS = {"shape": (5,), "format": "T{<d:x:<d:y:<i:weight:}"}
consumer("regress.table_unsaid", returns="bytes")(lambda one: taken(one, False, table))
consumer("regress.table", returns="bytes", fits=FLOATS)(lambda one: taken(one, False, table))
consumer("regress.table_held", returns="bytes", fits=FLOATS, accepts=("contiguous", "items"))(
    lambda one: taken(one, True, table)
)
consumer("regress.key", returns="bytes", fits={"nbytes": 16})(lambda one: taken(one, False, key))
consumer("regress.key_held", returns="bytes", fits={"nbytes": 16})(lambda one: taken(one, True, key))
consumer("regress.record", returns="bytes", fits=RECORDS)(lambda one: taken(one, False, record))
consumer("regress.record_held", returns="bytes", fits=RECORDS)(lambda one: taken(one, True, record))
consumer("regress.aligned", returns="bytes", fits={"nbytes": 64, "align": 32}, accepts=("contiguous",))(
    lambda one: taken(one, True, aligned)
)
