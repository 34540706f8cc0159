"""cramjam: its Buffer, of its own memory or over that of others, through PyO3.  Tried with 2.14."""

import cramjam
from bufspec.declare import Layout, exporter

FIVE = b"\x10\x20\x30\x40\x50"


def build_buffer(layout: Layout) -> object:
    """Bytes in one piece."""
    if layout.format != "B" or layout.ndim != 1 or not layout.is_c_contiguous:
        return NotImplemented
    return cramjam.Buffer(bytes(layout.elements))


OPERATIONS = {
    "grow": lambda it: it.set_len(100_000),
    "truncate": lambda it: it.truncate(),
    "write": lambda it: (it.seek(0, 2), it.write(bytes(100_000))),
}

exporter("cramjam.buffer", expect=FIVE, build=build_buffer, operations=OPERATIONS)(
    lambda: cramjam.Buffer(FIVE)
)
exporter("cramjam.buffer_empty", expect=b"", operations=OPERATIONS)(lambda: cramjam.Buffer())
exporter("cramjam.buffer_over_bytearray", expect=FIVE, operations=OPERATIONS)(
    lambda: cramjam.Buffer(bytearray(FIVE), copy=False)
)
exporter("cramjam.buffer_over_bytes", expect=FIVE, readonly=True)(lambda: cramjam.Buffer(FIVE, copy=False))
exporter("cramjam.compressed", operations=OPERATIONS)(lambda: cramjam.snappy.compress(FIVE * 20))
