"""What the gate judges."""

import struct

from bufspec.declare import exporter
from ring_in_cython import Samples

OPERATIONS = {"clear": lambda samples: samples.clear()}

exporter(
    "ring_in_cython.samples", expect=struct.pack("5h", 4, 3, 2, 1, 0), operations=OPERATIONS, readonly=True
)(lambda: Samples(5))
exporter("ring_in_cython.one", expect=bytes(2), operations=OPERATIONS, readonly=True)(lambda: Samples(1))
