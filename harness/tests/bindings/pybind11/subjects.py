"""What pybind11 makes of memory: def_buffer() as an exporter, py::buffer as a parameter."""

import struct

import of_pybind11 as of
from bufspec.declare import consumer, exporter

exporter("of_pybind11.matrix", expect=struct.pack("6d", *range(6)))(of.Matrix)
exporter("of_pybind11.readonly_samples", expect=struct.pack("4i", 1, 2, 3, 4), readonly=True)(of.Samples)
consumer("of_pybind11.total")(of.total)
consumer("of_pybind11.fill", kind="fills")(of.fill)
