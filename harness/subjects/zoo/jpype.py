"""JPype: arrays and buffers of a JVM.  Tried with its current version; it needs a JVM."""

from typing import Any

import jpype
from bufspec.declare import exporter

FIVE = b"\x10\x20\x30\x40\x50"


def _started() -> None:
    if not jpype.isJVMStarted():
        # What grows until Java collects garbage, or has compiled what it runs often, looks like a leak.
        jpype.startJVM("-Xms16m", "-Xmx16m", "-Xint", "-XX:+UseSerialGC", interrupt=False)


def _array(kind: str, values: list[object]) -> Any:
    _started()
    return jpype.JArray(getattr(jpype, kind))(values)


def _rectangle() -> object:
    _started()
    return jpype.JArray(jpype.JInt, 2)([[1, 2, 3], [4, 5, 6]])


def _direct() -> object:
    _started()
    return jpype.nio.convertToDirectBuffer(bytearray(FIVE))


def _allocated() -> object:
    _started()
    return jpype.java.nio.ByteBuffer.allocateDirect(5)


def _ints() -> object:
    _started()
    return jpype.java.nio.ByteBuffer.allocateDirect(12).asIntBuffer()


exporter("jpype.array_byte", expect=FIVE)(lambda: _array("JByte", list(FIVE)))
exporter("jpype.array_int")(lambda: _array("JInt", [1, 2, 3]))
exporter("jpype.array_long")(lambda: _array("JLong", [1, 2, 3]))
exporter("jpype.array_double")(lambda: _array("JDouble", [1.0, 2.0]))
exporter("jpype.array_boolean")(lambda: _array("JBoolean", [True, False]))
exporter("jpype.array_char")(lambda: _array("JChar", ["a", "b"]))
exporter("jpype.array_sliced")(lambda: _array("JInt", [1, 2, 3, 4])[::2])
exporter("jpype.array_rectangular")(_rectangle)
exporter("jpype.direct_bytes", expect=FIVE)(_direct)
exporter("jpype.direct_buffer_allocated", expect=bytes(5))(_allocated)
exporter("jpype.direct_buffer_of_ints")(_ints)
