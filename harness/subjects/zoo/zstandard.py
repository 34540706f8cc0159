"""python-zstandard: segments of one buffer, as the batch functions take and return them.  Tried with 0.25."""

import struct

import zstandard
from bufspec.declare import exporter

DATA = b"abcdefgh"
SEGMENTS = struct.pack("=QQQQ", 0, 3, 3, 5)


def _segmented() -> zstandard.BufferWithSegments:
    return zstandard.BufferWithSegments(DATA, SEGMENTS)


exporter("zstandard.with_segments", expect=DATA, readonly=True)(_segmented)
exporter("zstandard.with_segments_over_bytearray", expect=DATA, readonly=True)(
    lambda: zstandard.BufferWithSegments(bytearray(DATA), SEGMENTS)
)
exporter("zstandard.segments", expect=SEGMENTS, readonly=True)(lambda: _segmented().segments())
exporter("zstandard.segment", expect=DATA[3:], readonly=True)(lambda: _segmented()[1])
exporter("zstandard.segment_compressed", readonly=True)(
    lambda: zstandard.ZstdCompressor().multi_compress_to_buffer([DATA, DATA])[0]
)
