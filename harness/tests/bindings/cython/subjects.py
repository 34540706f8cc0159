"""What Cython makes of memory: cython.array, typed memoryviews as exporters and as parameters."""

import struct

import of_cython as of
from bufspec.declare import consumer, exporter

SIX = struct.pack("6i", *range(6))

exporter("of_cython.array", expect=SIX)(of.matrix)
exporter("of_cython.array_in_fortran_order", expect=SIX)(of.in_fortran_order)
exporter("of_cython.memoryview", expect=SIX)(lambda: of.view_of(of.matrix()))
exporter("of_cython.memoryview_of_every_second", expect=struct.pack("4i", 0, 2, 3, 5))(
    lambda: of.every_second(of.matrix())
)
consumer("of_cython.total")(of.total)
consumer("of_cython.as_list", returns="list")(of.as_list)
consumer("of_cython.fill", kind="fills")(of.fill)
consumer("of_cython.keep", kind="keeps")(of.keep)
