"""A consumer that copies members of structures, and no padding between them, reads right."""

import ctypes
from typing import Any

import consumers as in_c
from bufspec.declare import consumer
from by_ctypes.view import View, get, release

VERDICTS = {
    "regress.members_copied": {"recommends": []},
    "regress.members_copied_by_default": {"recommends": []},
    "regress.members_filled": {},
    "regress.members_lost": {"breaks": ["consumer.data.elements_right"]},
    "regress.members_in_c": {"recommends": []},
    "regress.members_in_c_by_default": {"recommends": []},
    "regress.members_lost_in_c": {"breaks": ["consumer.data.elements_right"]},
    "regress.members_by_ctypes": {"recommends": []},
    "regress.members_lost_by_ctypes": {"breaks": ["consumer.data.elements_right"]},
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


OF_C = {"shape": (40,), "format": "hq"}
consumer("regress.members_in_c", returns="bytes", fits=OF_C)(in_c.members)
consumer("regress.members_in_c_by_default", fits=OF_C)(in_c.members)
consumer("regress.members_lost_in_c", returns="bytes", fits=OF_C)(in_c.members_lost)


class Sample(ctypes.Structure):
    """Three bytes of padding, and seven at the end."""

    _fields_ = (
        ("kind", ctypes.c_ubyte),
        ("count", ctypes.c_uint),
        ("mean", ctypes.c_double),
        ("last", ctypes.c_ubyte),
    )


def by_ctypes(exported: Any, loses: bool = False) -> bytes:
    view = View()
    get(exported, ctypes.byref(view), 0x03C)
    try:
        count = view.len // ctypes.sizeof(Sample)
        if view.format != b"BIdB7x" or not count:
            raise ValueError("samples are needed")
        taken = (Sample * count).from_address(view.buf)
        copy = (Sample * count)()
        ctypes.memset(copy, 0x6B, ctypes.sizeof(copy))
        for to, one in zip(copy, taken, strict=True):
            to.kind, to.count, to.mean, to.last = one.kind, one.count, one.mean, one.last
        if loses:
            copy[count - 1].count ^= 1
        return bytes(copy)
    finally:
        release(ctypes.byref(view))


SAMPLES = {"shape": (7,), "format": "BIdB7x"}
consumer("regress.members_by_ctypes", returns="bytes", fits=SAMPLES)(by_ctypes)
consumer("regress.members_lost_by_ctypes", returns="bytes", fits=SAMPLES)(lambda one: by_ctypes(one, True))
