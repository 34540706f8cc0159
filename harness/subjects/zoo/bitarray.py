"""bitarray: packed bits, of its own memory or over that of others.  Tried with 3.12."""

from bitarray import bitarray, frozenbitarray
from bufspec.declare import Layout, exporter

FIVE = b"\x10\x20\x30\x40\x50"


def _of(data: bytes) -> bitarray:
    bits = bitarray()
    bits.frombytes(data)
    return bits


def build_bits(layout: Layout) -> object:
    """Bytes in one piece: a copy, or, where the memory may be written, over a block."""
    if layout.format != "B" or layout.ndim != 1 or not layout.is_c_contiguous:
        return NotImplemented
    if layout.readonly:
        bits = bitarray(buffer=bytes(layout.elements))
    else:
        bits = bitarray(buffer=bytearray(layout.elements))
    return bits


OPERATIONS = {
    "append": lambda it: it.append(1),
    "extend": lambda it: it.extend(bitarray(9999)),
    "clear": lambda it: it.clear(),
    "pop": lambda it: it.pop(),
    "delete": lambda it: it.__delitem__(slice(0, 8)),
    "frombytes": lambda it: it.frombytes(b"abc"),
    "fill": lambda it: it.fill(),
}

exporter("bitarray.bitarray", expect=FIVE, operations=OPERATIONS)(lambda: _of(FIVE))
exporter("bitarray.bits_left_over", operations=OPERATIONS)(lambda: bitarray("1100101"))
exporter("bitarray.empty", expect=b"", operations=OPERATIONS)(lambda: bitarray())
exporter("bitarray.frozen", expect=FIVE, readonly=True)(lambda: frozenbitarray(_of(FIVE)))
exporter("bitarray.over_bytearray", expect=FIVE, build=build_bits, operations=OPERATIONS)(
    lambda: bitarray(buffer=bytearray(FIVE))
)
exporter("bitarray.over_bytes", expect=FIVE, readonly=True, operations=OPERATIONS)(
    lambda: bitarray(buffer=FIVE)
)
