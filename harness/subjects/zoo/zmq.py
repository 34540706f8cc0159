"""pyzmq: frames of messages, copied or not.  Tried with its current version."""

import itertools

import zmq
from bufspec.declare import Layout, exporter

FIVE = b"\x10\x20\x30\x40\x50"
_numbers = itertools.count()
LARGE = bytes(range(256)) * 400


def build_frame(layout: Layout) -> object:
    """Bytes in one piece, not copied."""
    if layout.format != "B" or layout.ndim != 1 or not layout.is_c_contiguous:
        return NotImplemented
    data = bytes(layout.elements) if layout.readonly else bytearray(layout.elements)
    return zmq.Frame(data, copy=False)


def _received() -> zmq.Frame:
    context = zmq.Context.instance()
    with context.socket(zmq.PAIR) as one, context.socket(zmq.PAIR) as other:
        address = f"inproc://bufspec-{next(_numbers)}"
        one.bind(address)
        other.connect(address)
        one.send(FIVE)
        return other.recv(copy=False)


exporter("zmq.message", expect=FIVE, build=build_frame)(lambda: zmq.Frame(FIVE))
exporter("zmq.frame_empty", expect=b"")(lambda: zmq.Frame())
exporter("zmq.frame_not_copied", expect=LARGE, readonly=True)(lambda: zmq.Frame(LARGE, copy=False))
exporter("zmq.frame_received", expect=FIVE)(_received)
exporter("zmq.frame_buffer", expect=FIVE)(lambda: zmq.Frame(FIVE).buffer)
