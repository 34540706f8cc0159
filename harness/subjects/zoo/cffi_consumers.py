"""cffi: pointers into memory of others, and copies.  Tried with 2."""

from typing import Any

import cffi
from bufspec.declare import consumer

FFI = cffi.FFI()


@consumer("cffi.from_buffer", kind="keeps", returns="none")
def _from_buffer(exported: Any) -> object:
    return FFI.from_buffer(exported)


@consumer("cffi.from_buffer_read")
def _from_buffer_read(exported: Any) -> object:
    with FFI.from_buffer(exported) as data:
        return bytes(FFI.buffer(data))


@consumer("cffi.from_buffer_of_shorts")
def _from_buffer_of_shorts(exported: Any) -> object:
    with FFI.from_buffer("short[]", exported) as data:
        return list(data)


@consumer("cffi.from_buffer_filled", kind="fills")
def _from_buffer_filled(exported: Any) -> None:
    with FFI.from_buffer("unsigned char[]", exported, require_writable=True) as data:
        for number in range(len(data)):
            data[number] = number % 251


@consumer("cffi.memmove_from", fits={"nbytes": 24})
def _memmove_from(exported: Any) -> object:
    made = FFI.new("char[]", 64)
    FFI.memmove(made, exported, 8)
    return bytes(FFI.buffer(made))


@consumer("cffi.memmove_to", kind="fills", fits={"nbytes": 24})
def _memmove_to(exported: Any) -> None:
    FFI.memmove(exported, b"12345678", 8)


@consumer("cffi.buffer_assigned", fits={"nbytes": 24})
def _buffer_assigned(exported: Any) -> object:
    made = FFI.new("char[]", 24)
    FFI.buffer(made)[:] = exported
    return bytes(FFI.buffer(made))
