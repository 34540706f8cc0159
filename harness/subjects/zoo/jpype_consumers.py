"""JPype: arrays of Java that are made and filled from memory of others.  Tried with 1.7."""

from functools import lru_cache
from typing import Any

import jpype
from bufspec.declare import consumer


@lru_cache(maxsize=1)
def _machine() -> Any:
    # The exporters start it, too.
    if not jpype.isJVMStarted():
        jpype.startJVM("-Xms16m", "-Xmx16m", "-Xint", "-XX:+UseSerialGC", interrupt=False)
    return jpype


@consumer("jpype.array_of", returns="bytes", fits={"shape": (24,), "format": "b"})
def _array_of(exported: Any) -> object:
    return bytes(memoryview(_machine().JArray.of(exported)))


@consumer("jpype.array_of_2d", returns="list", fits={"shape": (4, 6), "format": "i"})
def _array_of_2d(exported: Any) -> object:
    return [list(map(int, one)) for one in _machine().JArray.of(exported)]


@consumer("jpype.direct_buffer", kind="keeps", returns="none", fits={"nbytes": 24})
def _direct_buffer(exported: Any) -> object:
    return _machine().nio.convertToDirectBuffer(exported)
