"""cffi: buffers of C data.  Tried with its current version."""

import cffi
from bufspec.declare import Layout, exporter

ffi = cffi.FFI()
FIVE = b"\x10\x20\x30\x40\x50"


def build_buffer(layout: Layout) -> object:
    """Bytes in one piece, in memory of C or over that of others."""
    if layout.format != "B" or layout.ndim != 1 or not layout.is_c_contiguous or layout.readonly:
        return NotImplemented
    return ffi.buffer(ffi.new("unsigned char[]", bytes(layout.elements)), len(layout.elements))


exporter("cffi.buffer", expect=FIVE, build=build_buffer)(lambda: ffi.buffer(ffi.new("char[]", FIVE), 5))
exporter("cffi.buffer_of_ints")(lambda: ffi.buffer(ffi.new("int[3]", [1, 2, 3])))
exporter("cffi.buffer_empty", expect=b"")(lambda: ffi.buffer(ffi.new("char[1]"), 0))
exporter("cffi.buffer_from_bytes", expect=FIVE, readonly=True)(lambda: ffi.buffer(ffi.from_buffer(FIVE)))
exporter("cffi.buffer_from_bytearray", expect=FIVE)(lambda: ffi.buffer(ffi.from_buffer(bytearray(FIVE))))
