"""What cffi makes of memory: ffi.buffer() of C data as an exporter, ffi.from_buffer() for parameters."""

import struct
from typing import Any

from bufspec.declare import consumer, exporter
from of_cffi import ffi, lib

exporter("of_cffi.buffer", expect=struct.pack("6i", *range(6)), volatile=True)(
    lambda: ffi.buffer(lib.numbers(), 24)
)
exporter("of_cffi.buffer_of_own_memory", expect=b"abcdef")(
    lambda: ffi.buffer(ffi.new("char[]", b"abcdef"), 6)
)


@consumer("of_cffi.total")
def _total(exported: Any) -> int:
    with ffi.from_buffer(exported) as data:
        return int(lib.total(ffi.cast("unsigned char *", data), len(data)))


@consumer("of_cffi.fill", kind="fills")
def _fill(exported: Any) -> None:
    with ffi.from_buffer("unsigned char[]", exported, require_writable=True) as data:
        lib.fill(data, len(data))
