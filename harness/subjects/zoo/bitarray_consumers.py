"""bitarray: bits over memory of others, or copied from it.  Tried with 3.12."""

from typing import Any

from bitarray import bitarray, util
from bufspec.declare import consumer

consumer("bitarray.over_buffer", kind="keeps", returns="bytes")(lambda exported: bitarray(buffer=exported))


@consumer("bitarray.frombytes", returns="bytes")
def _frombytes(exported: Any) -> object:
    made = bitarray()
    made.frombytes(exported)
    return made.tobytes()


@consumer("bitarray.count_over_buffer")
def _count_over_buffer(exported: Any) -> object:
    return bitarray(buffer=exported).count(1)


@consumer("bitarray.over_buffer_filled", kind="fills")
def _over_buffer_filled(exported: Any) -> None:
    made = bitarray(buffer=exported)
    made.setall(1)
    made[3] = 0


consumer("bitarray.deserialize")(util.deserialize)
