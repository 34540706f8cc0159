"""pikepdf: the data of streams, through pybind11.  Tried with 10.17."""

import pikepdf
from bufspec.declare import exporter

FIVE = b"\x10\x20\x30\x40\x50"


_open: list[pikepdf.Pdf] = []


def _stream(data: bytes = FIVE) -> pikepdf.Stream:
    if not _open:
        _open.append(pikepdf.new())
    return pikepdf.Stream(_open[0], data)


exporter("pikepdf.stream_buffer", expect=FIVE, readonly=True)(lambda: _stream().get_stream_buffer())
exporter("pikepdf.raw_stream_buffer", expect=FIVE, readonly=True)(lambda: _stream().get_raw_stream_buffer())
exporter("pikepdf.stream_buffer_empty", expect=b"")(lambda: _stream(b"").get_stream_buffer())
