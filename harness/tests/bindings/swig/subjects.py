"""What SWIG makes of memory: typemaps of pybuffer.i as parameters, the slot by a feature as an exporter."""

import struct

import of_swig as of
from bufspec.declare import consumer, exporter

exporter("of_swig.samples", expect=struct.pack("4i", 1, 2, 3, 4))(of.Samples)
consumer("of_swig.total")(of.total)
consumer("of_swig.fill", kind="fills")(of.fill)
