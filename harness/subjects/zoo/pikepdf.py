"""pikepdf: the data of streams, through pybind11.  Tried with 10.17."""

import pikepdf
from bufspec.declare import exporter

FIVE = b"\x10\x20\x30\x40\x50"


def _stream() -> pikepdf.Stream:
    return pikepdf.Stream(pikepdf.new(), FIVE)


exporter("pikepdf.stream_buffer", expect=FIVE, readonly=True)(lambda: _stream().get_stream_buffer())
exporter("pikepdf.raw_stream_buffer", expect=FIVE, readonly=True)(lambda: _stream().get_raw_stream_buffer())
exporter("pikepdf.stream_buffer_empty", expect=b"")(
    lambda: pikepdf.Stream(pikepdf.new(), b"").get_stream_buffer()
)
