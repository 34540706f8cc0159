"""A consumer that copies members of structures, and no padding between them, reads right."""

import ctypes
from typing import Any

from bufspec.declare import consumer

VERDICTS = {
    "regress.members_copied": {"recommends": []},
    "regress.members_copied_by_default": {"recommends": []},
    "regress.members_filled": {},
    "regress.members_lost": {"breaks": ["consumer.data.elements_right"]},
}
MEMBERS = {"bi": [(0, 1), (4, 8)], "T{b:flag:3xi:number:}": [(0, 1), (4, 8)], "x": []}


def places(view: memoryview) -> list[tuple[int, int]]:
    return MEMBERS.get(view.format, [(0, view.itemsize)])


def copied(exported: Any) -> bytes:
    view = memoryview(exported)
    raw = view.tobytes()
    copy = bytearray(b"\x5a" * len(raw))
    for at in range(0, len(raw), view.itemsize or 1):
        for first, end in places(view):
            copy[at + first : at + end] = raw[at + first : at + end]
    return bytes(copy)


consumer("regress.members_copied", returns="bytes", accepts=("contiguous",))(copied)
consumer("regress.members_copied_by_default")(copied)


@consumer("regress.members_filled", kind="fills", returns="none")
def filled(exported: Any) -> None:
    view = memoryview(exported)
    if view.readonly or not view.c_contiguous or not view.nbytes:
        raise ValueError("contiguous memory is filled")
    memory = (ctypes.c_char * view.nbytes).from_buffer(view)
    for at in range(0, view.nbytes, view.itemsize):
        for first, end in places(view):
            memory[at + first : at + end] = bytes(k & 0x7F for k in range(at + first, at + end))


@consumer("regress.members_lost", returns="bytes")
def lost(exported: Any) -> bytes:
    raw = copied(exported)
    return bytes([raw[0] ^ 1]) + raw[1:] if memoryview(exported).format == "bi" and raw else raw
