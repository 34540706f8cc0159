"""What nanobind makes of memory: nb::ndarray as a result, by the buffer and by DLPack, and as a parameter."""

import struct

import of_nanobind as of
from bufspec.declare import consumer, exporter

SIX = struct.pack("6i", *range(6))

exporter("of_nanobind.matrix", expect=SIX)(of.matrix)
exporter("of_nanobind.readonly", expect=struct.pack("4d", 1, 2, 3, 4), readonly=True)(of.readonly)
exporter("of_nanobind.every_second", expect=struct.pack("3i", 0, 1, 2))(of.every_second)
exporter("of_nanobind.as_memoryview", expect=SIX)(of.as_memoryview)
consumer("of_nanobind.total")(of.total)
consumer("of_nanobind.fill", kind="fills")(of.fill)
